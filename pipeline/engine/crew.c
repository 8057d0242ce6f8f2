/* Runs one segment: see crew.h for who does what. */
#include "crew.h"
#include "../base/error.h"

#define PROGRESS_INTERVAL (250 * 1000)

/* Where the failure of a stage's end() counts. */
#define BEHIND_ALL_ROWS (G_MAXUINT64 - 1)

/* Pushed into a queue in place of a block: nothing follows. */
static PlBlock end_of_blocks;

void
pl_crew_fail (PlCrew *crew, guint64 position, GError *error)
{
  pl_chain_lower_bound (crew->pool->shared.chain, position);
  pl_failure_report (&crew->failure, position, error);
}

PlBunch
pl_crew_bunch (const PlCrew *crew)
{
  return (PlBunch){.queue = crew->pool->done, .limit = pl_pool_bunch (crew->pool, crew->n_workers)};
}

PlBlock *
pl_crew_next (PlCrew *crew, PlBunch *done)
{
  PlBlock *block = pl_bunch_pop (done, crew->pool->filled);
  if (block != &end_of_blocks)
    return block;
  pl_bunch_flush (done);
  return NULL;
}

static gboolean
crew_cancelled (PlCrew *crew)
{
  if (crew->options == NULL || crew->options->cancelled == NULL || g_atomic_int_get (crew->options->cancelled) == 0)
    return FALSE;
  pl_crew_fail (crew, 0, g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED, "the run was stopped"));
  return TRUE;
}

/* The producer's step: %FALSE when there is nothing more to do. */
static gboolean
crew_produce (PlCrew *crew, PlBlock *block)
{
  g_autoptr (GError) error = NULL;
  guint64 position = 0;
  if (crew_cancelled (crew))
    return FALSE;
  if (pl_producer_fill (crew->producer, block, &position, &error))
    return TRUE;
  if (error != NULL)
    pl_crew_fail (crew, position, g_steal_pointer (&error));
  return FALSE;
}

static void
crew_write (PlCrew *crew, PlBlock *block)
{
  GError *error = NULL;
  guint64 position = 0;
  if (!pl_writer_take (crew->writer, block, &position, &error))
    pl_crew_fail (crew, position, error);
}

static void
crew_progress (PlCrew *crew, gint64 *last)
{
  const PlRunOptions *options = crew->options;
  gint64 now = g_get_monotonic_time ();
  if (options == NULL || options->progress == NULL || now - *last < PROGRESS_INTERVAL)
    return;
  *last = now;
  options->progress (pl_writer_bytes (crew->writer), crew->bytes_total, pl_writer_rows (crew->writer),
                     options->progress_data);
}

static void
crew_block (PlCrew *crew, PlWorker *worker, PlBlock *block)
{
  GError *error = NULL;
  guint64 position = 0;
  if (!pl_worker_block (worker, block, &position, &error))
    pl_crew_fail (crew, position, error);
}

static void
run_serial (PlCrew *crew)
{
  PlWorker *worker = pl_worker_new (crew->segment, crew->input, &crew->pool->shared, crew->classify);
  gint64 last = 0;
  for (;;)
    {
      PlBlock *block = pl_bunch_pop (&crew->pool->released, crew->pool->free);
      if (!crew_produce (crew, block))
        {
          pl_pool_release (crew->pool, block);
          break;
        }
      crew_block (crew, worker, block);
      crew_write (crew, block);
      crew_progress (crew, &last);
    }
  crew->partials[0] = pl_worker_end (worker);
}

static gpointer
producer_thread (gpointer data)
{
  PlCrew *crew = data;
  PlPool *pool = crew->pool;
  PlBlock *block;
  while (crew_produce (crew, block = pl_queue_pop (pool->free)))
    pl_queue_push (pool->filled, block);
  pl_queue_push (pool->free, block);
  __atomic_store_n (&crew->n_blocks, pl_producer_sequence (crew->producer), __ATOMIC_RELEASE);
  for (guint i = 0; i < crew->n_workers; i++)
    pl_queue_push (pool->filled, &end_of_blocks);
  pl_queue_push (pool->done, &end_of_blocks);
  return NULL;
}

static gpointer
worker_thread (gpointer data)
{
  PlCrew *crew = data;
  guint index = __atomic_fetch_add (&crew->next_worker, 1, __ATOMIC_RELAXED);
  if (crew->processes != NULL)
    {
      crew->partials[index] = pl_processes_serve (crew->processes, index, crew);
      return NULL;
    }
  PlWorker *worker = pl_worker_new (crew->segment, crew->input, &crew->pool->shared, crew->classify);
  PlBunch done = pl_crew_bunch (crew);
  PlBlock *block;
  while ((block = pl_crew_next (crew, &done)) != NULL)
    {
      crew_block (crew, worker, block);
      pl_bunch_push (&done, block);
    }
  crew->partials[index] = pl_worker_end (worker);
  return NULL;
}

static void
run_parallel (PlCrew *crew)
{
  g_autofree GThread **threads = g_new (GThread *, crew->n_workers);
  GThread *producer = g_thread_new ("producer", producer_thread, crew);
  gint64 last = 0;
  crew->pool->released.limit = pl_pool_bunch (crew->pool, crew->n_workers);
  for (guint i = 0; i < crew->n_workers; i++)
    threads[i] = g_thread_new ("worker", worker_thread, crew);
  while (pl_writer_blocks (crew->writer) < __atomic_load_n (&crew->n_blocks, __ATOMIC_ACQUIRE))
    {
      PlBlock *block = pl_queue_try_pop (crew->pool->done);
      if (block == NULL)
        {
          pl_bunch_flush (&crew->pool->released);
          block = pl_queue_pop_within (crew->pool->done, PROGRESS_INTERVAL);
        }
      if (block != NULL && block != &end_of_blocks)
        crew_write (crew, block);
      crew_progress (crew, &last);
      crew_cancelled (crew);
    }
  g_thread_join (producer);
  for (guint i = 0; i < crew->n_workers; i++)
    g_thread_join (threads[i]);
  pl_bunch_flush (&crew->pool->released);
  /* The end mark may have been left behind the last block. */
  while (pl_queue_pop_within (crew->pool->done, 0) != NULL)
    ;
}

/* The last position that counts: what all states together need, whoever has it. */
static guint64
crew_limit (const PlCrew *crew)
{
  const PlSegment *segment = crew->segment;
  guint64 limit = 0;
  if (!segment->satisfiable)
    return G_MAXUINT64;
  g_autofree gconstpointer *states = g_new (gconstpointer, crew->n_workers);
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      guint64 position = 0;
      if (step->stage->kind == PL_STAGE_MAP)
        continue;
      guint n = 0;
      for (guint j = 0; j < crew->n_workers; j++)
        if (crew->partials[j] != NULL)
          states[n++] = crew->partials[j]->states[i];
      if (n == 0 || !step->stage->satisfied (step->config, states, n, &position))
        return G_MAXUINT64;
      limit = MAX (limit, position);
    }
  return limit;
}

gboolean
pl_crew_run (PlCrew *crew, GError **error)
{
  guint64 n_rows = crew->input != NULL ? crew->input->n_rows : 0;
  pl_chain_init (crew->pool->shared.chain, crew->pool->shared.n_blocks);
  pl_failure_init (&crew->failure);
  crew->partials = g_new0 (PlPartial *, crew->n_workers);
  crew->n_blocks = G_MAXUINT64;
  crew->producer = pl_producer_new (crew->segment->source, n_rows, &crew->pool->shared, crew->settings->block_size);
  pl_writer_begin (crew->writer, crew->segment);
  if (crew->settings->mode == PL_MODE_SERIAL)
    run_serial (crew);
  else
    run_parallel (crew);
  for (guint i = 0; i < crew->n_workers; i++)
    if (crew->partials[i] != NULL && crew->partials[i]->error != NULL)
      pl_crew_fail (crew, BEHIND_ALL_ROWS, g_steal_pointer (&crew->partials[i]->error));
  crew->limit = crew_limit (crew);
  GError *failure = pl_failure_take (&crew->failure, crew->limit);
  if (failure == NULL)
    pl_writer_end (crew->writer, crew->limit, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

void
pl_crew_clear (PlCrew *crew)
{
  for (guint i = 0; crew->partials != NULL && i < crew->n_workers; i++)
    pl_partial_free (crew->partials[i]);
  g_clear_pointer (&crew->partials, g_free);
  g_clear_pointer (&crew->producer, pl_producer_free);
  pl_failure_clear (&crew->failure);
}
