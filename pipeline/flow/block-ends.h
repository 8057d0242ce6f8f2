/* Where each block ends, in the terms of csv/boundary.h, handed from block to block: in memory that processes share.
 *
 *   slot   seq 4        seq 5        seq 6            a ring: block k's slot is k mod n_slots
 *        ┌─────────┐  ┌─────────┐  ┌─────────┐
 *        │ end of 4│─►│ end of 5│─►│ (later) │        the worker of 6 waits for slot 5, then publishes slot 6 at
 *        └─────────┘  └─────────┘  └─────────┘        once, before it reads a single record
 *
 * A ring of more than queue-depth + 1 slots never overtakes a waiter: blocks leave a run in their order. Waiting is a
 * short spin, then a futex. A block that is given up publishes a void end, which voids those behind it. */
#pragma once
#include "../csv/boundary.h"

G_BEGIN_DECLS

typedef struct {
  guint64 bound;        /* atomic: blocks and rows behind this position need no work any more: a failure, or enough rows */
  guint32 n_slots;      /* a power of two; the slots stand behind the struct */
  guint32 padding;
} PlChain;

/** pl_chain_size: bytes for a run with @depth blocks in flight. */
gsize pl_chain_size (guint depth);
/** pl_chain_init: @chain: zeroed memory of pl_chain_size(); also starts anew, when nobody uses it. */
void pl_chain_init (PlChain *chain, guint depth);
/** pl_chain_publish: the end of block @sequence; @point %NULL: there is none, the block was given up. Any thread or process, once a block. */
void pl_chain_publish (PlChain *chain, guint64 sequence, const PlLexPoint *point);
/** pl_chain_published: whether block @sequence has published. */
gboolean pl_chain_published (PlChain *chain, guint64 sequence);
/** pl_chain_wake: wakes who waits for block @sequence to look again: its publisher may have died before it could. */
void pl_chain_wake (PlChain *chain, guint64 sequence);
/** pl_chain_wait: Returns: %FALSE when block @sequence was given up. */
gboolean pl_chain_wait (PlChain *chain, guint64 sequence, PlLexPoint *point);

/** pl_chain_bound: Returns: the position behind which nothing counts; G_MAXUINT64: everything does. */
guint64 pl_chain_bound (const PlChain *chain);
/** pl_chain_lower_bound: any thread or process. */
void pl_chain_lower_bound (PlChain *chain, guint64 position);

G_END_DECLS
