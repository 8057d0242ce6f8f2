/* UTF-8 text → the same without what makes rows bad: NUL bytes dropped, bytes that are no UTF-8 replaced by U+FFFD.
 *
 * What is replaced as one is what Python and browsers replace as one: a character's beginning that nothing continues,
 * or a byte that begins none (Unicode, 3.9, "maximal subparts"). Line ends stay where they are, so lines are those of
 * the file. */
#include "decoder.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  gboolean drops_nul, replaces;
  gboolean input_end;
  gsize n_input; /* the beginning of a character, whose rest is to come */
  gsize next, n_output;
  guint8 input[PL_DECODER_CHUNK];
  guint8 output[3 * PL_DECODER_CHUNK]; /* enough for replacements alone */
} FilterDecoder;

/* How many of the bytes at @p belong together; @is_good: to a character. 0: more bytes are needed to tell. */
static gsize
measure (const guint8 *p, gsize available, gboolean is_last, gboolean *is_good)
{
  guint8 lead = p[0], low = 0x80, high = 0xbf;
  gsize wanted = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  *is_good = FALSE;
  if (wanted == 0)
    return 1;
  if (lead == 0xe0)
    low = 0xa0;
  else if (lead == 0xed)
    high = 0x9f;
  else if (lead == 0xf0)
    low = 0x90;
  else if (lead == 0xf4)
    high = 0x8f;
  for (gsize n = 1; n < wanted; n++, low = 0x80, high = 0xbf)
    {
      if (n == available)
        return is_last ? n : 0;
      if (p[n] < low || p[n] > high)
        return n;
    }
  *is_good = TRUE;
  return wanted;
}

/* Moves the input into the output, as far as it can be told. */
static void
filter (FilterDecoder *self)
{
  const guint8 *p = self->input, *end = self->input + self->n_input;
  guint8 *out = self->output;
  while (p < end)
    {
      gboolean is_good = TRUE;
      gsize n = 1;
      if (*p >= 0x80 && self->replaces)
        n = measure (p, (gsize) (end - p), self->input_end, &is_good);
      if (n == 0)
        break;
      if (*p == '\0' && self->drops_nul)
        ;
      else if (is_good)
        {
          memcpy (out, p, n);
          out += n;
        }
      else
        {
          memcpy (out, REPLACEMENT, 3);
          out += 3;
        }
      p += n;
    }
  self->n_input = (gsize) (end - p);
  memmove (self->input, p, self->n_input);
  self->next = 0;
  self->n_output = (gsize) (out - self->output);
}

static gssize
filter_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  FilterDecoder *self = (FilterDecoder *) decoder;
  while (self->next == self->n_output && !self->input_end)
    {
      gssize n = pl_decoder_read (self->from, self->input + self->n_input, sizeof self->input - self->n_input, error);
      if (n < 0)
        return -1;
      self->input_end = n == 0;
      self->n_input += (gsize) n;
      filter (self);
    }
  gsize n = MIN (length, self->n_output - self->next);
  memcpy (data, self->output + self->next, n);
  self->next += n;
  return (gssize) n;
}

static void
filter_free (PlDecoder *decoder)
{
  FilterDecoder *self = (FilterDecoder *) decoder;
  pl_decoder_free (self->from);
  g_free (self);
}

PlDecoder *
pl_decoder_filter_new (PlDecoder *from, gboolean drops_nul, gboolean replaces)
{
  FilterDecoder *self = g_new (FilterDecoder, 1);
  /* The buffers are large and need no zeroing. */
  self->decoder = (PlDecoder){.read = filter_read, .free = filter_free};
  self->from = from;
  self->drops_nul = drops_nul;
  self->replaces = replaces;
  self->input_end = FALSE;
  self->n_input = self->next = self->n_output = 0;
  return &self->decoder;
}
