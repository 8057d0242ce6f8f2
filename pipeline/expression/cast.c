/* Casts, a column at a time. Texts are read by table/parse.h and written by table/print.h, so that casting agrees with
 * reading and writing CSV. To int and to fewer digits, numbers are rounded half away from zero; a float becomes the
 * decimal of its shortest text (0.1 is 0.1, not the 55 digits of its binary value).
 * A cast is the user's will: it takes texts (parse.h, loose) that inference sees as texts: 007, 1e2, yes. */
#include <math.h>
#include <string.h>

#include "../table/calendar.h"
#include "../table/parse.h"
#include "../table/powers.h"
#include "../table/print.h"
#include "kernels.h"

typedef struct
{
  const PlColumn *from;
  PlColumn *out;
  gsize n;
  gboolean try_cast;
  gsize failed;
} Cast;

static gboolean
is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

gboolean
pl_cast_exists (PlType from, PlType to, gboolean *lossless)
{
  gboolean from_number = pl_type_is_numeric (from) || from.kind == PL_BOOL;
  gboolean to_number = pl_type_is_numeric (to) || to.kind == PL_BOOL;
  *lossless = TRUE;
  if (from.kind == PL_NULL || to.kind == PL_STRING || from.kind == to.kind)
    {
      *lossless = !(from.kind == PL_DECIMAL && to.kind == PL_DECIMAL
                    && (to.scale < from.scale || to.precision - to.scale < from.precision - from.scale));
      return TRUE;
    }
  if (is_time (from) && is_time (to))
    return TRUE;
  if (from_number && to_number)
    {
      *lossless = to.kind == PL_FLOAT || to.kind == PL_BOOL || from.kind == PL_BOOL;
      if (from.kind == PL_BOOL && to.kind == PL_DECIMAL)
        *lossless = to.precision > to.scale;
      else if (from.kind == PL_INT && to.kind == PL_DECIMAL)
        *lossless = to.precision - to.scale >= 19;
      return TRUE;
    }
  *lossless = FALSE;
  return from.kind == PL_STRING && to.kind != PL_NULL;
}

static inline void
zero_row (PlColumn *out, gsize row)
{
  gsize width = pl_type_width (out->type);
  memset ((guint8 *) out->values + row * width, 0, width);
}

/* The value of a row that cannot be cast is zeroed, so that it can be read by whatever comes behind. */
static void
fail_row (Cast *cast, gsize row)
{
  zero_row (cast->out, row);
  if (cast->try_cast)
    cast->out->nulls[row] = 1;
  else if (cast->failed == PL_NO_ROW)
    cast->failed = row;
}

/* @convert is an expression that is false when row i cannot be cast. */
#define FOR_CAST(cast, convert)                                                                                        \
  do                                                                                                                   \
    for (gsize i = 0; i < (cast)->n; i++)                                                                              \
      if (pl_column_is_null ((cast)->from, i))                                                                         \
        zero_row ((cast)->out, i);                                                                                     \
      else if (!(convert))                                                                                             \
        fail_row ((cast), i);                                                                                          \
  while (0)

static gboolean
fits (PlInt128 value, guint precision)
{
  PlInt128 limit = pl_powers_of_10[precision];
  return value < limit && value > -limit;
}

/* value × 10^shift, rounded half away from zero. */
static gboolean
rescale (PlInt128 value, gint shift, PlInt128 *result)
{
  if (shift >= 0)
    {
      if (value == 0 || shift > 38)
        {
          *result = 0;
          return value == 0;
        }
      return !__builtin_mul_overflow (value, pl_powers_of_10[shift], result);
    }
  if (shift < -38)
    {
      *result = 0;
      return TRUE;
    }
  PlInt128 divisor = pl_powers_of_10[-shift], rest = value % divisor;
  *result = value / divisor;
  if (rest >= divisor - rest || -rest >= divisor + rest)
    *result += value < 0 ? -1 : 1;
  return TRUE;
}

static gboolean
to_decimal (PlInt128 value, gint shift, PlType type, PlInt128 *result)
{
  return rescale (value, shift, result) && fits (*result, type.precision);
}

/* By way of the shortest text, which has at most 17 digits. */
static gboolean
float_to_decimal (double value, PlType type, PlInt128 *result)
{
  char text[PL_PRINT_MAX + 1];
  PlInt128 digits = 0;
  gint exponent = 0;
  gboolean fraction = FALSE;
  if (!isfinite (value))
    return FALSE;
  text[pl_print_float (text, value)] = '\0';
  const char *c = text + (text[0] == '-');
  for (; g_ascii_isdigit (*c) || *c == '.'; c++)
    if (*c == '.')
      fraction = TRUE;
    else
      {
        digits = digits * 10 + (*c - '0');
        exponent -= fraction;
      }
  if (*c == 'e')
    exponent += (gint) g_ascii_strtoll (c + 1, NULL, 10);
  return to_decimal (text[0] == '-' ? -digits : digits, exponent + type.scale, type, result);
}

static double
decimal_to_float (PlInt128 value, guint scale)
{
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  char text[PL_PRINT_MAX];
  double result = 0;
  PlInt128 exact = (PlInt128) 1 << 53;
  /* Both exact: the division is the one rounding. */
  if (scale < G_N_ELEMENTS (powers) && value < exact && value > -exact)
    return (double) value / powers[scale];
  gsize length = pl_print_decimal (text, value, scale);
  pl_parse_float (text, length, &result);
  return result;
}

static gboolean
float_to_int (double value, gint64 *result)
{
  double rounded = round (value);
  if (!(rounded >= -0x1p63 && rounded < 0x1p63))
    return FALSE;
  *result = (gint64) rounded;
  return TRUE;
}

static gboolean
decimal_to_int (PlInt128 value, guint scale, gint64 *result)
{
  PlInt128 whole;
  rescale (value, -(gint) scale, &whole);
  *result = (gint64) whole;
  return whole >= G_MININT64 && whole <= G_MAXINT64;
}

static void
cast_to_bool (Cast *cast)
{
  const PlColumn *from = cast->from;
  guint8 *out = cast->out->bools;
  if (from->type.kind == PL_STRING)
    FOR_CAST (cast, pl_parse_loose_bool (from->texts[i].data, from->texts[i].length, &out[i]));
  else if (from->type.kind == PL_INT)
    FOR_CAST (cast, (out[i] = from->ints[i] != 0, TRUE));
  else if (from->type.kind == PL_FLOAT)
    FOR_CAST (cast, (out[i] = from->floats[i] != 0, TRUE));
  else
    FOR_CAST (cast, (out[i] = from->decimals[i] != 0, TRUE));
}

static void
cast_to_int (Cast *cast)
{
  const PlColumn *from = cast->from;
  gint64 *out = cast->out->ints;
  if (from->type.kind == PL_STRING)
    FOR_CAST (cast, pl_parse_loose_int (from->texts[i].data, from->texts[i].length, &out[i]));
  else if (from->type.kind == PL_BOOL)
    FOR_CAST (cast, (out[i] = from->bools[i], TRUE));
  else if (from->type.kind == PL_FLOAT)
    FOR_CAST (cast, float_to_int (from->floats[i], &out[i]));
  else
    FOR_CAST (cast, decimal_to_int (from->decimals[i], from->type.scale, &out[i]));
}

static void
cast_to_float (Cast *cast)
{
  const PlColumn *from = cast->from;
  double *out = cast->out->floats;
  if (from->type.kind == PL_STRING)
    FOR_CAST (cast, pl_parse_loose_float (from->texts[i].data, from->texts[i].length, &out[i]));
  else if (from->type.kind == PL_BOOL)
    FOR_CAST (cast, (out[i] = from->bools[i], TRUE));
  else if (from->type.kind == PL_INT)
    for (gsize i = 0; i < cast->n; i++)
      out[i] = (double) from->ints[i];
  else
    FOR_CAST (cast, (out[i] = decimal_to_float (from->decimals[i], from->type.scale), TRUE));
}

static void
cast_to_decimal (Cast *cast)
{
  const PlColumn *from = cast->from;
  PlInt128 *out = cast->out->decimals;
  PlType type = cast->out->type;
  if (from->type.kind == PL_STRING)
    FOR_CAST (cast,
              pl_parse_loose_decimal (from->texts[i].data, from->texts[i].length, type.precision, type.scale, &out[i]));
  else if (from->type.kind == PL_BOOL)
    FOR_CAST (cast, to_decimal (from->bools[i], type.scale, type, &out[i]));
  else if (from->type.kind == PL_INT)
    FOR_CAST (cast, to_decimal (from->ints[i], type.scale, type, &out[i]));
  else if (from->type.kind == PL_FLOAT)
    FOR_CAST (cast, float_to_decimal (from->floats[i], type, &out[i]));
  else
    FOR_CAST (cast, to_decimal (from->decimals[i], type.scale - from->type.scale, type, &out[i]));
}

static void
cast_to_time (Cast *cast)
{
  const PlColumn *from = cast->from;
  gboolean zoned;
  if (cast->out->type.kind == PL_DATE && from->type.kind == PL_STRING)
    FOR_CAST (cast, pl_parse_loose_date (from->texts[i].data, from->texts[i].length, &cast->out->dates[i]));
  else if (cast->out->type.kind == PL_DATE)
    FOR_CAST (cast, (cast->out->dates[i] = pl_floor_days (from->ints[i]), TRUE));
  else if (from->type.kind == PL_STRING)
    FOR_CAST (cast, pl_parse_loose_timestamp (from->texts[i].data, from->texts[i].length, &cast->out->ints[i], &zoned));
  else
    FOR_CAST (cast, (cast->out->ints[i] = from->dates[i] * PL_USEC_PER_DAY, TRUE));
}

static void
cast_to_string (Cast *cast, PlArena *arena)
{
  PlText *out = cast->out->texts;
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  PlColumn values = *cast->from;
  values.lexical = NULL; /* the value, not how it happened to be written */
  for (gsize i = 0; i < cast->n; i++)
    {
      gsize start = buffer.length;
      if (!pl_column_is_null (&values, i))
        pl_print_value (&buffer, &values, i);
      out[i] = (PlText){.length = (guint32) (buffer.length - start), .flags = PL_TEXT_PLAIN};
    }
  const char *bytes = pl_arena_copy (arena, buffer.data != NULL ? buffer.data : "", buffer.length);
  for (gsize i = 0; i < cast->n; i++)
    {
      out[i].data = bytes;
      bytes += out[i].length;
    }
}

PlColumn *
pl_kernel_cast (PlColumn *a, PlType to, gboolean try_cast, gsize n, PlArena *arena, gsize *failed)
{
  *failed = PL_NO_ROW;
  if (a->type.kind == PL_NULL)
    return pl_column_null (arena, to, n);
  if (a->type.kind == to.kind && to.kind != PL_DECIMAL)
    {
      PlColumn *same = pl_arena_new_array (arena, PlColumn, 1);
      *same = *a;
      same->type = to;
      return same;
    }
  Cast cast = {.from = a, .out = pl_column_new (arena, to, n), .n = n, .try_cast = try_cast, .failed = PL_NO_ROW};
  cast.out->nulls = a->nulls;
  if (try_cast)
    {
      cast.out->nulls = pl_arena_alloc0 (arena, n);
      if (a->nulls != NULL)
        memcpy (cast.out->nulls, a->nulls, n);
    }
  switch ((PlTypeKind) to.kind)
    {
    case PL_NULL:
      g_assert_not_reached ();
    case PL_BOOL:
      cast_to_bool (&cast);
      break;
    case PL_INT:
      cast_to_int (&cast);
      break;
    case PL_FLOAT:
      cast_to_float (&cast);
      break;
    case PL_DECIMAL:
      cast_to_decimal (&cast);
      break;
    case PL_STRING:
      cast_to_string (&cast, arena);
      break;
    case PL_DATE:
    case PL_TIMESTAMP:
      cast_to_time (&cast);
      break;
    }
  *failed = cast.failed;
  return cast.out;
}
