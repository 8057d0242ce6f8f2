/* The chain of end points: see block-ends.h. Atomics and futexes only, because the memory is shared between processes. */
#include "block-ends.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often a waiter looks before it sleeps: a survey of one block behind costs less than a futex round trip only when the
 * block is small, and on a machine with one processor spinning is waste, so this is kept short. */
#define SPINS 200

#define VOID_END G_MAXUINT32

/* All atomic: that a slot is not written anew while somebody reads it follows from the order of blocks, through other
 * processes, which no tool can see. */
typedef struct
{
  guint32 turn;    /* a futex: the low half of sequence + 1 once published */
  guint32 waiters; /* how many sleep on it */
  guint32 end;     /* before turn: state, after_cr << 8, or VOID_END */
  guint32 padding;
  guint64 line; /* before turn */
} PlChainSlot;

static guint32
chain_slots (guint depth)
{
  guint32 n = 4;
  while (n < depth + 2)
    n *= 2;
  return n;
}

gsize
pl_chain_size (guint depth)
{
  return sizeof (PlChain) + chain_slots (depth) * sizeof (PlChainSlot);
}

void
pl_chain_init (PlChain *chain, guint depth)
{
  memset (chain, 0, pl_chain_size (depth));
  chain->n_slots = chain_slots (depth);
  __atomic_store_n (&chain->bound, G_MAXUINT64, __ATOMIC_RELEASE);
}

static inline PlChainSlot *
chain_slot (PlChain *chain, guint64 sequence)
{
  return (PlChainSlot *) (chain + 1) + (sequence & (chain->n_slots - 1));
}

static inline void
chain_pause (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

void
pl_chain_publish (PlChain *chain, guint64 sequence, const PlLexPoint *point)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  guint32 end = point != NULL ? (guint32) point->state | (guint32) point->after_cr << 8 : VOID_END;
  __atomic_store_n (&slot->end, end, __ATOMIC_RELAXED);
  __atomic_store_n (&slot->line, point != NULL ? point->line : 0, __ATOMIC_RELAXED);
  __atomic_store_n (&slot->turn, (guint32) (sequence + 1), __ATOMIC_SEQ_CST);
  if (__atomic_load_n (&slot->waiters, __ATOMIC_SEQ_CST) != 0)
    syscall (SYS_futex, &slot->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void
pl_chain_wake (PlChain *chain, guint64 sequence)
{
  syscall (SYS_futex, &chain_slot (chain, sequence)->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

gboolean
pl_chain_published (PlChain *chain, guint64 sequence)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  return __atomic_load_n (&slot->turn, __ATOMIC_ACQUIRE) == (guint32) (sequence + 1);
}

gboolean
pl_chain_wait (PlChain *chain, guint64 sequence, PlLexPoint *point)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  guint32 wanted = (guint32) (sequence + 1);
  guint32 turn = __atomic_load_n (&slot->turn, __ATOMIC_ACQUIRE);
  for (guint i = 0; turn != wanted && i < SPINS; i++)
    {
      chain_pause ();
      turn = __atomic_load_n (&slot->turn, __ATOMIC_ACQUIRE);
    }
  if (turn != wanted)
    {
      __atomic_add_fetch (&slot->waiters, 1, __ATOMIC_SEQ_CST);
      while ((turn = __atomic_load_n (&slot->turn, __ATOMIC_SEQ_CST)) != wanted)
        syscall (SYS_futex, &slot->turn, FUTEX_WAIT, turn, NULL, NULL, 0);
      __atomic_sub_fetch (&slot->waiters, 1, __ATOMIC_SEQ_CST);
    }
  guint32 end = __atomic_load_n (&slot->end, __ATOMIC_RELAXED);
  if (end == VOID_END)
    return FALSE;
  *point = (PlLexPoint){
      .state = (guint8) (end & 0xff),
      .after_cr = (guint8) (end >> 8),
      .line = __atomic_load_n (&slot->line, __ATOMIC_RELAXED),
  };
  return TRUE;
}

guint64
pl_chain_bound (const PlChain *chain)
{
  return __atomic_load_n (&chain->bound, __ATOMIC_ACQUIRE);
}

void
pl_chain_lower_bound (PlChain *chain, guint64 position)
{
  guint64 known = __atomic_load_n (&chain->bound, __ATOMIC_RELAXED);
  while (position < known
         && !__atomic_compare_exchange_n (&chain->bound, &known, position, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    ;
}
