/* A column as a wider type. It is the casts' work, but for two things: what has been read keeps its text, as it does
 * where one file widens the type of another; and numbers that become floats keep their exact value for sums, which
 * a double seldom has. */
#include "widen.h"
#include "../base/error.h"
#include "../table/parse.h"
#include "../table/powers.h"
#include "../table/print.h"
#include "kernels.h"
#include <string.h>

guint8
pl_widen_require (PlType from, PlType to, guint8 uses)
{
  if (pl_type_equal (from, to) || uses == PL_USE_NONE)
    return uses;
  if (to.kind == PL_STRING)
    return PL_USE_TEXT;
  return (uses & (PL_USE_TEXT | PL_USE_COMPUTE)) | (uses & (PL_USE_VALUE | PL_USE_EXACT) ? PL_USE_VALUE : 0);
}

/* The texts of what has been read, which are values now. */
static PlColumn *
take_texts (const PlColumn *column, PlArena *arena)
{
  PlColumn *texts = pl_arena_alloc0 (arena, sizeof *texts);
  texts->type = PL_TYPE (PL_STRING);
  texts->nulls = column->nulls;
  texts->texts = column->lexical;
  return texts;
}

/* The number of row @row, as an integer of the type's scale. */
static inline PlInt128
mantissa_of (const PlColumn *column, gsize row)
{
  return column->type.kind == PL_INT ? column->ints[row] : column->decimals[row];
}

/* Gives @floats the exact values of the whole numbers or decimals @from, as far as they have room; zeros behind the
 * point need none. */
static void
keep_exact (PlColumn *floats, const PlColumn *from, gsize n, PlArena *arena)
{
  const PlInt128 limit = pl_powers_of_10[18];
  floats->exact = pl_arena_new_array (arena, gint64, n);
  floats->exact_scale = MIN (from->type.scale, 18);
  for (gsize i = 0; i < n; i++)
    {
      PlInt128 mantissa = pl_column_is_null (from, i) ? 0 : mantissa_of (from, i);
      guint scale = mantissa == 0 ? floats->exact_scale : from->type.scale;
      for (; scale > 0 && (scale > 18 || mantissa >= limit || mantissa <= -limit) && mantissa % 10 == 0; scale--)
        mantissa /= 10;
      const gboolean fits = scale <= 18 && mantissa < limit && mantissa > -limit;
      floats->exact[i] = fits ? (gint64) mantissa : 0;
      if (fits && scale == floats->exact_scale)
        continue;
      if (floats->exact_scales == NULL)
        floats->exact_scales = memset (pl_arena_alloc (arena, n), floats->exact_scale, n);
      floats->exact_scales[i] = fits ? (guint8) scale : PL_SCALE_INEXACT;
    }
}

/* Up to here doubles are printed with the very digits, wherever the point is. */
#define MAX_SHORT ((PlInt128) PL_MAX_SHORT_DIGITS)

/* Whether the number of row @row is the one that its double is printed as; or is kept beside it, where that is all that
 * is wanted. */
static gboolean
is_float (const PlColumn *column, gsize row, guint8 uses)
{
  char text[PL_PRINT_MAX];
  PlNumberShape shape;
  double value;
  const PlInt128 mantissa = mantissa_of (column, row);
  if (mantissa <= MAX_SHORT && mantissa >= -MAX_SHORT)
    return TRUE;
  if ((uses & PL_USE_VALUE) == 0 && column->type.scale <= 18 && mantissa < pl_powers_of_10[18]
      && mantissa > -pl_powers_of_10[18])
    return TRUE;
  gsize length = pl_print_decimal (text, mantissa, column->type.kind == PL_INT ? 0 : column->type.scale);
  const gsize sign = text[0] == '-';
  return pl_number_shape (text + sign, length - sign, &shape) && pl_parse_float (text + sign, length - sign, &value)
         && (pl_number_is_short (&shape) || pl_number_is_double (&shape, value));
}

/* The first row of @column whose number @to does not hold; PL_NO_ROW: it holds all. */
static gsize
find_misfit (PlColumn *column, PlType to, guint8 uses, gsize n, PlArena *arena)
{
  gsize failed = PL_NO_ROW;
  const PlType from = column->type;
  /* Texts stay as they stood. */
  if (column->values == NULL || (uses & (PL_USE_VALUE | PL_USE_EXACT)) == 0 || pl_type_equal (from, to))
    return failed;
  if (from.kind == PL_FLOAT && to.kind == PL_DECIMAL)
    pl_kernel_cast_exact (column, to, n, arena, &failed);
  else if ((from.kind == PL_INT || from.kind == PL_DECIMAL) && to.kind == PL_FLOAT)
    for (gsize row = 0; row < n; row++)
      if (!pl_column_is_null (column, row) && !is_float (column, row, uses))
        return row;
  return failed;
}

gboolean
pl_widen_may_fail (PlType from, PlType to)
{
  return from.kind != to.kind && (from.kind == PL_FLOAT || to.kind == PL_FLOAT) && pl_type_is_numeric (from)
         && pl_type_is_numeric (to);
}

void
pl_widen_seek (PlMisfit *first, const PlBatch *batch, PlColumn *column, const PlField *from, PlType to, guint8 uses)
{
  if (!pl_widen_may_fail (from->type, to))
    return;
  const gsize row = find_misfit (column, to, uses, batch->n_rows, batch->arena);
  if (row < first->row)
    *first = (PlMisfit){row, column, from, to};
}

gboolean
pl_widen_fail (PlBatch *batch, const PlMisfit *first, GError **error)
{
  if (first->row == PL_NO_ROW)
    return TRUE;
  g_auto (PlBuffer) value = PL_BUFFER_INIT;
  const char *name = first->from->name;
  const gboolean is_guess = first->from->extent.is_known && !first->from->extent.is_certain;
  pl_print_value (&value, first->column, first->row);
  return pl_batch_fail (batch, first->row, error, PL_DATA_ERROR,
                        is_guess ? PL_DATA_ERROR_CONTRADICTION : PL_DATA_ERROR_BAD_VALUE,
                        "%.*s of column '%s' is no %s, which it becomes together with others; types = %s:string, or a "
                        "decimal, in a [select] before keeps it",
                        (int) value.length, value.data, name, pl_type_name (first->to), name);
}

PlColumn *
pl_widen_column (PlColumn *column, PlType to, gsize n, PlArena *arena)
{
  gsize failed = PL_NO_ROW;
  if (pl_type_equal (column->type, to))
    return column;
  if (column->type.kind == PL_NULL)
    return pl_column_null (arena, to, n);
  pl_column_settle (column, n, arena);
  if (to.kind == PL_STRING && column->lexical != NULL)
    return take_texts (column, arena);
  PlColumn *wide;
  if (column->values != NULL)
    wide = pl_kernel_cast (column, to, FALSE, n, arena, &failed);
  else
    {
      /* Nothing but its text is wanted. */
      wide = pl_arena_alloc0 (arena, sizeof *wide);
      wide->type = to;
      wide->nulls = column->nulls;
    }
  g_assert (failed == PL_NO_ROW);
  wide->lexical = column->lexical;
  if ((column->type.kind == PL_INT || column->type.kind == PL_DECIMAL) && to.kind == PL_FLOAT && column->values != NULL)
    keep_exact (wide, column, n, arena);
  return wide;
}

PlColumn *
pl_widen_print (const PlColumn *wide, PlColumn *column, gsize n, PlArena *arena)
{
  gsize failed = PL_NO_ROW;
  PlColumn *printed = pl_arena_new_array (arena, PlColumn, 1);
  *printed = *wide;
  if (column->type.kind == PL_NULL)
    printed->lexical = pl_arena_alloc0 (arena, sizeof (PlText) * (n + 1));
  else
    printed->lexical = pl_kernel_cast (column, PL_TYPE (PL_STRING), FALSE, n, arena, &failed)->texts;
  g_assert (failed == PL_NO_ROW);
  return printed;
}
