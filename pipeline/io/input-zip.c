/* A member of a zip archive → its text: the stretch of the file that it lies in, decompressed by the library of its
 * method, and compared with the size and the checksum that the directory has. */
#include "decoder.h"
#include "../base/error.h"
#include "temporary.h"
#include "zip.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <string.h>

#define LOCAL_SIZE 30

/* ---- the stretch of the file ---- */

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  guint64 left;
} StretchDecoder;

static gssize
stretch_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  StretchDecoder *self = (StretchDecoder *) decoder;
  gsize wanted = (gsize) MIN (length, self->left);
  gssize n = wanted > 0 ? pl_decoder_read (self->from, data, wanted, error) : 0;
  self->left -= n > 0 ? (guint64) n : 0;
  return n;
}

static void
stretch_free (PlDecoder *decoder)
{
  pl_decoder_free (((StretchDecoder *) decoder)->from);
  g_free (decoder);
}

static PlDecoder *
stretch_new (PlDecoder *from, guint64 length)
{
  StretchDecoder *self = g_new0 (StretchDecoder, 1);
  self->decoder.read = stretch_read;
  self->decoder.free = stretch_free;
  self->from = from;
  self->left = length;
  return &self->decoder;
}

/* ---- deflate, without a header of its own ---- */

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  gboolean input_end; /* `from` has ended */
  guint64 produced, consumed;
  GError *failure; /* met behind bytes that were handed out first */
  struct inflate_state state;
  guint8 input[PL_DECODER_CHUNK];
} DeflateDecoder;

static gboolean
fail_deflate (DeflateDecoder *self, const char *what)
{
  g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
               "%s: %s, after %" G_GUINT64_FORMAT " bytes of text", self->name, what, self->produced);
  return FALSE;
}

static gboolean
refill (DeflateDecoder *self)
{
  gssize n = pl_decoder_read (self->from, self->input, sizeof self->input, &self->failure);
  if (n < 0)
    return FALSE;
  self->state.next_in = self->input;
  self->state.avail_in = (guint32) n;
  self->consumed += (guint64) n;
  self->input_end = n == 0;
  return TRUE;
}

/* One call of the library, which may hold output back after its input is used up. */
static gboolean
inflate_some (DeflateDecoder *self)
{
  const guint32 in_before = self->state.avail_in, out_before = self->state.avail_out;
  guint8 *next_out = self->state.next_out;
  if (isal_inflate (&self->state) < 0)
    {
      /* Some of its kernels count what a broken symbol stands for without writing it. */
      self->state.next_out = next_out;
      self->state.avail_out = out_before;
      return fail_deflate (self, "compressed data is damaged");
    }
  self->produced += out_before - self->state.avail_out;
  if (pl_expands_too_far (self->consumed - self->state.avail_in, self->produced))
    {
      g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, PL_EXPANSION_MESSAGE, self->name);
      return FALSE;
    }
  return self->state.block_state == ISAL_BLOCK_FINISH || !self->input_end || in_before > 0
         || out_before > self->state.avail_out || fail_deflate (self, "compressed data ends early");
}

static gssize
deflate_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  DeflateDecoder *self = (DeflateDecoder *) decoder;
  const guint32 room = (guint32) MIN (length, (gsize) 1 << 30);
  self->state.next_out = data;
  self->state.avail_out = room;
  while (self->failure == NULL && self->state.avail_out == room && self->state.block_state != ISAL_BLOCK_FINISH)
    {
      if (self->state.avail_in == 0 && !self->input_end && !refill (self))
        break;
      inflate_some (self);
    }
  if (self->state.avail_out < room)
    return room - self->state.avail_out;
  if (self->failure == NULL)
    return 0;
  g_propagate_error (error, g_error_copy (self->failure));
  return -1;
}

static void
deflate_free (PlDecoder *decoder)
{
  DeflateDecoder *self = (DeflateDecoder *) decoder;
  pl_decoder_free (self->from);
  g_clear_error (&self->failure);
  g_free (self);
}

static PlDecoder *
deflate_new (PlDecoder *from, const char *name)
{
  DeflateDecoder *self = g_new (DeflateDecoder, 1);
  /* The state and the chunk are large and need no zeroing. */
  memset (self, 0, G_STRUCT_OFFSET (DeflateDecoder, state));
  self->decoder.read = deflate_read;
  self->decoder.free = deflate_free;
  self->from = from;
  self->name = name;
  isal_inflate_init (&self->state);
  self->state.next_in = self->input;
  self->state.avail_in = 0;
  return &self->decoder;
}

/* ---- size and checksum ---- */

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  guint64 size, done;
  guint32 wanted, crc;
} CheckDecoder;

static gssize
check_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  CheckDecoder *self = (CheckDecoder *) decoder;
  gssize n = pl_decoder_read (self->from, data, length, error);
  const char *what = NULL;
  if (n < 0)
    return n;
  if (n > 0)
    self->crc = crc32_gzip_refl (self->crc, data, (guint64) n);
  self->done += (guint64) n;
  if (self->done > self->size || (n == 0 && self->done < self->size))
    what = "the size differs";
  else if (n == 0 && self->crc != self->wanted)
    what = "the checksum differs";
  if (what == NULL)
    return n;
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
               "%s: compressed data is damaged (%s), after %" G_GUINT64_FORMAT " bytes of text", self->name, what,
               MIN (self->done, self->size));
  return -1;
}

static void
check_free (PlDecoder *decoder)
{
  pl_decoder_free (((CheckDecoder *) decoder)->from);
  g_free (decoder);
}

static PlDecoder *
check_new (PlDecoder *from, const PlZipMember *member, const char *name)
{
  CheckDecoder *self = g_new0 (CheckDecoder, 1);
  self->decoder.read = check_read;
  self->decoder.free = check_free;
  self->from = from;
  self->name = name;
  self->size = member->size;
  self->wanted = member->crc;
  return &self->decoder;
}

/* ---- a member ---- */

/* What the methods are called that nobody has a library for here. */
static const char *
method_name (guint method)
{
  static const struct
  {
    guint method;
    const char *name;
  } names[] = {{1, "shrink"}, {6, "implode"}, {9, "deflate64"}, {14, "LZMA"}, {98, "PPMd"}};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].method == method)
      return names[i].name;
  return NULL;
}

static PlDecoder *
unpack (PlDecoder *from, const PlZipMember *member, const char *name)
{
  switch (member->method)
    {
    case 0:
      return from;
    case 8:
      return deflate_new (from, name);
    case 12:
      return pl_decoder_new (PL_COMPRESSION_BZIP2, from, name);
    case 93:
      return pl_decoder_new (PL_COMPRESSION_ZSTD, from, name);
    case 95:
      return pl_decoder_new (PL_COMPRESSION_XZ, from, name);
    default:
      return NULL;
    }
}

static gboolean
is_readable (const PlZipMember *member, const char *name, GError **error)
{
  static const guint methods[] = {0, 8, 12, 93, 95};
  gboolean known = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    known |= member->method == methods[i];
  const char *method = method_name (member->method);
  g_autofree char *number = g_strdup_printf ("method %u", member->method);
  if (member->is_encrypted)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
                 "%s is encrypted; unpack it with its password first, and read what comes out", name);
  else if (!known)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
                 "%s is compressed by %s, which is not read; unpack it, or pack it with deflate", name,
                 method != NULL ? method : number);
  return known && !member->is_encrypted;
}

PlDecoder *
pl_decoder_member_new (PlOrigin *origin, int fd, const PlZipMember *member, const char *name, GError **error)
{
  guint8 local[LOCAL_SIZE] = {0};
  if (!is_readable (member, name, error))
    return NULL;
  gssize n = pl_pread_all (fd, local, sizeof local, member->start);
  /* Its name and extra fields stand between its header and its bytes, and need not be those of the directory. */
  guint64 data
      = member->start + LOCAL_SIZE + (local[26] | (guint) local[27] << 8) + (local[28] | (guint) local[29] << 8);
  if (n != sizeof local || memcmp (local, "PK\x03\x04", 4) != 0 || data > member->limit
      || member->packed > member->limit - data)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, "%s: the zip archive is damaged: its header is missing",
                   name);
      return NULL;
    }
  PlDecoder *file = pl_decoder_file_new (origin, fd, data, name);
  return check_new (unpack (stretch_new (file, member->packed), member, name), member, name);
}
