/* Runs one segment: see segment-run.h for who does what. */
#include "segment-run.h"
#include "../base/error.h"
#include "../base/thread.h"
#include "../processes/proxy.h"
#include "../flow/gathered.h"

#define PROGRESS_INTERVAL (250 * 1000)

/* Where the failure of a stage's end() counts. */
#define BEHIND_ALL_ROWS (G_MAXUINT64 - 1)

/* The producer's step: %FALSE when there is nothing more to do. */
static gboolean
crew_produce (PlCrew *crew, PlBlock *block)
{
  g_autoptr (GError) error = NULL;
  guint64 position = 0;
  if (pl_desk_is_cancelled (&crew->desk))
    return FALSE;
  PlLease *before = pl_lease_enter (crew->desk.segment->lease);
  gboolean filled = pl_producer_fill (crew->producer, block, &position, &error);
  pl_lease_enter (before);
  if (filled)
    return TRUE;
  if (error != NULL)
    pl_desk_fail (&crew->desk, position, g_steal_pointer (&error));
  return FALSE;
}

static void
crew_write (PlCrew *crew, PlBlock *block)
{
  GError *error = NULL;
  guint64 position = 0;
  if (!pl_writer_take (crew->writer, block, &position, &error))
    pl_desk_fail (&crew->desk, position, error);
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
    pl_desk_fail (&crew->desk, position, error);
}

static void
run_serial (PlCrew *crew)
{
  PlWorker *worker = pl_worker_new (crew->desk.segment, crew->desk.input, &crew->desk.pool->shared, crew->classify);
  gint64 last = 0;
  for (;;)
    {
      PlBlock *block = pl_bunch_pop (&crew->desk.pool->released, crew->desk.pool->free);
      if (!crew_produce (crew, block))
        {
          pl_pool_release (crew->desk.pool, block);
          break;
        }
      crew_block (crew, worker, block);
      crew_write (crew, block);
      crew_progress (crew, &last);
    }
  pl_desk_leave (&crew->desk, pl_worker_end (worker));
}

static gpointer
producer_thread (gpointer data)
{
  PlCrew *crew = data;
  PlPool *pool = crew->desk.pool;
  PlBunch filled = {.queue = pool->filled, .limit = pl_pool_bunch (pool, crew->desk.n_workers)};
  PlBlock *block;
  while (crew_produce (crew, block = pl_pool_next (pool, &filled)))
    {
      pl_bunch_push (&filled, block);
      /* What took time to fill is waited for. */
      if (block->task.kind == PL_BLOCK_BUFFER)
        pl_bunch_flush (&filled);
    }
  pl_bunch_flush (&filled);
  pl_pool_rest (pool, block);
  __atomic_store_n (&crew->n_blocks, pl_producer_sequence (crew->producer), __ATOMIC_RELEASE);
  pl_desk_end (&crew->desk);
  return NULL;
}

static gpointer
worker_thread (gpointer data)
{
  PlCrew *crew = data;
  guint index = __atomic_fetch_add (&crew->next_worker, 1, __ATOMIC_RELAXED);
  if (crew->processes != NULL)
    {
      pl_proxy_run (crew->processes, &crew->desk, crew->indices, index);
      return NULL;
    }
  PlWorker *worker = pl_worker_new (crew->desk.segment, crew->desk.input, &crew->desk.pool->shared, crew->classify);
  PlBunch done = pl_desk_bunch (&crew->desk);
  PlBlock *block;
  while ((block = pl_desk_next (&crew->desk, &done)) != NULL)
    {
      crew_block (crew, worker, block);
      pl_bunch_push (&done, block);
    }
  pl_desk_leave (&crew->desk, pl_worker_end (worker));
  return NULL;
}

static void
run_parallel (PlCrew *crew)
{
  g_autofree GThread **threads = g_new (GThread *, crew->desk.n_workers);
  GThread *producer = pl_thread_new ("producer", producer_thread, crew);
  gint64 last = 0;
  crew->desk.pool->released.limit = pl_pool_bunch (crew->desk.pool, crew->desk.n_workers);
  for (guint i = 0; i < crew->desk.n_workers; i++)
    threads[i] = pl_thread_new ("worker", worker_thread, crew);
  while (pl_writer_blocks (crew->writer) < __atomic_load_n (&crew->n_blocks, __ATOMIC_ACQUIRE))
    {
      PlBlock *block = pl_desk_done (&crew->desk, PROGRESS_INTERVAL);
      if (block != NULL)
        crew_write (crew, block);
      crew_progress (crew, &last);
      pl_desk_is_cancelled (&crew->desk);
    }
  g_thread_join (producer);
  for (guint i = 0; i < crew->desk.n_workers; i++)
    g_thread_join (threads[i]);
  pl_bunch_flush (&crew->desk.pool->released);
  /* The end mark may have been left behind the last block. */
  while (pl_queue_pop_within (crew->desk.pool->done, 0) != NULL)
    ;
}

/* Whether @step has enough with all states there are, those that earlier segments left among them. */
static gboolean
step_has_enough (const PlCrew *crew, const PlStep *step, guint64 *position, GError **error)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  const GPtrArray *left = crew->stash != NULL ? crew->stash[step->feeds].states : NULL;
  for (guint i = 0; left != NULL && i < left->len; i++)
    g_ptr_array_add (states, g_ptr_array_index (left, i));
  for (guint i = 0; i < crew->desk.partials->len; i++)
    g_ptr_array_add (states, ((const PlPartial *) g_ptr_array_index (crew->desk.partials, i))->states[step->index]);
  return states->len > 0 && step->stage->reduce->satisfied (step->config, states->pdata, states->len, position, error);
}

/* The last position that counts: what all states together need, whoever has it. Where that cannot be found out, the
 * desk has a failure then. */
static guint64
crew_limit (PlCrew *crew)
{
  const PlSegment *segment = crew->desk.segment;
  guint64 limit = 0;
  GError *error = NULL;
  if (!segment->satisfiable)
    return G_MAXUINT64;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      guint64 position = 0;
      if (step->stage->map != NULL)
        continue;
      if (!step_has_enough (crew, step, &position, &error))
        {
          if (error != NULL)
            pl_desk_fail (&crew->desk, BEHIND_ALL_ROWS, error);
          return G_MAXUINT64;
        }
      limit = MAX (limit, position);
    }
  return limit;
}

gboolean
pl_crew_run (PlCrew *crew, GError **error)
{
  guint64 n_pieces = crew->desk.input != NULL ? crew->desk.input->n_pieces : 0;
  if (crew->options != NULL)
    {
      crew->desk.cancelled = crew->options->cancelled;
      crew->desk.notice = crew->options->notice;
    }
  pl_desk_open (&crew->desk);
  if (crew->processes != NULL && crew->desk.input != NULL)
    crew->desk.parcels = pl_parcels_new (crew->desk.segment, crew->desk.input);
  crew->n_blocks = G_MAXUINT64;
  crew->producer = pl_producer_new (crew->desk.segment->source, n_pieces, &crew->desk.pool->shared,
                                    crew->desk.settings->block_size, crew->n_before);
  if (crew->processes != NULL && (crew->indices = pl_indices_new (crew->desk.segment, error)) == NULL)
    return FALSE;
  pl_writer_begin (crew->writer, crew->desk.segment);
  /* Nothing of this segment's input is needed where earlier ones have given enough. */
  pl_chain_lower_bound (crew->desk.pool->shared.chain, crew_limit (crew));
  if (crew->desk.settings->mode == PL_MODE_SERIAL)
    run_serial (crew);
  else
    run_parallel (crew);
  if (crew->desk.partials->len == 0)
    g_ptr_array_add (crew->desk.partials, pl_partial_new (crew->desk.segment, FALSE));
  for (guint i = 0; i < crew->desk.partials->len; i++)
    {
      PlPartial *partial = g_ptr_array_index (crew->desk.partials, i);
      if (partial->error != NULL)
        pl_desk_fail (&crew->desk, BEHIND_ALL_ROWS, g_steal_pointer (&partial->error));
    }
  crew->limit = crew_limit (crew);
  GError *failure = pl_failure_take (&crew->desk.failure, crew->limit);
  if (failure == NULL && pl_chain_bound (crew->desk.pool->shared.chain) < crew->limit)
    failure = g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL,
                           "blocks of [%s] were passed over, though nothing had failed or was enough",
                           crew->desk.segment->label);
  if (failure == NULL)
    pl_writer_end (crew->writer, crew->limit, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

void
pl_crew_clear (PlCrew *crew)
{
  pl_desk_clear (&crew->desk);
  pl_indices_free (crew->indices);
  g_clear_pointer (&crew->producer, pl_producer_free);
}
