/* Finds the types of a source from every one of its values: what a contradicted guess leads to. */
#include "infer.h"
#include "inputs.h"
#include "segment-run.h"
#include "../job/plan-memory.h"

static void
take_types (PlSource *source, const PlCrew *crew)
{
  const guint n = source->schema->n_fields;
  PlEvidence *evidence = pl_evidence_new (n);
  g_autofree gboolean *classified = pl_worker_classified (source);
  for (guint i = 0; i < n; i++)
    {
      evidence[i].is_closed = !classified[i];
      for (guint j = 0; j < crew->desk.partials->len && classified[i]; j++)
        {
          const PlPartial *partial = g_ptr_array_index (crew->desk.partials, j);
          if (partial->evidence != NULL)
            pl_evidence_join (&evidence[i], &partial->evidence[i]);
        }
    }
  pl_source_take_types (source, evidence, TRUE);
}

gboolean
pl_infer (PlSource *source, const PlRunSettings *run, PlBudget *budget, gint *cancelled, GError **error)
{
  g_autoptr (PlSegment) segment = pl_segment_new (source);
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();
  PlRunSettings settings = *run;
  const PlRunOptions options = {.cancelled = cancelled};
  gsize region = 0;
  g_ptr_array_add (sources, source);
  /* Which rows are the first ones is only known in their order. */
  if (source->limit != G_MAXUINT64)
    settings.mode = PL_MODE_SERIAL;
  /* Classifying is not worth telling processes about it. */
  if (settings.mode == PL_MODE_PROCESSES)
    {
      settings.mode = PL_MODE_THREADS;
      settings.workers *= MAX (settings.threads_per_process, 1);
    }
  if (!pl_pool_region (sources, settings.block_size, &region, error))
    return FALSE;
  PlPool *pool = pl_pool_new (settings.queue_depth, 0, region, 0, error);
  if (pool == NULL)
    return FALSE;
  if (budget != NULL)
    {
      /* As its node is called in the plan. */
      g_autofree char *holder = g_strchomp (g_strdup_printf ("source %s", source->name));
      segment->lease = pl_budget_lease (budget, holder);
      pl_shared_lease (&pool->shared, budget);
      pl_pool_set_room (pool, pl_run_blocks (&settings), settings.queue_depth);
    }
  g_autoptr (PlWriter) writer = pl_writer_new (NULL, pool, FALSE, NULL, error);
  PlCrew crew = {
      .desk.segment = segment,
      .classify = TRUE,
      .desk.settings = &settings,
      .options = &options,
      .desk.pool = pool,
      .writer = writer,
      .desk.n_workers = settings.mode == PL_MODE_SERIAL ? 1 : MAX (settings.workers, 1),
  };
  GError *failure = NULL;
  gboolean ok = pl_crew_run (&crew, &failure);
  if (ok)
    take_types (source, &crew);
  else
    {
      pl_inputs_blame (sources, &failure);
      g_propagate_error (error, failure);
    }
  pl_crew_clear (&crew);
  pl_pool_free (pool);
  return ok;
}
