/* Numbers. Undefined results (ln of a negative number) are null; round goes half away from zero, by the exact
 * binary value of a float: round(2.675, 2) is 2.67, because the double is a little less than 2.675. trunc cuts off
 * digits of a float as it is printed, so that trunc(2.3, 1) is 2.3, whose double is a little less: what has no
 * more digits stays. */
#include "bind.h"
#include "families.h"
#include "../../pipeline/table/float-shim.h"
#include "../../pipeline/base/error.h"

#include <math.h>

static gboolean
bind_same (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED,
           guint n_args G_GNUC_UNUSED, PlType *result, guint *variant, GError **error)
{
  if (!pl_bind_number (self, &types[0], error))
    return FALSE;
  *result = types[0];
  *variant = types[0].kind;
  return TRUE;
}

static gboolean
bind_float (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
            PlType *result, guint *variant, GError **error)
{
  for (guint i = 0; i < n_args; i++)
    if (!pl_bind_as (self, &types[i], PL_FLOAT, error))
      return FALSE;
  *result = PL_TYPE (PL_FLOAT);
  *variant = n_args;
  return TRUE;
}

static gboolean
evaluate_abs (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
              PlArena *arena G_GNUC_UNUSED, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (variant == PL_FLOAT)
      out->floats[i] = fabs (args[0]->floats[i]);
    else if (variant == PL_DECIMAL)
      out->decimals[i] = args[0]->decimals[i] < 0 ? -args[0]->decimals[i] : args[0]->decimals[i];
    else if (args[0]->ints[i] != G_MININT64)
      out->ints[i] = ABS (args[0]->ints[i]);
    else if (out->nulls == NULL || !out->nulls[i])
      {
        *failed = i;
        g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                     "abs(%" G_GINT64_FORMAT ") is beyond 64-bit integers; cast it to float", args[0]->ints[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
bind_sign (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args, PlType *result,
           guint *variant, GError **error)
{
  if (!bind_same (self, types, constants, n_args, result, variant, error))
    return FALSE;
  *result = PL_TYPE (PL_INT);
  return TRUE;
}

static gboolean
evaluate_sign (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out, PlArena *arena,
               gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    if (variant == PL_FLOAT)
      {
        out->ints[i] = (args[0]->floats[i] > 0) - (args[0]->floats[i] < 0);
        if (isnan (args[0]->floats[i]))
          pl_make_null (out, arena, n, i);
      }
    else if (variant == PL_DECIMAL)
      out->ints[i] = (args[0]->decimals[i] > 0) - (args[0]->decimals[i] < 0);
    else
      out->ints[i] = (args[0]->ints[i] > 0) - (args[0]->ints[i] < 0);
  return TRUE;
}

/* Powers of ten that a double holds exactly. */
static double
exact_power (guint exponent)
{
  double power = 1;
  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* x × 10^digits as an unevaluated sum of two doubles: only where the first is exactly a half does the second decide. */
static double
round_float (double x, gint64 digits)
{
  if (!isfinite (x) || x == 0 || digits > 22)
    return x;
  if (digits < -22)
    return digits < -308 || fabs (x) < 5 * pow (10, (double) -digits - 1) ? copysign (0.0, x) : x;
  double power = exact_power ((guint) (digits < 0 ? -digits : digits));
  double magnitude = fabs (x), result;
  if (digits < 0)
    {
      double rest = fmod (magnitude, power);
      result = magnitude - rest + (rest >= power - rest ? power : 0);
      return copysign (result, x);
    }
  double scaled = magnitude * power;
  if (!(scaled < 0x1p52))
    return x;
  double error = fma (magnitude, power, -scaled), whole = floor (scaled), part = scaled - whole;
  whole += part > 0.5 || (part == 0.5 && error >= 0);
  result = whole / power;
  return copysign (result, x);
}

static PlInt128
power_10 (guint exponent)
{
  PlInt128 power = 1;
  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* The last @places digits become zeros. */
static PlInt128
cut_digits (PlInt128 value, gint64 places)
{
  if (places <= 0)
    return value;
  return places > 38 ? 0 : value - value % power_10 ((guint) places);
}

/* Rounds away the last @places digits, which become zeros. */
static PlInt128
round_digits (PlInt128 value, gint64 places)
{
  if (places <= 0)
    return value;
  if (places > 38)
    return 0;
  PlInt128 power = power_10 ((guint) places), rest = value % power, magnitude = rest < 0 ? -rest : rest;
  value -= rest;
  if (magnitude >= power - magnitude)
    value += rest < 0 ? -power : power;
  return value;
}

static gboolean
bind_round (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args, PlType *result,
            guint *variant, GError **error)
{
  if (!bind_same (self, types, constants, n_args, result, variant, error)
      || (n_args > 1 && !pl_bind_as (self, &types[1], PL_INT, error)))
    return FALSE;
  /* The scale stays, so that a decimal keeps its type whatever the digits. */
  *variant = types[0].kind | (guint) types[0].scale << 8;
  return TRUE;
}

static gboolean
evaluate_round (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed, GError **error)
{
  gint64 scale = variant >> 8;
  for (gsize i = 0; i < n; i++)
    {
      gint64 digits = n_args > 1 ? CLAMP (args[1]->ints[i], -400, 400) : 0;
      if ((variant & 0xff) == PL_FLOAT)
        out->floats[i] = round_float (args[0]->floats[i], digits);
      else
        {
          gboolean is_int = (variant & 0xff) == PL_INT;
          PlInt128 value = round_digits (is_int ? args[0]->ints[i] : args[0]->decimals[i], scale - digits);
          PlInt128 limit = is_int ? (PlInt128) G_MAXINT64 : power_10 (out->type.precision) - 1;
          if ((value > limit || value < -limit - is_int) && (out->nulls == NULL || !out->nulls[i]))
            {
              *failed = i;
              g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                           "a number rounded to %" G_GINT64_FORMAT " digits no longer fits %s; cast it to float",
                           digits, pl_type_name (out->type));
              return FALSE;
            }
          if (is_int)
            out->ints[i] = (gint64) value;
          else
            out->decimals[i] = value;
        }
    }
  return TRUE;
}

/* By its digits: x = d.ddd × 10^exponent, the shortest that reads back as @x > 0. */
static double
cut_text (double x, gint64 digits)
{
  char text[48], *end = text + pl_float_to_chars (text, x), *e = memchr (text, 'e', (gsize) (end - text));
  *end = '\0';
  const gint64 exponent = g_ascii_strtoll (e + 1, NULL, 10);
  if (e > text + 1)
    memmove (text + 1, text + 2, (gsize) (e - text - 2));
  const gint64 n = e > text + 1 ? e - text - 1 : 1, n_kept = exponent + 1 + digits;
  double result = 0;
  if (n_kept >= n)
    return x;
  if (n_kept <= 0)
    return 0;
  const gint length = g_snprintf (text + n_kept, 24, "e%" G_GINT64_FORMAT, exponent - n_kept + 1);
  pl_float_from_chars (text, (gsize) (n_kept + length), &result);
  return result;
}

/* The largest number of so many digits whose double is not beyond @x. */
static double
trunc_float (double x, gint64 digits)
{
  const double magnitude = fabs (x);
  if (digits == 0 || !isfinite (x) || x == 0)
    return trunc (x);
  if (digits > 0 && digits <= 22)
    {
      const double power = exact_power ((guint) digits), scaled = magnitude * power;
      if (scaled < 0x1p52)
        {
          double whole = floor (scaled) + 1;
          while (whole / power > magnitude)
            whole--;
          return copysign (whole / power, x);
        }
    }
  return copysign (cut_text (magnitude, digits), x);
}

static gboolean
evaluate_trunc (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  const gint64 scale = variant >> 8;
  for (gsize i = 0; i < n; i++)
    {
      const gint64 digits = n_args > 1 ? CLAMP (args[1]->ints[i], -400, 400) : 0;
      if ((variant & 0xff) == PL_FLOAT)
        out->floats[i] = trunc_float (args[0]->floats[i], digits);
      else if ((variant & 0xff) == PL_INT)
        out->ints[i] = (gint64) cut_digits (args[0]->ints[i], -digits);
      else
        out->decimals[i] = cut_digits (args[0]->decimals[i], scale - digits);
    }
  return TRUE;
}

/* floor and ceil of a float stay float: a float may be larger than any int. */
static gboolean
evaluate_whole (guint variant, PlColumn *const *args, gsize n, PlColumn *out, gboolean up)
{
  PlInt128 power = power_10 (out->type.scale);
  for (gsize i = 0; i < n; i++)
    if (variant == PL_FLOAT)
      out->floats[i] = up ? ceil (args[0]->floats[i]) : floor (args[0]->floats[i]);
    else if (variant == PL_INT)
      out->ints[i] = args[0]->ints[i];
    else
      {
        PlInt128 value = args[0]->decimals[i], rest = value % power;
        out->decimals[i] = value - rest + (up && rest > 0 ? power : !up && rest < 0 ? -power : 0);
      }
  return TRUE;
}

static gboolean
evaluate_floor (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  return evaluate_whole (variant, args, n, out, FALSE);
}

static gboolean
evaluate_ceil (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
               PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  return evaluate_whole (variant, args, n, out, TRUE);
}

/* A result that is undefined where the argument was a number is null. */
#define DEFINE_FLOAT_FUNCTION(name, expression, undefined)                                                             \
  static gboolean name (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,       \
                        PlColumn *out, PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)      \
  {                                                                                                                    \
    for (gsize i = 0; i < n; i++)                                                                                      \
      {                                                                                                                \
        double x = args[0]->floats[i];                                                                                 \
        out->floats[i] = expression;                                                                                   \
        if (undefined)                                                                                                 \
          pl_make_null (out, arena, n, i);                                                                             \
      }                                                                                                                \
    return TRUE;                                                                                                       \
  }

DEFINE_FLOAT_FUNCTION (evaluate_sqrt, sqrt (x), x < 0)
DEFINE_FLOAT_FUNCTION (evaluate_exp, exp (x), FALSE)
DEFINE_FLOAT_FUNCTION (evaluate_ln, log (x), x <= 0)
DEFINE_FLOAT_FUNCTION (evaluate_log10, log10 (x), x <= 0)
DEFINE_FLOAT_FUNCTION (evaluate_log2, log2 (x), x <= 0)
DEFINE_FLOAT_FUNCTION (evaluate_power, pow (x, args[1]->floats[i]),
                       (isnan (out->floats[i]) && !isnan (x) && !isnan (args[1]->floats[i]))
                           || (x == 0 && args[1]->floats[i] < 0))

static gboolean
evaluate_log (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena, gsize *failed,
              GError **error)
{
  if (variant == 1)
    return evaluate_log10 (variant, args, n_args, n, out, arena, failed, error);
  for (gsize i = 0; i < n; i++)
    {
      double x = args[0]->floats[i], base = args[1]->floats[i];
      out->floats[i] = base == 2 ? log2 (x) : base == 10 ? log10 (x) : log (x) / log (base);
      if (x <= 0 || base <= 0 || base == 1)
        pl_make_null (out, arena, n, i);
    }
  return TRUE;
}

#define MATH(n, s, t, e, low, high, b, v)                                                                              \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = low, .max_args = high, .bind = b, .evaluate = v \
  }

const PlFunction pl_math_functions[] = {
    MATH ("abs", "abs(x)", "Distance from zero", "abs(-3) = 3", 1, 1, bind_same, evaluate_abs),
    MATH ("ceil", "ceil(x)", "Smallest whole number not below x", "ceil(-1.5) = -1.0", 1, 1, bind_same, evaluate_ceil),
    MATH ("exp", "exp(x)", "e to the power of x", "exp(0) = 1.0", 1, 1, bind_float, evaluate_exp),
    MATH ("floor", "floor(x)", "Largest whole number not above x", "floor(-1.5) = -2.0", 1, 1, bind_same,
          evaluate_floor),
    MATH ("ln", "ln(x)", "Natural logarithm; null where x is not above 0", "ln(1) = 0.0", 1, 1, bind_float,
          evaluate_ln),
    MATH ("log", "log(x[, base])", "Logarithm to base 10, or to another base", "log(8, 2) = 3.0", 1, 2, bind_float,
          evaluate_log),
    MATH ("log10", "log10(x)", "Logarithm to base 10", "log10(1000) = 3.0", 1, 1, bind_float, evaluate_log10),
    MATH ("log2", "log2(x)", "Logarithm to base 2", "log2(8) = 3.0", 1, 1, bind_float, evaluate_log2),
    MATH ("pow", "pow(x, y)", "x to the power of y, as x ** y", "pow(2, 10) = 1024.0", 2, 2, bind_float,
          evaluate_power),
    MATH ("power", "power(x, y)", "x to the power of y, as x ** y", "power(2, 0.5) = sqrt(2)", 2, 2, bind_float,
          evaluate_power),
    MATH ("round", "round(x[, digits])", "To so many digits behind the point, halves away from zero",
          "round(3.14159, 2) = 3.14", 1, 2, bind_round, evaluate_round),
    MATH ("sign", "sign(x)", "-1, 0 or 1", "sign(-2.5) = -1", 1, 1, bind_sign, evaluate_sign),
    MATH ("sqrt", "sqrt(x)", "Square root; null where x is negative", "sqrt(9) = 3.0", 1, 1, bind_float, evaluate_sqrt),
    MATH ("trunc", "trunc(x[, digits])",
          "Without the digits behind the point, or behind the first so many: towards zero", "trunc(-2.79, 1) = -2.7", 1,
          2, bind_round, evaluate_trunc),
    {.name = NULL},
};
