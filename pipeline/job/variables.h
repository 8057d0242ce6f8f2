/* Variables in the values of a job. */
#pragma once
#include "../base/settings.h"

G_BEGIN_DECLS

/** pl_job_expand: replaces ${name} in every value. @undeclared: names that must be used somewhere.
 * Returns: (transfer full): the job's name. */
char *pl_job_expand (GPtrArray *groups, const char *path, const GPtrArray *undeclared, PlIssues *issues);

G_END_DECLS
