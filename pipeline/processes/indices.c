/* Indices as files of memory: see indices.h. */
#include "indices.h"
#include "../base/error.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  guint step;
  int fd;
} IndexFile;

struct PlIndices
{
  guint segment;
  GArray *files; /* of IndexFile */
};

static gboolean
set_failure (const PlStep *step, GError **error)
{
  const int saved = errno;
  const gboolean lacks_memory = saved == ENOSPC || saved == ENOMEM;
  g_set_error (error, PL_WORKER_ERROR, lacks_memory ? PL_WORKER_ERROR_NO_MEMORY : PL_WORKER_ERROR_INTERNAL,
               "cannot hand [%s] to worker processes: %s; mode = threads needs no copies of it", step->label,
               g_strerror (saved));
  return FALSE;
}

static gboolean
write_all (int fd, const PlBuffer *bytes)
{
  for (gsize at = 0; at < bytes->length;)
    {
      const gssize n = write (fd, bytes->data + at, bytes->length - at);
      if (n < 0 && errno != EINTR)
        return FALSE;
      at += n > 0 ? (gsize) n : 0;
    }
  return fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

static gboolean
add_file (PlIndices *indices, const PlStep *step, GError **error)
{
  g_auto (PlBuffer) bytes = PL_BUFFER_INIT;
  IndexFile file = {step->index, memfd_create ("pipeline-index", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (file.fd < 0)
    return set_failure (step, error);
  g_array_append_val (indices->files, file);
  step->stage->build->save (step->config, step->asked, &bytes);
  return write_all (file.fd, &bytes) || set_failure (step, error);
}

PlIndices *
pl_indices_new (const PlSegment *segment, GError **error)
{
  PlIndices *indices = g_new0 (PlIndices, 1);
  indices->segment = segment->index;
  indices->files = g_array_new (FALSE, FALSE, sizeof (IndexFile));
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->asked == NULL || add_file (indices, step, error))
        continue;
      pl_indices_free (indices);
      return NULL;
    }
  return indices;
}

void
pl_indices_free (PlIndices *indices)
{
  if (indices == NULL)
    return;
  for (guint i = 0; i < indices->files->len; i++)
    close (g_array_index (indices->files, IndexFile, i).fd);
  g_array_unref (indices->files);
  g_free (indices);
}

gboolean
pl_indices_send (const PlIndices *indices, int socket)
{
  for (guint i = 0; indices != NULL && i < indices->files->len; i++)
    {
      const IndexFile *file = &g_array_index (indices->files, IndexFile, i);
      g_auto (PlBuffer) message = PL_BUFFER_INIT;
      pl_buffer_put_u32 (&message, indices->segment);
      pl_buffer_put_u32 (&message, file->step);
      if (!pl_wire_send (socket, PL_MESSAGE_INDEX, &message, file->fd))
        return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): the index whose bytes @fd has. */
static PlRows *
load (const PlStep *step, int fd)
{
  struct stat status;
  if (fstat (fd, &status) != 0 || status.st_size <= 0)
    return NULL;
  void *bytes = mmap (NULL, (gsize) status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED)
    return NULL;
  PlCursor cursor = {bytes, (gsize) status.st_size, 0, FALSE};
  PlLease *before = pl_lease_enter (step->lease);
  PlRows *index = step->stage->build->load (step->config, &cursor);
  pl_lease_enter (before);
  munmap (bytes, (gsize) status.st_size);
  return index;
}

/* Returns: (nullable): a step that has the index which @wanted asks. */
static const PlStep *
find_taken (const PlSegments *segments, const PlStep *wanted)
{
  for (guint i = 0; i < segments->list->len; i++)
    {
      const PlSegment *segment = g_ptr_array_index (segments->list, i);
      for (guint j = 0; j < segment->steps->len; j++)
        {
          const PlStep *step = g_ptr_array_index (segment->steps, j);
          if (step->asks == wanted->asks && step->asked != NULL)
            return step;
        }
    }
  return NULL;
}

gboolean
pl_indices_take (PlSegments *segments, GPtrArray *indices, const PlBuffer *message, int fd)
{
  PlCursor cursor = {(const guint8 *) message->data, message->length, 0, FALSE};
  const guint index = pl_cursor_get_u32 (&cursor), at = pl_cursor_get_u32 (&cursor);
  if (cursor.failed || fd < 0 || index >= segments->list->len)
    return FALSE;
  const PlSegment *segment = g_ptr_array_index (segments->list, index);
  PlStep *step = at < segment->steps->len ? g_ptr_array_index (segment->steps, at) : NULL;
  if (step == NULL || step->asks == PL_NO_SEGMENT)
    return FALSE;
  const PlStep *taken = find_taken (segments, step);
  if (taken != NULL)
    {
      step->asked = taken->asked;
      return TRUE;
    }
  step->asked = load (step, fd);
  if (step->asked != NULL)
    g_ptr_array_add (indices, step->asked);
  return step->asked != NULL;
}
