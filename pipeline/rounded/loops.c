/* Loops that compilers vectorise: one body for each, built for plain processors and again for AVX2, which looks four
 * numbers up in a table at once. What is rounded correctly does not depend on which of them ran. */
#include "loops.h"
#include "kernels.h"

PL_KERNEL double
exp_of (double x, guint64 *unsure)
{
  guint64 scale;
  PlTwofold y = pl_kernel_exp ((PlTwofold){x, 0}, &scale);
  *unsure = pl_beyond_exp (x);
  return pl_double_of (pl_bits_of (pl_round_twofold (y, PL_EXP_ERROR, unsure)) + scale);
}

PL_KERNEL double
ln_of (double x, guint64 *unsure)
{
  PlTwofold y = pl_kernel_ln (x, 0);
  *unsure = pl_not_normal (x);
  return pl_round_twofold (y, y.high * PL_LOG_ERROR, unsure);
}

PL_KERNEL double
log10_of (double x, guint64 *unsure)
{
  PlTwofold y = pl_kernel_scale (pl_kernel_ln (x, 0), PL_PER_LN10_HIGH, PL_PER_LN10_LOW);
  *unsure = pl_not_normal (x);
  return pl_round_twofold (y, y.high * PL_LOG_ERROR, unsure);
}

PL_KERNEL double
log2_of (double x, guint64 *unsure)
{
  PlTwofold y = pl_kernel_scale (pl_kernel_ln (x, 0), PL_PER_LN2_HIGH, PL_PER_LN2_LOW);
  *unsure = pl_not_normal (x);
  return pl_round_twofold (y, y.high * PL_LOG_ERROR, unsure);
}

PL_KERNEL double
power_of (double x, double y, guint64 *unsure)
{
  guint64 scale;
  PlTwofold exponent = pl_kernel_multiply (pl_kernel_ln (x, 0), y);
  PlTwofold z = pl_kernel_exp (exponent, &scale);
  *unsure = pl_not_normal (x) | pl_beyond_exp (exponent.high);
  double rounded = pl_round_twofold (z, pl_power_error (exponent.high, y), unsure);
  return pl_double_of (pl_bits_of (rounded) + scale);
}

PL_KERNEL double
logarithm_of (double x, double base, guint64 *unsure)
{
  PlTwofold y = pl_kernel_divide (pl_kernel_ln (x, 0), pl_kernel_ln (base, 0));
  *unsure = pl_not_normal (x) | pl_not_normal (base);
  return pl_round_twofold (y, y.high * (4 * PL_LOG_ERROR), unsure);
}

#define LOOP(target, name, value, ...)                                                                                 \
  static target guint64 name (__VA_ARGS__, double *restrict out, guint64 *restrict unsure, gsize n)                    \
  {                                                                                                                    \
    guint64 any = 0;                                                                                                   \
    for (gsize i = 0; i < n; i++)                                                                                      \
      {                                                                                                                \
        guint64 bits;                                                                                                  \
        out[i] = value;                                                                                                \
        unsure[i] = bits;                                                                                              \
        any |= bits;                                                                                                   \
      }                                                                                                                \
    return any;                                                                                                        \
  }

#define LOOPS(target, kind)                                                                                            \
  LOOP (target, exp_##kind, exp_of (x[i], &bits), const double *restrict x)                                            \
  LOOP (target, ln_##kind, ln_of (x[i], &bits), const double *restrict x)                                              \
  LOOP (target, log10_##kind, log10_of (x[i], &bits), const double *restrict x)                                        \
  LOOP (target, log2_##kind, log2_of (x[i], &bits), const double *restrict x)                                          \
  LOOP (target, power_##kind, power_of (x[i], y[i], &bits), const double *restrict x, const double *restrict y)        \
  LOOP (target, logarithm_##kind, logarithm_of (x[i], y[i], &bits), const double *restrict x,                          \
        const double *restrict y)                                                                                      \
  static const PlRoundedLoops loops_##kind                                                                             \
      = {#kind, {exp_##kind, ln_##kind, log10_##kind, log2_##kind}, power_##kind, logarithm_##kind};

LOOPS (, portable)

#if defined(__x86_64__)
LOOPS (__attribute__ ((target ("avx2"))), avx2)

const PlRoundedLoops *
pl_rounded_loops (guint i)
{
  if (__builtin_cpu_supports ("avx2") && i-- == 0)
    return &loops_avx2;
  return i == 0 ? &loops_portable : NULL;
}
#else
const PlRoundedLoops *
pl_rounded_loops (guint i)
{
  return i == 0 ? &loops_portable : NULL;
}
#endif
