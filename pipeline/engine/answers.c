/* See answers.h. */
#include "answers.h"
#include "../base/error.h"
#include "../flow/keys-segment.h"
#include "parallel.h"

gboolean
pl_asks_disk (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->asked != NULL && step->stage->build->is_on_disk (step->asked))
        return TRUE;
    }
  return FALSE;
}

/* Failures of rows are met again, where they count; others end the run. */
static gboolean
is_of_rows (const GError *failure)
{
  return failure->domain == PL_DATA_ERROR || g_error_matches (failure, PL_IO_ERROR, PL_IO_ERROR_READ);
}

/* What the workers of @crew have gathered. */
static gboolean
answer (const PlStep *step, const PlCrew *crew, guint64 bound, const GError *failure, GError **error)
{
  g_autofree PlParallel *parallel
      = pl_parallel_threads (crew->desk.settings->mode == PL_MODE_SERIAL ? 1 : crew->desk.n_workers);
  g_autofree gpointer *states = g_new (gpointer, crew->desk.partials->len);
  for (guint i = 0; i < crew->desk.partials->len; i++)
    {
      const PlPartial *partial = g_ptr_array_index (crew->desk.partials, i);
      states[i] = partial->states[crew->desk.segment->steps->len - 1];
    }
  PlLease *before = pl_lease_enter (step->lease);
  const gboolean ok
      = step->stage->build->answer (step->asked, states, crew->desk.partials->len, bound, failure, parallel, error);
  pl_lease_enter (before);
  return ok;
}

static gboolean
answer_step (const PlCrew *like, const PlStep *step, GError **error)
{
  g_autoptr (PlSegment) segment = pl_keys_segment_new (like->desk.segment, step);
  const PlRunOptions options = {.cancelled = like->options->cancelled, .notice = like->options->notice};
  GError *failure = NULL;
  g_autoptr (PlWriter) writer = pl_writer_new (NULL, like->desk.pool, FALSE, NULL, error);
  if (writer == NULL)
    return FALSE;
  PlCrew crew = {.desk.segment = segment,
                 .desk.input = like->desk.input,
                 .desk.settings = like->desk.settings,
                 .desk.pool = like->desk.pool,
                 .desk.n_workers = like->desk.n_workers,
                 .options = &options,
                 .n_before = like->n_before,
                 .writer = writer};
  gboolean ok = pl_crew_run (&crew, &failure);
  const guint64 bound = crew.desk.failure.position;
  if (ok || is_of_rows (failure))
    {
      ok = answer (step, &crew, ok ? G_MAXUINT64 : bound, failure, error);
      g_clear_error (&failure);
    }
  if (failure != NULL)
    g_propagate_error (error, failure);
  pl_crew_clear (&crew);
  return ok;
}

gboolean
pl_answer_steps (const PlCrew *like, GError **error)
{
  const PlSegment *segment = like->desk.segment;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->asked != NULL && step->stage->build->wants_keys (step->asked) && !answer_step (like, step, error))
        return FALSE;
    }
  return TRUE;
}
