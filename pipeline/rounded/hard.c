/* Special values, subnormal numbers, and results so near to the middle of two doubles that 70 bits do not tell which is
 * the nearer one: MPFR does, whose functions take as many bits as they need.
 *
 * MPFR keeps constants for each thread, which make it three times as fast. */
#include "hard.h"
#include "kernels.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <pthread.h>

/* Bits that settle a quotient of logarithms in practice; twice as many are taken until they do. */
#define FIRST_BITS 160

/* e^x is above 2^1024, and below 2^-1075, half of the least double. */
#define EXP_OVERFLOW 709.79
#define EXP_UNDERFLOW -745.14

typedef struct
{
  mpfr_exp_t least, most;
} Range;

static void *
allocate (size_t size)
{
  return g_malloc (size);
}

static void *
reallocate (void *memory, G_GNUC_UNUSED size_t before, size_t size)
{
  return g_realloc (memory, size);
}

static void
release (void *memory, G_GNUC_UNUSED size_t size)
{
  g_free (memory);
}

/* GMP would print and end the process by itself when there is no memory. */
static void
take_memory_from_glib (void)
{
  mp_set_memory_functions (allocate, reallocate, release);
}

static void
prepare (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once (&once, take_memory_from_glib);
}

/* MPFR's exponents become those of doubles: what is beyond is infinite, and small numbers can be made subnormal. */
static Range
enter_doubles (void)
{
  prepare ();
  Range before = {mpfr_get_emin (), mpfr_get_emax ()};
  mpfr_set_emin (-1073);
  mpfr_set_emax (1024);
  return before;
}

static void
leave_doubles (Range before)
{
  mpfr_set_emin (before.least);
  mpfr_set_emax (before.most);
}

static double
compute (PlRoundedFunction function, double x)
{
  static int (*const functions[]) (mpfr_ptr, mpfr_srcptr, mpfr_rnd_t) = {mpfr_exp, mpfr_log, mpfr_log10, mpfr_log2};
  Range before = enter_doubles ();
  mpfr_t value;
  mpfr_init2 (value, 53);
  mpfr_set_d (value, x, MPFR_RNDN);
  mpfr_subnormalize (value, functions[function](value, value, MPFR_RNDN), MPFR_RNDN);
  double result = mpfr_get_d (value, MPFR_RNDN);
  mpfr_clear (value);
  leave_doubles (before);
  return result;
}

static double
compute_power (double x, double y)
{
  Range before = enter_doubles ();
  mpfr_t value, exponent;
  mpfr_inits2 (53, value, exponent, NULL);
  mpfr_set_d (value, x, MPFR_RNDN);
  mpfr_set_d (exponent, y, MPFR_RNDN);
  mpfr_subnormalize (value, mpfr_pow (value, value, exponent, MPFR_RNDN), MPFR_RNDN);
  double result = mpfr_get_d (value, MPFR_RNDN);
  mpfr_clears (value, exponent, NULL);
  leave_doubles (before);
  return result;
}

/* The quotient is never in the middle of two doubles: x would be the base to the power of a fraction of 54 bits. */
static double
compute_logarithm (double x, double base)
{
  prepare ();
  double result = 0;
  gboolean settled = FALSE;
  for (mpfr_prec_t bits = FIRST_BITS; !settled; bits *= 2)
    {
      mpfr_t value, divisor;
      mpfr_inits2 (bits, value, divisor, NULL);
      mpfr_set_d (value, x, MPFR_RNDN);
      mpfr_set_d (divisor, base, MPFR_RNDN);
      mpfr_log (value, value, MPFR_RNDN);
      mpfr_log (divisor, divisor, MPFR_RNDN);
      mpfr_div (value, value, divisor, MPFR_RNDN);
      /* Three roundings, each by half of the last bit. */
      settled = mpfr_can_round (value, bits - 2, MPFR_RNDN, MPFR_RNDN, 53) != 0;
      result = mpfr_get_d (value, MPFR_RNDN);
      mpfr_clears (value, divisor, NULL);
    }
  return result;
}

static double
hard_exp (double x)
{
  if (isnan (x) || x == INFINITY)
    return x;
  if (x > EXP_OVERFLOW)
    return INFINITY;
  if (x < EXP_UNDERFLOW)
    return 0;
  return compute (PL_ROUNDED_EXP, x);
}

/* Subnormal numbers, which the loops leave, are made normal first. */
static double
hard_ln (PlRoundedFunction function, double x)
{
  if (isnan (x) || x == INFINITY)
    return x;
  if (x <= 0)
    return x < 0 ? NAN : -INFINITY;
  gboolean subnormal = x < 0x1p-1022;
  PlTwofold y = subnormal ? pl_kernel_ln (x * 0x1p54, -54) : pl_kernel_ln (x, 0);
  if (function == PL_ROUNDED_LOG10)
    y = pl_kernel_scale (y, PL_PER_LN10_HIGH, PL_PER_LN10_LOW);
  else if (function == PL_ROUNDED_LOG2)
    y = pl_kernel_scale (y, PL_PER_LN2_HIGH, PL_PER_LN2_LOW);
  guint64 unsure = 0;
  double rounded = pl_round_twofold (y, y.high * PL_LOG_ERROR, &unsure);
  return unsure == 0 ? rounded : compute (function, x);
}

double
pl_hard_value (PlRoundedFunction function, double x)
{
  return function == PL_ROUNDED_EXP ? hard_exp (x) : hard_ln (function, x);
}

/* @x above 0 and finite, @y finite and not 0. */
static double
power_of_positive (double x, double y)
{
  /* Rounded once by the processor, these never need more bits. */
  if (y == 1)
    return x;
  if (y == 2)
    return x * x;
  PlTwofold ln = x < 0x1p-1022 ? pl_kernel_ln (x * 0x1p54, -54) : pl_kernel_ln (x, 0);
  double size = ln.high * y;
  if (size > EXP_OVERFLOW + 1)
    return INFINITY;
  if (size < EXP_UNDERFLOW - 1)
    return 0;
  if (fabs (size) < PL_EXP_MOST - 1)
    {
      guint64 scale, unsure = 0;
      PlTwofold exponent = pl_kernel_multiply (ln, y), z = pl_kernel_exp (exponent, &scale);
      double rounded = pl_round_twofold (z, pl_power_error (exponent.high, y), &unsure);
      if (unsure == 0)
        return pl_double_of (pl_bits_of (rounded) + scale);
    }
  return compute_power (x, y);
}

static gboolean
is_whole (double y)
{
  return floor (y) == y;
}

static gboolean
is_odd (double y)
{
  return is_whole (y) && fabs (y) < 0x1p53 && (gint64) y % 2 != 0;
}

/* The cases of C11, F.10.4.4. */
double
pl_hard_power (double x, double y)
{
  if (y == 0 || x == 1)
    return 1;
  if (isnan (x) || isnan (y))
    return NAN;
  double size = fabs (x);
  if (isinf (y))
    return size == 1 ? 1 : (size > 1) == (y > 0) ? INFINITY : 0;
  double sign = signbit (x) && is_odd (y) ? -1 : 1;
  if (size == 0 || isinf (size))
    return copysign ((size == 0) == (y < 0) ? INFINITY : 0, sign);
  if (x < 0 && !is_whole (y))
    return NAN;
  return copysign (size == 1 ? 1 : power_of_positive (size, y), sign);
}

double
pl_hard_logarithm (double x, double base)
{
  if (!(x > 0) || !(base > 0) || base == 1)
    return NAN;
  if (isinf (base))
    return isinf (x) ? NAN : copysign (0, x - 1);
  if (isinf (x))
    return copysign (INFINITY, base - 1);
  if (x == 1)
    return 0;
  return compute_logarithm (x, base);
}

void
pl_hard_leave (void)
{
  mpfr_free_cache2 (MPFR_FREE_LOCAL_CACHE);
}
