/* The loops of each kind of processor, and what is made of them, against MPFR: 300,000 numbers. */
#include "../../../pipeline/rounded/rounded.h"
#include "multiple.h"
#include <gtest/gtest.h>

namespace
{

constexpr gsize NUMBERS = 50000;

struct Numbers
{
  std::vector<double> x, y, expected;
};

Numbers
draw (int function)
{
  Arguments arguments;
  Numbers numbers;
  for (gsize i = 0; i < NUMBERS; i++)
    {
      double x = function == PL_ROUNDED_EXP ? arguments.exponent () : arguments.positive (), y = 0;
      if (function == POWER)
        y = arguments.exponent_of (x);
      else if (function == LOGARITHM)
        do
          y = arguments.positive ();
        while (y == 1);
      numbers.x.push_back (x);
      numbers.y.push_back (y);
      numbers.expected.push_back (round_multiple (function, x, y));
    }
  return numbers;
}

/* Every kind of loop: the same where it is sure, and it is unsure of few numbers that are of the usual size. */
void
check_loops (int function, const Numbers &numbers)
{
  std::vector<double> out (NUMBERS);
  std::vector<guint64> unsure (NUMBERS);
  guint kinds = 0;
  for (const PlRoundedLoops *loops; (loops = pl_rounded_loops (kinds)) != nullptr; kinds++)
    {
      SCOPED_TRACE (loops->name);
      const double *x = numbers.x.data (), *y = numbers.y.data ();
      guint64 any = function < PL_N_ROUNDED_FUNCTIONS ? loops->map[function](x, out.data (), unsure.data (), NUMBERS)
                    : function == POWER               ? loops->power (x, y, out.data (), unsure.data (), NUMBERS)
                                                      : loops->logarithm (x, y, out.data (), unsure.data (), NUMBERS);
      guint64 seen = 0, open = 0;
      for (gsize i = 0; i < NUMBERS; i++)
        {
          seen |= unsure[i];
          if (unsure[i] == 0)
            EXPECT_EQ (out[i], numbers.expected[i]) << std::hexfloat << x[i] << " " << y[i];
          else if (std::fabs (std::log (numbers.expected[i])) < 300 && x[i] > 1e-300)
            open++;
        }
      EXPECT_EQ (any, seen);
      EXPECT_LT (open, NUMBERS / 100);
    }
  EXPECT_GE (kinds, 1u);
}

class Loops : public testing::TestWithParam<int>
{
};

} // namespace

TEST_P (Loops, AreRight)
{
  int function = GetParam ();
  Numbers numbers = draw (function);
  check_loops (function, numbers);
  std::vector<double> out (NUMBERS);
  if (function < PL_N_ROUNDED_FUNCTIONS)
    pl_rounded_map ((PlRoundedFunction) function, numbers.x.data (), out.data (), NUMBERS);
  else if (function == POWER)
    pl_rounded_power (numbers.x.data (), FALSE, numbers.y.data (), FALSE, out.data (), NUMBERS);
  else
    pl_rounded_logarithm (numbers.x.data (), numbers.y.data (), out.data (), NUMBERS);
  for (gsize i = 0; i < NUMBERS; i++)
    EXPECT_EQ (out[i], numbers.expected[i]) << std::hexfloat << numbers.x[i] << " " << numbers.y[i];
}

INSTANTIATE_TEST_SUITE_P (All, Loops, testing::Range (0, (int) N_FUNCTIONS),
                          [] (const testing::TestParamInfo<int> &info) { return function_names[info.param]; });

/* One number for all rows, over more rows than are taken at a time, is that number in each. */
TEST (Power, TakesOneForAll)
{
  std::vector<double> x (700), y (700), out (700), again (700);
  for (gsize i = 0; i < x.size (); i++)
    x[i] = 0.5 + (double) i, y[i] = (double) i / 7 - 50;
  std::vector<double> sevens (700, 7.0);
  pl_rounded_power (x.data (), FALSE, sevens.data (), FALSE, out.data (), 700);
  pl_rounded_power (x.data (), FALSE, sevens.data (), TRUE, again.data (), 700);
  EXPECT_EQ (out, again);
  pl_rounded_power (sevens.data (), FALSE, y.data (), FALSE, out.data (), 700);
  pl_rounded_power (sevens.data (), TRUE, y.data (), FALSE, again.data (), 700);
  EXPECT_EQ (out, again);
  pl_rounded_power (sevens.data (), TRUE, x.data (), TRUE, out.data (), 1);
  EXPECT_EQ (out[0], std::sqrt (7.0));
  pl_rounded_power (nullptr, TRUE, nullptr, TRUE, nullptr, 0);
}
