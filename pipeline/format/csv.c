/* CSV (RFC 4180, LF line ends) and TSV (the same with tabs): the formats on the hot path.
 *
 * A batch is written in two sweeps: the columns' lengths give a bound for the whole batch, reserved once; then the row loop
 * copies with no check of room and one switch a cell. Texts the reader found free of separators (PL_TEXT_PLAIN) are copied unseen, and
 * neighbouring columns that pass through (PlColumn.raw) as the one text they are in the input.
 *
 * A null is written as the null text, an empty string as "". A string that reads like the null text is quoted, which tells them apart.
 * With escape-formulas a text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV Injection); what numeric
 * columns hold is a number, whatever its sign.
 *
 * One case cannot be told apart: where a row has a single column, a null without null text is written as "" too, as Python does,
 * because readers skip blank lines and would lose the row. */
#include "cells.h"
#include "formats.h"

#include "../base/copy.h"
#include "../base/error.h"
#include "../table/print.h"

typedef enum
{
  CELL_NULL,
  CELL_TEXT,
  CELL_BOOL,
  CELL_INT,
  CELL_FLOAT,
  CELL_DECIMAL,
  CELL_DATE,
  CELL_TIMESTAMP,
  CELL_RUN,
  CELL_SLICES,   /* a run whose texts are still slices */
  CELL_INDIRECT, /* printed apart, then written as text: float formats, quoting = all, delimiters that numbers contain */
} CellKind;

/* How one column of this batch is written. */
typedef struct
{
  CellKind kind;
  const guint8 *nulls;
  const PlText *texts; /* CELL_TEXT: strings, or values as they stood */
  PlColumn *column;
  guint field; /* of the batch; of a run the first */
  /* CELL_RUN and CELL_SLICES: columns that are raw fields side by side in every record: their bytes, commas and all, are what is to be written.
   * The last one, and its texts. */
  PlColumn *last;
  const PlText *run_ends;
} Cell;

typedef struct
{
  const PlFormatOptions *options;
  PlBatch *batch;
  Cell *cells;
  guint n_cells;
  char delimiter;
  gboolean trust_plain;  /* PL_TEXT_PLAIN is about commas */
  const char *bare_null; /* the null text as given */
  gsize bare_null_length;
  const char *null; /* as it is written */
  gsize null_length;
  char *scratch; /* room for one printed value */
  gsize scratch_size;
} Writer;

static char
delimiter_of (const PlFormatOptions *options)
{
  if (options->delimiter != 0)
    return options->delimiter;
  return options->format == &pl_format_tsv ? '\t' : ',';
}

static char *
put_quoted (char *out, const char *data, gsize length)
{
  *out++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"')
        *out++ = '"';
      *out++ = data[i];
    }
  *out++ = '"';
  return out;
}

static gboolean
has_special (const char *data, gsize length, char delimiter)
{
  guint found = 0;

  /* No early exit: this vectorises. */
  for (gsize i = 0; i < length; i++)
    found |= (data[i] == delimiter) | (data[i] == '"') | (data[i] == '\n') | (data[i] == '\r');
  return found != 0;
}

/* Bytes put_quoted() may need at most. */
static inline gsize
quoted_bound (gsize length)
{
  return 2 * length + 2;
}

/* Whether a spreadsheet may take a cell with this text for a formula. */
static inline gboolean
is_formula (const char *data, gsize length)
{
  return length > 0 && data[0] != 0 && strchr ("=+-@\t\r", data[0]) != NULL;
}

/* A text whose row and column are not needed for quoting = none. */
static char *
put_name (char *out, const char *data, gsize length, char delimiter, gboolean quote)
{
  if (quote || length == 0 || has_special (data, length, delimiter))
    return put_quoted (out, data, length);
  return pl_copy_short (out, data, length);
}

static gboolean
fail_unquoted (Writer *self, guint field, gsize row, const char *data, gsize length, GError **error)
{
  g_auto (PlBuffer) shown = PL_BUFFER_INIT;

  pl_cells_escape (data, MIN (length, 200), &shown);
  return pl_batch_fail (self->batch, row, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                        "value '%.*s' of column '%s' cannot be written with quoting = none; set quoting = minimal",
                        (int) shown.length, shown.data, self->batch->schema->fields[field].name);
}

/* Writes a text that may need quotes. Returns: behind it, or NULL with @error. */
static char *
put_text (Writer *self, guint field, gsize row, char *out, const char *data, gsize length, gboolean is_string,
          GError **error)
{
  if (is_string && self->options->escape_formulas && is_formula (data, length))
    {
      char *escaped = pl_arena_alloc (self->batch->arena, length + 1);

      escaped[0] = '\'';
      memcpy (escaped + 1, data, length++);
      data = escaped;
    }

  gboolean special = has_special (data, length, self->delimiter);

  switch (self->options->quoting)
    {
    case PL_QUOTING_NONE:
      if (G_LIKELY (!special))
        return pl_copy_short (out, data, length);
      fail_unquoted (self, field, row, data, length, error);
      return NULL;
    case PL_QUOTING_ALL:
      return put_quoted (out, data, length);
    default:
      /* Only strings can be taken for a null: no number looks like one unless the user says so for both. */
      if (special || (is_string && length == 0)
          || (is_string && length == self->bare_null_length && memcmp (data, self->bare_null, length) == 0))
        return put_quoted (out, data, length);
      return pl_copy_short (out, data, length);
    }
}

static gsize
print_indirect (Writer *self, const PlColumn *column, gsize row)
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

static CellKind
direct_kind (PlType type)
{
  switch (type.kind)
    {
    case PL_BOOL:
      return CELL_BOOL;
    case PL_INT:
      return CELL_INT;
    case PL_FLOAT:
      return CELL_FLOAT;
    case PL_DECIMAL:
      return CELL_DECIMAL;
    case PL_DATE:
      return CELL_DATE;
    case PL_TIMESTAMP:
      return CELL_TIMESTAMP;
    default:
      return CELL_NULL;
    }
}

static gboolean
is_formatted (const Writer *self, const PlColumn *column)
{
  return column->type.kind == PL_FLOAT && self->options->float_format != NULL && column->floats != NULL;
}

static const PlText *
texts_of (const PlColumn *column)
{
  return column->type.kind == PL_STRING ? column->texts : column->lexical;
}

static void
plan_cell (const Writer *self, Cell *cell, PlColumn *column)
{
  const PlFormatOptions *options = self->options;
  gboolean formatted = is_formatted (self, column);
  gboolean in_numbers = g_ascii_isalnum (self->delimiter) || strchr ("+-.: ", self->delimiter) != NULL;

  cell->column = column;
  cell->nulls = column->nulls;
  cell->texts = formatted ? NULL : texts_of (column);
  if (column->type.kind == PL_NULL)
    cell->kind = CELL_NULL;
  else if (cell->texts != NULL)
    cell->kind = CELL_TEXT;
  else if (formatted || in_numbers || options->quoting == PL_QUOTING_ALL)
    cell->kind = CELL_INDIRECT;
  else
    cell->kind = direct_kind (column->type);
}

static inline gsize
run_length (const Cell *cell, gsize row)
{
  return (gsize) (cell->run_ends[row].data - cell->texts[row].data) + cell->run_ends[row].length;
}

static inline const char *
slice_of (const Cell *cell, gsize row, gsize *length)
{
  const PlSlices *first = &cell->column->slices, *last = &cell->last->slices;
  guint32 start = first->edges[row * first->stride] + 1;
  *length = last->edges[row * last->stride + 1] - start;
  return first->data + start;
}

/* Upper bound of what the batch takes. */
static gsize
bound (const Writer *self)
{
  gsize n_rows = self->batch->n_rows;
  gsize total = n_rows * self->n_cells + n_rows;

  for (guint c = 0; c < self->n_cells; c++)
    {
      const Cell *cell = &self->cells[c];

      if (cell->kind == CELL_RUN)
        {
          for (gsize row = 0; row < n_rows; row++)
            total += run_length (cell, row);
          continue;
        }
      if (cell->kind == CELL_SLICES)
        {
          for (gsize row = 0, length; row < n_rows; row++)
            {
              slice_of (cell, row, &length);
              total += length;
            }
          continue;
        }
      if (cell->kind != CELL_NULL && cell->kind != CELL_TEXT)
        total += n_rows * (cell->kind == CELL_INDIRECT ? quoted_bound (self->scratch_size) : PL_PRINT_MAX);
      if (cell->kind == CELL_TEXT)
        for (gsize row = 0; row < n_rows; row++)
          total += quoted_bound ((gsize) cell->texts[row].length + 1);
      if (cell->nulls != NULL || cell->kind == CELL_NULL)
        total += n_rows * self->null_length;
    }
  return total;
}

static inline char *
put_cell (Writer *self, const Cell *cell, gsize row, char *out, GError **error)
{
  const PlColumn *column = cell->column;

  if (cell->nulls != NULL && cell->nulls[row])
    return pl_copy_short (out, self->null, self->null_length);
  switch (cell->kind)
    {
    case CELL_NULL:
      return pl_copy_short (out, self->null, self->null_length);
    case CELL_RUN:
      return pl_copy_short (out, cell->texts[row].data, run_length (cell, row));
    case CELL_SLICES:
      {
        gsize length;
        const char *data = slice_of (cell, row, &length);
        return pl_copy_short (out, data, length);
      }
    case CELL_TEXT:
      {
        const PlText *text = &cell->texts[row];

        if (G_LIKELY ((text->flags & PL_TEXT_PLAIN) && self->trust_plain && text->length > 0))
          return pl_copy_short (out, text->data, text->length);
        return put_text (self, cell->field, row, out, text->data, text->length, column->type.kind == PL_STRING, error);
      }
    case CELL_BOOL:
      return column->bools[row] ? pl_copy_short (out, "true", 4) : pl_copy_short (out, "false", 5);
    case CELL_INT:
      return out + pl_print_int (out, column->ints[row]);
    case CELL_FLOAT:
      return out + pl_print_float (out, column->floats[row]);
    case CELL_DECIMAL:
      return out + pl_print_decimal (out, column->decimals[row], column->type.scale);
    case CELL_DATE:
      return out + pl_print_date (out, column->dates[row]);
    case CELL_TIMESTAMP:
      return out + pl_print_timestamp (out, column->ints[row], column->type.zoned);
    default:
      return put_text (self, cell->field, row, out, self->scratch, print_indirect (self, column, row), FALSE, error);
    }
}

/* Whether the column's bytes may be copied as they stand in their records. */
static gboolean
is_raw (const Writer *self, const PlColumn *column)
{
  return column->raw != 0 && self->trust_plain && self->null_length == 0 && !is_formatted (self, column)
         && (column->slices.data != NULL || texts_of (column) != NULL);
}

/* Appends column @field: to the run before it when it goes on with that one, else as a cell of its own. */
static void
add_cell (Writer *self, guint field)
{
  Cell *cell = &self->cells[self->n_cells];
  PlColumn *column = self->batch->columns[field];

  if (!is_raw (self, column))
    {
      pl_column_settle (column, self->batch->n_rows, self->batch->arena);
      plan_cell (self, cell, column);
      cell->field = field;
      self->n_cells++;
    }
  else if (self->n_cells > 0 && cell[-1].kind == CELL_RUN && cell[-1].last->raw + 1 == column->raw)
    cell[-1].last = column;
  else
    {
      /* A raw field alone is a run of one: its nulls are as empty as they are written. */
      *cell = (Cell){.kind = CELL_RUN, .column = column, .last = column, .field = field};
      self->n_cells++;
    }
}

/* A run is bounded by two texts or by two slices; what is between does not matter. */
static void
settle_run (const Writer *self, Cell *cell)
{
  if (cell->column->slices.data != NULL && cell->last->slices.data != NULL)
    {
      cell->kind = CELL_SLICES;
      return;
    }
  pl_column_settle (cell->column, self->batch->n_rows, self->batch->arena);
  pl_column_settle (cell->last, self->batch->n_rows, self->batch->arena);
  cell->texts = texts_of (cell->column);
  cell->run_ends = texts_of (cell->last);
}

static void
prepare (Writer *self, const PlFormatOptions *options, PlBatch *batch)
{
  guint n_columns = batch->schema->n_fields;

  self->options = options;
  self->batch = batch;
  self->delimiter = delimiter_of (options);
  self->bare_null = options->null_text != NULL ? options->null_text : "";
  self->bare_null_length = strlen (self->bare_null);
  /* Trusted texts are copied without a look, so nothing else may depend on what they say. */
  self->trust_plain = self->delimiter == ',' && options->quoting != PL_QUOTING_ALL && self->bare_null_length == 0
                      && !options->escape_formulas;
  self->scratch_size = options->float_format != NULL ? 512 + strlen (options->float_format) : PL_PRINT_MAX;
  self->scratch = pl_arena_alloc (batch->arena, self->scratch_size);
  self->n_cells = 0;
  self->cells = pl_arena_new_array (batch->arena, Cell, n_columns);

  char *null = pl_arena_alloc (batch->arena, quoted_bound (self->bare_null_length));
  gboolean lone = n_columns == 1 && self->bare_null_length == 0 && options->quoting != PL_QUOTING_NONE;
  char *end = lone || has_special (self->bare_null, self->bare_null_length, self->delimiter)
                  ? put_quoted (null, self->bare_null, self->bare_null_length)
                  : pl_copy_short (null, self->bare_null, self->bare_null_length);
  self->null = null;
  self->null_length = (gsize) (end - null);
  for (guint c = 0; c < n_columns; c++)
    {
      g_assert (batch->columns[c] != NULL);
      add_cell (self, c);
    }
  for (guint c = 0; c < self->n_cells; c++)
    if (self->cells[c].kind == CELL_RUN)
      settle_run (self, &self->cells[c]);
}

static gboolean
csv_rows (const PlFormatOptions *options, PlBatch *batch, PlBuffer *buffer, GError **error)
{
  Writer self;

  prepare (&self, options, batch);
  char *start = pl_buffer_reserve (buffer, bound (&self));
  char *out = start;
  for (gsize row = 0; row < batch->n_rows; row++)
    {
      for (guint c = 0; c < self.n_cells; c++)
        {
          out = put_cell (&self, &self.cells[c], row, out, error);
          if (G_UNLIKELY (out == NULL))
            return FALSE;
          *out++ = self.delimiter;
        }
      /* The last delimiter becomes the line end. */
      if (self.n_cells > 0)
        out--;
      *out++ = '\n';
    }
  buffer->length += (gsize) (out - start);
  return TRUE;
}

static void
csv_begin (const PlFormatOptions *options, const PlSchema *schema, PlBuffer *buffer)
{
  char delimiter = delimiter_of (options);

  if (!options->header)
    return;
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const char *name = schema->fields[i].name;
      gsize length = strlen (name);
      char *start = pl_buffer_reserve (buffer, quoted_bound (length + 1) + 1);
      g_autofree char *escaped
          = options->escape_formulas && is_formula (name, length) ? g_strconcat ("'", name, NULL) : NULL;
      char *out = put_name (start, escaped != NULL ? escaped : name, length + (escaped != NULL), delimiter,
                            options->quoting == PL_QUOTING_ALL);

      *out++ = i + 1 < schema->n_fields ? delimiter : '\n';
      buffer->length += (gsize) (out - start);
    }
}

static PlUse
csv_use (const PlFormatOptions *options, PlType type)
{
  return type.kind == PL_FLOAT && options->float_format != NULL ? PL_USE_VALUE : PL_USE_TEXT;
}

const PlFormat pl_format_csv = {
    .name = "csv",
    .summary = "Comma-separated values, quoted where needed",
    .takes_slices = TRUE,
    .endings = (const char *const[]){".csv", NULL},
    .keys = (const char *const[]){"header", "delimiter", "null", "float-format", "quoting", "escape-formulas", NULL},
    .use = csv_use,
    .begin = csv_begin,
    .rows = csv_rows,
};

const PlFormat pl_format_tsv = {
    .name = "tsv",
    .summary = "Tab-separated values, quoted where needed",
    .takes_slices = TRUE,
    .endings = (const char *const[]){".tsv", ".tab", NULL},
    .keys = (const char *const[]){"header", "delimiter", "null", "float-format", "quoting", "escape-formulas", NULL},
    .use = csv_use,
    .begin = csv_begin,
    .rows = csv_rows,
};
