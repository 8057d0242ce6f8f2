/* Planning: which cell of a batch is a text, a number, or a stretch of raw fields that are copied as one; and how much
 * room they take. */
#include "csv-cells.h"

#include "../base/copy.h"
#include "../table/print.h"
#include "style.h"

char
pl_csv_delimiter (const PlFormatOptions *options)
{
  return options->delimiter != 0 ? options->delimiter : options->format->delimiter;
}

static PlCsvCellKind
direct_kind (PlType type)
{
  switch (type.kind)
    {
    case PL_BOOL:
      return PL_CSV_BOOL;
    case PL_INT:
      return PL_CSV_INT;
    case PL_FLOAT:
      return PL_CSV_FLOAT;
    case PL_DECIMAL:
      return PL_CSV_DECIMAL;
    case PL_DATE:
      return PL_CSV_DATE;
    case PL_TIMESTAMP:
      return PL_CSV_TIMESTAMP;
    default:
      return PL_CSV_NULL;
    }
}

static gboolean
is_formatted (const PlCsvWriter *self, const PlColumn *column)
{
  return column->type.kind == PL_FLOAT && self->options->float_format != NULL && column->floats != NULL;
}

static const PlText *
texts_of (const PlColumn *column)
{
  return column->type.kind == PL_STRING ? column->texts : column->lexical;
}

static void
plan_cell (const PlCsvWriter *self, PlCsvCell *cell, PlColumn *column)
{
  const PlFormatOptions *options = self->options;
  gboolean formatted = is_formatted (self, column);
  gboolean in_numbers = g_ascii_isalnum (self->delimiter) || strchr ("+-.: ", self->delimiter) != NULL;

  cell->column = column;
  cell->nulls = column->nulls;
  if (pl_style_applies (options, column->type))
    cell->texts = pl_style_texts (options, column, self->batch->n_rows, self->batch->arena);
  else
    cell->texts = formatted ? NULL : texts_of (column);
  if (column->type.kind == PL_NULL)
    cell->kind = PL_CSV_NULL;
  else if (cell->texts != NULL)
    cell->kind = PL_CSV_TEXT;
  else if (formatted || in_numbers || options->quoting == PL_QUOTING_ALL)
    cell->kind = PL_CSV_INDIRECT;
  else
    cell->kind = direct_kind (column->type);
}

gsize
pl_csv_bound (const PlCsvWriter *self)
{
  gsize n_rows = self->batch->n_rows;
  gsize total = n_rows * self->n_cells + 2 * n_rows;

  for (guint c = 0; c < self->n_cells; c++)
    {
      const PlCsvCell *cell = &self->cells[c];

      if (cell->kind == PL_CSV_RUN)
        {
          for (gsize row = 0; row < n_rows; row++)
            total += pl_csv_stretch_length (cell, row);
          continue;
        }
      if (cell->kind == PL_CSV_SLICES)
        {
          /* Rows stand in their records in order, so the stretch's bytes are no more than those from the first to the
           * last. */
          if (n_rows > 0)
            total += (guint32) (cell->to.edges[(n_rows - 1) * cell->to.stride + 1] - cell->from.edges[0]);
          continue;
        }
      if (cell->kind != PL_CSV_NULL && cell->kind != PL_CSV_TEXT)
        total += n_rows * (cell->kind == PL_CSV_INDIRECT ? pl_csv_quoted_bound (self->scratch_size) : PL_PRINT_MAX);
      if (cell->kind == PL_CSV_TEXT)
        for (gsize row = 0; row < n_rows; row++)
          total += pl_csv_quoted_bound ((gsize) cell->texts[row].length + 1);
      if (cell->nulls != NULL || cell->kind == PL_CSV_NULL)
        total += n_rows * self->null_length;
    }
  return total;
}

/* Whether the column's bytes may be copied as they stand in their records. */
static gboolean
is_raw (const PlCsvWriter *self, const PlColumn *column)
{
  return column->raw != 0 && self->trust_plain && self->null_length == 0 && !self->refuses_nulls
         && !is_formatted (self, column) && !pl_style_applies (self->options, column->type)
         && (column->slices.data != NULL || texts_of (column) != NULL);
}

/* Appends column @field: to the stretch before it when it goes on with that one, else as a cell of its own. */
static void
add_cell (PlCsvWriter *self, guint field)
{
  PlCsvCell *cell = &self->cells[self->n_cells];
  PlColumn *column = self->batch->columns[field];

  if (!is_raw (self, column))
    {
      pl_column_settle (column, self->batch->n_rows, self->batch->arena);
      plan_cell (self, cell, column);
      cell->field = field;
      self->n_cells++;
    }
  else if (self->n_cells > 0 && cell[-1].kind == PL_CSV_RUN && cell[-1].last->raw + 1 == column->raw)
    cell[-1].last = column;
  else
    {
      /* A raw field alone is a stretch of one: its nulls are as empty as they are written. */
      *cell = (PlCsvCell){.kind = PL_CSV_RUN, .column = column, .last = column, .field = field};
      self->n_cells++;
    }
}

/* Where the slices of a stretch begin and end: a stretch that is a whole line is bounded by the ends of lines. */
static void
bound_stretch (const PlCsvWriter *self, PlCsvCell *cell)
{
  PlSlices *first = &cell->column->slices, *last = &cell->last->slices;
  const PlLines *lines = first->lines;
  if (lines != NULL && lines == last->lines && first->field == 0 && last->field + 1 == lines->n_fields)
    {
      cell->from = cell->to = (PlSlices){lines->data, lines->ends, 1, first->lines, 0};
      return;
    }
  pl_slices_locate (first, self->batch->arena);
  pl_slices_locate (last, self->batch->arena);
  cell->from = *first;
  cell->to = *last;
}

const PlLines *
pl_csv_lines (const PlCsvWriter *self)
{
  const PlCsvCell *cell = &self->cells[0];
  const gboolean whole = self->n_cells == 1 && !self->options->crlf && cell->kind == PL_CSV_SLICES
                         && cell->from.lines != NULL && cell->from.edges == cell->from.lines->ends
                         && cell->from.lines->n == self->batch->n_rows;
  return whole ? cell->from.lines : NULL;
}

/* A stretch is bounded by two texts or by two slices; what is between does not matter. */
static void
settle_stretch (const PlCsvWriter *self, PlCsvCell *cell)
{
  if (cell->column->slices.data != NULL && cell->last->slices.data != NULL)
    {
      cell->kind = PL_CSV_SLICES;
      bound_stretch (self, cell);
      return;
    }
  pl_column_settle (cell->column, self->batch->n_rows, self->batch->arena);
  pl_column_settle (cell->last, self->batch->n_rows, self->batch->arena);
  cell->texts = texts_of (cell->column);
  cell->stretch_ends = texts_of (cell->last);
}

void
pl_csv_prepare (PlCsvWriter *self, const PlFormatOptions *options, PlBatch *batch)
{
  guint n_columns = batch->schema->n_fields;

  self->options = options;
  self->batch = batch;
  self->delimiter = pl_csv_delimiter (options);
  self->bare_null = options->null_text != NULL ? options->null_text : "";
  self->bare_null_length = strlen (self->bare_null);
  /* Trusted texts are copied without a look, so nothing else may depend on what they say. */
  self->refuses_nulls = n_columns == 1 && self->bare_null_length == 0 && options->quoting == PL_QUOTING_NONE;
  self->trust_plain = self->delimiter == ',' && options->quoting != PL_QUOTING_ALL && self->bare_null_length == 0
                      && !options->escape_formulas;
  self->scratch_size = options->float_format != NULL ? 512 + strlen (options->float_format) : PL_PRINT_MAX;
  self->scratch = pl_arena_alloc (batch->arena, self->scratch_size);
  self->n_cells = 0;
  self->cells = pl_arena_new_array (batch->arena, PlCsvCell, n_columns);

  char *null = pl_arena_alloc (batch->arena, pl_csv_quoted_bound (self->bare_null_length));
  gboolean lone = n_columns == 1 && self->bare_null_length == 0 && options->quoting != PL_QUOTING_NONE;
  char *end = lone || pl_csv_has_special (self->bare_null, self->bare_null_length, self->delimiter)
                  ? pl_csv_put_quoted (null, self->bare_null, self->bare_null_length)
                  : pl_copy_short (null, self->bare_null, self->bare_null_length);
  self->null = null;
  self->null_length = (gsize) (end - null);
  for (guint c = 0; c < n_columns; c++)
    {
      g_assert (batch->columns[c] != NULL);
      add_cell (self, c);
    }
  for (guint c = 0; c < self->n_cells; c++)
    if (self->cells[c].kind == PL_CSV_RUN)
      settle_stretch (self, &self->cells[c]);
}
