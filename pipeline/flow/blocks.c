/* Blocks and shared memory: see blocks.h. */
#include "blocks.h"
#include "../base/error.h"
#include "../csv/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define PAGE PL_PAGE
static gsize
given_size (const PlShared *shared)
{
  return PAGE + shared->region * shared->n_blocks;
}

/* What each process has in memory stands behind the chain. */
static gsize
members_start (const PlShared *shared)
{
  return pl_round_to_page (pl_chain_size (shared->n_blocks));
}

static gsize
taken_start (const PlShared *shared)
{
  return members_start (shared) + pl_round_to_page (PL_MOST_MEMBERS * sizeof (gint64));
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
  *shared = (PlShared){.n_blocks = n_blocks, .region = region, .outbox = outbox, .is_joined = TRUE};
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

/* What is shared is the main process's, for those who add up what all processes have. */
static void
follow (const PlShared *shared, gsize *touched, gsize bytes)
{
  if (shared->is_joined)
    pl_lease_count_elsewhere (shared->lease, (gint64) bytes - (gint64) *touched);
  pl_lease_follow (shared->lease, touched, bytes);
}

static void
touch (const PlShared *shared, gsize *touched, gsize bytes)
{
  if (bytes > *touched)
    follow (shared, touched, pl_round_to_page (bytes));
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
    follow (shared, &shared->touched[i], 0);
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

gint64 *
pl_shared_members (const PlShared *shared)
{
  return (gint64 *) (void *) (shared->taken.memory + members_start (shared));
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
  if (own > block->held)
    pl_lease_follow (shared->lease, &block->held, pl_round_to_page (own));
  touch (shared, &shared->touched[shared->n_blocks + block->task.index], outbox);
}

/* Workers cannot write what is given, which has been sealed, and neither can it be given back: the kernel refuses. */
static void
give_back (const PlShared *shared, const PlSharedPart *part, gsize *touched, char *memory)
{
  if (*touched > 0 && madvise (memory, *touched, part->fd < 0 ? MADV_DONTNEED : MADV_REMOVE) == 0)
    follow (shared, touched, 0);
}

void
pl_block_give_back (PlBlock *block, const PlShared *shared)
{
  const guint index = block->task.index;
  for (guint i = 0; i < block->n_outputs; i++)
    pl_buffer_clear (&block->outputs[i]);
  pl_buffer_clear (&block->parcel);
  pl_buffer_clear (&block->rejects);
  pl_buffer_clear (&block->marks);
  pl_lease_follow (shared->lease, &block->held, 0);
  if (shared->touched == NULL)
    return;
  give_back (shared, &shared->given, &shared->touched[index], pl_shared_region (shared, index));
  give_back (shared, &shared->taken, &shared->touched[shared->n_blocks + index], pl_shared_outbox (shared, index));
}

gboolean
pl_block_is_sound (const PlBlock *block, guint output)
{
  const PlBuffer *bytes = &block->outputs[output];
  return !bytes->is_lent || XXH3_64bits (bytes->data, bytes->length) == block->digests[output];
}
