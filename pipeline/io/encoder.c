/* gzip by ISA-L (RFC 1952, several times as fast as zlib at its level 1) and zstd.
 *
 * ISA-L 2.30 takes the hash of a stream's third byte from a register that still holds the stream's address
 * (`.write_first_byte` of isal_deflate_icf_body_hash_hist), so that which matches it finds there is a matter of luck.
 * The code for the end of input has no such fault, and it is given the stream's first bytes alone: see begin_gzip(). */
#include "encoder.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#define PIECE (256 * 1024)
#define GZIP_LEVEL 1
#define ZSTD_LEVEL 3
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
    struct
    {
      struct isal_zstream stream;
      guint8 *level_buffer;
    } gzip;
  };
};

PlEncoder *
pl_encoder_new (PlCompression compression)
{
  if (compression != PL_COMPRESSION_GZIP && compression != PL_COMPRESSION_ZSTD)
    return NULL;

  PlEncoder *self = g_new0 (PlEncoder, 1);
  self->compression = compression;
  if (compression == PL_COMPRESSION_ZSTD)
    {
      self->zstd = ZSTD_createCStream ();
      /* Fails only when memory is out, where GLib aborts as well. */
      g_assert (self->zstd != NULL);
      ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
      ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_checksumFlag, 1);
      return self;
    }
  isal_deflate_init (&self->gzip.stream);
  self->gzip.level_buffer = g_malloc (ISAL_DEF_LVL1_DEFAULT);
  self->gzip.stream.level = GZIP_LEVEL;
  self->gzip.stream.level_buf = self->gzip.level_buffer;
  self->gzip.stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  self->gzip.stream.gzip_flag = IGZIP_GZIP;
  return self;
}

void
pl_encoder_free (PlEncoder *encoder)
{
  if (encoder == NULL)
    return;
  if (encoder->compression == PL_COMPRESSION_ZSTD)
    ZSTD_freeCStream (encoder->zstd);
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
encode (PlEncoder *self, gboolean last, PlBuffer *out)
{
  if (self->compression == PL_COMPRESSION_ZSTD)
    encode_zstd (self, last, out);
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
