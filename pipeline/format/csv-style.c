/* See csv-style.h. A number that passes through keeps its digits, and gets a comma where its point stands. */
#include "csv-style.h"

#include "../table/calendar.h"
#include "../table/print-formatted.h"
#include "../table/print.h"

static const char *
format_of (const PlFormatOptions *options, PlType type)
{
  return type.kind == PL_DATE ? options->date_format : type.kind == PL_TIMESTAMP ? options->timestamp_format : NULL;
}

gboolean
pl_csv_is_styled (const PlFormatOptions *options, PlType type)
{
  return (options->decimal_comma && (type.kind == PL_FLOAT || type.kind == PL_DECIMAL))
         || format_of (options, type) != NULL;
}

static void
append_number (const PlFormatOptions *options, const PlColumn *column, gsize row, PlBuffer *buffer)
{
  const gsize start = buffer->length;
  if (column->type.kind == PL_FLOAT && options->float_format != NULL)
    {
      const gsize size = 512 + strlen (options->float_format);
      char *room = pl_buffer_reserve (buffer, size);
      buffer->length += pl_print_float_format (room, size, column->floats[row], options->float_format);
    }
  else
    pl_print_value (buffer, column, row);
  char *point = buffer->length > start ? memchr (buffer->data + start, '.', buffer->length - start) : NULL;
  if (point != NULL)
    *point = ',';
}

PlText *
pl_csv_style (const PlFormatOptions *options, const PlColumn *column, gsize n, PlArena *arena)
{
  const char *format = format_of (options, column->type);
  PlText *texts = pl_arena_alloc0 (arena, sizeof (PlText) * (n + 1));
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  for (gsize row = 0; row < n; row++)
    {
      const gsize start = buffer.length;
      if (pl_column_is_null (column, row))
        continue;
      if (format == NULL)
        append_number (options, column, row, &buffer);
      else
        {
          const gint64 time = column->type.kind == PL_DATE ? column->dates[row] * PL_USEC_PER_DAY : column->ints[row];
          char *room = pl_buffer_reserve (&buffer, PL_PRINT_FORMATTED_MAX);
          buffer.length += pl_print_formatted (room, format, strlen (format), time, column->type.zoned);
        }
      texts[row].length = (guint32) (buffer.length - start);
    }
  const char *bytes = pl_arena_copy (arena, buffer.length > 0 ? buffer.data : "", buffer.length);
  for (gsize row = 0; row < n; bytes += texts[row++].length)
    texts[row].data = bytes;
  return texts;
}
