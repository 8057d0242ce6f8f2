/* Any bytes as compressed or encoded input, in two ways told by the first byte:
 *
 *   as they are   what the chain of decoders makes of them must not depend on how much is asked for at a time, and
 *                 where it says that all is well, the text must be what zlib, or zstd in one call, or iconv in one call
 *                 makes of them
 *   as text       compressed here, then cut or with one byte changed: an error, or the very same text, never another
 *                 one
 *
 *   byte 0  how, and the decoder      bytes 1, 2  where it is cut or changed
 */
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "../../pipeline/io/decoder.h"
#include "../../pipeline/io/input.h"

#define CONTROL 3
/* Bombs are cut here. The largest text made below is smaller. */
#define MOST ((gsize) 1 << 20)
/* Texts up to here are read once more, a few bytes at a time. */
#define PIECEMEAL ((gsize) 4096)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef enum
{
  GZIP,
  ZSTD,
  ICONV,
  BZIP2,
  XZ,
  LZ4,
  N_DECODERS
} Decoder;

typedef struct
{
  PlDecoder decoder;
  const guint8 *data;
  gsize left, step;
} Memory;

typedef struct
{
  char *text;
  gsize length;
  gboolean good, whole; /* the end was come to; without a failure */
} Result;

static gssize
memory_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  Memory *self = (Memory *) decoder;
  gsize n = MIN (MIN (length, self->left), self->step);
  (void) error;
  memcpy (data, self->data, n);
  self->data += n;
  self->left -= n;
  return (gssize) n;
}

static void
memory_free (PlDecoder *decoder)
{
  g_free (decoder);
}

static const char *
encoding_of (guint8 control)
{
  static const char *const encodings[]
      = {"utf-16", "latin1", "shift_jis", "gb18030", "utf-32be", "windows-1252", "euc-kr", "utf-7"};
  return encodings[control >> 5];
}

/* @step: how much the file gives, @ask: how much is asked for at a time. @room: @most bytes. */
static Result
decode (guint8 control, const guint8 *data, gsize size, gsize step, gsize ask, char *room, gsize most)
{
  Memory *memory = g_new0 (Memory, 1);
  Result result = {.text = room};
  PlDecoder *decoder;
  *memory = (Memory){{memory_read, NULL, memory_free}, data, size, step};
  static const PlCompression kinds[] = {
      [GZIP] = PL_COMPRESSION_GZIP, [ZSTD] = PL_COMPRESSION_ZSTD, [BZIP2] = PL_COMPRESSION_BZIP2,
      [XZ] = PL_COMPRESSION_XZ,     [LZ4] = PL_COMPRESSION_LZ4,
  };
  if (control % N_DECODERS == ICONV)
    decoder = pl_decoder_iconv_new (&memory->decoder, encoding_of (control), FALSE, "fuzz", NULL);
  else
    decoder = pl_decoder_new (kinds[control % N_DECODERS], &memory->decoder, "fuzz");
  g_assert_nonnull (decoder);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      gsize n = MIN (ask, most - result.length);
      if (n == 0)
        break;
      gssize got = pl_decoder_read (decoder, room + result.length, n, &error);
      g_assert_cmpint (got, <=, (gssize) n);
      g_assert_true ((got < 0) == (error != NULL));
      if (got <= 0)
        {
          result.whole = TRUE;
          result.good = got == 0;
          break;
        }
      result.length += (gsize) got;
    }
  pl_decoder_free (decoder);
  return result;
}

/* What zlib makes of members that follow each other, and of zero bytes behind them. @message: (nullable): what it says
 * is wrong. */
static gboolean
expect_gzip (const guint8 *data, gsize size, char *room, gsize *length, const char **message)
{
  z_stream stream
      = {.next_in = (guint8 *) data, .avail_in = (uInt) size, .next_out = (guint8 *) room, .avail_out = MOST};
  gboolean good = size > 0;
  g_assert_cmpint (inflateInit2 (&stream, 16 + MAX_WBITS), ==, Z_OK);
  while (good)
    {
      good = inflate (&stream, Z_FINISH) == Z_STREAM_END;
      *message = stream.msg;
      while (good && stream.avail_in > 0 && *stream.next_in == 0)
        {
          stream.next_in++;
          stream.avail_in--;
          good = stream.avail_in == 0 || *stream.next_in == 0;
        }
      if (stream.avail_in == 0)
        break;
      guint8 *next_in = stream.next_in, *next_out = stream.next_out;
      uInt avail_in = stream.avail_in, avail_out = stream.avail_out;
      inflateReset (&stream);
      stream.next_in = next_in, stream.next_out = next_out;
      stream.avail_in = avail_in, stream.avail_out = avail_out;
    }
  *length = MOST - stream.avail_out;
  inflateEnd (&stream);
  return good;
}

static gboolean
expect (guint8 control, const guint8 *data, gsize size, char *room, gsize *length, const char **message)
{
  if (control % N_DECODERS == GZIP)
    return expect_gzip (data, size, room, length, message);
  if (control % N_DECODERS == ZSTD)
    {
      *length = ZSTD_decompress (room, MOST, data, size);
      return size > 0 && !ZSTD_isError (*length);
    }
  gsize left = size, space = MOST;
  char *in = (char *) data, *out = room;
  GIConv converter = g_iconv_open ("UTF-8", encoding_of (control));
  gboolean good = g_iconv (converter, &in, &left, &out, &space) != (gsize) -1
                  && g_iconv (converter, NULL, NULL, &out, &space) != (gsize) -1;
  g_iconv_close (converter);
  *length = MOST - space;
  return good;
}

static void
check_raw (guint8 control, const guint8 *data, gsize size)
{
  static char rooms[3][MOST];
  Result result = decode (control, data, size, MOST, MOST, rooms[0], MOST);
  gsize ask = 1 + (result.length & 7), length;
  if (!result.whole)
    return;
  /* Of the others there is no second reader: what they give must not depend on the pieces. */
  if (control % N_DECODERS > ICONV)
    {
      Result again = decode (control, data, size, 1 + size / 3, ask, rooms[1], PIECEMEAL);
      g_assert_true (again.good == result.good || result.length >= PIECEMEAL);
      g_assert_true (memcmp (rooms[0], rooms[1], MIN (again.length, result.length)) == 0);
      return;
    }
  gboolean is_marked = control % N_DECODERS == ICONV && memchr (rooms[0], PL_UNDECODED_MARK, result.length) != NULL;
  const char *message = NULL;
  gboolean good = expect (control, data, size, rooms[2], &length, &message);
  /* In pieces, libzstd takes an empty block where none may be, and gives no text for it. */
  if (!good && result.good && control % N_DECODERS == ZSTD)
    return;
  if (result.length < PIECEMEAL)
    {
      Result again = decode (control, data, size, 1 + size / 3, ask, rooms[1], PIECEMEAL);
      g_assert_true (again.good == result.good);
      g_assert_true (again.length == result.length || !result.good);
      g_assert_true (memcmp (rooms[0], rooms[1], MIN (again.length, result.length)) == 0);
    }
  /* ISA-L passes over flags that RFC 1952 keeps for later, and codes that leave some symbols out. */
  if (message != NULL && g_str_has_suffix (message, " set"))
    return;
  /* In one call, libzstd knows no limit of windows, and reads what came before RFC 8878. */
  if (control % N_DECODERS == ZSTD && good && !result.good)
    return;
  /* What stood before the damage has been given, and nothing else. */
  gboolean begins = (!good && control % N_DECODERS != GZIP)
                    || (result.length <= length && memcmp (rooms[0], rooms[2], result.length) == 0);
  result.good &= !is_marked;
  if (good != result.good || !begins || (good && length != result.length))
    {
      fprintf (stderr, "good %d, %zu bytes of text; expected: good %d, %zu bytes; message: %s\n", result.good,
               result.length, good, length, message != NULL ? message : "none");
      abort ();
    }
}

static gsize
compress_gzip (const guint8 *data, gsize size, guint8 *room, gsize space)
{
  static z_stream stream;
  if (stream.state == NULL)
    g_assert_cmpint (deflateInit2 (&stream, 1, Z_DEFLATED, 16 + 9, 1, Z_DEFAULT_STRATEGY), ==, Z_OK);
  deflateReset (&stream);
  stream.next_in = (guint8 *) data, stream.avail_in = (uInt) size;
  stream.next_out = room, stream.avail_out = (uInt) space;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  return space - stream.avail_out;
}

static gsize
compress_zstd (const guint8 *data, gsize size, guint8 *room, gsize space)
{
  static ZSTD_CCtx *context;
  if (context == NULL)
    {
      context = ZSTD_createCCtx ();
      ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
      ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, 1);
    }
  gsize length = ZSTD_compress2 (context, room, space, data, size);
  g_assert_false (ZSTD_isError (length));
  return length;
}

static gsize
compress_xz (const guint8 *data, gsize size, guint8 *room, gsize space)
{
  gsize length = 0;
  g_assert_true (lzma_easy_buffer_encode (0, LZMA_CHECK_CRC64, NULL, data, size, room, &length, space) == LZMA_OK);
  return length;
}

static gsize
compress_bzip2 (const guint8 *data, gsize size, guint8 *room, gsize space)
{
  unsigned length = (unsigned) space;
  g_assert_true (BZ2_bzBuffToBuffCompress ((char *) room, &length, (char *) data, (unsigned) size, 1, 0, 0) == BZ_OK);
  return length;
}

static gsize
compress_lz4 (const guint8 *data, gsize size, guint8 *room, gsize space)
{
  const LZ4F_preferences_t preferences = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
  gsize length = LZ4F_compressFrame (room, space, data, size, &preferences);
  g_assert_false (LZ4F_isError (length));
  return length;
}

static void
check_damage (guint8 control, guint where, const guint8 *data, gsize size)
{
  static char text[MOST];
  static guint8 compressed[1 << 16];
  if (size > 1 << 14)
    return;
  static const struct
  {
    guint8 decoder;
    gsize (*compress) (const guint8 *data, gsize size, guint8 *room, gsize space);
  } kinds[] = {{GZIP, compress_gzip}, {ZSTD, compress_zstd}, {BZIP2, compress_bzip2}, {XZ, compress_xz},
               {LZ4, compress_lz4},   {GZIP, compress_gzip}, {ZSTD, compress_zstd},   {XZ, compress_xz}};
  gsize length = kinds[control >> 5].compress (data, size, compressed, sizeof compressed);
  guint8 decoder = kinds[control >> 5].decoder;
  Result result = decode (decoder, compressed, length, MOST, MOST, text, MOST);
  g_assert_true (result.good && result.length == size && memcmp (text, data, size) == 0);
  gsize at = where % length;
  if (control & 16)
    length = at;
  else
    compressed[at] ^= (guint8) MAX (1, where >> 8);
  result = decode (decoder, compressed, length, MOST, 1 + (where & 511), text, MOST);
  g_assert_true (!result.good || (length > at && result.length == size && memcmp (text, data, size) == 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < CONTROL)
    return 0;
  if (data[0] % 4 == 3)
    check_damage (data[0], data[1] | (guint) data[2] << 8, data + CONTROL, size - CONTROL);
  else
    {
      /* Nothing stands behind a file. */
      g_autofree guint8 *copy = g_memdup2 (data, size);
      check_raw ((guint8) ((data[0] & 0xe0) + data[0] % 4), copy + CONTROL, size - CONTROL);
    }
  return 0;
}
