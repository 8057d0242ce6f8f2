/* One cell at a time, the general way. */
#include "cells.h"

void
pl_cells_add_null (PlCells *cells, gsize row)
{
  if (cells->nulls == NULL)
    cells->nulls = pl_arena_alloc0 (cells->arena, cells->n);
  cells->nulls[row] = 1;
}

/* TRUE: go on with the next row. */
static gboolean
add_misfit (const PlCells *cells, gsize row)
{
  guint32 index = (guint32) row;
  g_array_append_val (cells->misfits, index);
  return cells->all;
}

/* Whether a value that can be read as a guessed type is what inference would have called so: "12" may be read as a date
 * or "1.0" as a decimal, but a sample with it in would have led to another guess. */
static gboolean
is_of_guess (const PlCells *cells, PlText text)
{
  return cells->pinned
         || pl_type_equal (pl_type_join (cells->type, pl_converter_classify (cells->converter, text)), cells->type);
}

gboolean
pl_cells_take (PlCells *cells, gsize row, PlCellValue *value)
{
  const PlConverter *converter = cells->converter;
  PlText text;
  memset (value, 0, sizeof *value);
  if (!pl_field_text (converter->records, &converter->nulls, &cells->view, row, cells->arena, &text))
    {
      pl_cells_add_null (cells, row);
      return TRUE;
    }
  if (pl_converter_parse (converter, text.data, text.length, cells->type, value) && is_of_guess (cells, text))
    return TRUE;
  memset (value, 0, sizeof *value);
  return add_misfit (cells, row);
}
