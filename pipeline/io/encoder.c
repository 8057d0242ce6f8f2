/* gzip by ISA-L (RFC 1952, several times as fast as zlib at its level 1), zstd, bzip2, xz and lz4.
 *
 * ISA-L 2.30 takes the hash of a stream's third byte from a register that still holds the stream's address
 * (`.write_first_byte` of isal_deflate_icf_body_hash_hist), so that which matches it finds there is a matter of luck.
 * The code for the end of input has no such fault, and it is given the stream's first bytes alone: see begin_gzip(). */
#include "encoder.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

#define PIECE (256 * 1024)
#define GZIP_LEVEL 1
#define ZSTD_LEVEL 3
#define BZIP2_LEVEL 9 /* its blocks: what bzip2 itself takes */
#define XZ_LEVEL 1    /* eight times as fast as the 6 of xz itself, for a tenth more bytes */
/* Shorter input than this is left to the code for the end of input anyway; that code needs 4 bytes to see a first
 * one. */
#define GZIP_LOOK_AHEAD 16
#define GZIP_START 4

struct PlEncoder
{
  PlCompression compression;
  gsize filled;
  guint8 piece[PIECE];
  union
  {
    ZSTD_CStream *zstd;
    bz_stream bzip2;
    lzma_stream xz;
    struct
    {
      LZ4F_cctx *context;
      gboolean has_begun;
    } lz4;
    struct
    {
      struct isal_zstream stream;
      guint8 *level_buffer;
    } gzip;
  };
};

static void
begin_zstd (PlEncoder *self)
{
  self->zstd = ZSTD_createCStream ();
  g_assert (self->zstd != NULL);
  ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
  ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_checksumFlag, 1);
}

static void
begin_deflate (PlEncoder *self)
{
  isal_deflate_init (&self->gzip.stream);
  self->gzip.level_buffer = g_malloc (ISAL_DEF_LVL1_DEFAULT);
  self->gzip.stream.level = GZIP_LEVEL;
  self->gzip.stream.level_buf = self->gzip.level_buffer;
  self->gzip.stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  self->gzip.stream.gzip_flag = IGZIP_GZIP;
}

/* The libraries fail here only when memory is out, where GLib aborts as well. */
PlEncoder *
pl_encoder_new (PlCompression compression)
{
  PlEncoder *self = g_new0 (PlEncoder, 1);
  self->compression = compression;
  switch (compression)
    {
    case PL_COMPRESSION_GZIP:
      begin_deflate (self);
      break;
    case PL_COMPRESSION_ZSTD:
      begin_zstd (self);
      break;
    case PL_COMPRESSION_BZIP2:
      g_assert (BZ2_bzCompressInit (&self->bzip2, BZIP2_LEVEL, 0, 0) == BZ_OK);
      break;
    case PL_COMPRESSION_XZ:
      g_assert (lzma_easy_encoder (&self->xz, XZ_LEVEL, LZMA_CHECK_CRC64) == LZMA_OK);
      break;
    case PL_COMPRESSION_LZ4:
      g_assert (!LZ4F_isError (LZ4F_createCompressionContext (&self->lz4.context, LZ4F_VERSION)));
      break;
    case PL_COMPRESSION_AUTO:
    case PL_COMPRESSION_NONE:
    default:
      g_clear_pointer (&self, g_free);
      break;
    }
  return self;
}

void
pl_encoder_free (PlEncoder *encoder)
{
  if (encoder == NULL)
    return;
  if (encoder->compression == PL_COMPRESSION_ZSTD)
    ZSTD_freeCStream (encoder->zstd);
  else if (encoder->compression == PL_COMPRESSION_BZIP2)
    BZ2_bzCompressEnd (&encoder->bzip2);
  else if (encoder->compression == PL_COMPRESSION_XZ)
    lzma_end (&encoder->xz);
  else if (encoder->compression == PL_COMPRESSION_LZ4)
    LZ4F_freeCompressionContext (encoder->lz4.context);
  else
    g_free (encoder->gzip.level_buffer);
  g_free (encoder);
}

static void
deflate_pieces (struct isal_zstream *stream, PlBuffer *out)
{
  do
    {
      stream->next_out = (guint8 *) pl_buffer_reserve (out, PIECE);
      stream->avail_out = PIECE;
      int code = isal_deflate (stream);
      g_assert (code == COMP_OK);
      out->length += PIECE - stream->avail_out;
    }
  while (stream->avail_out == 0 || (stream->end_of_stream && stream->internal_state.state != ZSTATE_END));
}

/* The first bytes as a block of their own, 7 bytes more than without. */
static void
begin_gzip (struct isal_zstream *stream, PlBuffer *out)
{
  guint32 rest = stream->avail_in - GZIP_START;

  stream->avail_in = GZIP_START;
  stream->flush = SYNC_FLUSH;
  deflate_pieces (stream, out);
  stream->flush = NO_FLUSH;
  stream->avail_in += rest;
}

static void
encode_gzip (PlEncoder *self, gboolean last, PlBuffer *out)
{
  struct isal_zstream *stream = &self->gzip.stream;

  stream->next_in = self->piece;
  stream->avail_in = (guint32) self->filled;
  if (stream->total_in == 0 && self->filled > GZIP_LOOK_AHEAD)
    begin_gzip (stream, out);
  stream->end_of_stream = last;
  deflate_pieces (stream, out);
}

static void
encode_zstd (PlEncoder *self, gboolean last, PlBuffer *out)
{
  ZSTD_inBuffer source = {self->piece, self->filled, 0};
  size_t left;

  do
    {
      ZSTD_outBuffer target = {pl_buffer_reserve (out, PIECE), PIECE, 0};

      left = ZSTD_compressStream2 (self->zstd, &target, &source, last ? ZSTD_e_end : ZSTD_e_continue);
      g_assert (!ZSTD_isError (left));
      out->length += target.pos;
    }
  while (last ? left > 0 : source.pos < source.size);
}

static void
encode_bzip2 (PlEncoder *self, gboolean last, PlBuffer *out)
{
  bz_stream *stream = &self->bzip2;
  int code;

  stream->next_in = (char *) self->piece;
  stream->avail_in = (guint) self->filled;
  do
    {
      stream->next_out = pl_buffer_reserve (out, PIECE);
      stream->avail_out = PIECE;
      code = BZ2_bzCompress (stream, last ? BZ_FINISH : BZ_RUN);
      g_assert (code >= BZ_OK);
      out->length += PIECE - stream->avail_out;
    }
  while (last ? code != BZ_STREAM_END : stream->avail_in > 0);
}

static void
encode_xz (PlEncoder *self, gboolean last, PlBuffer *out)
{
  lzma_stream *stream = &self->xz;
  lzma_ret code;

  stream->next_in = self->piece;
  stream->avail_in = self->filled;
  do
    {
      stream->next_out = (guint8 *) pl_buffer_reserve (out, PIECE);
      stream->avail_out = PIECE;
      code = lzma_code (stream, last ? LZMA_FINISH : LZMA_RUN);
      g_assert (code == LZMA_OK || code == LZMA_STREAM_END);
      out->length += PIECE - stream->avail_out;
    }
  while (last ? code != LZMA_STREAM_END : stream->avail_in > 0);
}

static void
add_lz4 (PlBuffer *out, gsize n)
{
  g_assert (!LZ4F_isError (n));
  out->length += n;
}

static void
encode_lz4 (PlEncoder *self, gboolean last, PlBuffer *out)
{
  static const LZ4F_preferences_t preferences = {
      .frameInfo = {.blockSizeID = LZ4F_max256KB, .contentChecksumFlag = LZ4F_contentChecksumEnabled},
  };
  LZ4F_cctx *context = self->lz4.context;
  const gsize room = LZ4F_compressBound (PIECE, &preferences) + LZ4F_HEADER_SIZE_MAX;

  if (!self->lz4.has_begun)
    add_lz4 (out, LZ4F_compressBegin (context, pl_buffer_reserve (out, room), room, &preferences));
  self->lz4.has_begun = TRUE;
  add_lz4 (out, LZ4F_compressUpdate (context, pl_buffer_reserve (out, room), room, self->piece, self->filled, NULL));
  if (last)
    add_lz4 (out, LZ4F_compressEnd (context, pl_buffer_reserve (out, room), room, NULL));
}

static void
encode (PlEncoder *self, gboolean last, PlBuffer *out)
{
  if (self->compression == PL_COMPRESSION_ZSTD)
    encode_zstd (self, last, out);
  else if (self->compression == PL_COMPRESSION_BZIP2)
    encode_bzip2 (self, last, out);
  else if (self->compression == PL_COMPRESSION_XZ)
    encode_xz (self, last, out);
  else if (self->compression == PL_COMPRESSION_LZ4)
    encode_lz4 (self, last, out);
  else
    encode_gzip (self, last, out);
  self->filled = 0;
}

void
pl_encoder_write (PlEncoder *encoder, const void *data, gsize length, PlBuffer *out)
{
  const guint8 *next = data;

  while (length > 0)
    {
      gsize n = MIN (length, PIECE - encoder->filled);

      memcpy (encoder->piece + encoder->filled, next, n);
      encoder->filled += n;
      next += n;
      length -= n;
      if (encoder->filled == PIECE)
        encode (encoder, FALSE, out);
    }
}

void
pl_encoder_finish (PlEncoder *encoder, PlBuffer *out)
{
  encode (encoder, TRUE, out);
}
