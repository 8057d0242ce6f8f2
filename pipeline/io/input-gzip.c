/* gzip → bytes, with ISA-L, which verifies the checksum and the length of every member.
 *
 * Members may follow each other (as bgzip, pigz and `cat a.gz b.gz` write them); zero bytes behind the last one are
 * padding, as gzip itself has it; anything else there is an error, because silently ending early would lose rows. */
#include "decoder.h"
#include "../base/error.h"

#include <isa-l/igzip_lib.h>
#include <string.h>

/* What a member's header may take: 64 KiB of extra fields, a name and a comment. The library takes the checksum of a
 * header that comes in pieces for wrong, so it sees headers up to here in one. */
#define HEADER_MOST ((guint32) 80 << 10)

typedef enum
{
  GZIP_BETWEEN, /* before a member's first byte */
  GZIP_INSIDE,
  GZIP_PADDING, /* behind the last member: only zero bytes may come */
  GZIP_ENDED,
} GzipPhase;

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  GzipPhase phase;
  gboolean any;       /* a member has been read */
  gboolean input_end; /* `from` has ended */
  guint64 produced, consumed;
  GError *failure; /* met behind bytes that were handed out first */
  struct inflate_state state;
  guint8 input[PL_DECODER_CHUNK];
} GzipDecoder;

/* Reads on, behind what is left. */
static gboolean
refill (GzipDecoder *self, GError **error)
{
  gsize left = self->state.avail_in;

  memmove (self->input, self->state.next_in, left);
  gssize n = pl_decoder_read (self->from, self->input + left, sizeof self->input - left, error);
  if (n < 0)
    return FALSE;
  self->state.next_in = self->input;
  self->state.avail_in = (guint32) (left + (gsize) n);
  self->consumed += (guint64) n;
  self->input_end = n == 0;
  return TRUE;
}

static gboolean
fail (GzipDecoder *self, GError **error, const char *what)
{
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, "%s: %s, after %" G_GUINT64_FORMAT " bytes of text",
               self->name, what, self->produced);
  return FALSE;
}

static const char *
describe (int code)
{
  switch (code)
    {
    case ISAL_INCORRECT_CHECKSUM:
      return "compressed data is damaged (the checksum differs)";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return "compressed data is damaged (no gzip header)";
    default:
      return "compressed data is damaged";
    }
}

/* Decides, at the first byte behind a member, what comes now. */
static gboolean
step_between (GzipDecoder *self, GError **error)
{
  while (self->state.avail_in < HEADER_MOST && !self->input_end)
    if (!refill (self, error))
      return FALSE;
  if (self->state.avail_in == 0)
    {
      if (!self->any)
        return fail (self, error, "compressed data ends early");
      self->phase = GZIP_ENDED;
      return TRUE;
    }

  guint8 first = self->state.next_in[0];
  if (self->any && first == 0)
    {
      self->phase = GZIP_PADDING;
      return TRUE;
    }
  if (first != 0x1f)
    return fail (self, error,
                 self->any ? "something that is not gzip follows the compressed data"
                           : describe (ISAL_INVALID_WRAPPER));

  guint8 *next_in = self->state.next_in;
  guint32 avail_in = self->state.avail_in;
  isal_inflate_reset (&self->state);
  self->state.crc_flag = ISAL_GZIP;
  self->state.next_in = next_in;
  self->state.avail_in = avail_in;
  self->any = TRUE;
  self->phase = GZIP_INSIDE;
  return TRUE;
}

static gboolean
step_padding (GzipDecoder *self, GError **error)
{
  for (; self->state.avail_in > 0; self->state.avail_in--, self->state.next_in++)
    if (*self->state.next_in != 0)
      return fail (self, error, "something that is not gzip follows the compressed data");
  if (self->input_end)
    self->phase = GZIP_ENDED;
  return TRUE;
}

/* Inflates what fits. The state may hold output back after its input is used up, so an empty input is no end by
 * itself. */
static gboolean
step_inside (GzipDecoder *self, GError **error)
{
  guint32 in_before = self->state.avail_in;
  guint32 out_before = self->state.avail_out;
  guint8 *next_out = self->state.next_out;
  int code = isal_inflate (&self->state);

  if (code < 0 && code != ISAL_INCORRECT_CHECKSUM)
    {
      /* Some of its kernels count what a broken symbol stands for without writing it. */
      self->state.next_out = next_out;
      self->state.avail_out = out_before;
      return fail (self, error, describe (code));
    }
  self->produced += out_before - self->state.avail_out;
  if (code < 0)
    return fail (self, error, describe (code));
  if (pl_expands_too_far (self->consumed - self->state.avail_in, self->produced))
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, PL_EXPANSION_MESSAGE, self->name);
      return FALSE;
    }
  if (self->state.block_state == ISAL_BLOCK_FINISH)
    self->phase = GZIP_BETWEEN;
  else if (self->input_end && in_before == 0 && out_before == self->state.avail_out)
    return fail (self, error, "compressed data ends early");
  return TRUE;
}

static gssize
gzip_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  GzipDecoder *self = (GzipDecoder *) decoder;
  guint32 room = (guint32) MIN (length, (gsize) 1 << 30);
  gboolean ok = self->failure == NULL;

  self->state.next_out = data;
  self->state.avail_out = room;
  while (ok && self->state.avail_out == room && self->phase != GZIP_ENDED)
    {
      if (self->phase == GZIP_BETWEEN)
        ok = step_between (self, &self->failure);
      else if (self->state.avail_in == 0 && !self->input_end && !refill (self, &self->failure))
        ok = FALSE;
      else if (self->phase == GZIP_PADDING)
        ok = step_padding (self, &self->failure);
      else
        ok = step_inside (self, &self->failure);
    }
  if (self->state.avail_out < room)
    return room - self->state.avail_out;
  if (!ok)
    {
      g_propagate_error (error, g_error_copy (self->failure));
      return -1;
    }
  return 0;
}

static void
gzip_free (PlDecoder *decoder)
{
  GzipDecoder *self = (GzipDecoder *) decoder;

  pl_decoder_free (self->from);
  g_clear_error (&self->failure);
  g_free (self);
}

PlDecoder *
pl_decoder_gzip_new (PlDecoder *from, const char *name)
{
  GzipDecoder *self = g_new (GzipDecoder, 1);

  /* The state and the chunk are large and need no zeroing. */
  self->decoder.read = gzip_read;
  self->decoder.rewind = NULL;
  self->decoder.free = gzip_free;
  self->from = from;
  self->name = name;
  self->phase = GZIP_BETWEEN;
  self->any = self->input_end = FALSE;
  self->produced = self->consumed = 0;
  self->failure = NULL;
  isal_inflate_init (&self->state);
  self->state.next_in = self->input;
  self->state.avail_in = 0;
  return &self->decoder;
}
