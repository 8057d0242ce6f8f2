/* pipeline plan JOB [--analyze] */
#include "../base/show.h"
#include "command.h"
#include "../job/describe.h"

static char *
steps_table (const PlRunSummary *summary)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  const char *const heads[] = {"step", "rows in", "rows out", "batches", "seconds"};
  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    g_ptr_array_add (cells, g_strdup (heads[i]));
  for (guint i = 0; i < summary->steps->len; i++)
    {
      const PlStepSummary *step = &g_array_index (summary->steps, PlStepSummary, i);
      g_ptr_array_add (cells, g_strdup (step->label));
      g_ptr_array_add (cells, g_strdup_printf ("%" G_GUINT64_FORMAT, step->rows_in));
      g_ptr_array_add (cells, g_strdup_printf ("%" G_GUINT64_FORMAT, step->rows_out));
      g_ptr_array_add (cells, g_strdup_printf ("%" G_GUINT64_FORMAT, step->batches));
      g_ptr_array_add (cells, g_strdup_printf ("%.6f", (double) step->nanoseconds / 1e9));
    }
  return pl_text_table (cells, G_N_ELEMENTS (heads));
}

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  const char *path = g_ptr_array_index (line->arguments, 0);
  int code = line->analyze ? pl_session_open_to_run (&session, path, line) : pl_session_open (&session, path, line);
  if (code == PL_SESSION_SKIPPED)
    return 0;
  if (code != 0)
    return code;
  g_autofree char *plan = pl_plan_describe (session.plan);
  const PlSettings *job = pl_job_group (session.job, "job");
  const char *description = job != NULL ? pl_settings_get (job, "description", NULL) : NULL;
  g_autofree char *shown = description != NULL ? pl_show (description) : NULL;
  g_autofree char *head = shown != NULL ? g_strconcat (shown, "\n", NULL) : g_strdup ("");
  g_autofree char *text = g_strconcat (head, plan, NULL);
  code = pl_put (text);
  if (code != 0 || !line->analyze)
    return code;
  PlRunSummary *summary = NULL;
  code = pl_session_run (&session, line, &summary);
  if (code == 0 && summary != NULL)
    {
      g_autofree char *table = steps_table (summary);
      g_autofree char *result
          = g_strdup_printf ("\n%s\n%" G_GUINT64_FORMAT " bytes read, %u pass%s, %.6f s\n", table, summary->bytes_read,
                             summary->passes, summary->passes == 1 ? "" : "es", (double) summary->microseconds / 1e6);
      code = pl_put (result);
    }
  pl_run_summary_free (summary);
  return code;
}

const PlCommand pl_command_plan = {
    .name = "plan",
    .arguments = "JOB",
    .summary = "Show what a job would do",
    .description
    = "Prints each source with the columns that are read, the stages in the order of the rows with what they\n"
      "give, and the sinks. With --analyze the job is run, outputs and all, and the rows, batches and time of\n"
      "each step are told; time is summed over the workers.\n",
    .options = PL_OPTION_RUN | PL_OPTION_PROGRESS | PL_OPTION_ANALYZE,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
