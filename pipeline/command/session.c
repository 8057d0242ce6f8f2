/* A job on its way through a command: loaded, checked, run; with everything there is to say about it said once.
 *
 * Signals only set a flag that the engine looks at: outputs and temporary files are then cleaned up as after any error, and the
 * program ends by the same signal, so that its caller sees which. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../report/progress.h"
#include "command.h"

static gint stop_signal;

static void
remember_signal (int number)
{
  g_atomic_int_set (&stop_signal, number);
}

void
pl_session_clear (PlSession *session)
{
  g_clear_pointer (&session->plan, pl_plan_free);
  g_clear_pointer (&session->sources, g_ptr_array_unref);
  g_clear_pointer (&session->job, pl_job_free);
}

int
pl_session_check (PlSession *session, PlIssues *issues, const PlCommandLine *line)
{
  GError *error = NULL;
  session->sources = pl_plan_open_sources (session->job, issues, &error);
  if (session->sources != NULL)
    session->plan = pl_plan_build (session->job, session->sources, isatty (STDOUT_FILENO), issues);
  int code = pl_say_issues (issues, line->quiet);
  if (error != NULL)
    {
      int error_code = pl_say_error (error);
      code = code != 0 ? code : error_code;
    }
  return code;
}

int
pl_session_open (PlSession *session, const char *path, const PlCommandLine *line)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_auto (GStrv) environment = g_get_environ ();
  PlOverrides overrides
      = {(const char *const *) line->sets->pdata, (const char *const *) line->vars->pdata, environment};
  GError *error = NULL;
  session->job = pl_job_load (path, &overrides, issues, &error);
  if (session->job != NULL)
    return pl_session_check (session, issues, line);
  int code = pl_say_issues (issues, line->quiet);
  return error != NULL ? pl_say_error (error) : code;
}

void
pl_session_for_file (PlSession *session, const char *path, const PlCommandLine *line, PlIssues *issues)
{
  g_auto (GStrv) environment = g_get_environ ();
  PlOverrides overrides
      = {(const char *const *) line->sets->pdata, (const char *const *) line->vars->pdata, environment};
  session->job = pl_job_parse ("", 0, path, ".", &overrides, issues);
  g_autoptr (PlSettings) source = pl_settings_new ("source", "file", path, 0);
  /* Quoted, so that a ';' in the name does not make it a list. */
  g_auto (GStrv) parts = g_strsplit (path, "\"", -1);
  g_autofree char *inner = g_strjoinv ("\"\"", parts);
  g_autofree char *quoted = g_strconcat ("\"", inner, "\"", NULL);
  pl_settings_add (source, "path", FALSE, strchr (path, ';') != NULL ? quoted : path, path, 0, 0);
  g_ptr_array_insert (session->job->groups, 0, g_steal_pointer (&source));
}

typedef struct
{
  gint64 start;
  gboolean terminal;
  gboolean shown;
} Progress;

/* On a terminal the line is written over itself; elsewhere there is a line each time. */
static void
show_progress (guint64 bytes_done, guint64 bytes_total, guint64 rows, gpointer data)
{
  Progress *progress = data;
  gint64 elapsed = g_get_monotonic_time () - progress->start;
  if (progress->terminal && elapsed < G_USEC_PER_SEC / 2)
    return;
  g_autofree char *text = pl_progress_line (bytes_done, bytes_total, rows, elapsed);
  g_autofree char *line = progress->terminal ? g_strconcat ("\r\033[K", text, NULL) : g_strconcat (text, "\n", NULL);
  progress->shown = TRUE;
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    progress->terminal = FALSE;
}

static const PlSource *
find_source (const GPtrArray *sources, const char *name)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (sources, i);
      if (strcmp (source->name, name) == 0)
        return source;
    }
  return NULL;
}

/* Lost rows are never lost in silence. */
static void
say_rejects (const PlSession *session, const PlRunSummary *summary)
{
  for (guint i = 0; i < summary->sources->len; i++)
    {
      const PlSourceSummary *part = &g_array_index (summary->sources, PlSourceSummary, i);
      const PlSource *source = find_source (session->sources, part->name);
      const char *rejects = source != NULL && source->on_bad_row == PL_BAD_ROW_QUARANTINE ? source->rejects : NULL;
      if (part->rejected > 0)
        pl_say ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " row%s of [source %s] %s rejected%s%s", part->rejected,
                part->records, part->records == 1 ? "" : "s", part->name, part->rejected == 1 ? "was" : "were",
                rejects != NULL ? "; see " : "", rejects != NULL ? rejects : "");
    }
}

static void
say_summary (const PlSession *session, const PlRunSummary *summary)
{
  for (guint i = 0; i < summary->steps->len; i++)
    {
      const PlStepSummary *step = &g_array_index (summary->steps, PlStepSummary, i);
      pl_say ("%s: %" G_GUINT64_FORMAT " rows in, %" G_GUINT64_FORMAT " out, %.3f s", step->label, step->rows_in,
              step->rows_out, (double) step->nanoseconds / 1e9);
    }
  pl_say ("%" G_GUINT64_FORMAT " bytes read in %.3f s by %u worker%s", summary->bytes_read,
          (double) summary->microseconds / 1e6, session->plan->run.workers, session->plan->run.workers == 1 ? "" : "s");
}

/* Ends the program as the signal would have. */
static int
end_by_signal (int number)
{
  signal (number, SIG_DFL);
  raise (number);
  return 128 + number;
}

int
pl_session_run (PlSession *session, const PlCommandLine *line, PlRunSummary **result)
{
  gboolean terminal = isatty (STDERR_FILENO);
  gboolean show
      = line->progress == PL_PROGRESS_ALWAYS || (line->progress == PL_PROGRESS_AUTO && terminal && !line->quiet);
  Progress progress = {.start = g_get_monotonic_time (), .terminal = terminal};
  PlRunOptions options = {.to_terminal = isatty (STDOUT_FILENO), .cancelled = &stop_signal};
  PlRunSummary *summary = NULL;
  g_autoptr (PlIssues) issues = pl_issues_new ();
  GError *error = NULL;
  if (show)
    {
      options.progress = show_progress;
      options.progress_data = &progress;
    }
  signal (SIGINT, remember_signal);
  signal (SIGTERM, remember_signal);
  gboolean success = pl_run (session->job, session->sources, &options, &summary, issues, &error);
  if (progress.shown && progress.terminal && write (STDERR_FILENO, "\r\033[K", 4) < 0)
    progress.terminal = FALSE;
  if (g_atomic_int_get (&stop_signal) != 0 && !success)
    {
      g_clear_error (&error);
      return end_by_signal (g_atomic_int_get (&stop_signal));
    }
  int code = pl_say_issues (issues, line->quiet);
  if (error != NULL)
    code = pl_say_error (error);
  if (success)
    {
      say_rejects (session, summary);
      if (line->verbose)
        say_summary (session, summary);
    }
  if (success && result != NULL)
    *result = summary;
  else
    pl_run_summary_free (summary);
  return code;
}
