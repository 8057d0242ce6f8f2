/* One cell at a time, the general way. */
#include "cells.h"

#include <math.h>

#include "../table/parse.h"
#include "../table/powers.h"

static void
add_null (PlCells *cells, gsize row)
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

/* A quoted empty text, in a column that is none of texts, is null; but nothing is known of a column of which only empty
 * texts have been seen, and nobody looks at the values of one that passes through: then all values must be seen. */
static gboolean
take_empty (PlCells *cells, gsize row)
{
  const PlReading *reading = cells->reading;
  gboolean is_null = reading->is_certain || (cells->is_verified && cells->type.kind != PL_NULL);
  add_null (cells, row);
  return is_null || add_misfit (cells, row);
}

void
pl_cells_text (PlCells *cells, gsize row, PlText *text)
{
  const PlConverter *converter = cells->converter;
  if (!pl_field_text (converter->records, &converter->nulls, &cells->view, row, cells->arena, text))
    add_null (cells, row);
  else if (text->length == 0 && cells->type.kind != PL_STRING)
    take_empty (cells, row);
}

/* Whether the decimal is another one than the nearest to its double that has as many digits: then others are that, and
 * have the same double. What programs print of doubles is always the nearest. */
static gboolean
is_rounded (const PlCellValue *value)
{
  if (ABS (value->mantissa) <= (gint64) PL_MAX_SHORT_DIGITS)
    return FALSE;
  const double unit = pl_double_powers_of_10[value->scale], product = value->number * unit;
  const double rest = fma (value->number, unit, -product);
  return fabs ((double) (value->mantissa - (gint64) product) - (product - trunc (product)) - rest) > 0.5;
}

gboolean
pl_cells_take (PlCells *cells, gsize row, PlCellValue *value)
{
  const PlConverter *converter = cells->converter;
  PlText text;
  memset (value, 0, sizeof *value);
  if (!pl_field_text (converter->records, &converter->nulls, &cells->view, row, cells->arena, &text))
    {
      add_null (cells, row);
      return TRUE;
    }
  if (text.length == 0)
    return take_empty (cells, row);
  if (pl_converter_parse (converter, cells->reading, text.data, text.length, cells->type, value)
      && pl_converter_agrees (converter, cells->reading, text, cells->type, value))
    {
      if (G_UNLIKELY (converter->overlong != NULL) && cells->type.kind == PL_TIMESTAMP)
        pl_converter_tell_fine (converter, cells->reading, text, row);
      else if (G_UNLIKELY (converter->overlong != NULL)
               && (value->scale == PL_SCALE_INEXACT || (converter->tells_rounded && is_rounded (value))))
        pl_converter_tell_overlong (converter, text, value->number, row);
      return TRUE;
    }
  memset (value, 0, sizeof *value);
  return add_misfit (cells, row);
}
