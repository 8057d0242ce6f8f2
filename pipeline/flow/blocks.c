/* Blocks and shared memory: see blocks.h. */
#include "blocks.h"
#include "../base/error.h"
#include "../csv/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define PAGE 4096u
/* What the scanners may read behind a span, and the least the producer reads at once. */
#define SLACK (PAGE + 128u)
/* An outbox is larger than a block because numbers, quotes and names of JSON members are; what is not touched costs
 * nothing. */
#define OUTBOX_BLOCKS 4
#define MOST_OUTBOX ((guint64) 64 << 20)
/* A piece of rows of 250 bytes. */
#define PARCEL ((gsize) 2 << 20)

static gsize
round_to_page (gsize size)
{
  return (size + PAGE - 1) & ~(gsize) (PAGE - 1);
}

static gsize
given_size (const PlShared *shared)
{
  return PAGE + shared->region * shared->n_blocks;
}

static gsize
taken_start (const PlShared *shared)
{
  return round_to_page (pl_chain_size (shared->n_blocks));
}

static gsize
taken_size (const PlShared *shared)
{
  return taken_start (shared) + shared->outbox * shared->n_blocks;
}

/* Sparse: only pages that are touched are memory. @fd: -1: of this process alone. */
static gboolean
map_part (PlSharedPart *part, int fd, gsize size, int rights)
{
  part->fd = fd;
  part->size = size;
  void *memory = mmap (NULL, size, rights, (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_NORESERVE, fd, 0);
  part->memory = memory != MAP_FAILED ? memory : NULL;
  return part->memory != NULL;
}

/* A new memfd, which nobody can make shorter or, with %F_SEAL_FUTURE_WRITE in @seals, write but we. Kernels that do not
 * know a seal do without it: then workers merely have no mapping that they could write. */
static gboolean
make_part (PlSharedPart *part, const char *name, gsize size, int seals)
{
  int fd = memfd_create (name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0)
    return FALSE;
  part->fd = fd;
  if (ftruncate (fd, (off_t) size) != 0 || !map_part (part, fd, size, PROT_READ | PROT_WRITE))
    return FALSE;
  if (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | seals) != 0)
    fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  return TRUE;
}

static void
close_part (PlSharedPart *part)
{
  if (part->memory != NULL)
    munmap (part->memory, part->size);
  if (part->fd >= 0)
    close (part->fd);
  *part = (PlSharedPart){.fd = -1};
}

static gboolean
map_shared (PlShared *shared, gboolean for_processes)
{
  gsize given = given_size (shared);
  if (!for_processes)
    return map_part (&shared->given, -1, given, PROT_READ | PROT_WRITE)
           && map_part (&shared->taken, -1, taken_size (shared), PROT_READ | PROT_WRITE);
  if (!make_part (&shared->given, "pipeline-given", given, F_SEAL_FUTURE_WRITE))
    return FALSE;
  if (make_part (&shared->taken, "pipeline-taken", taken_size (shared), 0))
    return TRUE;
  /* A limit of file sizes counts for shared memory: outboxes can be done without. */
  close_part (&shared->taken);
  shared->outbox = 0;
  return make_part (&shared->taken, "pipeline-taken", taken_size (shared), 0);
}

gboolean
pl_shared_open (PlShared *shared, gboolean for_processes, guint n_blocks, gsize region, gsize outbox, GError **error)
{
  *shared = (PlShared){
      .given.fd = -1, .taken.fd = -1, .n_blocks = n_blocks, .region = region, .outbox = for_processes ? outbox : 0};
  if (region > (G_MAXSSIZE - PAGE - taken_start (shared)) / MAX (n_blocks, 1) - outbox)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "%u blocks of %" G_GSIZE_FORMAT " bytes are more than memory can address; "
                   "lower queue-depth, block-size or max-record-size",
                   n_blocks, region);
      return FALSE;
    }
  if (!map_shared (shared, for_processes))
    {
      int saved = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
                   "cannot get %" G_GSIZE_FORMAT " bytes of memory for the workers' blocks: %s; "
                   "lower queue-depth or block-size",
                   given_size (shared) + taken_size (shared), g_strerror (saved));
      pl_shared_close (shared);
      return FALSE;
    }
  shared->chain = pl_shared_chain (shared, for_processes ? PL_CHAIN_MAIN : PL_CHAIN_THREADS);
  pl_chain_reset (shared->chain);
  return TRUE;
}

gboolean
pl_shared_join (PlShared *shared, int given, int taken, guint n_blocks, gsize region, gsize outbox)
{
  *shared = (PlShared){.n_blocks = n_blocks, .region = region, .outbox = outbox};
  gboolean ok = map_part (&shared->given, given, given_size (shared), PROT_READ);
  ok = map_part (&shared->taken, taken, taken_size (shared), PROT_READ | PROT_WRITE) && ok;
  close (given);
  close (taken);
  shared->given.fd = shared->taken.fd = -1;
  return ok;
}

void
pl_shared_lease (PlShared *shared, PlBudget *budget)
{
  shared->lease = pl_budget_lease (budget, "blocks");
  if (shared->outbox > 0)
    shared->messages = pl_budget_lease (budget, "messages");
  shared->touched = g_new0 (gsize, 2 * (gsize) shared->n_blocks);
}

static void
touch (const PlShared *shared, gsize *touched, gsize bytes)
{
  if (bytes > *touched)
    pl_lease_follow (shared->lease, touched, round_to_page (bytes));
}

void
pl_shared_touch_region (const PlShared *shared, const PlBlockTask *task)
{
  if (shared->lease != NULL)
    touch (shared, &shared->touched[task->index], task->length);
}

void
pl_shared_close (PlShared *shared)
{
  for (guint i = 0; shared->touched != NULL && i < 2 * shared->n_blocks; i++)
    pl_lease_follow (shared->lease, &shared->touched[i], 0);
  g_clear_pointer (&shared->touched, g_free);
  g_clear_pointer (&shared->chain, pl_chain_free);
  close_part (&shared->given);
  close_part (&shared->taken);
}

PlChain *
pl_shared_chain (const PlShared *shared, PlChainUser user)
{
  return pl_chain_new (user, shared->taken.memory, (guint64 *) (void *) shared->given.memory, shared->n_blocks);
}

char *
pl_shared_region (const PlShared *shared, guint index)
{
  return shared->given.memory + PAGE + shared->region * index;
}

char *
pl_shared_outbox (const PlShared *shared, guint index)
{
  return shared->taken.memory + taken_start (shared) + shared->outbox * index;
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

gsize
pl_pool_parcel (void)
{
  return PARCEL;
}

static void
empty (PlBuffer *buffer)
{
  if (buffer->is_lent)
    pl_buffer_clear (buffer);
  else
    buffer->length = 0;
}

void
pl_block_init (PlBlock *block, guint n_outputs)
{
  *block = (PlBlock){.n_outputs = n_outputs};
  block->outputs = g_new0 (PlBuffer, n_outputs);
  block->digests = g_new0 (guint64, n_outputs);
}

void
pl_block_reset (PlBlock *block)
{
  empty (&block->parcel);
  for (guint i = 0; i < block->n_outputs; i++)
    empty (&block->outputs[i]);
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
  pl_buffer_clear (&block->parcel);
  g_free (block->outputs);
  g_free (block->digests);
  for (guint i = 0; i < block->n_outputs && block->running != NULL; i++)
    XXH3_freeState (block->running[i].state);
  g_free (block->running);
  pl_buffer_clear (&block->rejects);
  pl_buffer_clear (&block->marks);
}

void
pl_block_lend_parcel (PlBlock *block, const PlShared *shared)
{
  pl_buffer_lend (&block->parcel, pl_shared_region (shared, block->task.index), 0, shared->region);
}

char *
pl_block_describe (const PlBlockTask *task, const PlSource *source, const char *label)
{
  if (task->kind == PL_BLOCK_ROWS)
    return g_strdup_printf ("block %" G_GUINT64_FORMAT " (rows of [%s])", task->sequence + 1, label);
  const PlSourceFile *file = g_ptr_array_index (source->files, task->file);
  return g_strdup_printf ("block %" G_GUINT64_FORMAT " (%s, bytes %" G_GUINT64_FORMAT "–%" G_GUINT64_FORMAT ")",
                          task->sequence + 1, file->display, task->offset, task->offset + task->length - 1);
}

void
pl_block_lend (PlBlock *block, const PlShared *shared, gboolean is_guarded)
{
  gsize part = block->n_outputs > 0 ? shared->outbox / block->n_outputs : 0;
  if (is_guarded && block->running == NULL)
    block->running = g_new0 (PlDigest, block->n_outputs);
  for (guint i = 0; i < block->n_outputs; i++)
    {
      pl_buffer_lend (&block->outputs[i], pl_shared_outbox (shared, block->task.index) + i * part, 0, part);
      if (!is_guarded)
        continue;
      PlDigest *digest = &block->running[i];
      if (digest->state == NULL)
        digest->state = XXH3_createState ();
      XXH3_64bits_reset (digest->state);
      digest->done = 0;
    }
}

void
pl_block_digest (PlBlock *block)
{
  for (guint i = 0; i < block->n_outputs; i++)
    {
      const PlBuffer *bytes = &block->outputs[i];
      PlDigest *digest = &block->running[i];
      if (!bytes->is_lent || digest->done == bytes->length)
        continue;
      XXH3_64bits_update (digest->state, bytes->data + digest->done, bytes->length - digest->done);
      digest->done = bytes->length;
    }
}

/* Memory that was written to stays, whatever is in it now. */
void
pl_block_follow (PlBlock *block, const PlShared *shared)
{
  gsize own = block->rejects.length + block->marks.length, outbox = 0;
  own += block->parcel.is_lent ? 0 : block->parcel.length;
  if (shared->lease == NULL)
    return;
  for (guint i = 0; i < block->n_outputs; i++)
    *(block->outputs[i].is_lent ? &outbox : &own) += block->outputs[i].length;
  touch (shared, &block->held, own);
  touch (shared, &shared->touched[shared->n_blocks + block->task.index], outbox);
}

gboolean
pl_block_is_sound (const PlBlock *block, guint output)
{
  const PlBuffer *bytes = &block->outputs[output];
  return !bytes->is_lent || XXH3_64bits (bytes->data, bytes->length) == block->digests[output];
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
