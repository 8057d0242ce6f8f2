/* Blocks and shared memory: see blocks.h. */
#include "blocks.h"
#include "../base/error.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
/* What the scanners may read behind a span, and the least the producer reads at once. */
#define SLACK (PAGE + 128u)
/* An outbox is larger than a block because numbers, quotes and names of JSON members are; what is not touched costs nothing. */
#define OUTBOX_BLOCKS 4
#define MOST_OUTBOX ((guint64) 64 << 20)

static gsize
round_to_page (gsize size)
{
  return (size + PAGE - 1) & ~(gsize) (PAGE - 1);
}

/* Sparse: only pages that are touched are memory. */
static gboolean
map_shared (PlShared *shared, int fd)
{
  gboolean anonymous = fd == PL_SHARED_BY_THREADS, create = fd < 0;
  shared->size
      = round_to_page (pl_chain_size (shared->n_blocks)) + (shared->region + shared->outbox) * shared->n_blocks;
  if (!anonymous && shared->fd < 0)
    shared->fd = create ? memfd_create ("pipeline-blocks", MFD_CLOEXEC) : fd;
  if (anonymous || (shared->fd >= 0 && (!create || ftruncate (shared->fd, (off_t) shared->size) == 0)))
    shared->memory = mmap (NULL, shared->size, PROT_READ | PROT_WRITE,
                           (anonymous ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_NORESERVE, shared->fd, 0);
  if (shared->memory == MAP_FAILED)
    shared->memory = NULL;
  return shared->memory != NULL;
}

gboolean
pl_shared_open (PlShared *shared, int fd, guint n_blocks, gsize region, gsize outbox, GError **error)
{
  gsize chain = round_to_page (pl_chain_size (n_blocks));
  *shared = (PlShared){.fd = -1, .n_blocks = n_blocks, .region = region, .outbox = outbox};
  if (region > (G_MAXSSIZE - chain) / MAX (n_blocks, 1) - outbox)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "%u blocks of %" G_GSIZE_FORMAT " bytes are more than memory can address; "
                   "lower queue-depth, block-size or max-record-size",
                   n_blocks, region);
      return FALSE;
    }
  gboolean ok = map_shared (shared, fd);
  /* A limit of file sizes counts for shared memory: outboxes can be done without. */
  if (!ok && fd == -1 && outbox > 0)
    {
      shared->outbox = 0;
      ok = map_shared (shared, fd);
    }
  if (!ok)
    {
      int saved = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
                   "cannot get %" G_GSIZE_FORMAT " bytes of memory for the workers' blocks: %s; "
                   "lower queue-depth or block-size",
                   shared->size, g_strerror (saved));
      pl_shared_close (shared);
      return FALSE;
    }
  shared->chain = shared->memory;
  if (fd < 0)
    pl_chain_init (shared->chain, n_blocks);
  return TRUE;
}

void
pl_shared_close (PlShared *shared)
{
  if (shared->memory != NULL)
    munmap (shared->memory, shared->size);
  if (shared->fd >= 0)
    close (shared->fd);
  shared->memory = NULL;
  shared->fd = -1;
}

char *
pl_shared_region (const PlShared *shared, guint index)
{
  return (char *) shared->memory + round_to_page (pl_chain_size (shared->n_blocks)) + shared->region * index;
}

char *
pl_shared_outbox (const PlShared *shared, guint index)
{
  return pl_shared_region (shared, shared->n_blocks) + shared->outbox * index;
}

gsize
pl_pool_outbox (guint64 block_size)
{
  return round_to_page ((gsize) MIN (block_size, MOST_OUTBOX / OUTBOX_BLOCKS) * OUTBOX_BLOCKS);
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
      largest = MAX (largest, round_to_page (block_size + 2 * (source->max_record_size + 1) + SLACK));
    }
  *region = largest;
  return TRUE;
}

void
pl_block_init (PlBlock *block, guint n_outputs)
{
  *block = (PlBlock){.n_outputs = n_outputs};
  block->outputs = g_new0 (PlBuffer, n_outputs);
}

void
pl_block_reset (PlBlock *block)
{
  for (guint i = 0; i < block->n_outputs; i++)
    if (block->outputs[i].is_lent)
      pl_buffer_clear (&block->outputs[i]);
    else
      block->outputs[i].length = 0;
  block->rejects.length = 0;
  block->marks.length = 0;
  block->records = 0;
  block->rows = 0;
}

void
pl_block_clear (PlBlock *block)
{
  for (guint i = 0; i < block->n_outputs; i++)
    pl_buffer_clear (&block->outputs[i]);
  g_free (block->outputs);
  pl_buffer_clear (&block->rejects);
  pl_buffer_clear (&block->marks);
}

PlPool *
pl_pool_new (guint n_blocks, guint n_outputs, gsize region, gsize outbox, GError **error)
{
  PlPool *pool = g_new0 (PlPool, 1);
  if (!pl_shared_open (&pool->shared, outbox > 0 ? -1 : PL_SHARED_BY_THREADS, n_blocks, region, outbox, error))
    {
      g_free (pool);
      return NULL;
    }
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
    pl_block_clear (&pool->blocks[i]);
  g_free (pool->blocks);
  pl_queue_free (pool->free);
  pl_queue_free (pool->filled);
  pl_queue_free (pool->done);
  pl_shared_close (&pool->shared);
  g_free (pool);
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
let_go (PlBlock *block)
{
  if (__atomic_sub_fetch (&block->holders, 1, __ATOMIC_ACQ_REL) > 0)
    return FALSE;
  block->holders = 1;
  pl_block_reset (block);
  return TRUE;
}

void
pl_pool_unhold (PlPool *pool, PlBlock *block)
{
  if (let_go (block))
    pl_queue_push (pool->free, block);
}

void
pl_pool_release (PlPool *pool, PlBlock *block)
{
  if (let_go (block))
    pl_bunch_push (&pool->released, block);
}
