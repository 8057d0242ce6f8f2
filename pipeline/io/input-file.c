/* The first link of a chain for a regular file: reads by pread(), so that a descriptor can be shared, and nothing that
 * was appended since the first look. */
#include "decoder.h"
#include "origin-state.h"
#include "../base/error.h"

#include <errno.h>
#include <unistd.h>

typedef struct
{
  PlDecoder decoder;
  PlOrigin *origin;
  int fd;
  guint64 offset;
  const char *name;
} FileDecoder;

static gssize
file_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  FileDecoder *self = (FileDecoder *) decoder;
  guint64 size = pl_origin_state (self->origin)->size;
  guint64 left = size - MIN (size, self->offset);
  gssize n;

  if (left == 0)
    return 0;
  do
    n = pread (self->fd, data, (gsize) MIN (MIN (length, left), (gsize) 1 << 30), (off_t) self->offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      int code = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", self->name, g_strerror (code));
      return -1;
    }
  if (n == 0)
    {
      pl_origin_cut_short (self->origin, self->name, self->offset, error);
      return -1;
    }
  pl_origin_note (self->origin, self->offset, data, (gsize) n);
  self->offset += (guint64) n;
  return n;
}

static void
file_rewind (PlDecoder *decoder, guint64 offset)
{
  FileDecoder *self = (FileDecoder *) decoder;

  self->offset = offset;
}

static void
file_free (PlDecoder *decoder)
{
  g_free (decoder);
}

PlDecoder *
pl_decoder_file_new (PlOrigin *origin, int fd, guint64 offset, const char *name)
{
  FileDecoder *self = g_new0 (FileDecoder, 1);

  self->decoder.read = file_read;
  self->decoder.rewind = file_rewind;
  self->decoder.free = file_free;
  self->origin = origin;
  self->fd = fd;
  self->offset = offset;
  self->name = name;
  return &self->decoder;
}
