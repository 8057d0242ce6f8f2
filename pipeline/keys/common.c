/* Values of two types as values of one: see common.h. */
#include "common.h"
#include "../expression/kernels.h"

#include <math.h>

gboolean
pl_key_types_meet (PlType a, PlType b, PlType *common)
{
  const gboolean is_mixed = (a.kind == PL_INT && b.kind == PL_FLOAT) || (a.kind == PL_FLOAT && b.kind == PL_INT);
  if (!is_mixed)
    return pl_type_promote (a, b, common);
  *common = PL_TYPE (PL_INT);
  return TRUE;
}

/* Floats that are whole numbers; others equal none. */
static PlColumn *
take_whole (const PlColumn *column, gsize n, guint8 *usable, PlArena *arena)
{
  PlColumn *whole = pl_column_new (arena, PL_TYPE (PL_INT), n);
  whole->nulls = column->nulls;
  for (gsize i = 0; i < n; i++)
    {
      const double value = pl_column_is_null (column, i) ? 0 : column->floats[i];
      const gboolean fits = value >= -0x1p63 && value < 0x1p63 && value == trunc (value);
      whole->ints[i] = fits ? (gint64) value : 0;
      usable[i] &= (guint8) fits;
    }
  return whole;
}

PlColumn *
pl_key_meet (PlColumn *column, PlType common, gsize n, guint8 *usable, PlArena *arena)
{
  gsize failed;
  if (column->type.kind == PL_NULL)
    return pl_column_null (arena, common, n);
  pl_column_settle (column, n, arena);
  if (pl_type_equal (column->type, common))
    return column;
  if (column->type.kind == PL_FLOAT && common.kind == PL_INT)
    return take_whole (column, n, usable, arena);
  PlColumn *met = pl_kernel_cast (column, common, TRUE, n, arena, &failed);
  /* What the common type has no room for, no value of the other side can be. */
  for (gsize i = 0; i < n; i++)
    usable[i] &= (guint8) (!pl_column_is_null (met, i) || pl_column_is_null (column, i));
  return met;
}
