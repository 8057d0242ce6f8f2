/* The files of a plan: what would be written over, and what a file is to a run. */
#pragma once
#include "job.h"
#include "plan.h"

G_BEGIN_DECLS

/** pl_paths_check: reports what @nodes (element-type PlNode, not all of them complete) would write over: inputs, the
 * job, each other's files. */
void pl_paths_check (const PlJob *job, const GPtrArray *nodes, PlIssues *issues);
/** pl_plan_use: Returns: (transfer full) (nullable): what the file @path is to a run of @plan ("is an input, of [source
 * s]"), however it is written; %NULL: nothing. Devices may be written to by all. */
char *pl_plan_use (const PlPlan *plan, const PlJob *job, const char *path);

G_END_DECLS
