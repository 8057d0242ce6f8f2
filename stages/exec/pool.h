/* The child processes of one exec stage, shared by the workers of this process: a worker takes one for a block and
 * gives it back. */
#pragma once
#include "../../pipeline/base/child.h"

G_BEGIN_DECLS

typedef struct PlChildPool PlChildPool;

/** pl_child_pool_new: @command outlives the pool. */
PlChildPool *pl_child_pool_new (const PlChildCommand *command);
/** pl_child_pool_free: kills what is left. Main thread. */
void pl_child_pool_free (PlChildPool *pool);
/** pl_child_pool_set_limit: children there may be at once; 0: as many as there are workers. Before the first worker. */
void pl_child_pool_set_limit (PlChildPool *pool, guint limit);
/** pl_child_pool_join: a worker begins. */
void pl_child_pool_join (PlChildPool *pool);
/** pl_child_pool_leave: a worker has ended; with the last one all children come to the end of their input.
 * Returns: (transfer full) (nullable): what was wrong with one of them, a clause: "answered more rows than it was
 * given". */
char *pl_child_pool_leave (PlChildPool *pool);
/** pl_child_pool_take: a child for this worker alone, an idle one or a new one. @wait: until there is one.
 * Returns: (transfer none) (nullable): %NULL with @why when none can be started, without when there is none free. */
PlChild *pl_child_pool_take (PlChildPool *pool, gboolean is_new, gboolean wait, char **why);
/** pl_child_pool_give_back: it waits for the next block. */
void pl_child_pool_give_back (PlChildPool *pool, PlChild *child);
/** pl_child_pool_pass_on: what it wrote to stderr becomes notices, "exec score: line", up to a hundred lines. */
void pl_child_pool_pass_on (PlChildPool *pool, PlChild *child);
/** pl_child_pool_drop: it has ended, or must end now. */
void pl_child_pool_drop (PlChildPool *pool, PlChild *child);

G_END_DECLS
