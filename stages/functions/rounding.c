/* round, trunc, floor and ceil, of ints, decimals and floats.
 *
 * A float is rounded and cut as the decimal that it is printed as: round(2.675, 2) is 2.68 and trunc(2.3, 1) is 2.3,
 * although both doubles are a little less. So a number gets the digits that a cast to decimal gives it, and what has
 * no more digits stays. A decimal loses the digits that are rounded away, and gains one in front where they may carry:
 * its type holds every result, as long as 38 digits do. */
#include "bind.h"
#include "families.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/table/float-shim.h"
#include "../../pipeline/table/powers.h"

#include <math.h>

/* No double has more digits in front of its point, or behind it. */
#define MAX_PLACES 400
#define MAX_EXACT_POWER 22

static gboolean
bind_whole (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED,
            guint n_args G_GNUC_UNUSED, PlType *result, guint *variant, GError **error)
{
  if (!pl_bind_number (self, &types[0], error))
    return FALSE;
  *result = types[0];
  if (types[0].kind == PL_DECIMAL && types[0].scale > 0)
    *result = PL_TYPE_DECIMAL (types[0].precision - types[0].scale + 1, 0);
  *variant = types[0].kind | (guint) types[0].scale << 8;
  return TRUE;
}

/* The type of a decimal rounded to @digits: @carry is 1 where a digit may come in front. */
static PlType
rounded_decimal (PlType type, gint64 digits, guint carry)
{
  if (digits >= type.scale)
    return type;
  const guint scale = (guint) MAX (digits, 0), precision = type.precision - type.scale + carry + scale;
  return PL_TYPE_DECIMAL (CLAMP (precision, 1, 38), scale);
}

static gboolean
bind_digits (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args, guint carry,
             PlType *result, guint *variant, GError **error)
{
  if (!pl_bind_number (self, &types[0], error) || (n_args > 1 && !pl_bind_as (self, &types[1], PL_INT, error)))
    return FALSE;
  const PlType type = types[0];
  *result = type;
  if (type.kind == PL_DECIMAL && n_args == 1)
    *result = rounded_decimal (type, 0, carry);
  else if (type.kind == PL_DECIMAL && constants[1] != NULL && constants[1]->type.kind == PL_INT)
    *result = rounded_decimal (type, pl_column_is_null (constants[1], 0) ? 0 : constants[1]->ints[0], carry);
  else if (type.kind == PL_DECIMAL)
    /* Each row has its own digits, so that all of them stay. */
    *result = PL_TYPE_DECIMAL (MIN (type.precision + carry, 38), type.scale);
  *variant = type.kind | (guint) type.scale << 8;
  return TRUE;
}

static gboolean
bind_round (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args, PlType *result,
            guint *variant, GError **error)
{
  return bind_digits (self, types, constants, n_args, 1, result, variant, error);
}

static gboolean
bind_trunc (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args, PlType *result,
            guint *variant, GError **error)
{
  return bind_digits (self, types, constants, n_args, 0, result, variant, error);
}

static inline gint64
places_of_row (PlColumn *const *args, guint n_args, gsize row)
{
  return n_args > 1 ? CLAMP (args[1]->ints[row], -MAX_PLACES, MAX_PLACES) : 0;
}

/* By its digits: @magnitude = digits × 10^exponent, with the fewest digits that read back as it. What is left of them
 * behind @places digits is cut off, or rounded half away from zero. */
static double
cut_printed (double magnitude, gint64 places, gboolean rounds)
{
  char text[48], *end = text + pl_float_to_chars (text, magnitude), *e = memchr (text, 'e', (gsize) (end - text));
  guint64 digits = 0;
  *end = '\0';
  gint64 exponent = g_ascii_strtoll (e + 1, NULL, 10);
  for (const char *c = text; c < e; c++)
    if (*c != '.')
      {
        digits = digits * 10 + (guint64) (*c - '0');
        exponent -= c > text;
      }
  const gint64 n_cut = -exponent - places;
  if (n_cut <= 0)
    return magnitude;
  if (n_cut > 18)
    return 0;
  const guint64 power = (guint64) pl_powers_of_10[n_cut], rest = digits % power;
  const guint64 kept = digits / power + (rounds && rest >= power - rest);
  double result = 0;
  if (kept == 0)
    return 0;
  const gint length = g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT "e%" G_GINT64_FORMAT, kept, -places);
  return pl_float_from_chars (text, (gsize) length, &result) == PL_FLOAT_READ ? result : HUGE_VAL;
}

/* Only near a half can the printed decimal and the double differ: they are less than a unit in the last place apart,
 * and the product is off by another half. */
static double
round_float (double x, gint64 places)
{
  const double magnitude = fabs (x);
  if (!isfinite (x) || x == 0)
    return x;
  if (places >= 0 && places <= MAX_EXACT_POWER)
    {
      const double power = pl_double_powers_of_10[places], scaled = magnitude * power;
      if (scaled < 0x1p52)
        {
          const double whole = floor (scaled), part = scaled - whole;
          if (fabs (part - 0.5) > scaled * 0x1p-50)
            return copysign ((whole + (part > 0.5)) / power, x);
        }
    }
  return copysign (cut_printed (magnitude, places, TRUE), x);
}

/* The largest number of so many digits whose double is not beyond @x. */
static double
trunc_float (double x, gint64 places)
{
  const double magnitude = fabs (x);
  if (places == 0 || !isfinite (x) || x == 0)
    return trunc (x);
  if (places > 0 && places <= MAX_EXACT_POWER)
    {
      const double power = pl_double_powers_of_10[places], scaled = magnitude * power;
      if (scaled < 0x1p52)
        {
          double whole = floor (scaled) + 1;
          while (whole / power > magnitude)
            whole--;
          return copysign (whole / power, x);
        }
    }
  return copysign (cut_printed (magnitude, places, FALSE), x);
}

/* The last @n digits become zeros; rounded half away from zero, or cut off. */
static PlInt128
cut_digits (PlInt128 value, gint64 n, gboolean rounds)
{
  if (n <= 0)
    return value;
  if (n > 38)
    return 0;
  const PlInt128 power = pl_powers_of_10[n], rest = value % power, magnitude = rest < 0 ? -rest : rest;
  value -= rest;
  if (rounds && magnitude >= power - magnitude)
    value += rest < 0 ? -power : power;
  return value;
}

static gboolean
fail_digits (gint64 places, PlType type, GError **error)
{
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
               "a number rounded to %" G_GINT64_FORMAT " digits no longer fits %s; cast it to float", places,
               pl_type_name (type));
  return FALSE;
}

static gboolean
evaluate_digits (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, gsize *failed,
                 gboolean rounds, GError **error)
{
  const gint64 scale = variant >> 8;
  const gboolean is_int = (variant & 0xff) == PL_INT;
  const PlInt128 limit = is_int ? (PlInt128) G_MAXINT64 : pl_powers_of_10[out->type.precision] - 1;
  const PlInt128 dropped = is_int ? 1 : pl_powers_of_10[scale - out->type.scale];
  for (gsize i = 0; i < n; i++)
    {
      const gint64 places = places_of_row (args, n_args, i);
      PlInt128 value = is_int ? args[0]->ints[i] : args[0]->decimals[i];
      value = cut_digits (value, scale - places, rounds) / dropped;
      if ((value > limit || value < -limit - is_int) && (out->nulls == NULL || !out->nulls[i]))
        {
          *failed = i;
          return fail_digits (places, out->type, error);
        }
      if (is_int)
        out->ints[i] = (gint64) value;
      else
        out->decimals[i] = value;
    }
  return TRUE;
}

static gboolean
evaluate_round (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed, GError **error)
{
  if ((variant & 0xff) != PL_FLOAT)
    return evaluate_digits (variant, args, n_args, n, out, failed, TRUE, error);
  for (gsize i = 0; i < n; i++)
    out->floats[i] = round_float (args[0]->floats[i], places_of_row (args, n_args, i));
  return TRUE;
}

static gboolean
evaluate_trunc (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed, GError **error)
{
  if ((variant & 0xff) != PL_FLOAT)
    return evaluate_digits (variant, args, n_args, n, out, failed, FALSE, error);
  for (gsize i = 0; i < n; i++)
    out->floats[i] = trunc_float (args[0]->floats[i], places_of_row (args, n_args, i));
  return TRUE;
}

/* floor and ceil of a float stay float: a float may be larger than any int. */
static gboolean
evaluate_whole (guint variant, PlColumn *const *args, gsize n, PlColumn *out, gboolean up)
{
  const PlInt128 power = pl_powers_of_10[variant >> 8];
  for (gsize i = 0; i < n; i++)
    if ((variant & 0xff) == PL_FLOAT)
      out->floats[i] = up ? ceil (args[0]->floats[i]) : floor (args[0]->floats[i]);
    else if ((variant & 0xff) == PL_INT)
      out->ints[i] = args[0]->ints[i];
    else
      {
        const PlInt128 value = args[0]->decimals[i], rest = value % power;
        out->decimals[i] = value / power + (up ? rest > 0 : -(rest < 0));
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

#define ROUNDING(n, s, t, e, high, b, v)                                                                               \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = 1, .max_args = high, .bind = b, .evaluate = v   \
  }

const PlFunction pl_rounding_functions[] = {
    ROUNDING ("ceil", "ceil(x)", "Smallest whole number not below x", "ceil(-1.5) = -1.0", 1, bind_whole,
              evaluate_ceil),
    ROUNDING ("floor", "floor(x)", "Largest whole number not above x", "floor(-1.5) = -2.0", 1, bind_whole,
              evaluate_floor),
    ROUNDING ("round", "round(x[, digits])", "To so many digits behind the point, halves away from zero",
              "round(2.675, 2) = 2.68", 2, bind_round, evaluate_round),
    ROUNDING ("trunc", "trunc(x[, digits])",
              "Without the digits behind the point, or behind the first so many: towards zero",
              "trunc(-2.79, 1) = -2.7", 2, bind_trunc, evaluate_trunc),
    {.name = NULL},
};
