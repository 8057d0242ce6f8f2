/* Queues, results and failures of a segment's workers: see desk.h. */
#include "desk.h"
#include "../base/error.h"
#include "gathered.h"

/* Pushed into a queue in place of a block: nothing follows. */
static PlBlock end_of_blocks;

void
pl_desk_open (PlDesk *desk)
{
  pl_chain_reset (desk->pool->shared.chain);
  pl_failure_init (&desk->failure);
  pthread_mutex_init (&desk->lock, NULL);
  desk->partials = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_partial_free);
}

void
pl_desk_clear (PlDesk *desk)
{
  g_clear_pointer (&desk->partials, g_ptr_array_unref);
  g_clear_pointer (&desk->parcels, pl_parcels_free);
  pthread_mutex_destroy (&desk->lock);
  pl_failure_clear (&desk->failure);
}

PlBunch
pl_desk_bunch (const PlDesk *desk)
{
  return (PlBunch){.queue = desk->pool->done, .limit = pl_pool_bunch (desk->pool, desk->n_workers)};
}

PlBlock *
pl_desk_next (PlDesk *desk, PlBunch *done)
{
  PlBlock *block = pl_bunch_pop (done, desk->pool->filled);
  if (block != &end_of_blocks)
    return block;
  pl_bunch_flush (done);
  return NULL;
}

gboolean
pl_desk_poll (PlDesk *desk, PlBunch *done, guint64 microseconds, PlBlock **block)
{
  PlBlock *next = pl_queue_try_pop (desk->pool->filled);
  if (next == NULL)
    {
      pl_bunch_flush (done);
      next = pl_queue_pop_within (desk->pool->filled, microseconds);
    }
  *block = next != &end_of_blocks ? next : NULL;
  if (next == &end_of_blocks)
    pl_bunch_flush (done);
  return next != NULL;
}

PlBlock *
pl_desk_done (PlDesk *desk, guint64 microseconds)
{
  PlBlock *block = pl_queue_try_pop (desk->pool->done);
  if (block == NULL)
    {
      pl_bunch_flush (&desk->pool->released);
      block = pl_queue_pop_within (desk->pool->done, microseconds);
    }
  return block != &end_of_blocks ? block : NULL;
}

void
pl_desk_end (PlDesk *desk)
{
  for (guint i = 0; i < desk->n_workers; i++)
    pl_queue_push (desk->pool->filled, &end_of_blocks);
  pl_queue_push (desk->pool->done, &end_of_blocks);
}

void
pl_desk_leave (PlDesk *desk, PlPartial *partial)
{
  pthread_mutex_lock (&desk->lock);
  g_ptr_array_add (desk->partials, partial);
  pthread_mutex_unlock (&desk->lock);
}

gboolean
pl_desk_is_cancelled (PlDesk *desk)
{
  if (desk->cancelled == NULL || g_atomic_int_get (desk->cancelled) == 0)
    return FALSE;
  pl_desk_fail (desk, 0, g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED, "the run was stopped"));
  return TRUE;
}

void
pl_desk_fail (PlDesk *desk, guint64 position, GError *error)
{
  pl_chain_lower_bound (desk->pool->shared.chain, position);
  pl_failure_report (&desk->failure, position, error);
}
