/* Arithmetic over columns of one type: loops that the compiler turns into vector code.
 *
 * Integer overflow is not tested row by row: the loop ORs the overflow bits of all rows, and only a batch that has
 * one is searched for its first row. Division by zero gives null; // floors and % takes the divisor's sign, as in
 * Python. */
#include <math.h>
#include <string.h>

#include "../rounded/rounded.h"
#include "../table/powers.h"
#include "kernels.h"

PlColumn *
pl_value_expand (PlValue value, gsize n, PlArena *arena)
{
  if (!value.scalar)
    return value.column;
  guint32 *rows = pl_arena_alloc0 (arena, sizeof (guint32) * n);
  return pl_column_gather (value.column, rows, n, arena);
}

guint8 *
pl_nulls_or (PlValue a, PlValue b, gsize n, PlArena *arena)
{
  const guint8 *x = a.scalar ? NULL : a.column->nulls, *y = b.scalar ? NULL : b.column->nulls;
  if (x == NULL || y == NULL)
    return (guint8 *) (x != NULL ? x : y);
  guint8 *nulls = pl_arena_alloc (arena, n);
  for (gsize i = 0; i < n; i++)
    nulls[i] = x[i] | y[i];
  return nulls;
}

/* A nulls array of the result's own, for kernels that make nulls. */
static guint8 *
own_nulls (PlColumn *out, gsize n, PlArena *arena)
{
  guint8 *nulls = pl_arena_alloc (arena, n);
  if (out->nulls != NULL)
    memcpy (nulls, out->nulls, n);
  else
    memset (nulls, 0, n);
  out->nulls = nulls;
  return nulls;
}

/* Sums, differences and products that overflow, as a sign bit or a flag; the same for the batch and for one row. */
static inline gint64
add_int (gint64 x, gint64 y, guint64 *bad)
{
  guint64 sum = (guint64) x + (guint64) y;
  *bad |= (((guint64) x ^ sum) & ((guint64) y ^ sum)) >> 63;
  return (gint64) sum;
}

static inline gint64
subtract_int (gint64 x, gint64 y, guint64 *bad)
{
  guint64 difference = (guint64) x - (guint64) y;
  *bad |= (((guint64) x ^ (guint64) y) & ((guint64) x ^ difference)) >> 63;
  return (gint64) difference;
}

static inline gint64
multiply_int (gint64 x, gint64 y, guint64 *bad)
{
  gint64 product;
  *bad |= (guint64) __builtin_mul_overflow (x, y, &product);
  return product;
}

static inline gint64
floor_divide_int (gint64 x, gint64 y, guint64 *bad)
{
  if (y == 0)
    return 0;
  if (y == -1)
    return subtract_int (0, x, bad);
  return x / y - (x % y != 0 && (x % y < 0) != (y < 0));
}

static inline gint64
modulo_int (gint64 x, gint64 y)
{
  if (y == 0 || y == -1)
    return 0;
  gint64 rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

static guint64
compute_ints (PlOperator operation, PlValue a, PlValue b, gsize n, gint64 *out)
{
  guint64 bad = 0;
  switch (operation)
    {
    case PL_OP_ADD:
      PL_FOR_ROWS (gint64, a, b, out[i] = add_int (x, y, &bad););
      break;
    case PL_OP_SUBTRACT:
      PL_FOR_ROWS (gint64, a, b, out[i] = subtract_int (x, y, &bad););
      break;
    case PL_OP_MULTIPLY:
      PL_FOR_ROWS (gint64, a, b, out[i] = multiply_int (x, y, &bad););
      break;
    case PL_OP_FLOOR_DIVIDE:
      PL_FOR_ROWS (gint64, a, b, out[i] = floor_divide_int (x, y, &bad););
      break;
    case PL_OP_MODULO:
      PL_FOR_ROWS (gint64, a, b, out[i] = modulo_int (x, y););
      break;
    default:
      g_assert_not_reached ();
    }
  return bad;
}

static double
modulo_float (double x, double y)
{
  double rest = fmod (x, y);
  if (rest != 0)
    return (rest < 0) != (y < 0) ? rest + y : rest;
  return copysign (0.0, y);
}

static double
floor_divide_float (double x, double y)
{
  double quotient = (x - modulo_float (x, y)) / y;
  double floored = floor (quotient);
  /* A quotient that is zero still has its sign, which the difference above has lost. */
  if (quotient == 0)
    return copysign (0.0, x / y);
  return quotient - floored > 0.5 ? floored + 1.0 : floored;
}

static void
compute_floats (PlOperator operation, PlValue a, PlValue b, gsize n, PlColumn *column, PlArena *arena)
{
  double *out = column->floats;
  guint8 *nulls = NULL;
  gboolean divides = operation == PL_OP_DIVIDE || operation == PL_OP_FLOOR_DIVIDE || operation == PL_OP_MODULO;
  if (operation == PL_OP_POWER || (divides && !(b.scalar && b.column->floats[0] != 0)))
    nulls = own_nulls (column, n, arena);
  if (divides && nulls != NULL)
    PL_FOR_ROWS (double, a, b, (void) x; nulls[i] |= y == 0;);
  switch (operation)
    {
    case PL_OP_ADD:
      PL_FOR_ROWS (double, a, b, out[i] = x + y;);
      break;
    case PL_OP_SUBTRACT:
      PL_FOR_ROWS (double, a, b, out[i] = x - y;);
      break;
    case PL_OP_MULTIPLY:
      PL_FOR_ROWS (double, a, b, out[i] = x * y;);
      break;
    case PL_OP_DIVIDE:
      /* The quotient of a null row is never seen; dividing by one there raises nothing. */
      PL_FOR_ROWS (double, a, b, out[i] = x / (y == 0 ? 1.0 : y););
      break;
    case PL_OP_FLOOR_DIVIDE:
      PL_FOR_ROWS (double, a, b, out[i] = y == 0 ? 0 : floor_divide_float (x, y););
      break;
    case PL_OP_MODULO:
      PL_FOR_ROWS (double, a, b, out[i] = y == 0 ? 0 : modulo_float (x, y););
      break;
    case PL_OP_POWER:
      pl_rounded_power (a.column->floats, a.scalar, b.column->floats, b.scalar, out, n);
      PL_FOR_ROWS (double, a, b, nulls[i] |= (isnan (out[i]) && !isnan (x) && !isnan (y)) || (x == 0 && y < 0););
      break;
    default:
      g_assert_not_reached ();
    }
}

/* What is beyond 38 digits becomes 0, so that whatever computes on with a failed row stays within bounds. */
static inline PlInt128
check_decimal (PlInt128 value, gboolean overflow, guint64 *bad)
{
  overflow = overflow || value >= pl_powers_of_10[38] || value <= -pl_powers_of_10[38];
  *bad |= (guint64) overflow;
  return overflow ? 0 : value;
}

/* Twice 38 digits are more than 128 bits hold. */
static inline PlInt128
add_decimal (PlInt128 x, PlInt128 y, guint64 *bad)
{
  PlInt128 sum;
  gboolean overflow = __builtin_add_overflow (x, y, &sum);
  return check_decimal (sum, overflow, bad);
}

static inline PlInt128
subtract_decimal (PlInt128 x, PlInt128 y, guint64 *bad)
{
  PlInt128 difference;
  gboolean overflow = __builtin_sub_overflow (x, y, &difference);
  return check_decimal (difference, overflow, bad);
}

static inline PlInt128
multiply_decimal (PlInt128 x, PlInt128 y, guint64 *bad)
{
  PlInt128 product;
  gboolean overflow = __builtin_mul_overflow (x, y, &product);
  return check_decimal (product, overflow, bad);
}

static inline PlInt128
modulo_decimal (PlInt128 x, PlInt128 y)
{
  if (y == 0)
    return 0;
  PlInt128 rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/* Operands have equal scales (but for products), so // is a plain quotient. */
static guint64
compute_decimals (PlOperator operation, PlValue a, PlValue b, gsize n, PlInt128 *out)
{
  guint64 bad = 0;
  switch (operation)
    {
    case PL_OP_ADD:
      PL_FOR_ROWS (PlInt128, a, b, out[i] = add_decimal (x, y, &bad););
      break;
    case PL_OP_SUBTRACT:
      PL_FOR_ROWS (PlInt128, a, b, out[i] = subtract_decimal (x, y, &bad););
      break;
    case PL_OP_MULTIPLY:
      PL_FOR_ROWS (PlInt128, a, b, out[i] = multiply_decimal (x, y, &bad););
      break;
    case PL_OP_FLOOR_DIVIDE:
      PL_FOR_ROWS (PlInt128, a, b, out[i] = y == 0 ? 0 : (x - modulo_decimal (x, y)) / y;);
      break;
    case PL_OP_MODULO:
      PL_FOR_ROWS (PlInt128, a, b, out[i] = modulo_decimal (x, y););
      break;
    default:
      g_assert_not_reached ();
    }
  return bad;
}

static PlValue
row_value (PlValue value, gsize row, PlColumn *slice)
{
  *slice = (PlColumn){.type = value.column->type};
  slice->values = (guint8 *) value.column->values + pl_value_row (value, row) * pl_type_width (slice->type);
  return (PlValue){slice, FALSE};
}

/* Searches a batch with an overflow for its first row; a null row's does not count. */
static gsize
find_overflow (PlOperator operation, PlValue a, PlValue b, gsize n, const PlColumn *out)
{
  for (gsize i = 0; i < n; i++)
    {
      PlColumn x, y;
      PlInt128 result;
      if (out->nulls != NULL && out->nulls[i])
        continue;
      PlValue left = row_value (a, i, &x), right = row_value (b, i, &y);
      if (out->type.kind == PL_DECIMAL ? compute_decimals (operation, left, right, 1, &result)
                                       : compute_ints (operation, left, right, 1, (gint64 *) &result))
        return i;
    }
  return PL_NO_ROW;
}

static void
add_zero_nulls (PlValue b, gsize n, PlColumn *out, PlArena *arena)
{
  gboolean wide = b.column->type.kind == PL_DECIMAL;
  guint8 *nulls = own_nulls (out, n, arena);
  for (gsize i = 0; i < n; i++)
    {
      gsize row = pl_value_row (b, i);
      nulls[i] |= wide ? b.column->decimals[row] == 0 : b.column->ints[row] == 0;
    }
}

PlColumn *
pl_kernel_arithmetic (PlOperator operation, PlType result, PlValue a, PlValue b, gsize n, PlArena *arena, gsize *failed)
{
  *failed = PL_NO_ROW;
  if ((a.scalar && pl_value_is_null (a, 0)) || (b.scalar && pl_value_is_null (b, 0)))
    return pl_column_null (arena, result, n);
  PlColumn *out = pl_column_new (arena, result, n);
  out->nulls = pl_nulls_or (a, b, n, arena);
  if (result.kind == PL_FLOAT)
    {
      compute_floats (operation, a, b, n, out, arena);
      return out;
    }
  if (operation == PL_OP_FLOOR_DIVIDE || operation == PL_OP_MODULO)
    add_zero_nulls (b, n, out, arena);
  guint64 bad = result.kind == PL_DECIMAL ? compute_decimals (operation, a, b, n, out->decimals)
                                          : compute_ints (operation, a, b, n, out->ints);
  if (G_UNLIKELY (bad))
    *failed = find_overflow (operation, a, b, n, out);
  return out;
}

PlColumn *
pl_kernel_negate (PlColumn *a, gsize n, PlArena *arena, gsize *failed)
{
  PlColumn *out = pl_column_new (arena, a->type, n);
  out->nulls = a->nulls;
  *failed = PL_NO_ROW;
  switch (a->type.kind)
    {
    case PL_FLOAT:
      for (gsize i = 0; i < n; i++)
        out->floats[i] = -a->floats[i];
      break;
    case PL_DECIMAL:
      for (gsize i = 0; i < n; i++)
        out->decimals[i] = -a->decimals[i];
      break;
    default:
      for (gsize i = 0; i < n; i++)
        {
          out->ints[i] = (gint64) (0 - (guint64) a->ints[i]);
          if (G_UNLIKELY (a->ints[i] == G_MININT64) && *failed == PL_NO_ROW && !pl_column_is_null (a, i))
            *failed = i;
        }
    }
  return out;
}
