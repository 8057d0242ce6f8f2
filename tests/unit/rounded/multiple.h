/* MPFR's answers, to any number of bits, and arguments for them. */
#pragma once
#include "../../../pipeline/rounded/loops.h"
#include <cmath>
#include <gtest/gtest.h>
#include <mpfr.h>
#include <random>
#include <vector>

/* A number of so many bits. */
class Multiple
{
public:
  explicit Multiple (mpfr_prec_t bits, double value = 0)
  {
    mpfr_init2 (number, bits);
    mpfr_set_d (number, value, MPFR_RNDN);
  }
  ~Multiple ()
  {
    mpfr_clear (number);
  }
  Multiple (const Multiple &) = delete;
  Multiple &operator= (const Multiple &) = delete;
  operator mpfr_ptr ()
  {
    return number;
  }
  double
  rounded ()
  {
    return mpfr_get_d (number, MPFR_RNDN);
  }

private:
  mpfr_t number;
};

enum
{
  POWER = PL_N_ROUNDED_FUNCTIONS,
  LOGARITHM,
  N_FUNCTIONS
};
static const char *const function_names[N_FUNCTIONS] = {"exp", "ln", "log10", "log2", "power", "log"};

/* @result: as many bits as it has. Returns: on which side of the truth it is, but for LOGARITHM. */
static inline int
compute_multiple (int function, double x, double y, Multiple &result)
{
  Multiple a (53, x), b (53, y), divisor (mpfr_get_prec (result));
  switch (function)
    {
    case PL_ROUNDED_EXP:
      return mpfr_exp (result, a, MPFR_RNDN);
    case PL_ROUNDED_LN:
      return mpfr_log (result, a, MPFR_RNDN);
    case PL_ROUNDED_LOG10:
      return mpfr_log10 (result, a, MPFR_RNDN);
    case PL_ROUNDED_LOG2:
      return mpfr_log2 (result, a, MPFR_RNDN);
    case POWER:
      return mpfr_pow (result, a, b, MPFR_RNDN);
    default:
      mpfr_log (result, a, MPFR_RNDN);
      mpfr_log (divisor, b, MPFR_RNDN);
      return mpfr_div (result, result, divisor, MPFR_RNDN);
    }
}

/* As MPFR rounds to a double, subnormal numbers too. */
static inline double
round_multiple (int function, double x, double y)
{
  if (function == LOGARITHM)
    {
      /* No quotient of the tests is as near to the middle of two doubles as 300 bits are exact. */
      Multiple quotient (300);
      compute_multiple (function, x, y, quotient);
      EXPECT_TRUE (mpfr_zero_p ((mpfr_ptr) quotient) || mpfr_can_round (quotient, 290, MPFR_RNDN, MPFR_RNDN, 53));
      return quotient.rounded ();
    }
  mpfr_exp_t least = mpfr_get_emin (), most = mpfr_get_emax ();
  mpfr_set_emin (-1073);
  mpfr_set_emax (1024);
  Multiple result (53);
  mpfr_subnormalize (result, compute_multiple (function, x, y, result), MPFR_RNDN);
  mpfr_set_emin (least);
  mpfr_set_emax (most);
  return result.rounded ();
}

class Arguments
{
public:
  /* Positive and finite: of every exponent, subnormal too; around 1, and ever nearer; as prices are; whole. */
  double
  positive ()
  {
    switch (random () % 6)
      {
      case 0:
      case 1:
        return std::ldexp (fraction () + 1, (int) (random () % 2098) - 1074);
      case 2:
        return 0.5 + fraction () * 1.5;
      case 3:
        return 1 + std::ldexp (fraction () - 0.5, -(int) (random () % 52));
      case 4:
        return (double) (random () % 10000000 + 1) / 100;
      default:
        return (double) (random () % 100000 + 1);
      }
  }
  /* For exp: the whole range and beyond its ends, small numbers, and tiny ones. */
  double
  exponent ()
  {
    switch (random () % 4)
      {
      case 0:
        return fraction () * 1470 - 750;
      case 1:
        return fraction () * 20 - 10;
      case 2:
        return (double) (random () % 2000) / 100 - 10;
      default:
        return std::ldexp (fraction () - 0.5, -(int) (random () % 80));
      }
  }
  /* An exponent with which x stays in the range of doubles, mostly. */
  double
  exponent_of (double x)
  {
    double y = exponent ();
    if (random () % 2 == 0)
      y = x == 1 ? 0 : y / std::log (x);
    return random () % 4 == 0 ? std::rint (y) : y;
  }
  guint64
  random ()
  {
    return engine ();
  }

private:
  double
  fraction ()
  {
    return (double) (engine () >> 11) * 0x1p-53;
  }
  std::mt19937_64 engine{20};
};
