/* The blocks of a run: see pool.h. */
#include "pool.h"
#include "../base/error.h"

/* What the scanners may read behind a span, and the least the producer reads at once. */
#define SLACK (PL_PAGE + 128u)
/* An outbox is larger than a block because numbers, quotes and names of JSON members are; what is not touched costs
 * nothing. */
#define OUTBOX_BLOCKS 4
#define MOST_OUTBOX ((guint64) 64 << 20)
/* A piece of rows of 250 bytes. */
#define PARCEL ((gsize) 2 << 20)

gsize
pl_pool_outbox (guint64 block_size)
{
  return pl_round_to_page ((gsize) MIN (block_size, MOST_OUTBOX / OUTBOX_BLOCKS) * OUTBOX_BLOCKS);
}

gboolean
pl_pool_region (const GPtrArray *sources, guint64 block_size, gsize *region, GError **error)
{
  gsize largest = 0;
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (sources, i);
      gboolean ranged = TRUE;
      for (guint j = 0; j < source->files->len; j++)
        ranged = ranged && ((const PlSourceFile *) g_ptr_array_index (source->files, j))->ranged;
      if (ranged)
        continue;
      if (source->max_record_size > G_MAXSSIZE / 8 || block_size > G_MAXSSIZE / 8)
        {
          g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                       "block-size and max-record-size of source '%s' are more than memory can address; lower them",
                       source->name);
          return FALSE;
        }
      /* A block's worth of bytes behind what was left of the block before, and a record just too long. */
      largest = MAX (largest, pl_round_to_page (block_size + 2 * (source->max_record_size + 1) + SLACK));
    }
  *region = largest;
  return TRUE;
}

gsize
pl_pool_parcel (void)
{
  return PARCEL;
}

PlPool *
pl_pool_new (guint n_blocks, guint n_outputs, gsize region, gsize outbox, GError **error)
{
  PlPool *pool = g_new0 (PlPool, 1);
  if (!pl_shared_open (&pool->shared, outbox > 0, n_blocks, region, outbox, error))
    {
      g_free (pool);
      return NULL;
    }
  pool->room = G_MAXUINT64;
  pool->spare = g_ptr_array_new ();
  pool->free = pl_queue_new ();
  pool->released = (PlBunch){.queue = pool->free, .limit = 1};
  pool->filled = pl_queue_new ();
  pool->done = pl_queue_new ();
  pool->blocks = g_new (PlBlock, n_blocks);
  for (guint i = 0; i < n_blocks; i++)
    {
      pl_block_init (&pool->blocks[i], n_outputs);
      pool->blocks[i].task.index = i;
      pool->blocks[i].holders = 1;
      pl_queue_push (pool->free, &pool->blocks[i]);
    }
  return pool;
}

void
pl_pool_free (PlPool *pool)
{
  if (pool == NULL)
    return;
  for (guint i = 0; i < pool->shared.n_blocks; i++)
    {
      pl_lease_follow (pool->shared.lease, &pool->blocks[i].held, 0);
      pl_block_clear (&pool->blocks[i]);
    }
  g_free (pool->blocks);
  g_ptr_array_unref (pool->spare);
  pl_queue_free (pool->free);
  pl_queue_free (pool->filled);
  pl_queue_free (pool->done);
  pl_shared_close (&pool->shared);
  g_free (pool);
}

void
pl_pool_set_room (PlPool *pool, guint64 bytes, guint depth)
{
  pool->room = bytes;
  pool->depth = depth;
}

static gboolean
has_room (const PlPool *pool)
{
  const PlLease *lease = pool->shared.lease;
  return pool->room == G_MAXUINT64 || lease == NULL
         || (guint64) __atomic_load_n (&lease->held, __ATOMIC_RELAXED) < pool->room;
}

/* Whether nothing is in the memory of @block. */
static gboolean
is_untouched (const PlPool *pool, const PlBlock *block)
{
  const gsize *touched = pool->shared.touched;
  return touched != NULL && block->held == 0 && touched[block->task.index] == 0
         && touched[pool->shared.n_blocks + block->task.index] == 0;
}

PlBlock *
pl_pool_next (PlPool *pool, PlBunch *filled)
{
  for (;;)
    {
      PlBlock *block = pl_queue_try_pop (pool->free);
      if (block == NULL && pool->spare->len > 0 && has_room (pool))
        return g_ptr_array_steal_index (pool->spare, pool->spare->len - 1);
      if (block == NULL)
        block = pl_bunch_pop (filled, pool->free);
      /* Who keeps blocks for later may keep all but `depth` of them: the last of these is not set aside. */
      if (has_room (pool) || pool->spare->len + 1 >= pool->depth || !is_untouched (pool, block))
        return block;
      g_ptr_array_add (pool->spare, block);
    }
}

void
pl_pool_rest (PlPool *pool, PlBlock *block)
{
  pl_queue_push (pool->free, block);
  for (guint i = 0; i < pool->spare->len; i++)
    pl_queue_push (pool->free, g_ptr_array_index (pool->spare, i));
  g_ptr_array_set_size (pool->spare, 0);
}

guint
pl_pool_bunch (const PlPool *pool, guint n_workers)
{
  /* One in each worker's hands, and as many again as are kept back, so that they find some while those go round. */
  guint spare = pool->shared.n_blocks - MIN (n_workers, pool->shared.n_blocks);
  return CLAMP (spare / (2 * n_workers), 1, PL_BUNCH_MAX);
}

void
pl_pool_hold (PlBlock *block)
{
  __atomic_add_fetch (&block->holders, 1, __ATOMIC_RELAXED);
}

static gboolean
let_go (PlPool *pool, PlBlock *block)
{
  if (__atomic_sub_fetch (&block->holders, 1, __ATOMIC_ACQ_REL) > 0)
    return FALSE;
  block->holders = 1;
  pl_block_reset (block);
  if (!has_room (pool))
    pl_block_give_back (block, &pool->shared);
  return TRUE;
}

void
pl_pool_unhold (PlPool *pool, PlBlock *block)
{
  if (let_go (pool, block))
    pl_queue_push (pool->free, block);
}

void
pl_pool_release (PlPool *pool, PlBlock *block)
{
  if (let_go (pool, block))
    pl_bunch_push (&pool->released, block);
}
