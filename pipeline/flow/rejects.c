/* Rejected records as lines of a CSV file: file,line,offset,column,reason,raw. */
#include "worker.h"

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

/* The record without the line end that closes it. */
static gsize
trim_line_end (const char *raw, gsize length)
{
  if (length > 0 && raw[length - 1] == '\n')
    length--;
  if (length > 0 && raw[length - 1] == '\r')
    length--;
  return length;
}

static void
append_line (const PlSource *source, guint file, const PlReject *reject, PlBuffer *buffer)
{
  const char *display = ((const PlSourceFile *) g_ptr_array_index (source->files, file))->display;
  append_field (buffer, display, strlen (display));
  pl_buffer_append_printf (buffer, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",", reject->line, reject->offset);
  if (reject->column >= 0)
    {
      const char *name = source->schema->fields[reject->column].name;
      append_field (buffer, name, strlen (name));
    }
  pl_buffer_append_char (buffer, ',');
  append_field (buffer, reject->reason, strlen (reject->reason));
  pl_buffer_append_char (buffer, ',');
  /* How much of an oversized record a block holds depends on where it was cut. */
  gsize length = MIN (reject->raw_length, source->max_record_size);
  append_field (buffer, reject->raw, trim_line_end (reject->raw, length));
  pl_buffer_append_char (buffer, '\n');
}

void
pl_rejects_append (const PlSource *source, guint file, const GArray *rejects, gboolean lines, PlBlock *block)
{
  for (guint i = 0; i < rejects->len; i++)
    {
      const PlReject *reject = &g_array_index (rejects, PlReject, i);
      gsize before = block->rejects.length;
      if (lines)
        append_line (source, file, reject, &block->rejects);
      PlRejectMark mark = {reject->position, block->rejects.length - before};
      pl_buffer_append (&block->marks, &mark, sizeof mark);
    }
}

void
pl_rejects_header (PlBuffer *buffer)
{
  pl_buffer_append_string (buffer, "file,line,offset,column,reason,raw\n");
}
