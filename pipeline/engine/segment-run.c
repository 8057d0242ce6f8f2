/* Runs one segment: see segment-run.h for who does what. */
#include "../processes/exchange.h"
#include "../base/thread.h"
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

gboolean
pl_crew_poll (PlCrew *crew, PlBunch *done, guint64 microseconds, PlBlock **block)
{
  PlBlock *next = pl_queue_try_pop (crew->pool->filled);
  if (next == NULL)
    {
      pl_bunch_flush (done);
      next = pl_queue_pop_within (crew->pool->filled, microseconds);
    }
  *block = next != &end_of_blocks ? next : NULL;
  if (next == &end_of_blocks)
    pl_bunch_flush (done);
  return next != NULL;
}

void
pl_crew_leave (PlCrew *crew, PlPartial *partial)
{
  pthread_mutex_lock (&crew->lock);
  g_ptr_array_add (crew->partials, partial);
  pthread_mutex_unlock (&crew->lock);
}

gboolean
pl_crew_is_cancelled (PlCrew *crew)
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
  if (pl_crew_is_cancelled (crew))
    return FALSE;
  PlLease *before = pl_lease_enter (crew->segment->lease);
  gboolean filled = pl_producer_fill (crew->producer, block, &position, &error);
  pl_lease_enter (before);
  if (filled)
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
  pl_crew_leave (crew, pl_worker_end (worker));
}

static gpointer
producer_thread (gpointer data)
{
  PlCrew *crew = data;
  PlPool *pool = crew->pool;
  PlBunch filled = {.queue = pool->filled, .limit = pl_pool_bunch (pool, crew->n_workers)};
  PlBlock *block;
  while (crew_produce (crew, block = pl_bunch_pop (&filled, pool->free)))
    {
      pl_bunch_push (&filled, block);
      /* What took time to fill is waited for. */
      if (block->task.kind == PL_BLOCK_BUFFER)
        pl_bunch_flush (&filled);
    }
  pl_bunch_flush (&filled);
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
      pl_processes_serve (crew, index);
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
  pl_crew_leave (crew, pl_worker_end (worker));
  return NULL;
}

static void
run_parallel (PlCrew *crew)
{
  g_autofree GThread **threads = g_new (GThread *, crew->n_workers);
  GThread *producer = pl_thread_new ("producer", producer_thread, crew);
  gint64 last = 0;
  crew->pool->released.limit = pl_pool_bunch (crew->pool, crew->n_workers);
  for (guint i = 0; i < crew->n_workers; i++)
    threads[i] = pl_thread_new ("worker", worker_thread, crew);
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
      pl_crew_is_cancelled (crew);
    }
  g_thread_join (producer);
  for (guint i = 0; i < crew->n_workers; i++)
    g_thread_join (threads[i]);
  pl_bunch_flush (&crew->pool->released);
  /* The end mark may have been left behind the last block. */
  while (pl_queue_pop_within (crew->pool->done, 0) != NULL)
    ;
}

/* Whether @step has enough with all states there are, those that earlier segments left among them. */
static gboolean
step_has_enough (const PlCrew *crew, const PlStep *step, guint64 *position)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  const GPtrArray *left = crew->stash != NULL ? crew->stash[step->feeds].states : NULL;
  for (guint i = 0; left != NULL && i < left->len; i++)
    g_ptr_array_add (states, g_ptr_array_index (left, i));
  for (guint i = 0; i < crew->partials->len; i++)
    g_ptr_array_add (states, ((const PlPartial *) g_ptr_array_index (crew->partials, i))->states[step->index]);
  return states->len > 0
         && step->stage->reduce->satisfied (step->config, (gconstpointer const *) states->pdata, states->len, position);
}

/* The last position that counts: what all states together need, whoever has it. */
static guint64
crew_limit (const PlCrew *crew)
{
  const PlSegment *segment = crew->segment;
  guint64 limit = 0;
  if (!segment->satisfiable)
    return G_MAXUINT64;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      guint64 position = 0;
      if (step->stage->map != NULL)
        continue;
      if (!step_has_enough (crew, step, &position))
        return G_MAXUINT64;
      limit = MAX (limit, position);
    }
  return limit;
}

gboolean
pl_crew_run (PlCrew *crew, GError **error)
{
  guint64 n_rows = crew->input != NULL ? crew->input->n_rows : 0;
  pl_chain_reset (crew->pool->shared.chain);
  pl_failure_init (&crew->failure);
  pthread_mutex_init (&crew->lock, NULL);
  crew->partials = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_partial_free);
  crew->n_blocks = G_MAXUINT64;
  crew->producer = pl_producer_new (crew->segment->source, n_rows, &crew->pool->shared, crew->settings->block_size,
                                    crew->n_before);
  pl_writer_begin (crew->writer, crew->segment);
  /* Nothing of this segment's input is needed where earlier ones have given enough. */
  pl_chain_lower_bound (crew->pool->shared.chain, crew_limit (crew));
  if (crew->settings->mode == PL_MODE_SERIAL)
    run_serial (crew);
  else
    run_parallel (crew);
  if (crew->partials->len == 0)
    g_ptr_array_add (crew->partials, pl_partial_new (crew->segment, FALSE));
  for (guint i = 0; i < crew->partials->len; i++)
    {
      PlPartial *partial = g_ptr_array_index (crew->partials, i);
      if (partial->error != NULL)
        pl_crew_fail (crew, BEHIND_ALL_ROWS, g_steal_pointer (&partial->error));
    }
  crew->limit = crew_limit (crew);
  GError *failure = pl_failure_take (&crew->failure, crew->limit);
  if (failure == NULL && pl_chain_bound (crew->pool->shared.chain) < crew->limit)
    failure = g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL,
                           "blocks of [%s] were passed over, though nothing had failed or was enough",
                           crew->segment->label);
  if (failure == NULL)
    pl_writer_end (crew->writer, crew->limit, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

void
pl_crew_clear (PlCrew *crew)
{
  g_clear_pointer (&crew->partials, g_ptr_array_unref);
  pthread_mutex_destroy (&crew->lock);
  g_clear_pointer (&crew->producer, pl_producer_free);
  pl_failure_clear (&crew->failure);
}
