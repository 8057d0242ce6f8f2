/* Sums without rounding: of decimals as written and of doubles, rounded once at the end.
 *
 *   total = units × 10^-scale  +  high + low  +  spill (what left either)
 *
 * Decimals are added as scaled 128-bit integers. Doubles go into a double-double by Knuth's TwoSum; when its low part
 * would have to round, low part and error move to the spill, a growing fixed-point accumulator. So the total is always
 * the exact sum of what was added, whatever the order. inf and nan are remembered apart. All zero is the empty sum; it
 * may be moved with memcpy; pl_exact_sum_clear() frees the spill. */
#pragma once
#include <math.h>

#include "limbs.h"
#include "../table/powers.h"

G_BEGIN_DECLS

typedef struct
{
  PlLimbs binary;
  PlLimbs decimal; /* × 10^-decimal_scale; low >= 0 */
  guint decimal_scale;
} PlExactSpill;

/* Fourth powers of the smallest double's last digit. */
#define PL_EXACT_SCALE_MAX (4 * 324)

enum
{
  PL_EXACT_INF = 1 << 0,
  PL_EXACT_MINUS_INF = 1 << 1,
  PL_EXACT_NAN = 1 << 2,
};

typedef struct
{
  PlLooseInt128 units;
  double high, low;
  PlExactSpill *spill; /* (nullable) (owned) */
  guint64 count : 48;  /* kept by the user of the sum; combined, saved and loaded with it */
  guint64 scale : 8;
  guint64 special : 8;
} PlExactSum;

/* numerator × 2^exponent × 10^-scale. */
typedef struct
{
  PlWide numerator;
  guint scale;
  gint exponent;
} PlExactTotal;

void pl_exact_sum_clear (PlExactSum *sum);
void pl_exact_sum_add_decimal_slowly (PlExactSum *sum, PlInt128 units, guint scale);
void pl_exact_sum_add_double_slowly (PlExactSum *sum, double value);

/** pl_exact_sum_add_decimal: adds @units × 10^-@scale. */
static inline void
pl_exact_sum_add_decimal (PlExactSum *sum, PlInt128 units, guint scale)
{
  PlInt128 total;
  if (G_LIKELY (scale == sum->scale && !__builtin_add_overflow (sum->units, units, &total)))
    sum->units = total;
  else
    pl_exact_sum_add_decimal_slowly (sum, units, scale);
}

/** pl_exact_sum_add_mantissa: the same for the numbers of PlColumn.exact. */
static inline void
pl_exact_sum_add_mantissa (PlExactSum *sum, gint64 mantissa, guint scale)
{
  PlInt128 total;
  guint lift = (guint) sum->scale - scale;
  if (G_LIKELY (lift <= 18 && !__builtin_add_overflow (sum->units, mantissa * pl_powers_of_10[lift], &total)))
    sum->units = total;
  else
    pl_exact_sum_add_decimal_slowly (sum, mantissa, scale);
}

static inline void
pl_exact_sum_add_double (PlExactSum *sum, double value)
{
  double high = sum->high + value;
  double part = high - sum->high;
  double error = (sum->high - (high - part)) + (value - part);
  double low = sum->low + error;
  double low_part = low - sum->low;
  double lost = (sum->low - (low - low_part)) + (error - low_part);
  /* Not less: also for nan. */
  if (G_UNLIKELY (!(fabs (high) < 0x1p1000) || lost != 0))
    pl_exact_sum_add_double_slowly (sum, value);
  else
    {
      sum->high = high;
      sum->low = low;
    }
}

/** pl_exact_sum_add_doubles: many at once, by vectorisable error-free extraction; the same total. */
void pl_exact_sum_add_doubles (PlExactSum *sum, const double *values, gsize n);
/** pl_exact_sum_add_binary: adds ±@magnitude × 2^@position: products of doubles. */
void pl_exact_sum_add_binary (PlExactSum *sum, const guint64 *magnitude, guint n, gboolean negative, gint position);
/** pl_exact_sum_add_wide: adds ±@magnitude × 10^-@scale, of any size: products of decimals beyond 128 bits, and
 * numbers with exponents. */
void pl_exact_sum_add_wide (PlExactSum *sum, const guint64 *magnitude, guint n, gboolean negative, guint scale);
/** pl_exact_sum_combine: @sum takes in @other, which is left empty. */
void pl_exact_sum_combine (PlExactSum *sum, PlExactSum *other);
void pl_exact_sum_save (const PlExactSum *sum, PlBuffer *buffer);
/** pl_exact_sum_load: @sum is empty. */
gboolean pl_exact_sum_load (PlExactSum *sum, PlCursor *cursor);

/** pl_exact_sum_special: Returns: %TRUE when inf or nan was added; @value is then the sum by IEEE's rules. */
gboolean pl_exact_sum_special (const PlExactSum *sum, double *value);
/** pl_exact_sum_total: the exact sum of what was finite. */
void pl_exact_sum_total (const PlExactSum *sum, PlExactTotal *total);
/** pl_exact_sum_round: Returns: total / @divisor, rounded once (half to even); @divisor > 0. */
double pl_exact_sum_round (const PlExactSum *sum, guint64 divisor);
/** pl_exact_total_align: @total with at least @scale and at most @exponent, of the same value. */
void pl_exact_total_align (PlExactTotal *total, guint scale, gint exponent);

G_END_DECLS
