/* The lines of a job file. */
#pragma once
#include "../base/settings.h"

G_BEGIN_DECLS

/** pl_job_scan: takes @text apart into @groups. What is wrong with lines, group kinds and keys goes to @issues; a group
 * about which something was said is faulty. A heading that cannot be used gives a faulty group without kind, so that
 * its lines are still checked and the group below it is not connected to the one above.
 * Returns: %FALSE when the text is not UTF-8: there are no lines to speak of. */
gboolean pl_job_scan (const char *text, gsize length, const char *path, GPtrArray *groups, PlIssues *issues);
/** pl_key_scan: Returns: (transfer full) (nullable): the key at the start of @text: a "quoted" one, or all up to '='.
 * @end is set behind it and the spaces that follow; %NULL when a quote is not closed. */
char *pl_key_scan (const char *text, gboolean *quoted, const char **end);

G_END_DECLS
