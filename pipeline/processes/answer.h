/* What a worker process answers to a block, written there and read in the main process.
 *
 * The reader believes nothing that it cannot check: lengths and places against the memory they lie in, marks of
 * rejected records against the lines they share out, states against what there is. */
#pragma once
#include "../flow/blocks.h"

G_BEGIN_DECLS

/** pl_answer_write: what @block, which has been done, gave to its sinks and as rejects. @shared: with the worker's view
 * of the chain; @error: (nullable): it failed at @position. Outputs that lie in the outbox are empty afterwards. */
void pl_answer_write (PlBuffer *out, const PlShared *shared, PlBlock *block, guint64 position, const GError *error);
/** pl_answer_read: takes an answer to @task apart, adding to @block; tells the chain where @task ends. @failure: (out)
 * (transfer full) (nullable): the block's, at @position.
 * Returns: %FALSE when it is no such answer; @failure may be set all the same. */
gboolean pl_answer_read (PlCursor *cursor, const PlShared *shared, const PlBlockTask *task, PlBlock *block,
                         guint64 *position, GError **failure);

G_END_DECLS
