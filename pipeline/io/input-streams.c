/* bzip2, xz and lz4 → bytes. What is the same for all libraries of this kind is done once: streams may follow each
 * other, one that ends early is damage, and so is anything else behind the last one, because silently ending early
 * would lose rows. */
#include "decoder.h"
#include "../base/error.h"
#include "../base/lease.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>

/* What files of xz -9 need is 65 MiB; memory is not the file's to choose. */
#define XZ_MEMORY ((guint64) 256 << 20)

/* Where a stream is, and what it was given: the library takes from the front of @in, and writes to @out. */
typedef struct
{
  const guint8 *in;
  gsize n_in;
  guint8 *out;
  gsize n_out;
  gboolean is_last; /* nothing follows @in */
} Piece;

typedef enum
{
  STREAM_GOES_ON,
  STREAM_ENDS,
  STREAM_DAMAGED,
  STREAM_NO_HEADER,
  STREAM_TOO_LARGE,
} StreamStep;

typedef struct
{
  const char *name;
  gpointer (*begin) (void);
  StreamStep (*step) (gpointer stream, Piece *piece);
  gsize (*holds) (gpointer stream); /* bytes of memory */
  void (*end) (gpointer stream);
} Codec;

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  const Codec *codec;
  gpointer stream;    /* (nullable): between two */
  PlLease *lease;     /* (nullable): whose the decoder is */
  gsize held;         /* bytes that the lease knows of */
  gboolean any;       /* a stream has been read */
  gboolean input_end; /* `from` has ended */
  guint64 produced, consumed;
  GError *failure; /* met behind bytes that were handed out first */
  const guint8 *next;
  gsize left;
  guint8 input[PL_DECODER_CHUNK];
} StreamDecoder;

/* ---- bzip2 ---- */

static gpointer
bzip2_begin (void)
{
  bz_stream *stream = g_new0 (bz_stream, 1);
  /* Fails only when memory is out, where GLib aborts as well. */
  g_assert (BZ2_bzDecompressInit (stream, 0, 0) == BZ_OK);
  return stream;
}

static StreamStep
bzip2_step (gpointer data, Piece *piece)
{
  bz_stream *stream = data;
  stream->next_in = (char *) (guintptr) piece->in;
  stream->avail_in = (guint) piece->n_in;
  stream->next_out = (char *) piece->out;
  stream->avail_out = (guint) MIN (piece->n_out, (gsize) 1 << 30);
  const guint room = stream->avail_out;
  int code = BZ2_bzDecompress (stream);
  piece->in += piece->n_in - stream->avail_in;
  piece->n_in = stream->avail_in;
  piece->out += room - stream->avail_out;
  piece->n_out -= room - stream->avail_out;
  return code == BZ_OK                 ? STREAM_GOES_ON
         : code == BZ_STREAM_END       ? STREAM_ENDS
         : code == BZ_DATA_ERROR_MAGIC ? STREAM_NO_HEADER
                                       : STREAM_DAMAGED;
}

/* What its manual says of blocks of 900 kB, which is what everybody writes. */
static gsize
bzip2_holds (G_GNUC_UNUSED gpointer stream)
{
  return 3700000;
}

static void
bzip2_end (gpointer stream)
{
  BZ2_bzDecompressEnd (stream);
  g_free (stream);
}

static const Codec bzip2_codec = {"bzip2", bzip2_begin, bzip2_step, bzip2_holds, bzip2_end};

/* ---- xz: the library knows by itself that streams follow each other, and of zeros between them ---- */

static gpointer
xz_begin (void)
{
  lzma_stream *stream = g_new0 (lzma_stream, 1);
  g_assert (lzma_stream_decoder (stream, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK);
  return stream;
}

static StreamStep
xz_step (gpointer data, Piece *piece)
{
  lzma_stream *stream = data;
  stream->next_in = piece->in;
  stream->avail_in = piece->n_in;
  stream->next_out = piece->out;
  stream->avail_out = piece->n_out;
  lzma_ret code = lzma_code (stream, piece->is_last ? LZMA_FINISH : LZMA_RUN);
  piece->in = stream->next_in;
  piece->n_in = stream->avail_in;
  piece->out = stream->next_out;
  piece->n_out = stream->avail_out;
  switch ((int) code)
    {
    case LZMA_OK:
    case LZMA_BUF_ERROR:
      return STREAM_GOES_ON;
    case LZMA_STREAM_END:
      return STREAM_ENDS;
    case LZMA_FORMAT_ERROR:
      return STREAM_NO_HEADER;
    case LZMA_MEMLIMIT_ERROR:
      return STREAM_TOO_LARGE;
    default:
      return STREAM_DAMAGED;
    }
}

static gsize
xz_holds (gpointer stream)
{
  return (gsize) lzma_memusage (stream);
}

static void
xz_end (gpointer stream)
{
  lzma_end (stream);
  g_free (stream);
}

static const Codec xz_codec = {"xz", xz_begin, xz_step, xz_holds, xz_end};

/* ---- lz4 ---- */

static gpointer
lz4_begin (void)
{
  LZ4F_dctx *stream = NULL;
  g_assert (!LZ4F_isError (LZ4F_createDecompressionContext (&stream, LZ4F_VERSION)));
  return stream;
}

static StreamStep
lz4_step (gpointer data, Piece *piece)
{
  gsize n_out = piece->n_out, n_in = piece->n_in;
  const gsize code = LZ4F_decompress (data, piece->out, &n_out, piece->in, &n_in, NULL);
  if (LZ4F_isError (code))
    return strstr (LZ4F_getErrorName (code), "frameType") != NULL ? STREAM_NO_HEADER : STREAM_DAMAGED;
  piece->out += n_out;
  piece->n_out -= n_out;
  piece->in += n_in;
  piece->n_in -= n_in;
  return code == 0 ? STREAM_ENDS : STREAM_GOES_ON;
}

/* Two blocks, of 64 KiB to 4 MiB. */
static gsize
lz4_holds (G_GNUC_UNUSED gpointer stream)
{
  return (gsize) 128 << 10;
}

static void
lz4_end (gpointer stream)
{
  LZ4F_freeDecompressionContext (stream);
}

static const Codec lz4_codec = {"lz4", lz4_begin, lz4_step, lz4_holds, lz4_end};

/* ---- what they share ---- */

static gboolean
fail (StreamDecoder *self, const char *what)
{
  g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT,
               "%s: %s, after %" G_GUINT64_FORMAT " bytes of text", self->name, what, self->produced);
  return FALSE;
}

static gboolean
fail_step (StreamDecoder *self, StreamStep step)
{
  g_autofree char *what = NULL;
  if (step == STREAM_TOO_LARGE)
    what = g_strdup ("compressed data needs more than 256 MiB of memory (compress it at a lower level)");
  else if (step != STREAM_NO_HEADER)
    what = g_strdup ("compressed data is damaged");
  else if (self->any || self->produced > 0)
    what = g_strdup_printf ("something that is not %s follows the compressed data", self->codec->name);
  else
    what = g_strdup_printf ("compressed data is damaged (no %s header)", self->codec->name);
  return fail (self, what);
}

static gboolean
refill (StreamDecoder *self)
{
  gssize n = pl_decoder_read (self->from, self->input, sizeof self->input, &self->failure);
  if (n < 0)
    return FALSE;
  self->next = self->input;
  self->left = (gsize) n;
  self->input_end = n == 0;
  return TRUE;
}

/* One call of the library. */
static gboolean
step (StreamDecoder *self, Piece *piece)
{
  const gsize in_before = self->left, out_before = piece->n_out;
  if (self->stream == NULL)
    self->stream = self->codec->begin ();
  piece->in = self->next;
  piece->n_in = self->left;
  piece->is_last = self->input_end;
  StreamStep result = self->codec->step (self->stream, piece);
  pl_lease_follow (self->lease, &self->held, self->codec->holds (self->stream) + sizeof *self);
  self->next = piece->in;
  self->left = piece->n_in;
  self->consumed += in_before - self->left;
  self->produced += out_before - piece->n_out;
  if (result != STREAM_GOES_ON && result != STREAM_ENDS)
    return fail_step (self, result);
  if (pl_expands_too_far (self->consumed, self->produced))
    {
      g_set_error (&self->failure, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, PL_EXPANSION_MESSAGE, self->name);
      return FALSE;
    }
  if (result == STREAM_ENDS)
    {
      self->any = TRUE;
      g_clear_pointer (&self->stream, self->codec->end);
      return TRUE;
    }
  return !self->input_end || in_before > self->left || out_before > piece->n_out
         || fail (self, "compressed data ends early");
}

/* Whether a stream has ended, and nothing is behind it. */
static gboolean
is_at_end (const StreamDecoder *self)
{
  return self->stream == NULL && self->any && self->left == 0 && self->input_end;
}

static gssize
stream_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  StreamDecoder *self = (StreamDecoder *) decoder;
  Piece piece = {.out = data, .n_out = length};
  while (self->failure == NULL && piece.n_out == length)
    {
      if (self->left == 0 && !self->input_end && !refill (self))
        break;
      if (is_at_end (self))
        return 0;
      if (!step (self, &piece))
        break;
    }
  if (piece.n_out < length)
    return (gssize) (length - piece.n_out);
  g_propagate_error (error, g_error_copy (self->failure));
  return -1;
}

static void
stream_free (PlDecoder *decoder)
{
  StreamDecoder *self = (StreamDecoder *) decoder;
  pl_decoder_free (self->from);
  if (self->stream != NULL)
    self->codec->end (self->stream);
  g_clear_error (&self->failure);
  pl_lease_follow (self->lease, &self->held, 0);
  g_free (self);
}

static PlDecoder *
stream_new (const Codec *codec, PlDecoder *from, const char *name)
{
  StreamDecoder *self = g_new (StreamDecoder, 1);
  /* The chunk is large and needs no zeroing. */
  memset (self, 0, G_STRUCT_OFFSET (StreamDecoder, input));
  self->decoder.read = stream_read;
  self->decoder.free = stream_free;
  self->from = from;
  self->name = name;
  self->codec = codec;
  self->lease = pl_lease_current ();
  return &self->decoder;
}

PlDecoder *
pl_decoder_new (PlCompression compression, PlDecoder *from, const char *name)
{
  switch (compression)
    {
    case PL_COMPRESSION_GZIP:
      return pl_decoder_gzip_new (from, name);
    case PL_COMPRESSION_ZSTD:
      return pl_decoder_zstd_new (from, name);
    case PL_COMPRESSION_BZIP2:
      return stream_new (&bzip2_codec, from, name);
    case PL_COMPRESSION_XZ:
      return stream_new (&xz_codec, from, name);
    case PL_COMPRESSION_LZ4:
      return stream_new (&lz4_codec, from, name);
    case PL_COMPRESSION_AUTO:
    case PL_COMPRESSION_NONE:
    default:
      return from;
    }
}
