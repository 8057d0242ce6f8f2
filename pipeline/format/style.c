/* See style.h. A number that passes through keeps its digits, and gets a comma where its point stands. */
#include "style.h"

#include "../base/error.h"
#include "../table/calendar.h"
#include "../table/print-formatted.h"
#include "../table/print.h"

static const char *
format_of (const PlFormatOptions *options, PlType type)
{
  return type.kind == PL_DATE ? options->date_format : type.kind == PL_TIMESTAMP ? options->timestamp_format : NULL;
}

gboolean
pl_style_applies (const PlFormatOptions *options, PlType type)
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

PlUse
pl_style_use (const PlFormatOptions *options, PlType type)
{
  /* A text gets another style only where it is sure to be a number. */
  if (pl_type_is_numeric (type))
    return options->float_format == NULL ? PL_USE_TEXT | PL_USE_VALUE : PL_USE_VALUE;
  /* Of a time as it stands more may be written than of its value. */
  return PL_USE_VALUE | PL_USE_COMPUTE;
}

gboolean
pl_style_check (const PlFormatOptions *options, const PlSchema *schema, const char **key, GError **error)
{
  *key = "date-format";
  for (guint i = 0; options->timestamp_format != NULL && i < schema->n_fields; i++)
    if (schema->fields[i].type.kind == PL_TIMESTAMP && schema->fields[i].type.zoned
        && !pl_print_format_has_zone (options->timestamp_format))
      {
        g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                     "column '%s' has a zone, and '%s' would write its UTC without one; add %%z",
                     schema->fields[i].name, options->timestamp_format);
        return FALSE;
      }
  return TRUE;
}

void
pl_style_append (const PlFormatOptions *options, const PlColumn *column, gsize row, PlBuffer *out)
{
  const char *format = format_of (options, column->type);
  if (format == NULL)
    {
      append_number (options, column, row, out);
      return;
    }
  const gint64 time = column->type.kind == PL_DATE ? column->dates[row] * PL_USEC_PER_DAY : column->ints[row];
  char *room = pl_buffer_reserve (out, PL_PRINT_FORMATTED_MAX);
  out->length += pl_print_formatted (room, format, strlen (format), time, column->type.zoned);
}

PlText *
pl_style_texts (const PlFormatOptions *options, const PlColumn *column, gsize n, PlArena *arena)
{
  PlText *texts = pl_arena_alloc0 (arena, sizeof (PlText) * (n + 1));
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  for (gsize row = 0; row < n; row++)
    {
      const gsize start = buffer.length;
      if (pl_column_is_null (column, row))
        continue;
      pl_style_append (options, column, row, &buffer);
      texts[row].length = (guint32) (buffer.length - start);
    }
  const char *bytes = pl_arena_copy (arena, buffer.length > 0 ? buffer.data : "", buffer.length);
  for (gsize row = 0; row < n; bytes += texts[row++].length)
    texts[row].data = bytes;
  return texts;
}
