/* zstd → bytes. Frames may follow each other; skippable frames are skipped by the library.
 *
 * Windows above 128 MiB (`zstd --ultra --long=28` and up) are refused, as zstd itself does: memory is not the file's to
 * choose. So are the formats of before zstd 0.8, which a library may have been built to read with decoders that nobody
 * looks after. */
#include "decoder.h"
#include "../base/error.h"
#include "../base/lease.h"

#include <string.h>
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_FRAMEHEADERSIZE_MAX */
#include <zstd.h>
#include <zstd_errors.h>

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  ZSTD_DStream *stream;
  PlLease *lease;     /* (nullable): whose the decoder is */
  gsize held;         /* bytes that the lease knows of */
  gboolean between;   /* before a frame's first byte */
  gboolean any;       /* a frame has been read */
  gboolean input_end; /* `from` has ended */
  guint64 produced, consumed;
  guint64 frame_start; /* `produced` at the start of the frame */
  guint64 frame_size;  /* what its header says, or ZSTD_CONTENTSIZE_UNKNOWN */
  gsize header_left;   /* bytes of the frame's header that the library has not had */
  GError *failure;     /* met behind bytes that were handed out first */
  ZSTD_inBuffer source;
  guint8 input[PL_DECODER_CHUNK];
} ZstdDecoder;

static void
fail (ZstdDecoder *self, const char *what)
{
  g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
               "%s: %s, after %" G_GUINT64_FORMAT " bytes of text", self->name, what, self->produced);
}

static const char *
describe (const ZstdDecoder *self, size_t code)
{
  switch (ZSTD_getErrorCode (code))
    {
    case ZSTD_error_checksum_wrong:
      return "compressed data is damaged (the checksum differs)";
    case ZSTD_error_prefix_unknown:
      return self->any ? "something that is not zstd follows the compressed data"
                       : "compressed data is damaged (no zstd header)";
    case ZSTD_error_frameParameter_windowTooLarge:
      return "compressed data needs more than 128 MiB of memory (compress it without --long)";
    case ZSTD_error_dictionary_wrong:
      return "compressed data needs a dictionary";
    default:
      return "compressed data is damaged";
    }
}

/* Reads on, behind what is left. FALSE when `failure` was set. */
static gboolean
refill (ZstdDecoder *self)
{
  gsize left = self->source.size - self->source.pos;

  memmove (self->input, self->input + self->source.pos, left);
  gssize n = pl_decoder_read (self->from, self->input + left, sizeof self->input - left, &self->failure);
  if (n < 0)
    return FALSE;
  self->source = (ZSTD_inBuffer){self->input, left + (size_t) n, 0};
  self->input_end = n == 0;
  return TRUE;
}

/* Looks at a frame before the library does: whether it is one, and how long its text is, which the library's streams do
 * not compare when the last block is empty. */
static gboolean
begin_frame (ZstdDecoder *self)
{
  while (self->source.size - self->source.pos < ZSTD_FRAMEHEADERSIZE_MAX && !self->input_end)
    if (!refill (self))
      return FALSE;

  const guint8 *start = self->input + self->source.pos;
  gsize length = self->source.size - self->source.pos;
  guint32 magic = ZSTD_MAGICNUMBER;
  if (length >= 4)
    magic = start[0] | (guint32) start[1] << 8 | (guint32) start[2] << 16 | (guint32) start[3] << 24;
  if (magic != ZSTD_MAGICNUMBER && (magic & ZSTD_MAGIC_SKIPPABLE_MASK) != ZSTD_MAGIC_SKIPPABLE_START)
    {
      fail (self, self->any ? "something that is not zstd follows the compressed data"
                            : "compressed data is damaged (no zstd header)");
      return FALSE;
    }
  self->frame_start = self->produced;
  self->frame_size = magic == ZSTD_MAGICNUMBER ? ZSTD_getFrameContentSize (start, length) : 0;
  if (self->frame_size == ZSTD_CONTENTSIZE_ERROR)
    self->frame_size = ZSTD_CONTENTSIZE_UNKNOWN;
  size_t header = magic == ZSTD_MAGICNUMBER ? ZSTD_frameHeaderSize (start, length) : 0;
  self->header_left = ZSTD_isError (header) || header > length ? 0 : header;
  return TRUE;
}

/* What is touched of the window is what has been written; the library's tables are small beside a first chunk. */
static void
follow (ZstdDecoder *self)
{
  gsize touched = (gsize) MIN (self->produced, G_MAXSIZE / 2) + sizeof *self;
  pl_lease_follow (self->lease, &self->held, MIN (ZSTD_sizeof_DStream (self->stream) + sizeof *self, touched));
}

/* One call of the library; FALSE when `failure` was set. */
static gboolean
step (ZstdDecoder *self, ZSTD_outBuffer *out)
{
  if (self->source.pos == self->source.size && !self->input_end && !refill (self))
    return FALSE;
  if (self->between && self->input_end && self->source.pos == self->source.size)
    return TRUE;
  if (self->between && !begin_frame (self))
    return FALSE;

  size_t in_before = self->source.pos;
  size_t out_before = out->pos;
  size_t end = self->source.size;
  /* A frame that it has whole, the library reads in another way, to which other things are damage: so the header comes
   * alone, always. */
  if (self->header_left > 0)
    self->source.size = in_before + self->header_left;
  size_t code = ZSTD_decompressStream (self->stream, out, &self->source);
  self->source.size = end;
  self->header_left -= MIN (self->header_left, self->source.pos - in_before);

  self->produced += out->pos - out_before;
  self->consumed += self->source.pos - in_before;
  if (ZSTD_isError (code))
    {
      fail (self, describe (self, code));
      return FALSE;
    }
  if (pl_expands_too_far (self->consumed, self->produced))
    {
      g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, PL_EXPANSION_MESSAGE, self->name);
      return FALSE;
    }
  self->between = code == 0;
  self->any = self->any || code == 0;
  if (self->between && self->frame_size != ZSTD_CONTENTSIZE_UNKNOWN
      && self->produced - self->frame_start != self->frame_size)
    {
      fail (self, "compressed data is damaged");
      return FALSE;
    }
  if (!self->between && self->input_end && self->source.pos == in_before && out->pos == out_before)
    {
      fail (self, "compressed data ends early");
      return FALSE;
    }
  return TRUE;
}

static gssize
zstd_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  ZstdDecoder *self = (ZstdDecoder *) decoder;
  ZSTD_outBuffer out = {data, length, 0};

  while (self->failure == NULL && out.pos == 0
         && !(self->between && self->input_end && self->source.pos == self->source.size))
    if (!step (self, &out))
      break;
  follow (self);
  if (out.pos > 0)
    return (gssize) out.pos;
  if (self->failure == NULL && !self->any)
    fail (self, "compressed data ends early");
  if (self->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (self->failure));
      return -1;
    }
  return 0;
}

static void
zstd_free (PlDecoder *decoder)
{
  ZstdDecoder *self = (ZstdDecoder *) decoder;

  pl_decoder_free (self->from);
  g_clear_error (&self->failure);
  ZSTD_freeDStream (self->stream);
  pl_lease_follow (self->lease, &self->held, 0);
  g_free (self);
}

PlDecoder *
pl_decoder_zstd_new (PlDecoder *from, const char *name)
{
  ZstdDecoder *self = g_new (ZstdDecoder, 1);

  self->decoder.read = zstd_read;
  self->decoder.rewind = NULL;
  self->decoder.free = zstd_free;
  self->from = from;
  self->name = name;
  self->lease = pl_lease_current ();
  self->held = 0;
  self->stream = ZSTD_createDStream ();
  /* The library fails to create a stream only when memory is out, where GLib aborts as well. */
  g_assert (self->stream != NULL);
  self->between = TRUE;
  self->any = self->input_end = FALSE;
  self->produced = self->consumed = 0;
  self->frame_start = self->frame_size = self->header_left = 0;
  self->failure = NULL;
  self->source = (ZSTD_inBuffer){self->input, 0, 0};
  return &self->decoder;
}
