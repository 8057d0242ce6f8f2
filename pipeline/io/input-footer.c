/* Text → the same without its last lines, which are held back until more of them have come than are to go.
 *
 * A line ends in LF, CR LF or CR, as skip-rows counts them; where only LFs count, a CR is text. A line end that closes
 * the text begins no further line. */
#include "decoder.h"

#include <string.h>
#include "../base/buffer.h"
#include "../base/error.h"

/* What is held back is text of whole lines, and no file needs a footer of more than this. */
#define MOST_HELD ((gsize) 64 << 20)

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  guint64 lines;
  gboolean counts_cr;
  gboolean input_end;
  PlBuffer held;   /* what may be the footer, behind what is free to go */
  gsize next, end; /* [next, end) of it is free to go */
  GArray *starts;  /* of gsize: where lines of it begin, in order, behind `end` */
  gsize looked;    /* bytes that were looked at for line ends */
} FooterDecoder;

/* Notes the lines that begin in what is new. A CR at the end is looked at with what follows it. */
static void
find_lines (FooterDecoder *self)
{
  const char *data = self->held.data;
  gsize length = self->held.length;
  gsize p = self->looked;
  for (; p < length; p++)
    {
      if (data[p] == '\r' && self->counts_cr && p + 1 == length && !self->input_end)
        break;
      gboolean ends
          = data[p] == '\n' || (data[p] == '\r' && self->counts_cr && (p + 1 == length || data[p + 1] != '\n'));
      gsize start = p + 1;
      if (ends)
        g_array_append_val (self->starts, start);
    }
  self->looked = p;
}

/* Lets go what lies before the last lines. */
static void
let_go (FooterDecoder *self)
{
  guint n = self->starts->len;
  /* A line that has no byte yet is none. */
  gboolean is_begun = n > 0 && g_array_index (self->starts, gsize, n - 1) < self->held.length;
  guint64 lines = n - (n > 0 && !is_begun);
  if (lines <= self->lines)
    return;
  guint first = (guint) (lines - self->lines);
  self->end = g_array_index (self->starts, gsize, first);
  g_array_remove_range (self->starts, 0, first);
}

static void
drop_front (FooterDecoder *self)
{
  gsize n = self->end;
  if (n == 0)
    return;
  memmove (self->held.data, self->held.data + n, self->held.length - n);
  self->held.length -= n;
  self->looked -= n;
  for (guint i = 0; i < self->starts->len; i++)
    g_array_index (self->starts, gsize, i) -= n;
  self->next = self->end = 0;
}

static gssize
footer_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  FooterDecoder *self = (FooterDecoder *) decoder;
  while (self->next == self->end && !self->input_end)
    {
      drop_front (self);
      if (self->held.length > MOST_HELD)
        {
          g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
                       "%s: the last %" G_GUINT64_FORMAT " lines are longer than 64 MiB; see skip-footer", self->name,
                       self->lines);
          return -1;
        }
      char *room = pl_buffer_reserve (&self->held, PL_DECODER_CHUNK);
      gssize n = pl_decoder_read (self->from, room, PL_DECODER_CHUNK, error);
      if (n < 0)
        return -1;
      self->held.length += (gsize) n;
      self->input_end = n == 0;
      find_lines (self);
      let_go (self);
    }
  gsize n = MIN (length, self->end - self->next);
  memcpy (data, self->held.data + self->next, n);
  self->next += n;
  return (gssize) n;
}

static void
footer_free (PlDecoder *decoder)
{
  FooterDecoder *self = (FooterDecoder *) decoder;
  pl_decoder_free (self->from);
  pl_buffer_clear (&self->held);
  g_array_unref (self->starts);
  g_free (self);
}

PlDecoder *
pl_decoder_footer_new (PlDecoder *from, guint64 lines, gboolean counts_cr, const char *name)
{
  FooterDecoder *self = g_new0 (FooterDecoder, 1);
  gsize first = 0;
  self->decoder = (PlDecoder){.read = footer_read, .free = footer_free};
  self->from = from;
  self->name = name;
  self->lines = lines;
  self->counts_cr = counts_cr;
  self->starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_array_append_val (self->starts, first);
  return &self->decoder;
}
