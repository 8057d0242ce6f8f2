/* The steps from a job file's text to a PlJob, shared by the files of this folder only.
 *
 *   text ──scan──► groups ──overrides──► groups ──variables──► groups ──required keys──► PlJob
 */
#pragma once
#include "job.h"

G_BEGIN_DECLS

/* scan.c */

/** pl_job_scan: takes @text apart into @groups. What is wrong with lines, group kinds and keys goes to @issues; a group about which
 * something was said is faulty. A heading that cannot be used gives a faulty group without kind, so that its lines are still
 * checked and the group below it is not connected to the one above.
 * Returns: %FALSE when the text is not UTF-8: there are no lines to speak of. */
gboolean pl_job_scan (const char *text, gsize length, const char *path, GPtrArray *groups, PlIssues *issues);

/** pl_key_scan: Returns: (transfer full) (nullable): the key at the start of @text: a "quoted" one, or all up to '='. @end is set behind
 * it and the spaces that follow; %NULL when a quote is not closed. */
char *pl_key_scan (const char *text, gboolean *quoted, const char **end);

/* keys.c */

/** pl_kind_exists: whether [kind …] is a group of job files: job, vars, run, source, sink or a stage. */
gboolean pl_kind_exists (const char *kind);
/** pl_kind_is_single: job, vars and run: no name, and at most one of each. */
gboolean pl_kind_is_single (const char *kind);
/** pl_kind_report: says that there is no such @kind, at @place. */
void pl_kind_report (const char *kind, const PlSetting *place, PlIssues *issues);
/** pl_kind_key_names: Returns: (transfer container): every documented key of @kind, ended by NULL. */
const char **pl_kind_key_names (const char *kind);
/** pl_kind_check_key: reports a @key that groups of this kind do not have, at @place. */
gboolean pl_kind_check_key (const PlSettings *group, const char *key, gboolean quoted, const PlSetting *place,
                            PlIssues *issues);
/** pl_kind_check_required: reports what @group must have and has not. */
void pl_kind_check_required (PlSettings *group, PlIssues *issues);
/** pl_settings_label: Returns: (transfer full): "filter long-haul". */
char *pl_settings_label (const PlSettings *group);

/* overrides.c */

/** pl_job_override: environment, then --set, then --var, each over what was there.
 * Returns: (transfer full) (element-type utf8): names that --var gave and [vars] does not declare. */
GPtrArray *pl_job_override (GPtrArray *groups, const PlOverrides *overrides, PlIssues *issues);
/* variables.c */

/** pl_job_expand: replaces ${name} in every value. @undeclared: names that must be used somewhere.
 * Returns: (transfer full): the job's name. */
char *pl_job_expand (GPtrArray *groups, const char *path, const GPtrArray *undeclared, PlIssues *issues);

G_END_DECLS
