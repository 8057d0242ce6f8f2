/* The thread that stands for a channel: see proxy.h. What a single task takes is exchange.c's, which rows are to blame
 * is blame.c's. */
#include "proxy.h"
#include "../base/error.h"
#include "blame.h"
#include "exchange.h"
#include "../job/plan-memory.h"
#include "../flow/gathered.h"

static gboolean
is_needed (PlServer *server, const PlBlockTask *task)
{
  return !pl_serve_is_stopped (server) && task->base <= pl_chain_bound (server->desk->pool->shared.chain);
}

static gboolean
is_due (const PlServer *server)
{
  return server->is_stateless || pl_pace_due (&server->pace) || pl_redo_log_is_full (&server->log);
}

/* Rows that a worker process is to work on are sent to it. Those before one that cannot be read are, too.
 * Returns: whether there are any. */
static gboolean
pack_rows (PlServer *server, PlBlock *block)
{
  const PlShared *shared = &server->desk->pool->shared;
  PlBlockTask *task = &block->task;
  GError *error = NULL;
  pl_block_lend_parcel (block, shared);
  if (!pl_packer_pack (&server->packer, task->offset, &block->parcel, &task->n_rows, &error))
    pl_desk_fail (server->desk, task->base + task->n_rows, error);
  task->length = block->parcel.length;
  task->is_there = block->parcel.is_lent;
  if (task->is_there)
    pl_shared_touch_region (shared, task);
  while (task->n_rows > 0 && is_needed (server, task)
         && !pl_packer_before (&server->packer, task->offset, PL_LOOK_EVERY * 1000, &task->line))
    ;
  return task->n_rows > 0;
}

static void
serve_block (PlServer *server, PlBlock *block)
{
  PlChain *chain = server->desk->pool->shared.chain;
  guint deaths = 0;
  gboolean is_done
      = block->task.kind == PL_BLOCK_ROWS && is_needed (server, &block->task) && !pack_rows (server, block);
  PlBlockTask task = block->task;
  task.outbox = server->desk->pool->shared.outbox > 0;
  while (!is_done && is_needed (server, &task))
    {
      task.hand_over = is_due (server);
      switch (pl_serve_task (server, &task, block, block))
        {
        case PL_SERVE_ANSWERED:
          if (!server->has_handed_over)
            pl_redo_log_add (&server->log, block);
          is_done = TRUE;
          break;
        case PL_SERVE_DIED:
          if (++deaths > server->desk->settings->retries)
            {
              pl_blame (server, block);
              is_done = TRUE;
            }
          else
            pl_serve_pause (server, deaths);
          break;
        case PL_SERVE_VANISHED:
        case PL_SERVE_STOPPED:
        default:
          break;
        }
    }
  if (task.kind == PL_BLOCK_RANGE && pl_chain_look (chain, task.sequence, NULL) == PL_CHAIN_UNKNOWN)
    pl_chain_publish (chain, task.sequence, NULL);
}

/* Does the first lost block again, for what goes into states. Returns: whether it killed its worker. */
static gboolean
redo_block (PlServer *server)
{
  const PlRedoEntry *lost = pl_redo_log_lost (&server->log);
  PlBlockTask task = lost->task;
  if (!is_needed (server, &task))
    {
      pl_redo_log_redone (&server->log, TRUE);
      return FALSE;
    }
  task.hand_over = is_due (server);
  PlServeOutcome outcome = pl_serve_task (server, &task, lost->held, &server->scratch);
  pl_block_reset (&server->scratch);
  if (outcome == PL_SERVE_ANSWERED)
    {
      pl_redo_log_redone (&server->log, server->has_handed_over);
      pl_desk_count (&server->desk->n_repeated);
    }
  return outcome == PL_SERVE_DIED;
}

/* Does again what was lost with dead workers. */
static void
recover (PlServer *server)
{
  guint deaths = 0;
  if (server->log.lost->len > 0)
    pl_bunch_flush (&server->done);
  while (server->log.lost->len > 0 && !pl_serve_is_stopped (server))
    {
      guint n_lost = server->log.lost->len;
      gboolean fits = pl_redo_log_fits (&server->log);
      if (fits ? !redo_block (server) : pl_serve_gather (server) != PL_SERVE_DIED)
        deaths = server->log.lost->len < n_lost ? 0 : deaths;
      else if (++deaths > server->desk->settings->retries)
        {
          PlBlockTask task = pl_redo_log_lost (&server->log)->task;
          pl_serve_give_up (server, &task);
          pl_redo_log_redone (&server->log, TRUE);
          deaths = 0;
        }
      else
        pl_serve_pause (server, deaths);
    }
}

/* Lets a child go that has done its share, or grown too large. */
static void
retire_child (PlServer *server)
{
  const PlRunSettings *settings = server->desk->settings;
  PlChannel *channel = server->channel;
  if (channel->fd < 0)
    return;
  PlProcess *child = channel->child;
  guint tasks = __atomic_load_n (&child->tasks, __ATOMIC_RELAXED);
  if ((settings->max_tasks_per_child > 0 && tasks >= settings->max_tasks_per_child)
      || (settings->worker_memory_limit > 0 && pl_process_memory (child) > settings->worker_memory_limit))
    g_atomic_int_set (&child->retired, TRUE);
  if (!g_atomic_int_get (&child->retired))
    return;
  pl_serve_gather (server);
  if (channel->fd < 0)
    return;
  pl_channel_detach (server->processes, channel);
  pl_desk_count (&server->desk->n_retired);
}

/* The next block; meanwhile looks after a worker that has nothing to do. */
static PlBlock *
next_block (PlServer *server)
{
  PlBlock *block;
  while (!pl_desk_poll (server->desk, &server->done, PL_LOOK_EVERY * 1000, &block))
    if (server->channel->fd >= 0 && pl_channel_is_gone (server->channel) && !pl_serve_is_stopped (server))
      {
        pl_serve_lost (server);
        pl_serve_make_ready (server);
        recover (server);
      }
  return block;
}

/* Until everything that was gathered has been handed over. */
static void
finish (PlServer *server)
{
  guint failures = 0;
  do
    {
      recover (server);
      guint n_fresh = server->log.fresh->len;
      if (pl_serve_is_stopped (server))
        break;
      if (pl_serve_gather (server) == PL_SERVE_DIED && n_fresh > 0 && ++failures > server->desk->settings->retries)
        pl_serve_fail (server, g_error_new (PL_WORKER_ERROR, pl_serve_death_code (server),
                                            "%s while it handed over its results", server->death));
    }
  while (server->log.lost->len > 0 && !pl_serve_is_stopped (server));
  if (server->gathered != NULL)
    pl_desk_leave (server->desk, server->gathered);
  for (guint i = 0; i < server->others->len; i++)
    pl_desk_leave (server->desk, g_ptr_array_index (server->others, i));
}

/* Whether the segment's workers gather nothing but counts, which are handed over with every block. */
static gboolean
is_stateless (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && (step->stage->reduce != NULL || pl_step_takes_notes (step)))
        return FALSE;
    }
  return TRUE;
}

void
pl_proxy_run (PlProcesses *processes, PlDesk *desk, const PlIndices *indices, guint index)
{
  PlServer server = {
      .desk = desk,
      .processes = processes,
      .indices = indices,
      .channel = pl_processes_channel (processes, index),
      .done = pl_desk_bunch (desk),
      .is_stateless = is_stateless (desk->segment),
      .pace = {.since = g_get_monotonic_time (), .is_lasting = desk->segment->satisfiable},
  };
  PlBlock *block;
  server.others = g_ptr_array_new ();
  const guint64 room = pl_run_blocks (desk->settings) / desk->n_workers;
  const guint64 size = desk->parcels != NULL ? pl_pool_parcel () : desk->settings->block_size;
  pl_redo_log_init (&server.log, desk->pool, pl_redo_log_blocks (size, room));
  pl_block_init (&server.scratch, desk->pool->blocks[0].n_outputs);
  if (desk->parcels != NULL)
    pl_packer_init (&server.packer, desk->parcels);
  while ((block = next_block (&server)) != NULL)
    {
      serve_block (&server, block);
      pl_bunch_push (&server.done, block);
      retire_child (&server);
      recover (&server);
    }
  finish (&server);
  g_ptr_array_unref (server.others);
  pl_redo_log_clear (&server.log);
  pl_block_clear (&server.scratch);
  if (desk->parcels != NULL)
    pl_packer_clear (&server.packer);
  g_free (server.death);
}
