/* A column as a wider type. It is the casts' work, but for two things: what has been read keeps its text, as it does
 * where one file widens the type of another; and numbers that become floats keep their exact value for sums, which
 * a double seldom has. */
#include "widen.h"
#include "../table/powers.h"
#include "kernels.h"
#include <string.h>

guint8
pl_widen_require (PlType from, PlType to, guint8 uses)
{
  if (pl_type_equal (from, to) || uses == PL_USE_NONE)
    return uses;
  if (to.kind == PL_STRING)
    return PL_USE_TEXT;
  return (uses & PL_USE_TEXT) | (uses & (PL_USE_VALUE | PL_USE_EXACT) ? PL_USE_VALUE : 0);
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
