/* pipeline run JOB */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../report/summary.h"
#include "command.h"
#include "signals.h"
#include "../io/publish.h"
#include "../job/plan-paths.h"

/* A report replaces a report: whatever else is there, an input or the job, say, has been named by mistake.
 * Returns: the exit code. */
static int
check_report (const char *path)
{
  struct stat info;
  char head[2] = "";
  /* Something else may have the name by now, a pipe that would be waited for, say. */
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  /* What cannot be read cannot be told, and is for the writer to judge. */
  gboolean is_other = fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0
                      && (read (fd, head, 2) != 2 || memcmp (head, "{\n", 2) != 0);
  if (fd >= 0)
    close (fd);
  if (!is_other)
    return 0;
  return pl_say_error (g_error_new (PL_IO_ERROR, PL_IO_ERROR_CREATE,
                                    "cannot write the report to %s: what is there is no report; name another file",
                                    path));
}

/* Where the report goes is found before the run, so that nothing has changed by then when it cannot go there. *@set:
 * (nullable): with @output in it.
 * Returns: the exit code. */
static int
open_report (const char *path, PlOutputSet **set, PlOutput **output)
{
  GError *error = NULL;
  int code = check_report (path);
  if (code != 0)
    return code;
  /* From here on there is a temporary file that a signal must not leave behind. */
  pl_signals_install ();
  *set = pl_output_set_new ();
  pl_output_set_heed (*set, TRUE, pl_signals_flag ());
  *output = pl_output_set_add (*set, path, PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, &error);
  return *output != NULL ? 0 : pl_say_error (error);
}

/* The report is written whatever became of the run; a run whose report cannot be written has not succeeded. */
static int
write_report (const PlReport *report, const char *path, PlOutputSet *set, PlOutput *output)
{
  GError *error = NULL;
  /* Somebody may have put something there by now. */
  int code = check_report (path);
  g_autofree char *json = pl_report_json (report);
  if (code == 0 && pl_output_write (output, json, strlen (json), &error) && pl_output_set_publish (set, &error))
    return report->exit_code;
  if (g_error_matches (error, PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED))
    {
      g_error_free (error);
      if (report->exit_code != 0)
        return report->exit_code;
      pl_signals_say ();
      code = pl_signals_exit_code ();
    }
  else if (error != NULL)
    code = pl_say_error (error);
  if (report->exit_code == 0)
    pl_say (PL_LEVEL_ERROR, "the report is missing, but the run was complete: its outputs HAVE changed");
  return report->exit_code != 0 ? report->exit_code : code;
}

/* *@refused: that the report must not be written either */
static int
run_job (const PlCommandLine *line, PlReport *report, PlRunSummary **summary, gboolean *refused)
{
  g_auto (PlSession) session = {0};
  int code = pl_session_open_to_run (&session, report->path, line);
  g_autofree char *use
      = code == 0 && line->report != NULL ? pl_plan_use (session.plan, session.job, line->report) : NULL;
  *refused = use != NULL;
  if (use != NULL)
    code = pl_say_error (g_error_new (PL_IO_ERROR, PL_IO_ERROR_CREATE,
                                      "cannot write the report to %s: it %s; name another file", line->report, use));
  else if (code == 0)
    code = pl_session_run (&session, line, summary);
  if (session.job != NULL)
    report->job = g_intern_string (session.job->name);
  return code;
}

static int
run (const PlCommandLine *line)
{
  g_autoptr (PlRunSummary) summary = NULL;
  g_autoptr (PlOutputSet) set = NULL;
  PlOutput *output = NULL;
  PlReport report = {.path = g_ptr_array_index (line->arguments, 0), .started = g_get_real_time () / G_USEC_PER_SEC};
  gint64 start = g_get_monotonic_time ();
  gboolean refused;
  if (line->dry_run)
    {
      g_auto (PlSession) session = {0};
      return pl_session_open (&session, report.path, line);
    }
  int code = line->report != NULL ? open_report (line->report, &set, &output) : 0;
  if (code != 0)
    return code;
  code = run_job (line, &report, &summary, &refused);
  if (code == PL_SESSION_SKIPPED)
    return 0;
  if (output != NULL && !refused)
    {
      report.exit_code = code;
      report.microseconds = g_get_monotonic_time () - start;
      report.error = code != 0 ? pl_said_error () : NULL;
      report.summary = summary;
      code = write_report (&report, line->report, set, output);
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
