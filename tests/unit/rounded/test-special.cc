/* What is special, exact or hard: against MPFR, and against 60 digits by Python (reference.py). */
#include "../../../pipeline/rounded/rounded.h"
#include "multiple.h"
#include <fstream>
#include <sstream>

namespace
{

double
one (int function, double x, double y = 0)
{
  double out;
  if (function == POWER)
    pl_rounded_power (&x, FALSE, &y, FALSE, &out, 1);
  else if (function == LOGARITHM)
    pl_rounded_logarithm (&x, &y, &out, 1);
  else
    pl_rounded_map ((PlRoundedFunction) function, &x, &out, 1);
  return out;
}

void
expect_same (double found, double expected, double x, double y)
{
  if (std::isnan (expected))
    EXPECT_TRUE (std::isnan (found)) << std::hexfloat << x << " " << y;
  else
    EXPECT_TRUE (found == expected && std::signbit (found) == std::signbit (expected))
        << std::hexfloat << x << " " << y << ": " << found << " instead of " << expected;
}

const double numbers[]
    = {0.0,         -0.0,        1,         -1,     0.5,    -0.5,        2,          -2,
       3,           -3,          2.5,       -2.5,   1e300,  -1e300,      5e-324,     -5e-324,
       0x1p-1022,   0x1.fp-1023, 0x1p53,    0x1p54, 1e16,   -0x1p53 + 1, 0x1p53 - 1, 1 + 0x1p-52,
       1 - 0x1p-53, INFINITY,    -INFINITY, NAN,    709.78, 709.79,      -745.13,    -745.14,
       -708.4,      1074,        -1074,     -1075,  1023,   1024,        1e9,        0x1.fffffffffffffp1023};

} // namespace

TEST (Special, FunctionsOfOne)
{
  for (int function = 0; function < PL_N_ROUNDED_FUNCTIONS; function++)
    for (double x : numbers)
      {
        SCOPED_TRACE (function_names[function]);
        expect_same (one (function, x), round_multiple (function, x, 0), x, 0);
      }
  EXPECT_EQ (one (PL_ROUNDED_EXP, 0), 1);
  EXPECT_EQ (one (PL_ROUNDED_EXP, -746), 0);
  EXPECT_EQ (one (PL_ROUNDED_EXP, -745.13), 5e-324);
  EXPECT_EQ (one (PL_ROUNDED_LN, 0), -INFINITY);
  EXPECT_TRUE (std::isnan (one (PL_ROUNDED_LN, -1)));
}

TEST (Special, Powers)
{
  for (double x : numbers)
    for (double y : numbers)
      expect_same (one (POWER, x, y), round_multiple (POWER, x, y), x, y);
  EXPECT_EQ (one (POWER, -2, 3), -8);
  EXPECT_EQ (one (POWER, NAN, 0), 1);
  EXPECT_EQ (one (POWER, 1, NAN), 1);
  EXPECT_EQ (one (POWER, -1, INFINITY), 1);
  EXPECT_TRUE (std::isnan (one (POWER, -8, 1.0 / 3)));
}

TEST (Special, LogarithmsToABase)
{
  for (double x : numbers)
    for (double base : numbers)
      {
        double found = one (LOGARITHM, x, base);
        if (!(x > 0) || !(base > 0) || base == 1 || (std::isinf (x) && std::isinf (base)))
          EXPECT_TRUE (std::isnan (found)) << x << " " << base;
        else if (std::isinf (x))
          EXPECT_EQ (found, base > 1 ? INFINITY : -INFINITY) << base;
        else if (std::isinf (base) || x == 1)
          EXPECT_EQ (found, 0) << x << " " << base;
        else
          expect_same (found, round_multiple (LOGARITHM, x, base), x, base);
      }
  EXPECT_FALSE (std::signbit (one (LOGARITHM, 1, 0.5)));
}

TEST (Exact, PowersAndTheirLogarithms)
{
  double power = 1;
  for (int k = 0; k <= 22; k++, power *= 10)
    {
      EXPECT_EQ (one (POWER, 10, k), power);
      EXPECT_EQ (one (PL_ROUNDED_LOG10, power), k);
      EXPECT_EQ (one (LOGARITHM, power, 10), k);
    }
  for (int k = -1074; k < 1024; k++)
    {
      EXPECT_EQ (one (POWER, 2, k), std::ldexp (1, k));
      EXPECT_EQ (one (PL_ROUNDED_LOG2, std::ldexp (1, k)), k);
      EXPECT_EQ (one (LOGARITHM, std::ldexp (1, k), 2), k);
      EXPECT_EQ (one (LOGARITHM, std::ldexp (1, k), 16), k / 4.0);
    }
  for (int x = -208063; x <= 208063; x += 7)
    {
      EXPECT_EQ (one (POWER, x, 3), (double) x * x * x);
      EXPECT_EQ (one (POWER, x, 2), (double) x * x);
      EXPECT_EQ (one (POWER, std::abs (x), 0.5), std::sqrt (std::abs (x)));
    }
}

TEST (Reference, SixtyDigits)
{
  std::ifstream file (std::string (g_getenv ("PIPELINE_SOURCE")) + "/tests/unit/rounded/reference.txt");
  std::string line;
  int count = 0, each[N_FUNCTIONS] = {};
  while (std::getline (file, line))
    {
      std::istringstream words (line);
      std::string name, x, y, digits;
      int function = 0;
      words >> name >> x;
      while (function < N_FUNCTIONS && name != function_names[function])
        function++;
      ASSERT_LT (function, (int) N_FUNCTIONS) << line;
      if (function >= POWER)
        words >> y;
      words >> digits;
      EXPECT_EQ (one (function, g_ascii_strtod (x.c_str (), nullptr), g_ascii_strtod (y.c_str (), nullptr)),
                 g_ascii_strtod (digits.c_str (), nullptr))
          << line;
      count++;
      each[function]++;
    }
  EXPECT_GT (count, 1000);
  for (int n : each)
    EXPECT_GT (n, 100);
}
