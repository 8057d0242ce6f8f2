/* The [run] group, and what must be known of a job before anything else is. */
#pragma once
#include "plan.h"

G_BEGIN_DECLS

void pl_run_settings_init (PlRunSettings *run, const PlJob *job, PlIssues *issues);
/** pl_run_settings_say: Returns: whether @group (nullable) has a @key that is not "auto". */
gboolean pl_run_settings_say (const PlSettings *group, const char *key);
/** pl_resolve_path: Returns: (transfer full): @path seen from @folder; "-" stays. */
char *pl_resolve_path (const char *folder, const char *path);
/** pl_choice_find: Returns: the index of @value in @choices, or -1 with a message of what there is. */
gint pl_choice_find (const PlSettings *group, const PlSetting *setting, const char *const *choices, PlIssues *issues);
/** pl_plan_guards: what of @job must be known before anything else of it is looked at; mistakes there are left for
 * pl_plan_build() to report. @lock, @timeout: (out): as in #PlRunSettings
 * Returns: (transfer full) (element-type utf8): the files it writes, ended by %NULL. */
GPtrArray *pl_plan_guards (const PlJob *job, PlLock *lock, guint64 *timeout);
/** pl_plan_temporaries: temporary files without a name go where `temp-directory` says from now on; where they cannot,
 * it is an issue. Before a source is opened, because that may need one; not in worker processes, which make none. */
void pl_plan_temporaries (const PlJob *job, PlIssues *issues);

G_END_DECLS
