/* Rejected records as lines of a CSV file, which can be read again whatever the records held. */
#include "rejects.h"
#include "../base/show.h"
#include "../csv/undecoded.h"
#include "../csv/utf8.h"
#include "../csv/reject.h"

static void
append_field (PlBuffer *buffer, const char *data, gsize length)
{
  gboolean quote = FALSE;
  gsize quotes = 0;
  for (gsize i = 0; i < length; i++)
    {
      quotes += data[i] == '"';
      quote = quote || data[i] == '"' || data[i] == ',' || data[i] == '\n' || data[i] == '\r';
    }
  if (!quote)
    {
      pl_buffer_append (buffer, data, length);
      return;
    }
  char *out = pl_buffer_reserve (buffer, length + quotes + 2);
  *out++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"')
        *out++ = '"';
      *out++ = data[i];
    }
  *out = '"';
  buffer->length += length + quotes + 2;
}

/* The bytes that a mark of pl_undecoded_mark() stands for, as the file has them. */
static void
append_undecoded (PlBuffer *buffer, const char *mark, gsize length)
{
  for (gsize i = 1; i + 2 < length; i += 2)
    pl_buffer_append_printf (buffer, "\\x%.2s", mark + i);
}

/* Bytes that are no text cannot stand in a file of text, which this program itself is to read: they are written \xNN,
 * and then a backslash is doubled. Returns: whether that was needed. */
static gboolean
append_raw (PlBuffer *buffer, const PlSource *source, const char *raw, gsize length)
{
  g_auto (PlBuffer) escaped = PL_BUFFER_INIT;
  PlUtf8 utf8 = pl_utf8_check (raw, length);
  if (utf8 != PL_UTF8_NUL && utf8 != PL_UTF8_INVALID)
    {
      append_field (buffer, raw, length);
      return FALSE;
    }
  for (gsize i = 0; i < length;)
    {
      gunichar c = g_utf8_get_char_validated (raw + i, (gssize) (length - i));
      gsize n = c >= (gunichar) -2 || raw[i] == '\0' ? 0 : (gsize) g_unichar_to_utf8 (c, NULL);
      const gsize mark = n == 0 ? pl_undecoded_mark (source, raw + i, length - i) : 0;
      if (mark > 0)
        append_undecoded (&escaped, raw + i, n = mark);
      else if (n == 0)
        pl_buffer_append_printf (&escaped, "\\x%02x", (guint) (guint8) raw[i]);
      else if (c == '\\')
        pl_buffer_append (&escaped, "\\\\", 2);
      else
        pl_buffer_append (&escaped, raw + i, n);
      i += MAX (n, 1);
    }
  append_field (buffer, escaped.data, escaped.length);
  return TRUE;
}

static void
append_line (const PlSource *source, const PlReject *reject, PlBuffer *buffer)
{
  const char *display = ((const PlSourceFile *) g_ptr_array_index (source->files, reject->file))->display;
  g_autofree char *shown = g_utf8_validate (display, -1, NULL) ? NULL : pl_show (display);
  const char *file = shown != NULL ? shown : display;
  append_field (buffer, file, strlen (file));
  pl_buffer_append_printf (buffer, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",", reject->line, reject->offset);
  if (reject->column >= 0)
    {
      const char *name = source->schema->fields[reject->column].name;
      append_field (buffer, name, strlen (name));
    }
  pl_buffer_append_char (buffer, ',');
  append_field (buffer, reject->reason, strlen (reject->reason));
  pl_buffer_append_char (buffer, ',');
  gboolean escaped = append_raw (buffer, source, reject->raw, reject->raw_length);
  pl_buffer_append_printf (buffer, ",%s,%s\n", reject->is_cut ? "true" : "false", escaped ? "true" : "false");
}

void
pl_rejects_append (const PlSource *source, const GArray *rejects, gboolean lines, PlBlock *block)
{
  for (guint i = 0; i < rejects->len; i++)
    {
      const PlReject *reject = &g_array_index (rejects, PlReject, i);
      gsize before = block->rejects.length;
      if (lines)
        append_line (source, reject, &block->rejects);
      PlRejectMark mark
          = {reject->position, block->rejects.length - before, reject->offset * source->files->len + reject->file};
      pl_buffer_append (&block->marks, &mark, sizeof mark);
    }
}

void
pl_rejects_header (PlBuffer *buffer)
{
  pl_buffer_append_string (buffer, "file,line,offset,column,reason,raw,raw_cut,raw_escaped\n");
}
