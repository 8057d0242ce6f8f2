/* pipeline head FILE|JOB [-n 10] */
#include <string.h>

#include "command.h"

/* Takes [sink …] groups away, so that only the rows are shown and no file is written. */
static void
drop_sinks (PlJob *job)
{
  for (guint i = job->groups->len; i > 0; i--)
    if (strcmp (((PlSettings *) g_ptr_array_index (job->groups, i - 1))->kind, "sink") == 0)
      g_ptr_array_remove_index (job->groups, i - 1);
}

static void
add_limit (PlJob *job, guint64 rows)
{
  g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, rows);
  PlSettings *limit = pl_settings_new ("limit", "", job->path, 0);
  PlSettings *sink = pl_settings_new ("sink", "", job->path, 0);
  pl_settings_add (limit, "rows", FALSE, count, job->path, 0, 0);
  pl_settings_add (sink, "path", FALSE, "-", job->path, 0, 0);
  pl_settings_add (sink, "format", FALSE, "table", job->path, 0, 0);
  g_ptr_array_add (job->groups, limit);
  g_ptr_array_add (job->groups, sink);
}

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  g_autoptr (PlIssues) issues = pl_issues_new ();
  const char *path = g_ptr_array_index (line->arguments, 0);
  int code = 0;
  if (g_str_has_suffix (path, ".ini"))
    {
      /* Checked as it stands, so that lines in messages are those of the file; then changed. */
      code = pl_session_open (&session, path, line);
      g_clear_pointer (&session.plan, pl_plan_free);
      g_clear_pointer (&session.sources, g_ptr_array_unref);
    }
  else
    pl_session_for_file (&session, path, line, issues);
  if (code != 0)
    return code;
  drop_sinks (session.job);
  add_limit (session.job, line->rows);
  code = pl_session_check (&session, issues, line);
  return code != 0 ? code : pl_session_run (&session, line, NULL);
}

const PlCommand pl_command_head = {
    .name = "head",
    .arguments = "FILE|JOB",
    .summary = "Show the first rows of a CSV file, or of a job's result, as a table",
    .description = "A path ending in .ini is a job: its sinks are left out, and the rows of its last stage are shown.\n"
                   "Of a CSV file, keys of its source are set as in --set 'source file.delimiter=;'.\n",
    .options = PL_OPTION_RUN | PL_OPTION_ROWS,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
