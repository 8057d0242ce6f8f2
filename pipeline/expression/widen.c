/* A column as a wider type. It is the casts' work, but for two things: what has been read keeps its text, as it does
 * where one file widens the type of another; and whole numbers that become floats keep their exact value for sums,
 * which a double has only up to 2^53. */
#include "widen.h"
#include "../table/powers.h"
#include "kernels.h"

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

/* Gives @floats the exact values of the whole numbers @from, as far as they have room. */
static void
keep_exact (PlColumn *floats, const PlColumn *from, gsize n, PlArena *arena)
{
  const gint64 limit = (gint64) pl_powers_of_10[18];
  floats->exact = from->ints;
  for (gsize i = 0; i < n; i++)
    if (!pl_column_is_null (from, i) && (from->ints[i] >= limit || from->ints[i] <= -limit))
      {
        if (floats->exact_scales == NULL)
          floats->exact_scales = pl_arena_alloc0 (arena, n);
        floats->exact_scales[i] = PL_SCALE_INEXACT;
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
  if (column->type.kind == PL_INT && to.kind == PL_FLOAT && column->values != NULL)
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
