/* JSON lines: one object a row, keys in the order of the columns (RFC 8259, one text a line).
 *
 * Numbers, booleans and nulls are JSON's own; NaN and the infinities, which JSON has no words for, are null; dates and
 * timestamps are strings. What passes through keeps the digits it stood in; where that is no JSON ("+1", ".5", "1.",
 * "007") the sign, the zeros or the point are mended, and nothing else. */
#include "formats.h"
#include "style.h"

#include <math.h>

#include "../base/error.h"
#include "../base/show.h"
#include "../table/print.h"

/* Longest part of a file's first line shown in a message. */
#define SHOWN_BYTES 200

/* ‹,"name":› of each column, escaped once a batch. */
typedef struct
{
  const char *data;
  gsize length;
  const PlText *styled; /* (nullable): the column's values, where they have a style */
} Key;

static void
append_string (PlBuffer *buffer, const char *data, gsize length)
{
  static const char hex[] = "0123456789abcdef";
  /* The longest escape is six bytes: \u001f. */
  char *out = pl_buffer_reserve (buffer, 6 * length + 2);
  char *start = out;

  *out++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar) data[i];

      if (G_LIKELY (c >= 0x20 && c != '"' && c != '\\'))
        *out++ = (char) c;
      else if (c == '"' || c == '\\')
        {
          *out++ = '\\';
          *out++ = (char) c;
        }
      else
        {
          static const char shorts[] = "\bb\ff\nn\rr\tt";
          const char *found = c != 0 ? strchr (shorts, c) : NULL;

          *out++ = '\\';
          if (found != NULL)
            *out++ = found[1];
          else
            {
              memcpy (out, "u00", 3);
              out[3] = hex[c >> 4];
              out[4] = hex[c & 15];
              out += 5;
            }
        }
    }
  *out++ = '"';
  buffer->length += (gsize) (out - start);
}

/* number = [ minus ] int [ frac ] [ exp ] */
static gboolean
is_json_number (const char *data, gsize length)
{
  const char *next = data;
  const char *end = data + length;
  const char *digits;

  if (next < end && *next == '-')
    next++;
  for (digits = next; next < end && g_ascii_isdigit (*next);)
    next++;
  if (next == digits || (*digits == '0' && next - digits > 1))
    return FALSE;
  if (next < end && *next == '.')
    {
      for (digits = ++next; next < end && g_ascii_isdigit (*next);)
        next++;
      if (next == digits)
        return FALSE;
    }
  if (next < end && (*next == 'e' || *next == 'E'))
    {
      next++;
      if (next < end && (*next == '+' || *next == '-'))
        next++;
      for (digits = next; next < end && g_ascii_isdigit (*next);)
        next++;
      if (next == digits)
        return FALSE;
    }
  return next == end;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number that is written as JSON has none: the same digits, with a digit at least on each side of the point. What has
 * no digits (nan, inf) is null. */
static void
append_mended (PlBuffer *buffer, const char *data, gsize length)
{
  const char *end = data + length;
  char *out = pl_buffer_reserve (buffer, length + 4), *start = out;

  while (data < end && is_blank (*data))
    data++;
  while (end > data && is_blank (end[-1]))
    end--;
  if (data < end && *data == '-')
    *out++ = '-';
  data += data < end && (*data == '-' || *data == '+');
  while (data + 1 < end && *data == '0' && g_ascii_isdigit (data[1]))
    data++;
  if (data < end && *data == '.')
    *out++ = '0';
  for (; data < end; data++)
    {
      *out++ = *data;
      if (*data == '.' && (data + 1 == end || !g_ascii_isdigit (data[1])))
        *out++ = '0';
    }
  if (is_json_number (start, (gsize) (out - start)))
    buffer->length += (gsize) (out - start);
  else
    pl_buffer_append (buffer, "null", 4);
}

/* As it stood in the input. */
static void
append_text (PlBuffer *buffer, const PlColumn *column, gsize row)
{
  const PlText *text = &column->lexical[row];

  if (!pl_type_is_numeric (column->type))
    append_string (buffer, text->data, text->length);
  else if (G_LIKELY (is_json_number (text->data, text->length)))
    pl_buffer_append (buffer, text->data, text->length);
  else
    append_mended (buffer, text->data, text->length);
}

static void
append_float (PlBuffer *buffer, double value, const char *format)
{
  if (!isfinite (value))
    pl_buffer_append (buffer, "null", 4);
  else if (format == NULL)
    buffer->length += pl_print_float (pl_buffer_reserve (buffer, PL_PRINT_MAX), value);
  else
    {
      gsize size = 512 + strlen (format);
      g_autofree char *text = g_malloc (size);
      gsize length = pl_print_float_format (text, size, value, format);

      /* A format with padding or words makes a text of it. */
      if (is_json_number (text, length))
        pl_buffer_append (buffer, text, length);
      else
        append_string (buffer, text, length);
    }
}

static gboolean
is_formatted (const PlFormatOptions *options, PlType type)
{
  return type.kind == PL_FLOAT && options->float_format != NULL;
}

static void
append_value (PlBuffer *buffer, const PlFormatOptions *options, const PlColumn *column, gsize row)
{
  char *out;

  if (pl_column_is_null (column, row))
    {
      pl_buffer_append (buffer, "null", 4);
      return;
    }
  if (column->lexical != NULL && column->type.kind != PL_BOOL && !is_formatted (options, column->type))
    {
      append_text (buffer, column, row);
      return;
    }
  switch (column->type.kind)
    {
    case PL_STRING:
      append_string (buffer, column->texts[row].data, column->texts[row].length);
      return;
    case PL_FLOAT:
      append_float (buffer, column->floats[row], options->float_format);
      return;
    case PL_BOOL:
      pl_buffer_append_string (buffer, column->bools[row] ? "true" : "false");
      return;
    case PL_INT:
      buffer->length += pl_print_int (pl_buffer_reserve (buffer, PL_PRINT_MAX), column->ints[row]);
      return;
    case PL_DECIMAL:
      buffer->length
          += pl_print_decimal (pl_buffer_reserve (buffer, PL_PRINT_MAX), column->decimals[row], column->type.scale);
      return;
    default:
      /* Dates hold nothing that needs an escape. */
      out = pl_buffer_reserve (buffer, PL_PRINT_MAX + 2);
      *out = '"';
      gsize n = column->type.kind == PL_DATE ? pl_print_date (out + 1, column->dates[row])
                                             : pl_print_timestamp (out + 1, column->ints[row], column->type.zoned);
      out[n + 1] = '"';
      buffer->length += n + 2;
      return;
    }
}

static gboolean
jsonl_rows (const PlFormatOptions *options, PlBatch *batch, PlBuffer *buffer, GError **error G_GNUC_UNUSED)
{
  guint n = batch->schema->n_fields;
  Key *keys = pl_arena_new_array (batch->arena, Key, n);
  g_auto (PlBuffer) text = PL_BUFFER_INIT;

  for (guint i = 0; i < n; i++)
    {
      const char *name = batch->schema->fields[i].name;

      text.length = 0;
      pl_buffer_append_char (&text, i == 0 ? '{' : ',');
      append_string (&text, name, strlen (name));
      pl_buffer_append_char (&text, ':');
      keys[i] = (Key){pl_arena_copy (batch->arena, text.data, text.length), text.length, NULL};
      if (pl_style_applies (options, batch->columns[i]->type))
        keys[i].styled = pl_style_texts (options, batch->columns[i], batch->n_rows, batch->arena);
    }
  for (gsize row = 0; row < batch->n_rows; row++)
    {
      for (guint i = 0; i < n; i++)
        {
          pl_buffer_append (buffer, keys[i].data, keys[i].length);
          if (keys[i].styled != NULL && !pl_column_is_null (batch->columns[i], row))
            append_string (buffer, keys[i].styled[row].data, keys[i].styled[row].length);
          else
            append_value (buffer, options, batch->columns[i], row);
        }
      pl_buffer_append_string (buffer, n == 0 ? "{}" : "}");
      pl_buffer_append_string (buffer, options->crlf ? "\r\n" : "\n");
    }
  return TRUE;
}

static void
jsonl_begin (const PlFormatOptions *options G_GNUC_UNUSED, const PlSchema *schema G_GNUC_UNUSED,
             PlBuffer *out G_GNUC_UNUSED)
{
  /* Each line names its columns. */
}

/* Each line is an object. */
static gboolean
jsonl_append (const PlFormatOptions *options G_GNUC_UNUSED, const PlSchema *schema G_GNUC_UNUSED, const PlBuffer *begun,
              const char *name, GError **error)
{
  gsize start = 0, end;
  while (start < begun->length && g_ascii_isspace (begun->data[start]))
    start++;
  if (start == begun->length || begun->data[start] == '{')
    return TRUE;
  for (end = start; end < begun->length && begun->data[end] != '\n' && begun->data[end] != '\r';)
    end++;
  g_autofree char *shown = pl_show_some (begun->data + start, end - start, SHOWN_BYTES);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
               "cannot append JSON lines to %s: it begins with '%s', which is no JSON object; set its format, or write "
               "to another file",
               name, shown);
  return FALSE;
}

static PlUse
jsonl_use (const PlFormatOptions *options, PlType type)
{
  if (type.kind == PL_STRING)
    return PL_USE_TEXT;
  if (pl_style_applies (options, type))
    return pl_style_use (options, type);
  /* JSON has words for bools. The value of all others makes sure of a guessed type. */
  return type.kind == PL_BOOL || is_formatted (options, type) ? PL_USE_VALUE : PL_USE_TEXT | PL_USE_VALUE;
}

const PlFormat pl_format_jsonl = {
    .name = "jsonl",
    .summary = "One JSON object a line",
    .endings = (const char *const[]){".jsonl", ".ndjson", NULL},
    .keys = (const char *const[]){"float-format", "date-format", "line-end", NULL},
    .check = pl_style_check,
    .use = jsonl_use,
    .begin = jsonl_begin,
    .append = jsonl_append,
    .rows = jsonl_rows,
};
