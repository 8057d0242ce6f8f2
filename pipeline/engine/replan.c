/* A second try for plans that types of samples keep from being built: see replan.h. */
#include "replan.h"
#include "../base/error.h"
#include "../job/plan-memory.h"
#include "../job/plan-run.h"
#include "infer.h"

/* Constants that cannot be cast to the type of a column are mistakes of data. */
static gboolean
is_of_types (const GError *error)
{
  return g_error_matches (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE) || error->domain == PL_DATA_ERROR;
}

/* Whether other rows than those of the sample may change a type. */
static gboolean
is_sampled (const PlSource *source)
{
  for (guint i = 0; i < source->schema->n_fields; i++)
    if (pl_source_is_sampled (source, i))
      return TRUE;
  return FALSE;
}

/* Returns: whether there was anything to classify, and it could be. */
static gboolean
classify (const PlJob *job, const GPtrArray *sources, PlBudget *budget, gint *cancelled, GError **error)
{
  g_autoptr (PlIssues) said = pl_issues_new ();
  PlRunSettings run = {0};
  gboolean any = FALSE;
  pl_run_settings_init (&run, job, said);
  pl_run_memory_init (&run, pl_job_group (job, "run"), said);
  if (pl_issues_n_errors (said) > 0)
    return FALSE;
  for (guint i = 0; i < sources->len; i++)
    {
      PlSource *source = g_ptr_array_index (sources, i);
      if (!is_sampled (source))
        continue;
      if (!pl_infer (source, &run, budget, cancelled, error))
        return FALSE;
      any = TRUE;
    }
  return any;
}

PlPlan *
pl_replan (const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlBudget *budget, gint *cancelled,
           PlIssues *issues, GError **error)
{
  const guint mark = pl_issues_mark (issues);
  GError *failure = NULL;
  PlPlan *plan = pl_plan_build (job, sources, to_terminal, issues);
  if (plan != NULL || !pl_issues_have (issues, mark, is_of_types))
    return plan;
  if (classify (job, sources, budget, cancelled, &failure))
    {
      pl_issues_rewind (issues, mark);
      return pl_plan_build (job, sources, to_terminal, issues);
    }
  /* What is said of types may be wrong, then. */
  if (failure != NULL)
    {
      pl_issues_rewind (issues, mark);
      g_propagate_error (error, failure);
    }
  return NULL;
}
