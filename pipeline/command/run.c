/* pipeline run JOB */
#include <string.h>

#include "../report/summary.h"
#include "command.h"

/* The report is written whatever became of the run; a run whose report cannot be written has not succeeded. */
static int
write_report (const PlReport *report, const char *path)
{
  GError *error = NULL;
  g_autofree char *json = pl_report_json (report);
  g_autoptr (PlOutputSet) set = pl_output_set_new ();
  PlOutput *output = pl_output_set_add (set, path, PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, &error);
  if (output != NULL && pl_output_write (output, json, strlen (json), &error) && pl_output_set_publish (set, &error))
    return report->exit_code;
  int code = pl_say_error (error);
  return report->exit_code != 0 ? report->exit_code : code;
}

static int
run_job (const PlCommandLine *line, PlReport *report, PlRunSummary **summary)
{
  g_auto (PlSession) session = {NULL, NULL, NULL};
  int code = pl_session_open_to_run (&session, report->path, line);
  if (code == 0)
    code = pl_session_run (&session, line, summary);
  if (session.job != NULL)
    report->job = g_intern_string (session.job->name);
  return code;
}

static int
run (const PlCommandLine *line)
{
  g_autoptr (PlRunSummary) summary = NULL;
  PlReport report = {.path = g_ptr_array_index (line->arguments, 0), .started = g_get_real_time () / G_USEC_PER_SEC};
  gint64 start = g_get_monotonic_time ();
  if (line->dry_run)
    {
      g_auto (PlSession) session = {NULL, NULL, NULL};
      return pl_session_open (&session, report.path, line);
    }
  int code = run_job (line, &report, &summary);
  if (code == PL_SESSION_SKIPPED)
    return 0;
  if (line->report != NULL)
    {
      report.exit_code = code;
      report.microseconds = g_get_monotonic_time () - start;
      report.error = code != 0 ? pl_said_error () : NULL;
      report.summary = summary;
      code = write_report (&report, line->report);
    }
  return code;
}

const PlCommand pl_command_run = {
    .name = "run",
    .arguments = "JOB",
    .summary = "Run a job",
    .description
    = "JOB is a job file, or - for stdin. All outputs appear together when everything has succeeded; otherwise\n"
      "nothing changes. Silent on success, but rejected rows are always reported.\n",
    .options = PL_OPTION_RUN | PL_OPTION_PROGRESS | PL_OPTION_DRY_RUN | PL_OPTION_REPORT,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
