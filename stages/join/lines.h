/* The job file's lines of a join. */
#pragma once
#include "../stage.h"
#include "config.h"

G_BEGIN_DECLS

/** pl_join_read: the job's lines. @inputs: left and right.
 * Returns: (transfer full) (nullable): %NULL when there were mistakes. */
PlJoin *pl_join_read (const PlSettings *settings, const PlStageInput *inputs, PlIssues *issues);

G_END_DECLS
