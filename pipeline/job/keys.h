/* The keys of every kind of group, and what is wrong with those of a job. */
#pragma once
#include "../../stages/stage.h"
#include "../base/settings.h"

G_BEGIN_DECLS

/** pl_kind_exists: whether [kind …] is a group of job files: job, vars, run, source, sink or a stage. */
gboolean pl_kind_exists (const char *kind);
/** pl_kind_is_single: job, vars and run: no name, and at most one of each. */
gboolean pl_kind_is_single (const char *kind);
/** pl_kind_report: says that there is no such @kind, at @spot. */
void pl_kind_report (const char *kind, const PlSetting *spot, PlIssues *issues);
/** pl_kind_key_names: Returns: (transfer container): every documented key of @kind, ended by NULL. */
const char **pl_kind_key_names (const char *kind);
/** pl_kind_check_key: reports a @key that groups of this kind do not have, at @spot. */
gboolean pl_kind_check_key (const PlSettings *group, const char *key, gboolean quoted, const PlSetting *spot,
                            PlIssues *issues);
/** pl_kind_check_required: reports what @group must have and has not. */
void pl_kind_check_required (PlSettings *group, PlIssues *issues);
/** pl_settings_label: Returns: (transfer full): "filter long-haul". */
char *pl_settings_label (const PlSettings *group);
/** pl_sink_keys, pl_run_keys, pl_job_keys:
 * Returns: (transfer none): the documented keys of those groups, ended by a NULL name. */
const PlSettingKey *pl_sink_keys (void);
/** pl_stage_common_keys: Returns: (transfer none): the keys @stage has besides those of its descriptor: where its rows
 * come from. */
const PlSettingKey *pl_stage_common_keys (const PlStage *stage);
const PlSettingKey *pl_run_keys (void);
const PlSettingKey *pl_job_keys (void);

G_END_DECLS
