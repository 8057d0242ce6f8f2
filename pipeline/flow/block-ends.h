/* Where each block ends, in the terms of csv/boundary.h, handed from block to block: in memory that processes share.
 *
 *   slot   seq 4        seq 5        seq 6            a ring: block k's slot is k mod n_slots
 *        ┌─────────┐  ┌─────────┐  ┌─────────┐
 *        │ end of 4│─►│ end of 5│─►│ (later) │        the worker of 6 waits for slot 5, then publishes slot 6 at
 *        └─────────┘  └─────────┘  └─────────┘        once, before it reads a single record
 *
 * A ring of more than queue-depth + 1 slots never overtakes a waiter: blocks leave a run in their order. Waiting is a
 * short spin, then a futex. A block that is given up publishes a void end, which voids those behind it.
 *
 * Every worker process can write into the slots, and what runs in one (a plugin) may do so by mistake. So a slot is
 * believed when its checksum fits only, nobody sleeps on it for long, and the main process keeps what workers have told
 * it in their answers, so that it can write a slot anew (pl_chain_mend()). The bound is the main process's: worker
 * processes see it in memory that they cannot write, and tell theirs in their answers. */
#pragma once
#include "../csv/boundary.h"

G_BEGIN_DECLS

typedef struct PlChain PlChain;

typedef enum
{
  PL_CHAIN_THREADS, /* of one process */
  PL_CHAIN_MAIN,    /* the main process's, where workers are processes */
  PL_CHAIN_WORKER,  /* one channel's of a worker process */
} PlChainUser;

typedef enum
{
  PL_CHAIN_UNKNOWN, /* it has not published */
  PL_CHAIN_END,     /* the block ends at a point */
  PL_CHAIN_VOID,    /* it was given up */
} PlChainRecord;

/** pl_chain_size: bytes of the slots for a run with @depth blocks in flight. */
gsize pl_chain_size (guint depth);
/** pl_chain_new: @slots: memory of pl_chain_size(), @bound: a word; both shared with all other users of the chain, and
 * set up by pl_chain_reset().
 * Returns: (transfer full): one user's view of them. */
PlChain *pl_chain_new (PlChainUser user, gpointer slots, guint64 *bound, guint depth);
/** pl_chain_free: @chain: (nullable) */
void pl_chain_free (PlChain *chain);
/** pl_chain_reset: starts anew, when nobody uses the chain. A worker's view only forgets what it knows. */
void pl_chain_reset (PlChain *chain);
/** pl_chain_publish: the end of block @sequence; @point %NULL: there is none, the block was given up. Any thread or
 * process; for a second time with the same only. */
void pl_chain_publish (PlChain *chain, guint64 sequence, const PlLexPoint *point);
/** pl_chain_look: what is known of block @sequence now, without waiting. @point: (out) (optional): where it ends, with
 * %PL_CHAIN_END. Any thread. */
PlChainRecord pl_chain_look (PlChain *chain, guint64 sequence, PlLexPoint *point);
/** pl_chain_wake: wakes who waits for block @sequence to look again: its publisher may have died before it could. */
void pl_chain_wake (PlChain *chain, guint64 sequence);
/** pl_chain_wait: Returns: %FALSE when block @sequence was given up. */
gboolean pl_chain_wait (PlChain *chain, guint64 sequence, PlLexPoint *point);
/** pl_chain_mend: writes the slot of block @sequence anew where this view knows what belongs there and something else
 * stands there. Any thread. */
void pl_chain_mend (PlChain *chain, guint64 sequence);

/** pl_chain_bound: Returns: the position behind which nothing counts: a failure, or enough rows; G_MAXUINT64:
 * everything does. */
guint64 pl_chain_bound (const PlChain *chain);
/** pl_chain_lower_bound: any thread. In a worker process for this view alone, until the main process hears of it. */
void pl_chain_lower_bound (PlChain *chain, guint64 position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlChain, pl_chain_free)

G_END_DECLS
