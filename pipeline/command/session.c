/* A job on its way through a command: loaded, checked, run; with everything there is to say about it said once. */
#include <string.h>
#include <unistd.h>

#include "../report/progress.h"
#include "command.h"
#include "../csv/source-remark.h"
#include "../engine/replan.h"
#include "lock.h"
#include "signals.h"
#include "../io/recover.h"
#include "../io/spool.h"
#include "../job/plan-run.h"

#define MIB ((guint64) 1 << 20)

void
pl_session_clear (PlSession *session)
{
  g_clear_pointer (&session->plan, pl_plan_free);
  pl_input_release_spools ();
  g_clear_pointer (&session->sources, g_ptr_array_unref);
  g_clear_pointer (&session->job, pl_job_free);
}

/* Says what stopped the run. */
static int
stop (void)
{
  pl_signals_say ();
  return pl_signals_exit_code ();
}

/* That a delimiter divides nothing, and another would: where something is wrong, or not even a comma was expected. */
static void
say_doubts (const PlSession *session, gboolean is_wrong, const PlCommandLine *line)
{
  for (guint i = 0; session->sources != NULL && i < session->sources->len && !line->quiet; i++)
    {
      const PlSource *source = g_ptr_array_index (session->sources, i);
      if (source->doubt != NULL && (is_wrong || source->is_doubted))
        pl_say (PL_LEVEL_WARNING, "[source %s]: %s", source->name, source->doubt);
    }
}

int
pl_session_check (PlSession *session, PlIssues *issues, const PlCommandLine *line)
{
  GError *error = NULL;
  pl_plan_temporaries (session->job, issues);
  session->sources = pl_plan_open_sources (session->job, issues, &error);
  if (session->sources != NULL)
    session->plan
        = pl_replan (session->job, session->sources, isatty (STDOUT_FILENO), NULL, pl_signals_flag (), issues, &error);
  /* An input that was waited for when the signal came. */
  if (pl_signals_stopped ())
    {
      g_clear_error (&error);
      return stop ();
    }
  int code = pl_say_issues (issues, line->quiet || session->is_unwatched);
  if (error != NULL)
    {
      int error_code = pl_say_error (error);
      code = code != 0 ? code : error_code;
    }
  if (code != 0)
    say_doubts (session, TRUE, line);
  return code;
}

/* Loads the job; the exit code is that of what it said, 0 where it can be checked. */
static int
load_job (PlSession *session, const char *path, const PlCommandLine *line, PlIssues *issues)
{
  g_auto (GStrv) environment = g_get_environ ();
  PlOverrides overrides
      = {(const char *const *) line->sets->pdata, (const char *const *) line->vars->pdata, environment};
  GError *error = NULL;
  session->job = pl_job_load (path, &overrides, issues, &error);
  if (session->job != NULL)
    return 0;
  int code = pl_say_issues (issues, line->quiet || session->is_unwatched);
  return error != NULL ? pl_say_error (error) : code;
}

int
pl_session_open (PlSession *session, const char *path, const PlCommandLine *line)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  int code = load_job (session, path, line, issues);
  return code != 0 || session->job == NULL ? code : pl_session_check (session, issues, line);
}

static int
lock_job (const PlJob *job, PlLock lock, const PlCommandLine *line)
{
  GError *error = NULL;
  if (lock == PL_LOCK_NONE)
    return 0;
  switch (pl_lock_job (job->path, lock == PL_LOCK_WAIT, &error))
    {
    case PL_LOCK_TAKEN:
      return 0;
    case PL_LOCK_STOPPED:
      return stop ();
    case PL_LOCK_HELD:
      if (lock == PL_LOCK_FAIL)
        return pl_say_error (error);
      if (line->verbose)
        pl_say (PL_LEVEL_INFO, "%s; skipped", error->message);
      g_error_free (error);
      return PL_SESSION_SKIPPED;
    case PL_LOCK_FAILED:
    default:
      return pl_say_error (error);
    }
}

int
pl_session_open_to_run (PlSession *session, const char *path, const PlCommandLine *line)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (GPtrArray) outputs = NULL;
  GError *error = NULL;
  PlLock lock;
  guint64 timeout;
  session->is_unwatched = pl_say_is_log () && !line->verbose;
  pl_signals_install ();
  int code = load_job (session, path, line, issues);
  if (code != 0 || session->job == NULL)
    return code;
  outputs = pl_plan_guards (session->job, &lock, &timeout);
  if (timeout > 0)
    pl_signals_timeout (timeout);
  code = lock_job (session->job, lock, line);
  if (code != 0)
    return code;
  if (line->report != NULL)
    g_ptr_array_insert (outputs, 0, g_strdup (line->report));
  if (!pl_output_recover ((const char *const *) outputs->pdata, &error))
    return pl_say_error (error);
  return pl_session_check (session, issues, line);
}

void
pl_session_for_file (PlSession *session, const char *path, const PlCommandLine *line, PlIssues *issues)
{
  g_auto (GStrv) environment = g_get_environ ();
  PlOverrides overrides
      = {(const char *const *) line->sets->pdata, (const char *const *) line->vars->pdata, environment};
  /* With the group there, overrides find it: --set 'source file.delimiter=;'. */
  static const char text[] = "[source file]\npath = -\n";
  session->job = pl_job_parse (text, sizeof text - 1, path, ".", &overrides, issues);
  PlSettings *source = g_ptr_array_index (session->job->groups, 0);
  /* Quoted, so that a ';' in the name does not make it a list. */
  g_auto (GStrv) parts = g_strsplit (path, "\"", -1);
  g_autofree char *inner = g_strjoinv ("\"\"", parts);
  g_autofree char *quoted = g_strconcat ("\"", inner, "\"", NULL);
  PlSetting *setting = g_ptr_array_index (source->entries, 0);
  g_free (setting->value);
  setting->value = g_strdup (strchr (path, ';') != NULL ? quoted : path);
  /* There is no file with these lines to point at. */
  source->line = setting->line = setting->column = 0;
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

static void
say_notice (gboolean is_wrong, const char *message)
{
  pl_say (is_wrong ? PL_LEVEL_WARNING : PL_LEVEL_INFO, "%s", message);
}

/* Where a run that is merely slow shall be silent. */
static void
say_notice_of_wrong (gboolean is_wrong, const char *message)
{
  if (is_wrong)
    say_notice (is_wrong, message);
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
        pl_say (PL_LEVEL_WARNING, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " row%s of [source %s] %s rejected%s%s",
                part->rejected, part->records, part->records == 1 ? "" : "s", part->name,
                part->rejected == 1 ? "was" : "were", rejects != NULL ? "; see " : "", rejects != NULL ? rejects : "");
    }
}

/* What became of worker processes. */
static void
say_workers (const PlRunSummary *summary)
{
  if (summary->deaths > 0)
    pl_say (PL_LEVEL_INFO, "%u worker process%s died and %s replaced; %u block%s done again", summary->deaths,
            summary->deaths == 1 ? "" : "es", summary->deaths == 1 ? "was" : "were", summary->repeated,
            summary->repeated == 1 ? " was" : "s were");
  if (summary->retired > 0)
    pl_say (PL_LEVEL_INFO, "%u worker process%s made way for %s", summary->retired, summary->retired == 1 ? "" : "es",
            summary->retired == 1 ? "another" : "others");
}

static void
say_memory (const PlMemoryAccount *memory)
{
  g_autoptr (GString) holders = g_string_new ("");
  for (guint i = 0; i < memory->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (memory->holders, PlHolder, i);
      if (holder->peak >= MIB / 2)
        g_string_append_printf (holders, ", %s %" G_GUINT64_FORMAT, holder->name, (holder->peak + MIB / 2) / MIB);
    }
  pl_say (
      PL_LEVEL_INFO,
      "memory: %" G_GUINT64_FORMAT " MiB at most; accounted for %" G_GUINT64_FORMAT ": base %" G_GUINT64_FORMAT "%s",
      (memory->seen + memory->programs + MIB / 2) / MIB,
      (memory->base + memory->leased + memory->programs + MIB / 2) / MIB, (memory->base + MIB / 2) / MIB, holders->str);
  if (memory->spilled > 0)
    pl_say (PL_LEVEL_INFO, "%" G_GUINT64_FORMAT " MiB of what was too much for memory-limit went to temp-directory",
            (memory->spilled + MIB - 1) / MIB);
}

static void
say_summary (const PlSession *session, const PlRunSummary *summary)
{
  for (guint i = 0; i < summary->steps->len; i++)
    {
      const PlStepSummary *step = &g_array_index (summary->steps, PlStepSummary, i);
      g_autofree char *missing
          = step->missing != NULL && step->rows_in > step->rows_out
                ? g_strdup_printf (", %" G_GUINT64_FORMAT " %s", step->rows_in - step->rows_out, step->missing)
                : g_strdup ("");
      pl_say (PL_LEVEL_INFO, "%s: %" G_GUINT64_FORMAT " rows in, %" G_GUINT64_FORMAT " out%s%s, %.3f s", step->label,
              step->rows_in, step->rows_out, missing, step->stopped_early ? " (stopped early)" : "",
              (double) step->nanoseconds / 1e9);
    }
  say_workers (summary);
  say_memory (summary->memory);
  pl_say (PL_LEVEL_INFO, "%" G_GUINT64_FORMAT " bytes read in %.3f s by %u worker%s", summary->bytes_read,
          (double) summary->microseconds / 1e6, session->plan->run.workers, session->plan->run.workers == 1 ? "" : "s");
}

/* Whether what @origin says is said of an input, too. */
static gboolean
is_told_before (const PlNode *node, PlTypeOrigin origin)
{
  for (guint i = 0; i < node->n_inputs; i++)
    for (guint j = 0; j < node->inputs[i]->schema->n_fields; j++)
      {
        const PlTypeOrigin known = node->inputs[i]->schema->fields[j].origin;
        if (known.teller == origin.teller && known.column == origin.column
            && pl_type_equal (known.beside, origin.beside))
          return TRUE;
      }
  return FALSE;
}

/* Columns of unions that are text because of one of their inputs. The plan is that of the sources as they are now. */
static void
say_joined (const PlSession *session)
{
  g_autoptr (PlIssues) said = pl_issues_new ();
  g_autoptr (PlPlan) plan = pl_plan_build (session->job, session->sources, isatty (STDOUT_FILENO), said);
  for (guint i = 0; plan != NULL && i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      for (guint j = 0; node->n_inputs > 1 && j < node->schema->n_fields; j++)
        {
          const PlTypeOrigin origin = node->schema->fields[j].origin;
          g_autofree char *text = NULL;
          if (origin.beside.kind != PL_NULL && !is_told_before (node, origin)
              && origin.teller->tell (origin.teller, origin, PL_STRING, &text) == PL_TYPE_OF_OTHERS)
            pl_say (PL_LEVEL_WARNING, "[%s]: %s", node->label, text);
        }
    }
}

static gboolean
has_joined (const PlPlan *plan)
{
  gboolean has = FALSE;
  for (guint i = 0; i < plan->nodes->len; i++)
    has |= ((const PlNode *) g_ptr_array_index (plan->nodes, i))->n_inputs > 1;
  return has;
}

/* Types that few values decided: never in silence, whatever reads the column: without these rows it would be another.
 * Of columns whose values nothing reads, the first rows tell. */
void
pl_session_say_types (const PlSession *session, const PlCommandLine *line)
{
  say_doubts (session, FALSE, line);
  for (guint i = 0; i < session->sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (session->sources, i);
      for (guint j = 0; j < source->schema->n_fields; j++)
        {
          g_autofree char *text = NULL;
          PlRemark remark = pl_source_remark (source, j, PL_STRING, &text);
          gboolean is_read = source->uses != NULL && (source->uses[j] & (PL_USE_VALUE | PL_USE_EXACT)) != 0;
          if ((remark == PL_REMARK_FEW || remark == PL_REMARK_ASKED || (remark == PL_REMARK_MOST && is_read))
              && !line->quiet)
            pl_say (PL_LEVEL_WARNING, "[source %s]: %s", source->name, text);
          else if (remark == PL_REMARK_EXACT && is_read && line->verbose)
            pl_say (PL_LEVEL_INFO, "[source %s]: %s", source->name, text);
        }
    }
  if (!line->quiet && session->plan != NULL && has_joined (session->plan))
    say_joined (session);
}

/* Nor are numbers that sums cannot take as they are written. */
static void
say_overlong (const PlSession *session, const PlCommandLine *line)
{
  for (guint i = 0; i < session->sources->len && !line->quiet; i++)
    {
      const PlSource *source = g_ptr_array_index (session->sources, i);
      for (guint j = 0; j < source->schema->n_fields; j++)
        {
          g_autofree char *text = pl_source_overlong_remark (source, j);
          if (text != NULL)
            pl_say (PL_LEVEL_WARNING, "[source %s]: %s", source->name, text);
        }
    }
}

int
pl_session_run (PlSession *session, const PlCommandLine *line, PlRunSummary **result)
{
  gboolean terminal = isatty (STDERR_FILENO);
  gboolean show
      = line->progress == PL_PROGRESS_ALWAYS || (line->progress == PL_PROGRESS_AUTO && terminal && !line->quiet);
  Progress progress = {.start = g_get_monotonic_time (), .terminal = terminal};
  PlRunOptions options = {.to_terminal = isatty (STDOUT_FILENO), .cancelled = pl_signals_flag ()};
  PlRunSummary *summary = NULL;
  g_autoptr (PlIssues) issues = pl_issues_new ();
  GError *error = NULL;
  if (show)
    {
      options.progress = show_progress;
      options.progress_data = &progress;
    }
  options.notice = line->verbose ? say_notice : say_notice_of_wrong;
  pl_signals_install ();
  gboolean success = pl_run (session->job, session->sources, &options, &summary, issues, &error);
  if (progress.shown && progress.terminal && write (STDERR_FILENO, "\r\033[K", 4) < 0)
    progress.terminal = FALSE;
  if (pl_signals_stopped () && !success)
    {
      g_clear_error (&error);
      pl_run_summary_free (summary);
      return stop ();
    }
  int code = pl_say_issues (issues, line->quiet || session->is_unwatched);
  if (error != NULL)
    code = pl_say_error (error);
  if (!success)
    say_doubts (session, TRUE, line);
  else
    {
      pl_session_say_types (session, line);
      say_overlong (session, line);
      say_rejects (session, summary);
      if (line->verbose)
        say_summary (session, summary);
    }
  if (result != NULL)
    *result = summary;
  else
    pl_run_summary_free (summary);
  return code;
}
