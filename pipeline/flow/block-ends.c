/* The chain of end points: see block-ends.h. Atomics and futexes only, because the memory is shared between
 * processes. */
#include "block-ends.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How often a waiter looks before it sleeps: a survey of one block behind costs less than a futex round trip only when
 * the block is small, and on a machine with one processor spinning is waste, so this is kept short. */
#define SPINS 200
/* How long a waiter sleeps without a look, in ns: whoever should wake it may not know any more that it sleeps. */
#define NAP (50 * 1000000)

#define VOID_END G_MAXUINT32

/* All atomic: that a slot is not written anew while somebody reads it follows from the order of blocks, through other
 * processes, which no tool can see. */
typedef struct
{
  guint32 turn;    /* a futex: the low half of sequence + 1 once published */
  guint32 waiters; /* how many sleep on it; no more than a hint */
  guint32 end;     /* before turn: state, after_cr << 8, or VOID_END */
  guint32 padding;
  guint64 line;  /* before turn */
  guint64 check; /* before turn: of the sequence and the two above */
} PlChainSlot;

typedef struct
{
  guint64 turn; /* sequence + 1, 0: empty */
  guint32 end;
  guint64 line;
} Record;

struct PlChain
{
  PlChainUser user;
  guint32 n_slots;    /* a power of two */
  PlChainSlot *slots; /* shared */
  guint64 *bound;     /* atomic, shared; of a worker: const */
  guint64 own_bound;  /* of a worker: atomic */
  pthread_mutex_t lock;
  Record *records; /* under the lock: n_slots of what was published through this view; NULL for threads */
};

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
  return chain_slots (depth) * sizeof (PlChainSlot);
}

PlChain *
pl_chain_new (PlChainUser user, gpointer slots, guint64 *bound, guint depth)
{
  PlChain *chain = g_new0 (PlChain, 1);
  chain->user = user;
  chain->n_slots = chain_slots (depth);
  chain->slots = slots;
  chain->bound = bound;
  chain->own_bound = G_MAXUINT64;
  pthread_mutex_init (&chain->lock, NULL);
  if (user != PL_CHAIN_THREADS)
    chain->records = g_new0 (Record, chain->n_slots);
  return chain;
}

void
pl_chain_free (PlChain *chain)
{
  if (chain == NULL)
    return;
  pthread_mutex_destroy (&chain->lock);
  g_free (chain->records);
  g_free (chain);
}

void
pl_chain_reset (PlChain *chain)
{
  __atomic_store_n (&chain->own_bound, G_MAXUINT64, __ATOMIC_RELEASE);
  if (chain->records != NULL)
    memset (chain->records, 0, chain->n_slots * sizeof (Record));
  if (chain->user == PL_CHAIN_WORKER)
    return;
  memset (chain->slots, 0, chain->n_slots * sizeof (PlChainSlot));
  __atomic_store_n (chain->bound, G_MAXUINT64, __ATOMIC_RELEASE);
}

static inline PlChainSlot *
chain_slot (PlChain *chain, guint64 sequence)
{
  return chain->slots + (sequence & (chain->n_slots - 1));
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

/* Bytes that were not meant for a slot fit by one chance in 2^64 (the mixing of SplitMix64). */
static guint64
checksum (guint64 sequence, guint32 end, guint64 line)
{
  guint64 x = (sequence + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30) ^ end) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27) ^ line) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static PlLexPoint
to_point (guint32 end, guint64 line)
{
  return (PlLexPoint){.state = (guint8) (end & 0xff), .after_cr = (guint8) (end >> 8), .line = line};
}

static void
write_slot (PlChain *chain, guint64 sequence, guint32 end, guint64 line)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  __atomic_store_n (&slot->end, end, __ATOMIC_RELAXED);
  __atomic_store_n (&slot->line, line, __ATOMIC_RELAXED);
  __atomic_store_n (&slot->check, checksum (sequence, end, line), __ATOMIC_RELAXED);
  __atomic_store_n (&slot->turn, (guint32) (sequence + 1), __ATOMIC_SEQ_CST);
}

/* Whether block @sequence has published; *@turn: what stood there. */
static inline gboolean
read_slot (PlChain *chain, guint64 sequence, guint32 *turn, guint32 *end, guint64 *line)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  *turn = __atomic_load_n (&slot->turn, __ATOMIC_SEQ_CST);
  if (*turn != (guint32) (sequence + 1))
    return FALSE;
  *end = __atomic_load_n (&slot->end, __ATOMIC_RELAXED);
  *line = __atomic_load_n (&slot->line, __ATOMIC_RELAXED);
  return __atomic_load_n (&slot->check, __ATOMIC_RELAXED) == checksum (sequence, *end, *line);
}

static gboolean
read_record (PlChain *chain, guint64 sequence, guint32 *end, guint64 *line)
{
  if (chain->records == NULL)
    return FALSE;
  pthread_mutex_lock (&chain->lock);
  Record record = chain->records[sequence & (chain->n_slots - 1)];
  pthread_mutex_unlock (&chain->lock);
  *end = record.end;
  *line = record.line;
  return record.turn == sequence + 1;
}

void
pl_chain_publish (PlChain *chain, guint64 sequence, const PlLexPoint *point)
{
  guint32 end = point != NULL ? (guint32) point->state | (guint32) point->after_cr << 8 : VOID_END;
  guint64 line = point != NULL ? point->line : 0;
  if (chain->records != NULL)
    {
      pthread_mutex_lock (&chain->lock);
      chain->records[sequence & (chain->n_slots - 1)] = (Record){sequence + 1, end, line};
      pthread_mutex_unlock (&chain->lock);
    }
  write_slot (chain, sequence, end, line);
  if (__atomic_load_n (&chain_slot (chain, sequence)->waiters, __ATOMIC_SEQ_CST) != 0)
    pl_chain_wake (chain, sequence);
}

void
pl_chain_wake (PlChain *chain, guint64 sequence)
{
  syscall (SYS_futex, &chain_slot (chain, sequence)->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void
pl_chain_mend (PlChain *chain, guint64 sequence)
{
  guint32 turn, end, found_end = 0;
  guint64 line, found_line = 0;
  if (!read_record (chain, sequence, &end, &line)
      || (read_slot (chain, sequence, &turn, &found_end, &found_line) && found_end == end && found_line == line))
    return;
  write_slot (chain, sequence, end, line);
  pl_chain_wake (chain, sequence);
}

PlChainRecord
pl_chain_look (PlChain *chain, guint64 sequence, PlLexPoint *point)
{
  guint32 turn, end;
  guint64 line;
  if (!read_record (chain, sequence, &end, &line) && !read_slot (chain, sequence, &turn, &end, &line))
    return PL_CHAIN_UNKNOWN;
  if (end == VOID_END)
    return PL_CHAIN_VOID;
  if (point != NULL)
    *point = to_point (end, line);
  return PL_CHAIN_END;
}

/* Sleeps until somebody wakes us, but not for long, unless the slot's turn is not @turn any more. */
static void
nap (PlChainSlot *slot, guint32 turn)
{
  const struct timespec limit = {.tv_nsec = NAP};
  syscall (SYS_futex, &slot->turn, FUTEX_WAIT, turn, &limit, NULL, 0);
}

gboolean
pl_chain_wait (PlChain *chain, guint64 sequence, PlLexPoint *point)
{
  PlChainSlot *slot = chain_slot (chain, sequence);
  guint32 turn, end;
  guint64 line;
  gboolean is_there = read_record (chain, sequence, &end, &line) || read_slot (chain, sequence, &turn, &end, &line);
  for (guint i = 0; !is_there && i < SPINS; i++)
    {
      chain_pause ();
      is_there = read_slot (chain, sequence, &turn, &end, &line);
    }
  if (!is_there)
    {
      __atomic_add_fetch (&slot->waiters, 1, __ATOMIC_SEQ_CST);
      while (!read_slot (chain, sequence, &turn, &end, &line))
        nap (slot, turn);
      __atomic_sub_fetch (&slot->waiters, 1, __ATOMIC_SEQ_CST);
    }
  *point = to_point (end, line);
  return end != VOID_END;
}

guint64
pl_chain_bound (const PlChain *chain)
{
  guint64 bound = __atomic_load_n (chain->bound, __ATOMIC_ACQUIRE);
  return chain->user == PL_CHAIN_WORKER ? MIN (bound, __atomic_load_n (&chain->own_bound, __ATOMIC_ACQUIRE)) : bound;
}

void
pl_chain_lower_bound (PlChain *chain, guint64 position)
{
  guint64 *bound = chain->user == PL_CHAIN_WORKER ? &chain->own_bound : chain->bound;
  guint64 known = __atomic_load_n (bound, __ATOMIC_RELAXED);
  while (position < known
         && !__atomic_compare_exchange_n (bound, &known, position, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    ;
}
