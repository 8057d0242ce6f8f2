/* Exponentials and logarithms to some 70 bits, as the sum of two doubles.
 *
 * There is no branch and no comparison in here, so that compilers turn loops over a column into vectors. Nothing is
 * fused: with and without FMA, each operation rounds once. Products that must not be rounded are made of halves of at
 * most 27 bits. README.md has the bounds of all errors.
 *
 * P. T. P. Tang, "Table-driven implementation of the logarithm function in IEEE floating-point arithmetic" (1990) and
 * of the exponential function (1989); T. J. Dekker, "A floating-point technique for extending the available precision"
 * (1971); J.-M. Muller et al., "Handbook of Floating-Point Arithmetic" (2018). */
#pragma once
#include <string.h>

#include "log-table.h"
#include "power-table.h"

G_BEGIN_DECLS

#define PL_KERNEL static inline __attribute__ ((always_inline))

/* What tables.py prints. */
#define PL_LN2_HIGH 0x1.62e42fefa3800p-1
#define PL_LN2_LOW 0x1.ef35793c76730p-45
#define PL_STEP_HIGH 0x1.62e42ff000000p-10
#define PL_STEP_LOW -0x1.718432a1b0e26p-44
#define PL_STEPS_PER_ONE 0x1.71547652b82fep+9
#define PL_PER_LN10_HIGH 0x1.bcb7b18000000p-2
#define PL_PER_LN10_LOW -0x1.6c8d78e6acaa4p-29
#define PL_PER_LN2_HIGH 0x1.7154768000000p+0
#define PL_PER_LN2_LOW -0x1.6a3e80f444178p-27

/* How far the kernels are from the truth at most: about twice what README.md proves. */
#define PL_LOG_ERROR 0x1p-70    /* a share of the logarithm, to whatever base */
#define PL_LOG_DISTANCE 0x1p-81 /* of a natural logarithm, beside a share of it, 2^-75 */
#define PL_EXP_ERROR 0x1p-69    /* of a number between 1 and 2 */

/* The arguments that exp is computed of: 2^k is then normal, and so is the result. */
#define PL_EXP_MOST 708.0

/** PlTwofold: @high + @low, not rounded: @low is at most half of the last place of @high. */
typedef struct
{
  double high, low;
} PlTwofold;

PL_KERNEL guint64
pl_bits_of (double x)
{
  guint64 bits;
  memcpy (&bits, &x, sizeof bits);
  return bits;
}

PL_KERNEL double
pl_double_of (guint64 bits)
{
  double x;
  memcpy (&x, &bits, sizeof x);
  return x;
}

/* The first 26 bits; what is missing has 27. */
PL_KERNEL double
pl_upper_half (double x)
{
  return pl_double_of (pl_bits_of (x) & ~(((guint64) 1 << 27) - 1));
}

/* @a + @b exactly, where @a is 0 or the greater one (Dekker). */
PL_KERNEL PlTwofold
pl_sum_ordered (double a, double b)
{
  double sum = a + b;
  PlTwofold result = {sum, b - (sum - a)};
  return result;
}

/* @a + @b exactly (Møller, Knuth). */
PL_KERNEL PlTwofold
pl_sum_of_two (double a, double b)
{
  double sum = a + b, of_b = sum - a;
  PlTwofold result = {sum, (a - (sum - of_b)) + (b - of_b)};
  return result;
}

PL_KERNEL double
pl_magnitude (double x)
{
  return pl_double_of (pl_bits_of (x) & G_GUINT64_CONSTANT (0x7fffffffffffffff));
}

/* 1 where @x is no positive normal number. */
PL_KERNEL guint64
pl_not_normal (double x)
{
  guint64 bits = pl_bits_of (x);
  return ((bits - G_GUINT64_CONSTANT (0x0010000000000000)) | (G_GUINT64_CONSTANT (0x7fefffffffffffff) - bits)) >> 63;
}

/* 1 where @x is beyond PL_EXP_MOST, above or below, or not a number. */
PL_KERNEL guint64
pl_beyond_exp (double x)
{
  return (pl_bits_of (PL_EXP_MOST) - pl_bits_of (pl_magnitude (x))) >> 63;
}

/** pl_kernel_ln: Returns: ln (@x 2^@shift) of a positive normal number.
 *
 * x = 2^k m with m between 0.6875 and 1.375; r = m c - 1, without an error, where c is near to 1/m; and
 * ln x = k ln 2 - ln c + ln (1 + r) = k ln 2 - ln c + r - r²/2 + r³ (1/3 - r/4 + …). Around 1, k and ln c are 0. */
PL_KERNEL PlTwofold
pl_kernel_ln (double x, double shift)
{
  guint64 bits = pl_bits_of (x), place = bits - G_GUINT64_CONSTANT (0x3fe5fc0000000000);
  guint64 piece = (place >> 43) % PL_LOG_PIECES;
  /* The signed number in the upper 12 bits, as a double: there are no such shifts and conversions of vectors. */
  guint64 lifted = (place ^ (guint64) 1 << 63) >> 52;
  double k = pl_double_of (pl_bits_of (0x1p52) | lifted) - (0x1p52 + 2048) + shift;
  double m = pl_double_of (bits - (place & G_GUINT64_CONSTANT (0xfff0000000000000)));
  double c = pl_log_inverse[piece], upper = pl_upper_half (m);
  PlTwofold r = pl_sum_of_two (upper * c - 1, (m - upper) * c);
  double whole = k * PL_LN2_HIGH + pl_log_high[piece];
  PlTwofold first = pl_sum_ordered (whole, r.high);
  double z = r.high, a = pl_upper_half (z), b = z - a, square = z * z;
  PlTwofold second = pl_sum_ordered (first.high, -0.5 * (a * a));
  double series = (1.0 / 3 - z * 0.25) + square * ((0.2 - z * (1.0 / 6)) + square * (1.0 / 7 - z * 0.125));
  double rest = (r.low - z * r.low) - 0.5 * b * (a + z) + (pl_log_low[piece] + k * PL_LN2_LOW);
  return pl_sum_ordered (second.high, (first.low + second.low) + rest + z * square * series);
}

/* Times a constant, whose @high has at most 26 bits. */
PL_KERNEL PlTwofold
pl_kernel_scale (PlTwofold x, double high, double low)
{
  double a = pl_upper_half (x.high), b = x.high - a;
  return pl_sum_ordered (a * high, b * high + (x.high * low + x.low * high));
}

PL_KERNEL PlTwofold
pl_kernel_multiply (PlTwofold x, double y)
{
  double a = pl_upper_half (x.high), b = x.high - a, c = pl_upper_half (y), d = y - c;
  return pl_sum_ordered (a * c, (a * d + b * y) + x.low * y);
}

PL_KERNEL PlTwofold
pl_kernel_divide (PlTwofold x, PlTwofold y)
{
  double quotient = x.high / y.high;
  PlTwofold product = pl_kernel_multiply (y, quotient);
  return pl_sum_ordered (quotient, ((x.high - product.high) - product.low + x.low) / y.high);
}

/** pl_kernel_exp: @scale: (out): 2^k, as what its exponent adds to a double's bits.
 * Returns: exp (@x) / 2^k, about 1 to 2. Only where pl_beyond_exp() is 0.
 *
 * x = (512 k + i) ln 2 / 512 + r, and exp x = 2^k 2^(i/512) (1 + r + r²/2 + …). */
PL_KERNEL PlTwofold
pl_kernel_exp (PlTwofold x, guint64 *scale)
{
  /* Adding this puts the nearest whole number into the last bits. */
  const double lift = 0x1.8p52;
  double lifted = x.high * PL_STEPS_PER_ONE + lift;
  guint64 steps = pl_bits_of (lifted), piece = steps % PL_POWER_PIECES;
  double n = lifted - lift;
  PlTwofold near = pl_sum_of_two (x.high - n * PL_STEP_HIGH, -(n * PL_STEP_LOW));
  PlTwofold r = pl_sum_ordered (near.high, near.low + x.low);
  double z = r.high, square = z * z;
  double series = square * (0.5 + z * (1.0 / 6) + square * (1.0 / 24 + z * (1.0 / 120) + square * (1.0 / 720)));
  PlTwofold p = pl_sum_ordered (z, series + r.low);
  double power = pl_power_high[piece], power_low = pl_power_low[piece];
  double a = pl_upper_half (p.high), b = p.high - a;
  PlTwofold sum = pl_sum_ordered (power, power * a);
  *scale = (steps - piece) << (52 - 9);
  return pl_sum_ordered (sum.high, sum.low + (power_low + (power * (b + p.low) + power_low * p.high)));
}

/* Of pl_kernel_exp() where @exponent is the product of a logarithm and @y: the logarithm is wrong by a share near 1,
 * and elsewhere by less. */
PL_KERNEL double
pl_power_error (double exponent, double y)
{
  double size = pl_magnitude (exponent);
  double share = size * PL_LOG_ERROR, distance = pl_magnitude (y) * PL_LOG_DISTANCE + size * 0x1p-75;
  return PL_EXP_ERROR + 2 * (share < distance ? share : distance);
}

/** pl_round_twofold: @error: of @x, at most. @unsure: (inout): gets a bit where that leaves open to which double @x
 * rounds. Returns: the nearest double (A. Ziv, "Fast evaluation of elementary mathematical functions with correctly
 * rounded last bit", 1991). */
PL_KERNEL double
pl_round_twofold (PlTwofold x, double error, guint64 *unsure)
{
  double above = x.high + (x.low + error), below = x.high + (x.low - error);
  *unsure |= pl_bits_of (above) ^ pl_bits_of (below);
  return above;
}

G_END_DECLS
