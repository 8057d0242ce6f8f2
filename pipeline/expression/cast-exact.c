/* Casts that keep the value, for a setting that says what a column's type is: a cast that somebody writes into an
 * expression may round.
 *
 * A type holds a value when the way back gives the same value again. So 2.7 is no int, 12:30 is no date, and an integer
 * that no double is equal to is no float; and a float is the decimal that it is printed as, no longer one. A text is
 * read as ever, but no timestamp where it says more than microseconds. */
#include <string.h>

#include "../table/parse.h"
#include "kernels.h"

gboolean
pl_cast_may_round (PlType from, PlType to)
{
  if (from.kind == PL_NULL || from.kind == PL_STRING || to.kind == PL_STRING || from.kind == PL_BOOL)
    return FALSE;
  return from.kind == PL_DECIMAL
         || (from.kind != to.kind && !(from.kind == PL_INT && to.kind == PL_DECIMAL) && from.kind != PL_DATE);
}

/* Values that failed on the way back are null there. */
static gboolean
is_same (const PlColumn *a, const PlColumn *back, gsize row)
{
  const gsize width = pl_type_width (a->type);
  if (back->nulls[row])
    return FALSE;
  if (a->type.kind == PL_FLOAT)
    return a->floats[row] == back->floats[row];
  return memcmp ((const guint8 *) a->values + row * width, (const guint8 *) back->values + row * width, width) == 0;
}

/* The first row of @a, texts that are timestamps up to @n, that says more than microseconds; or @failed. */
static gsize
find_fine (const PlColumn *a, gsize n, gsize failed)
{
  for (gsize i = 0; i < MIN (n, failed); i++)
    {
      const char *data = a->texts[i].data;
      gsize length = a->texts[i].length;
      pl_parse_trim (&data, &length);
      if (!pl_column_is_null (a, i) && pl_timestamp_is_fine (data, length))
        return i;
    }
  return failed;
}

PlColumn *
pl_kernel_cast_exact (PlColumn *a, PlType to, gsize n, PlArena *arena, gsize *failed)
{
  PlColumn *out = pl_kernel_cast (a, to, FALSE, n, arena, failed);
  if (a->type.kind == PL_STRING && to.kind == PL_TIMESTAMP)
    *failed = find_fine (a, n, *failed);
  if (!pl_cast_may_round (a->type, to))
    return out;
  gsize ignored;
  const gsize n_cast = MIN (n, *failed);
  const PlColumn *back = pl_kernel_cast (out, a->type, TRUE, n_cast, arena, &ignored);
  for (gsize i = 0; i < n_cast; i++)
    if (!pl_column_is_null (a, i) && !is_same (a, back, i))
      {
        *failed = i;
        break;
      }
  return out;
}
