/* Numbers. Undefined results (ln of a negative number) are null. */
#include "bind.h"
#include "families.h"
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
    MATH ("exp", "exp(x)", "e to the power of x", "exp(0) = 1.0", 1, 1, bind_float, evaluate_exp),
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
    MATH ("sign", "sign(x)", "-1, 0 or 1", "sign(-2.5) = -1", 1, 1, bind_sign, evaluate_sign),
    MATH ("sqrt", "sqrt(x)", "Square root; null where x is negative", "sqrt(9) = 3.0", 1, 1, bind_float, evaluate_sqrt),
    {.name = NULL},
};
