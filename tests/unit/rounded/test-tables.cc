/* The tables and the kernels against MPFR: each entry, and how far the kernels are from the truth. README.md of the
 * folder proves from these that what the loops call sure is right. */
#include "../../../pipeline/rounded/kernels.h"
#include "multiple.h"
#include <gtest/gtest.h>

namespace
{

constexpr guint64 FIRST = 0x3fe5fc0000000000;

/* |high + low - exact| */
double
distance (double high, double low, Multiple &exact)
{
  Multiple rest (300);
  mpfr_sub_d (rest, exact, high, MPFR_RNDN);
  mpfr_sub_d (rest, rest, low, MPFR_RNDN);
  return std::fabs (rest.rounded ());
}

bool
is_multiple_of (double x, double unit)
{
  return std::rint (x / unit) == x / unit;
}

} // namespace

TEST (Tables, Logarithms)
{
  for (int i = 0; i < PL_LOG_PIECES; i++)
    {
      double c = pl_log_inverse[i], high = pl_log_high[i], low = pl_log_low[i];
      Multiple exact (300, c);
      mpfr_log (exact, exact, MPFR_RNDN);
      mpfr_neg (exact, exact, MPFR_RNDN);
      EXPECT_LT (distance (high, low, exact), 0x1p-96) << i;
      EXPECT_TRUE (is_multiple_of (high, 0x1p-42)) << i;
      EXPECT_LE (std::fabs (low), 0x1p-43) << i;
      EXPECT_TRUE (is_multiple_of (c, 0x1p-16)) << i;
      /* Both ends of the piece are near to 1, and their r is less than the logarithm that it is added to. */
      for (guint64 end : {FIRST + ((guint64) i << 43), FIRST + ((guint64) (i + 1) << 43) - 1})
        {
          double r = std::fma (pl_double_of (end), c, -1.0);
          EXPECT_LT (std::fabs (r), 0.00098) << i;
          EXPECT_TRUE (high == 0 || std::fabs (high) > std::fabs (r)) << i;
          EXPECT_EQ (high == 0, c == 1) << i;
        }
    }
}

TEST (Tables, Powers)
{
  for (int i = 0; i < PL_POWER_PIECES; i++)
    {
      Multiple exact (300, i / 512.0);
      mpfr_exp2 (exact, exact, MPFR_RNDN);
      EXPECT_LT (distance (pl_power_high[i], pl_power_low[i], exact), 0x1p-79) << i;
      EXPECT_TRUE (is_multiple_of (pl_power_high[i], 0x1p-25)) << i;
    }
}

TEST (Tables, Constants)
{
  Multiple ln2 (300, 2), ten (300, 10), step (300), inverse (300);
  mpfr_log (ln2, ln2, MPFR_RNDN);
  mpfr_log (ten, ten, MPFR_RNDN);
  EXPECT_LT (distance (PL_LN2_HIGH, PL_LN2_LOW, ln2), 0x1p-97);
  EXPECT_TRUE (is_multiple_of (PL_LN2_HIGH, 0x1p-42));
  mpfr_div_2ui (step, ln2, 9, MPFR_RNDN);
  EXPECT_LT (distance (PL_STEP_HIGH, PL_STEP_LOW, step), 0x1p-96);
  EXPECT_TRUE (is_multiple_of (PL_STEP_HIGH, 0x1p-42)); /* times a step below 2^20: a double */
  mpfr_ui_div (inverse, 1, step, MPFR_RNDN);
  EXPECT_EQ (PL_STEPS_PER_ONE, inverse.rounded ());
  mpfr_ui_div (inverse, 1, ln2, MPFR_RNDN);
  EXPECT_LT (distance (PL_PER_LN2_HIGH, PL_PER_LN2_LOW, inverse), 0x1p-79);
  EXPECT_TRUE (is_multiple_of (PL_PER_LN2_HIGH, 0x1p-25));
  mpfr_ui_div (inverse, 1, ten, MPFR_RNDN);
  EXPECT_LT (distance (PL_PER_LN10_HIGH, PL_PER_LN10_LOW, inverse), 0x1p-81);
  EXPECT_TRUE (is_multiple_of (PL_PER_LN10_HIGH, 0x1p-27));
}

/* The worst of 60,000 stays below the bound that README.md proves, which is less than what the loops allow for. */
TEST (Kernels, KeepTheirBounds)
{
  Arguments arguments;
  double worst[N_FUNCTIONS] = {};
  for (int n = 0; n < 60000; n++)
    {
      int function = n % N_FUNCTIONS;
      double x = function == PL_ROUNDED_EXP ? arguments.exponent () : arguments.positive (), y = arguments.positive ();
      PlTwofold ln = pl_kernel_ln (x, 0), result = ln;
      guint64 scale = 0;
      double allowed = PL_LOG_ERROR;
      if (function != PL_ROUNDED_EXP && (pl_not_normal (x) || pl_not_normal (y) || x == 1 || y == 1))
        continue;
      if (function == PL_ROUNDED_EXP || function == POWER)
        {
          y = arguments.exponent_of (x);
          PlTwofold exponent = function == POWER ? pl_kernel_multiply (ln, y) : PlTwofold{x, 0};
          if (pl_beyond_exp (exponent.high))
            continue;
          result = pl_kernel_exp (exponent, &scale);
          allowed = function == POWER ? pl_power_error (exponent.high, y) : PL_EXP_ERROR;
        }
      else if (function == PL_ROUNDED_LOG10)
        result = pl_kernel_scale (ln, PL_PER_LN10_HIGH, PL_PER_LN10_LOW);
      else if (function == PL_ROUNDED_LOG2)
        result = pl_kernel_scale (ln, PL_PER_LN2_HIGH, PL_PER_LN2_LOW);
      else if (function == LOGARITHM)
        result = pl_kernel_divide (ln, pl_kernel_ln (y, 0)), allowed = 4 * PL_LOG_ERROR;
      Multiple exact (300);
      compute_multiple (function, x, y, exact);
      mpfr_mul_2si (exact, exact, -((gint64) scale >> 52), MPFR_RNDN);
      double share = distance (result.high, result.low, exact) / allowed;
      if (function != PL_ROUNDED_EXP && function != POWER)
        share /= std::fabs (exact.rounded ());
      worst[function] = std::fmax (worst[function], share);
    }
  for (int function = 0; function < N_FUNCTIONS; function++)
    {
      EXPECT_LT (worst[function], 0.55) << function_names[function];
      EXPECT_GT (worst[function], 0.01) << function_names[function];
    }
}
