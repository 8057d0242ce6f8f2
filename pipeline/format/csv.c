/* CSV (RFC 4180, LF line ends) and TSV (the same with tabs): the formats on the hot path.
 *
 * A batch is written in two sweeps: the columns' lengths give a bound for the whole batch, reserved once; then the row
 * loop copies with no check of room and one switch a cell. Texts the reader found free of separators (PL_TEXT_PLAIN)
 * are copied unseen, and neighbouring columns that pass through (PlColumn.raw) as the one text they are in the input.
 *
 * A null is written as the null text, an empty string as "". A string that reads like the null text is quoted, which
 * tells them apart. With escape-formulas a text that a spreadsheet would take for a formula gets an apostrophe in front
 * (OWASP, CSV Injection); what numeric columns hold is a number, whatever its sign.
 *
 * With quoting = none what would need quotes is refused, and so is what would be read back as something else without
 * them.
 *
 * One case cannot be told apart: where a row has a single column, a null without null text is written as "" too, as
 * Python does, because readers skip blank lines and would lose the row. */
#include "cells.h"
#include "csv-append.h"
#include "csv-cells.h"
#include "formats.h"
#include "style.h"

#include "../base/copy.h"
#include "../base/error.h"
#include "../base/show.h"
#include "../table/digits.h"
#include "../table/print.h"

/* Longest part of a value shown in a message. */
#define SHOWN_BYTES 200

/* Whether a spreadsheet may take a cell with this text for a formula: by what it begins with, in its wide form too,
 * behind what spreadsheets may drop: spaces and a byte order mark. */
static gboolean
is_formula (const char *data, gsize length)
{
  static const char marks[][4] = {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"};
  static const char dropped[][4] = {" ", "\u00a0", "\ufeff"};
  for (gsize i = 0; i < G_N_ELEMENTS (dropped);)
    {
      gsize n = strlen (dropped[i]);
      gboolean found = length >= n && memcmp (data, dropped[i], n) == 0;
      data += found ? n : 0;
      length -= found ? n : 0;
      i = found ? 0 : i + 1;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (length >= strlen (marks[i]) && memcmp (data, marks[i], strlen (marks[i])) == 0)
      return TRUE;
  return FALSE;
}

static char *
put_name (char *out, const char *data, gsize length, char delimiter, gboolean quote)
{
  if (quote || length == 0 || pl_csv_has_special (data, length, delimiter))
    return pl_csv_put_quoted (out, data, length);
  return pl_copy_short (out, data, length);
}

/* With quoting = none: a text that would not be read back as itself. */
static gboolean
fail_unquoted (PlCsvWriter *self, guint field, gsize row, const char *data, gsize length, GError **error)
{
  gboolean special = pl_csv_has_special (data, length, self->delimiter);
  g_autofree char *shown = pl_show_some (data, length, SHOWN_BYTES);

  return pl_batch_fail (self->batch, row, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                        "value '%s' of column '%s' cannot be written with quoting = none%s; set quoting = minimal%s",
                        shown, self->batch->schema->fields[field].name, special ? "" : ", because it reads as null",
                        special || length == 0 ? "" : ", or another null");
}

/* With quoting = none a null that is nothing, in the only column: a blank line, which readers skip. */
static gboolean
check_lone_nulls (PlCsvWriter *self, GError **error)
{
  const PlColumn *column = self->batch->columns[0];

  for (gsize row = 0; row < self->batch->n_rows; row++)
    if (pl_column_is_null (column, row))
      return pl_batch_fail (
          self->batch, row, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
          "null of column '%s' cannot be written with quoting = none, because a blank line is no row; "
          "set null to a text, or quoting = minimal",
          self->batch->schema->fields[0].name);
  return TRUE;
}

/* Whether a string, bare, would be read as null. */
static gboolean
reads_as_null (const PlCsvWriter *self, const char *data, gsize length)
{
  return length == 0 || (length == self->bare_null_length && memcmp (data, self->bare_null, length) == 0);
}

/* Writes a text that may need quotes. Returns: behind it, or NULL with @error. */
static char *
put_text (PlCsvWriter *self, guint field, gsize row, char *out, const char *data, gsize length, gboolean is_string,
          GError **error)
{
  if (is_string && self->options->escape_formulas && is_formula (data, length))
    {
      char *escaped = pl_arena_alloc (self->batch->arena, length + 1);

      escaped[0] = '\'';
      memcpy (escaped + 1, data, length++);
      data = escaped;
    }

  gboolean special = pl_csv_has_special (data, length, self->delimiter);

  switch (self->options->quoting)
    {
    case PL_QUOTING_NONE:
      if (G_LIKELY (!special && !(is_string && reads_as_null (self, data, length))))
        return pl_copy_short (out, data, length);
      fail_unquoted (self, field, row, data, length, error);
      return NULL;
    case PL_QUOTING_ALL:
      return pl_csv_put_quoted (out, data, length);
    default:
      /* Only strings can be taken for a null: no number looks like one unless the user says so for both. */
      if (special || (is_string && reads_as_null (self, data, length)))
        return pl_csv_put_quoted (out, data, length);
      return pl_copy_short (out, data, length);
    }
}

static gsize
print_indirect (PlCsvWriter *self, const PlColumn *column, gsize row)
{
  switch (column->type.kind)
    {
    case PL_BOOL:
      return (gsize) (pl_copy_short (self->scratch, column->bools[row] ? "true" : "false", column->bools[row] ? 4 : 5)
                      - self->scratch);
    case PL_INT:
      return pl_print_int (self->scratch, column->ints[row]);
    case PL_FLOAT:
      if (self->options->float_format != NULL)
        return pl_print_float_format (self->scratch, self->scratch_size, column->floats[row],
                                      self->options->float_format);
      return pl_print_float (self->scratch, column->floats[row]);
    case PL_DECIMAL:
      return pl_print_decimal (self->scratch, column->decimals[row], column->type.scale);
    case PL_DATE:
      return pl_print_date (self->scratch, column->dates[row]);
    default:
      return pl_print_timestamp (self->scratch, column->ints[row], column->type.zoned);
    }
}

/* Most whole numbers of most files are small. */
static inline char *
put_int (char *out, gint64 value)
{
  if ((guint64) value >= 100)
    return out + pl_print_int (out, value);
  const gboolean is_one = value < 10;
  memcpy (out, pl_digit_pairs + 2 * value + is_one, 2);
  return out + 2 - is_one;
}

static inline char *
put_cell (PlCsvWriter *self, const PlCsvCell *cell, gsize row, char *out, GError **error)
{
  const PlColumn *column = cell->column;

  if (cell->nulls != NULL && cell->nulls[row])
    return pl_copy_short (out, self->null, self->null_length);
  switch (cell->kind)
    {
    case PL_CSV_NULL:
      return pl_copy_short (out, self->null, self->null_length);
    case PL_CSV_RUN:
      return pl_copy_short (out, cell->texts[row].data, pl_csv_stretch_length (cell, row));
    case PL_CSV_SLICES:
      {
        gsize length;
        const char *data = pl_csv_slice (cell, row, &length);
        return pl_copy_short (out, data, length);
      }
    case PL_CSV_TEXT:
      {
        const PlText *text = &cell->texts[row];

        if (G_LIKELY ((text->flags & PL_TEXT_PLAIN) && self->trust_plain && text->length > 0))
          return pl_copy_short (out, text->data, text->length);
        return put_text (self, cell->field, row, out, text->data, text->length, column->type.kind == PL_STRING, error);
      }
    case PL_CSV_BOOL:
      return column->bools[row] ? pl_copy_short (out, "true", 4) : pl_copy_short (out, "false", 5);
    case PL_CSV_INT:
      return put_int (out, column->ints[row]);
    case PL_CSV_FLOAT:
      return out + pl_print_float (out, column->floats[row]);
    case PL_CSV_DECIMAL:
      return out + pl_print_decimal (out, column->decimals[row], column->type.scale);
    case PL_CSV_DATE:
      return out + pl_print_date (out, column->dates[row]);
    case PL_CSV_TIMESTAMP:
      return out + pl_print_timestamp (out, column->ints[row], column->type.zoned);
    default:
      return put_text (self, cell->field, row, out, self->scratch, print_indirect (self, column, row), FALSE, error);
    }
}

static gboolean
csv_rows (const PlFormatOptions *options, PlBatch *batch, PlBuffer *buffer, GError **error)
{
  PlCsvWriter self;

  pl_csv_prepare (&self, options, batch);
  if (self.refuses_nulls && !check_lone_nulls (&self, error))
    return FALSE;
  const PlLines *lines = pl_csv_lines (&self);
  if (lines != NULL)
    {
      pl_buffer_append (buffer, lines->data, (gsize) lines->ends[lines->n] + 1);
      return TRUE;
    }
  char *start = pl_buffer_reserve (buffer, pl_csv_bound (&self));
  char *out = start;
  /* In registers: what is written could be anything, also what these are read from. */
  const PlCsvCell *const cells = self.cells, *const end = cells + self.n_cells;
  const gsize n_rows = batch->n_rows, line_end_length = options->crlf ? 2 : 1;
  const char delimiter = self.delimiter, *const line_end = options->crlf ? "\r\n" : "\n";
  for (gsize row = 0; row < n_rows; row++)
    {
      for (const PlCsvCell *cell = cells; cell < end; cell++)
        {
          out = put_cell (&self, cell, row, out, error);
          if (G_UNLIKELY (out == NULL))
            return FALSE;
          *out++ = delimiter;
        }
      /* The last delimiter becomes the line end. */
      if (cells < end)
        out--;
      memcpy (out, line_end, 2);
      out += line_end_length;
    }
  buffer->length += (gsize) (out - start);
  return TRUE;
}

/* Commas that would end fields, and what a format of dates would leave out. */
static gboolean
check_styles (const PlFormatOptions *options, const PlSchema *schema, const char **key, GError **error)
{
  *key = "decimal-comma";
  if (!options->decimal_comma || options->quoting != PL_QUOTING_NONE || pl_csv_delimiter (options) != ',')
    return pl_style_check (options, schema, key, error);
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
               "a decimal comma between commas needs quotes; set another delimiter, or quoting = minimal");
  return FALSE;
}

/* Without quotes, names and the null text must do without them, too. */
static gboolean
csv_check (const PlFormatOptions *options, const PlSchema *schema, const char **key, GError **error)
{
  char delimiter = pl_csv_delimiter (options);
  const char *null = options->null_text != NULL ? options->null_text : "";

  if (!check_styles (options, schema, key, error))
    return FALSE;
  if (options->quoting != PL_QUOTING_NONE)
    return TRUE;
  if (pl_csv_has_special (null, strlen (null), delimiter))
    {
      *key = "null";
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "null '%s' cannot be written with quoting = none; set another null, or quoting = minimal", null);
      return FALSE;
    }
  *key = "quoting";
  for (guint i = 0; options->header && i < schema->n_fields; i++)
    {
      const char *name = schema->fields[i].name;
      if (!pl_csv_has_special (name, strlen (name), delimiter))
        continue;
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "the name of column '%s' cannot be written with quoting = none; rename it, or set quoting = minimal",
                   name);
      return FALSE;
    }
  return TRUE;
}

static void
csv_begin (const PlFormatOptions *options, const PlSchema *schema, PlBuffer *buffer)
{
  char delimiter = pl_csv_delimiter (options);

  if (options->has_mark)
    pl_buffer_append (buffer, "\xef\xbb\xbf", 3);
  if (!options->header)
    return;
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const char *name = schema->fields[i].name;
      gsize length = strlen (name);
      char *start = pl_buffer_reserve (buffer, pl_csv_quoted_bound (length + 1) + 2);
      g_autofree char *escaped
          = options->escape_formulas && is_formula (name, length) ? g_strconcat ("'", name, NULL) : NULL;
      char *out = put_name (start, escaped != NULL ? escaped : name, length + (escaped != NULL), delimiter,
                            options->quoting == PL_QUOTING_ALL);

      if (i + 1 == schema->n_fields && options->crlf)
        *out++ = '\r';
      *out++ = i + 1 < schema->n_fields ? delimiter : '\n';
      buffer->length += (gsize) (out - start);
    }
}

static PlUse
csv_use (const PlFormatOptions *options, PlType type)
{
  if (pl_style_applies (options, type))
    return pl_style_use (options, type);
  return type.kind == PL_FLOAT && options->float_format != NULL ? PL_USE_VALUE : PL_USE_TEXT;
}

#define PL_CSV_KEYS                                                                                                    \
  "header", "delimiter", "null", "float-format", "decimal-comma", "date-format", "line-end", "byte-order-mark",        \
      "quoting", "escape-formulas", NULL

const PlFormat pl_format_csv = {
    .name = "csv",
    .summary = "Comma-separated values, quoted where needed",
    .delimiter = ',',
    .takes_slices = TRUE,
    .endings = (const char *const[]){".csv", NULL},
    .keys = (const char *const[]){PL_CSV_KEYS},
    .check = csv_check,
    .use = csv_use,
    .begin = csv_begin,
    .append = pl_csv_append,
    .rows = csv_rows,
};

const PlFormat pl_format_tsv = {
    .name = "tsv",
    .summary = "Tab-separated values, quoted where needed",
    .delimiter = '\t',
    .takes_slices = TRUE,
    .endings = (const char *const[]){".tsv", ".tab", NULL},
    .keys = (const char *const[]){PL_CSV_KEYS},
    .check = csv_check,
    .use = csv_use,
    .begin = csv_begin,
    .append = pl_csv_append,
    .rows = csv_rows,
};
