/* Numbers. Undefined results (ln of a negative number) are null. */
#include "bind.h"
#include "families.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/rounded/rounded.h"

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

#define DEFINE_ROUNDED_FUNCTION(name, call, undefined)                                                                 \
  static gboolean name (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,       \
                        PlColumn *out, PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)      \
  {                                                                                                                    \
    const double *x = args[0]->floats;                                                                                 \
    call;                                                                                                              \
    for (gsize i = 0; i < n; i++)                                                                                      \
      if (undefined)                                                                                                   \
        pl_make_null (out, arena, n, i);                                                                               \
    return TRUE;                                                                                                       \
  }

DEFINE_ROUNDED_FUNCTION (evaluate_exp, pl_rounded_map (PL_ROUNDED_EXP, x, out->floats, n), FALSE)
DEFINE_ROUNDED_FUNCTION (evaluate_ln, pl_rounded_map (PL_ROUNDED_LN, x, out->floats, n), x[i] <= 0)
DEFINE_ROUNDED_FUNCTION (evaluate_log10, pl_rounded_map (PL_ROUNDED_LOG10, x, out->floats, n), x[i] <= 0)
DEFINE_ROUNDED_FUNCTION (evaluate_log2, pl_rounded_map (PL_ROUNDED_LOG2, x, out->floats, n), x[i] <= 0)
DEFINE_ROUNDED_FUNCTION (evaluate_log_to_base, pl_rounded_logarithm (x, args[1]->floats, out->floats, n),
                         x[i] <= 0 || args[1]->floats[i] <= 0 || args[1]->floats[i] == 1)
DEFINE_ROUNDED_FUNCTION (evaluate_power, pl_rounded_power (x, FALSE, args[1]->floats, FALSE, out->floats, n),
                         (isnan (out->floats[i]) && !isnan (x[i]) && !isnan (args[1]->floats[i]))
                             || (x[i] == 0 && args[1]->floats[i] < 0))

static gboolean
evaluate_log (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena, gsize *failed,
              GError **error)
{
  return (variant == 1 ? evaluate_log10 : evaluate_log_to_base) (variant, args, n_args, n, out, arena, failed, error);
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
