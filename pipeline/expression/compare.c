/* Comparisons of two columns of one type, or of whole numbers and floats, and three-valued logic over their results.
 *
 * NaN is equal to NaN and greater than every number, as in sorting and grouping, so that = finds the rows of a group
 * and < the rows before one (DuckDB and PostgreSQL have it so; IEEE 754 has not). Texts compare by bytes. */
#include <math.h>
#include <string.h>

#include "kernels.h"

/* Each of @equal, @less and @less_equal is an expression of x and y; the other three are these with x and y exchanged
 * or the result turned round. */
#define DEFINE_COMPARE(name, Type, equal, less, less_equal)                                                            \
  static void name (PlOperator operation, PlValue a, PlValue b, gsize n, guint8 *out)                                  \
  {                                                                                                                    \
    PlValue c = a;                                                                                                     \
    if (operation == PL_OP_GREATER || operation == PL_OP_GREATER_EQUAL)                                                \
      {                                                                                                                \
        a = b;                                                                                                         \
        b = c;                                                                                                         \
      }                                                                                                                \
    switch (operation)                                                                                                 \
      {                                                                                                                \
      case PL_OP_EQUAL:                                                                                                \
        PL_FOR_ROWS (Type, a, b, out[i] = (guint8) (equal););                                                          \
        break;                                                                                                         \
      case PL_OP_NOT_EQUAL:                                                                                            \
        PL_FOR_ROWS (Type, a, b, out[i] = (guint8) !(equal););                                                         \
        break;                                                                                                         \
      case PL_OP_LESS:                                                                                                 \
      case PL_OP_GREATER:                                                                                              \
        PL_FOR_ROWS (Type, a, b, out[i] = (guint8) (less););                                                           \
        break;                                                                                                         \
      default:                                                                                                         \
        PL_FOR_ROWS (Type, a, b, out[i] = (guint8) (less_equal););                                                     \
      }                                                                                                                \
  }

DEFINE_COMPARE (compare_bools, guint8, x == y, x < y, x <= y)
DEFINE_COMPARE (compare_ints, gint64, x == y, x < y, x <= y)
/* x != x tells NaN. No branch: where one side is a constant that is no NaN, the compiler takes its half out of the
 * loop. */
DEFINE_COMPARE (compare_floats, double, (x == y) | ((x != x) & (y != y)), (x < y) | ((y != y) & (x == x)),
                (x <= y) | (y != y))
DEFINE_COMPARE (compare_dates, gint32, x == y, x < y, x <= y)
DEFINE_COMPARE (compare_decimals, PlInt128, x == y, x < y, x <= y)

static inline gboolean
texts_equal (const PlText *a, const PlText *b)
{
  return a->length == b->length && (a->length == 0 || memcmp (a->data, b->data, a->length) == 0);
}

static void
compare_texts (PlOperator operation, PlValue a, PlValue b, gsize n, guint8 *out)
{
  const PlText *x = a.column->texts, *y = b.column->texts;
  gsize x_step = !a.scalar, y_step = !b.scalar;
  if (operation == PL_OP_EQUAL || operation == PL_OP_NOT_EQUAL)
    {
      for (gsize i = 0; i < n; i++)
        out[i] = texts_equal (&x[i * x_step], &y[i * y_step]) == (operation == PL_OP_EQUAL);
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      const PlText *s = &x[i * x_step], *t = &y[i * y_step];
      gsize common = MIN (s->length, t->length);
      int order = common > 0 ? memcmp (s->data, t->data, common) : 0;
      if (order == 0)
        order = (s->length > t->length) - (s->length < t->length);
      out[i] = operation == PL_OP_LESS         ? order < 0
               : operation == PL_OP_LESS_EQUAL ? order <= 0
               : operation == PL_OP_GREATER    ? order > 0
                                               : order >= 0;
    }
}

/* ---- whole numbers beside floats ---- */

static PlValue
to_floats (PlValue value, gsize n, PlArena *arena)
{
  gsize failed;
  const PlType type = PL_TYPE (PL_FLOAT);
  return (PlValue){pl_kernel_cast (value.column, type, FALSE, value.scalar ? 1 : n, arena, &failed), value.scalar};
}

/* Returns: <0, 0, >0: how @number compares with @value, which is no NaN. Rounding keeps the order, so only where both
 * come to the same double do the digits behind it decide. */
static inline int
order_exactly (gint64 number, double value)
{
  const double rounded = (double) number;
  if (rounded != value)
    return rounded < value ? -1 : 1;
  if (value >= 0x1p63)
    return -1;
  return (number > (gint64) value) - (number < (gint64) value);
}

static inline guint8
holds (PlOperator operation, int order)
{
  switch (operation)
    {
    case PL_OP_EQUAL:
      return order == 0;
    case PL_OP_NOT_EQUAL:
      return order != 0;
    case PL_OP_LESS:
      return order < 0;
    case PL_OP_LESS_EQUAL:
      return order <= 0;
    case PL_OP_GREATER:
      return order > 0;
    default:
      return order >= 0;
    }
}

/* Compares anew where floats are so large that ints have been rounded. */
static void
correct_large (PlOperator operation, PlValue a, PlValue b, gsize n, guint8 *out)
{
  const gboolean is_turned = a.column->type.kind == PL_FLOAT;
  const PlValue ints = is_turned ? b : a, floats = is_turned ? a : b;
  if (floats.scalar && !(fabs (floats.column->floats[0]) >= PL_EXACT_INTS))
    return;
  for (gsize i = 0; i < n; i++)
    {
      const double value = floats.column->floats[floats.scalar ? 0 : i];
      if (G_LIKELY (!(fabs (value) >= PL_EXACT_INTS)))
        continue;
      const int order = order_exactly (ints.column->ints[ints.scalar ? 0 : i], value);
      out[i] = holds (operation, is_turned ? -order : order);
    }
}

PlColumn *
pl_kernel_compare (PlOperator operation, PlValue a, PlValue b, gsize n, PlArena *arena)
{
  PlColumn *out;
  if ((a.scalar && pl_value_is_null (a, 0)) || (b.scalar && pl_value_is_null (b, 0)))
    return pl_column_null (arena, PL_TYPE (PL_BOOL), n);
  out = pl_column_new (arena, PL_TYPE (PL_BOOL), n);
  out->nulls = pl_nulls_or (a, b, n, arena);
  if (a.column->type.kind != b.column->type.kind)
    {
      compare_floats (operation, to_floats (a, n, arena), to_floats (b, n, arena), n, out->bools);
      correct_large (operation, a, b, n, out->bools);
      return out;
    }
  switch ((PlTypeKind) a.column->type.kind)
    {
    case PL_NULL:
      return pl_column_null (arena, PL_TYPE (PL_BOOL), n);
    case PL_BOOL:
      compare_bools (operation, a, b, n, out->bools);
      break;
    case PL_INT:
    case PL_TIMESTAMP:
      compare_ints (operation, a, b, n, out->bools);
      break;
    case PL_FLOAT:
      compare_floats (operation, a, b, n, out->bools);
      break;
    case PL_DECIMAL:
      compare_decimals (operation, a, b, n, out->bools);
      break;
    case PL_STRING:
      compare_texts (operation, a, b, n, out->bools);
      break;
    case PL_DATE:
      compare_dates (operation, a, b, n, out->bools);
      break;
    }
  return out;
}

/* Bytes of truth, both 0 or 1: the loops are free of branches and of pointers that may alias. */
static void
and_bytes (const guint8 *x, const guint8 *y, gsize n, guint8 *restrict out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = x[i] & y[i];
}

static void
or_bytes (const guint8 *x, const guint8 *y, gsize n, guint8 *restrict out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = x[i] | y[i];
}

/* True where both are, false where one is, else null; `or` is the same of the opposites, which @flip makes. */
static void
logic_bytes (guint8 flip, const PlColumn *x, const PlColumn *y, gsize n, guint8 *restrict out, guint8 *restrict nulls)
{
  const guint8 *x_bools = x->bools, *y_bools = y->bools, *x_nulls = x->nulls, *y_nulls = y->nulls;
  for (gsize i = 0; i < n; i++)
    {
      guint8 x_known = x_nulls[i] ^ 1, y_known = y_nulls[i] ^ 1;
      guint8 x_value = x_bools[i] ^ flip, y_value = y_bools[i] ^ flip;
      guint8 both = (x_value & x_known) & (y_value & y_known);
      guint8 never = (x_known & (x_value ^ 1)) | (y_known & (y_value ^ 1));
      out[i] = both ^ flip;
      nulls[i] = (both | never) ^ 1;
    }
}

PlColumn *
pl_kernel_logic (gboolean is_and, PlValue a, PlValue b, gsize n, PlArena *arena)
{
  PlColumn x = *pl_value_expand (a, n, arena), y = *pl_value_expand (b, n, arena);
  PlColumn *out = pl_column_new (arena, PL_TYPE (PL_BOOL), n);
  if (x.nulls == NULL && y.nulls == NULL)
    {
      (is_and ? and_bytes : or_bytes) (x.bools, y.bools, n, out->bools);
      return out;
    }
  guint8 *none = x.nulls == NULL || y.nulls == NULL ? pl_arena_alloc0 (arena, n) : NULL;
  x.nulls = x.nulls != NULL ? x.nulls : none;
  y.nulls = y.nulls != NULL ? y.nulls : none;
  out->nulls = pl_arena_alloc (arena, n);
  logic_bytes (!is_and, &x, &y, n, out->bools, out->nulls);
  return out;
}

PlColumn *
pl_kernel_not (PlColumn *a, gsize n, PlArena *arena)
{
  PlColumn *out = pl_column_new (arena, PL_TYPE (PL_BOOL), n);
  const guint8 *bools = a->bools;
  guint8 *restrict opposite = out->bools;
  out->nulls = a->nulls;
  for (gsize i = 0; i < n; i++)
    opposite[i] = !bools[i];
  return out;
}
