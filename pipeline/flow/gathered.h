/* What a worker has gathered of a segment: made, counted, merged, and as bytes. */
#pragma once
#include "worker.h"

G_BEGIN_DECLS

/** pl_step_takes_notes: Returns: whether states of @step note something of the index that it asks. */
gboolean pl_step_takes_notes (const PlStep *step);
/** pl_partials_leave: what the states of @partials (element-type PlPartial) have noted of indices goes into these. */
gboolean pl_partials_leave (const PlSegment *segment, const GPtrArray *partials, PlParallel *parallel, GError **error);
/** pl_partial_new: with fresh states of reduce stages and, where @to_map, on the worker, of map stages: their code may
 * be foreign, and is the worker's to run. */
PlPartial *pl_partial_new (const PlSegment *segment, gboolean to_map);
void pl_partial_free (PlPartial *partial);
void pl_partial_save (const PlPartial *partial, PlBuffer *buffer);
/** pl_partial_count: adds to @counts, which are as many as @partial has. */
void pl_partial_count (const PlPartial *partial, PlStepCount *counts);
/** pl_partial_renew: as it was when it was new, but for the states of map stages, which stay; those that take notes are
 * new. */
void pl_partial_renew (PlPartial *partial);
/** pl_partial_load: Returns: (transfer full) (nullable): %NULL with cursor->failed. */
PlPartial *pl_partial_load (const PlSegment *segment, PlCursor *cursor);
/** pl_partial_ease: memory is low: states give back what they can do without; then those that are large go to disk,
 * until it is low no more. On the thread that owns @partial. Returns: %FALSE with @error: the disk is full, say. */
gboolean pl_partial_ease (PlPartial *partial, GError **error);
/** pl_partial_check_enough: where the rows so far are enough for all ends of the segment, nothing behind them is
 * needed, of any worker: then the bound of @chain is lowered to them. Returns: %FALSE with @error: nobody can say. */
gboolean pl_partial_check_enough (const PlPartial *partial, PlChain *chain, GError **error);
/** pl_partial_merge: @into takes in what @from has.
 * Returns: %FALSE when a stage would not: then both are to be kept. */
gboolean pl_partial_merge (PlPartial *into, PlPartial *from);

G_END_DECLS
