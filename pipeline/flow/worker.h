/* What a worker does with a block: the same in threads, in worker processes and in serial runs.
 *
 *   block ─► span or rows ─► batch ─► steps of the segment ─┬─► the worker's own state of a reduce stage
 *                                                           └─► bytes in the block's output of a sink
 *
 * A worker owns its reader, arena and states; it shares the plan (const), the chain and nothing else. */
#pragma once
#include "segment.h"
#include "blocks.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 rows_in, rows_out, batches;
  gint64 nanoseconds;
} PlStepCount;

/* What a worker leaves behind when the segment's input has ended. */
typedef struct
{
  const PlSegment *segment;
  gpointer *states;     /* per step; NULL where the step keeps none */
  PlStepCount *counts;  /* per step, then one for the input */
  guint64 bytes;        /* read by the worker itself */
  guint64 trace;        /* pl_block_trace() of all blocks that are in it */
  GError *error;        /* (nullable): of a stage's end() */
  GArray *overlong;     /* of PlOverlong */
  PlEvidence *evidence; /* (nullable): where types are looked for: per column of the source */
  gint64 *held;         /* per step: bytes that the state has */
  gint64 *shrunk;       /* per step: what its holder had when its state last gave memory back */
} PlPartial;

typedef struct PlWorker PlWorker;

/** pl_worker_new:
 * @input: (nullable): the rows of a segment without a source; else its blocks bring them as parcels
 * @classify: only find the types of the source's columns, into the partial's `evidence`
 */
PlWorker *pl_worker_new (const PlSegment *segment, PlRows *input, const PlShared *shared, gboolean classify);
void pl_worker_free (PlWorker *worker);
/** pl_worker_block: fills in what @block gives. The chain is served whatever happens.
 * Returns: %FALSE on a failure at *@position; the bound has been lowered to it. */
gboolean pl_worker_block (PlWorker *worker, PlBlock *block, guint64 *position, GError **error);
/** pl_worker_hand_over: saves what has been gathered since the last time, and begins anew. What map stages keep
 * stays. */
void pl_worker_hand_over (PlWorker *worker, PlBuffer *buffer);
/** pl_worker_has_enough: Returns: whether its states have @most bytes, or, where memory is low, an eighth of that: then
 * they are to be handed over. */
gboolean pl_worker_has_enough (const PlWorker *worker, gint64 most);
/** pl_worker_end: brings map stages to their end, when nothing has failed. Returns: (transfer full): what it leaves. */
PlPartial *pl_worker_end (PlWorker *worker);

/** pl_worker_classified: Returns: (transfer full): whether classifying looks at each column: not pinned, and used, or
 * nothing of the source is used (yet). */
gboolean *pl_worker_classified (const PlSource *source);

G_END_DECLS
