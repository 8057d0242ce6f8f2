/* Settings from the command line in place of those of the file. */
#pragma once
#include "job.h"

G_BEGIN_DECLS

/** pl_job_override: environment, then --set, then --var, each over what was there.
 * Returns: (transfer full) (element-type utf8): names that --var gave and [vars] does not declare. */
GPtrArray *pl_job_override (GPtrArray *groups, const PlOverrides *overrides, PlIssues *issues);

G_END_DECLS
