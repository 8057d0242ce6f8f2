/* See exact-sum.h. TwoSum: Knuth, TAOCP 2, 4.2.2. The extraction of whole vectors: Rump, Ogita, Oishi, "Accurate
 * floating-point summation part I" (2008), algorithm 3.3, with the residual checked to be zero, so that nothing is
 * approximate. */
#include "exact-sum.h"
#include "../memory/leased.h"

#define MAX_UNITS_SCALE 38

static PlExactSpill *
need_spill (PlExactSum *sum)
{
  if (sum->spill == NULL)
    sum->spill = pl_leased_new0 (sizeof (PlExactSpill));
  return sum->spill;
}

void
pl_exact_sum_clear (PlExactSum *sum)
{
  if (sum->spill != NULL)
    {
      pl_limbs_clear (&sum->spill->binary);
      pl_limbs_clear (&sum->spill->decimal);
      pl_leased_free (sum->spill);
    }
  memset (sum, 0, sizeof *sum);
}

static guint
split_int128 (PlInt128 value, guint64 magnitude[2])
{
  PlUint128 absolute = value < 0 ? -(PlUint128) value : (PlUint128) value;
  magnitude[0] = (guint64) absolute;
  magnitude[1] = (guint64) (absolute >> 64);
  return 2;
}

/* Gives the decimal spill @scale or a greater one. */
static void
raise_spill_scale (PlExactSpill *spill, guint scale)
{
  if (scale <= spill->decimal_scale)
    return;
  if (spill->decimal.n > 0)
    {
      PlWide wide;
      gint exponent = pl_limbs_get (&spill->decimal, &wide);
      pl_wide_shift_left (&wide, (guint) exponent);
      pl_wide_scale_power10 (&wide, scale - spill->decimal_scale);
      pl_limbs_set (&spill->decimal, &wide);
    }
  spill->decimal_scale = scale;
}

/* A few limbs at a time. */
static void
add_limbs (PlLimbs *limbs, const guint64 *magnitude, guint n, gboolean negative)
{
  const guint step = 8;
  for (guint i = 0; i < n; i += step)
    pl_limbs_add (limbs, magnitude + i, MIN (step, n - i), negative, (gint) i * 64);
}

void
pl_exact_sum_add_wide (PlExactSum *sum, const guint64 *magnitude, guint n, gboolean negative, guint scale)
{
  PlExactSpill *spill = need_spill (sum);

  raise_spill_scale (spill, scale);
  if (scale == spill->decimal_scale)
    {
      add_limbs (&spill->decimal, magnitude, n, negative);
      return;
    }
  PlWide wide;
  wide.length = n;
  wide.negative = FALSE;
  memcpy (wide.limbs, magnitude, n * sizeof (guint64));
  pl_wide_scale_power10 (&wide, spill->decimal_scale - scale);
  add_limbs (&spill->decimal, wide.limbs, wide.length, negative);
}

static void
spill_units (PlExactSum *sum, PlInt128 units, guint scale)
{
  guint64 magnitude[2];
  guint n = split_int128 (units, magnitude);
  pl_exact_sum_add_wide (sum, magnitude, n, units < 0, scale);
}

/* @units × 10^@lift, unless it leaves 128 bits. */
static gboolean
lift_units (PlInt128 units, guint lift, PlInt128 *lifted)
{
  if (lift > 38)
    {
      *lifted = 0;
      return units == 0;
    }
  return !__builtin_mul_overflow (units, pl_powers_of_10[lift], lifted);
}

void
pl_exact_sum_add_decimal_slowly (PlExactSum *sum, PlInt128 units, guint scale)
{
  PlInt128 lifted;

  /* A scale at which 128 bits hold no 1 is not one for the numbers that come. */
  if (scale > MAX (MAX_UNITS_SCALE, sum->scale) && (scale > 255 || sum->units != 0))
    {
      spill_units (sum, units, scale);
      return;
    }
  if (scale > sum->scale)
    {
      if (!lift_units (sum->units, scale - sum->scale, &lifted))
        {
          spill_units (sum, sum->units, sum->scale);
          lifted = 0;
        }
      sum->units = lifted;
      sum->scale = scale & 0xff;
    }
  else if (!lift_units (units, sum->scale - scale, &lifted))
    {
      spill_units (sum, units, scale);
      return;
    }
  else
    units = lifted;

  PlInt128 total;
  if (__builtin_add_overflow (sum->units, units, &total))
    {
      spill_units (sum, sum->units, sum->scale);
      total = units;
    }
  sum->units = total;
}

void
pl_exact_sum_add_double_slowly (PlExactSum *sum, double value)
{
  if (!isfinite (value))
    {
      sum->special |= isnan (value) ? PL_EXACT_NAN : value > 0 ? PL_EXACT_INF : PL_EXACT_MINUS_INF;
      return;
    }

  PlLimbs *binary = &need_spill (sum)->binary;
  pl_limbs_add_double (binary, sum->low);
  sum->low = 0;
  if (fabs (value) < 0x1p998 && fabs (sum->high) < 0x1p998)
    {
      double high = sum->high + value;
      double part = high - sum->high;
      pl_limbs_add_double (binary, (sum->high - (high - part)) + (value - part));
      sum->high = high;
    }
  else
    {
      pl_limbs_add_double (binary, sum->high);
      pl_limbs_add_double (binary, value);
      sum->high = 0;
    }
}

/* Two vectors of the width that every x86-64 and arm64 has. */
typedef double Pair __attribute__ ((vector_size (16), aligned (8)));
typedef gint64 PairMask __attribute__ ((vector_size (16), aligned (8)));

#define CHUNK 1024 /* at most 2^11 - 2: see extract() */

static inline Pair
load_pair (const double *values)
{
  Pair pair;
  memcpy (&pair, values, sizeof pair);
  return pair;
}

static inline Pair
magnitude_of (Pair pair)
{
  const PairMask mask = {G_MAXINT64, G_MAXINT64};
  return (Pair) ((PairMask) pair & mask);
}

/* The largest magnitude of @values, or nan when one is not finite. */
static double
largest (const double *values, gsize n)
{
  Pair top = {0, 0}, top2 = {0, 0}, defect = {0, 0};

  for (gsize i = 0; i + 4 <= n; i += 4)
    {
      Pair a = load_pair (values + i), b = load_pair (values + i + 2);
      defect += (a - a) + (b - b);
      a = magnitude_of (a);
      b = magnitude_of (b);
      PairMask more = a > top, more2 = b > top2;
      top = (Pair) (((PairMask) a & more) | ((PairMask) top & ~more));
      top2 = (Pair) (((PairMask) b & more2) | ((PairMask) top2 & ~more2));
    }
  double most = MAX (MAX (top[0], top[1]), MAX (top2[0], top2[1])) + (defect[0] + defect[1]);
  for (gsize i = n & ~(gsize) 3; i < n; i++)
    most = fabs (values[i]) <= most ? most : fabs (values[i]) + (values[i] - values[i]);
  return most;
}

/* Cuts each of n <= CHUNK values, all below 2^@exponent, into three parts at fixed places 2^(exponent - 41·level): the
 * parts of one level are multiples of one unit and their sum needs no more than 53 bits, so it is exact in any order.
 * Returns: %FALSE when something is left below the third part; nothing is added then. */
static gboolean
extract (PlExactSum *sum, const double *values, gsize n, gint exponent)
{
  const double s1 = ldexp (1.0, exponent + 12), s2 = ldexp (s1, -41), s3 = ldexp (s2, -41);
  const Pair sigma1 = {s1, s1}, sigma2 = {s2, s2}, sigma3 = {s3, s3};
  Pair total1 = {0, 0}, total2 = {0, 0}, total3 = {0, 0}, residue = {0, 0};
  double last[2] = {0, 0};

  for (gsize i = 0; i < n; i += 2)
    {
      Pair value;
      if (G_LIKELY (i + 2 <= n))
        value = load_pair (values + i);
      else
        {
          last[0] = values[i];
          value = load_pair (last);
        }
      Pair part1 = (value + sigma1) - sigma1;
      value -= part1;
      Pair part2 = (value + sigma2) - sigma2;
      value -= part2;
      Pair part3 = (value + sigma3) - sigma3;
      value -= part3;
      total1 += part1;
      total2 += part2;
      total3 += part3;
      residue += magnitude_of (value);
    }
  if (residue[0] + residue[1] != 0)
    return FALSE;
  pl_exact_sum_add_double (sum, total1[0] + total1[1]);
  pl_exact_sum_add_double (sum, total2[0] + total2[1]);
  pl_exact_sum_add_double (sum, total3[0] + total3[1]);
  return TRUE;
}

void
pl_exact_sum_add_doubles (PlExactSum *sum, const double *values, gsize n)
{
  for (gsize first = 0; first < n; first += CHUNK)
    {
      gsize length = MIN (CHUNK, n - first);
      double most = largest (values + first, length);
      gint exponent;

      if (most > 0x1p-800 && most < 0x1p900)
        {
          frexp (most, &exponent);
          if (extract (sum, values + first, length, exponent))
            continue;
        }
      for (gsize i = first; i < first + length; i++)
        pl_exact_sum_add_double (sum, values[i]);
    }
}

void
pl_exact_sum_add_binary (PlExactSum *sum, const guint64 *magnitude, guint n, gboolean negative, gint position)
{
  pl_limbs_add (&need_spill (sum)->binary, magnitude, n, negative, position);
}

void
pl_exact_sum_combine (PlExactSum *sum, PlExactSum *other)
{
  PlExactSpill *spill = other->spill;

  pl_exact_sum_add_decimal (sum, other->units, (guint) other->scale);
  pl_exact_sum_add_double (sum, other->high);
  pl_exact_sum_add_double (sum, other->low);
  sum->special |= other->special;
  sum->count += other->count;
  if (spill != NULL)
    {
      PlExactSpill *own = need_spill (sum);
      pl_limbs_add_limbs (&own->binary, &spill->binary);
      if (spill->decimal.n > 0)
        {
          raise_spill_scale (own, spill->decimal_scale);
          raise_spill_scale (spill, own->decimal_scale);
          pl_limbs_add_limbs (&own->decimal, &spill->decimal);
        }
    }
  pl_exact_sum_clear (other);
}

void
pl_exact_sum_save (const PlExactSum *sum, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, (guint64) sum->units);
  pl_buffer_put_u64 (buffer, (guint64) ((PlUint128) sum->units >> 64));
  pl_buffer_put_double (buffer, sum->high);
  pl_buffer_put_double (buffer, sum->low);
  pl_buffer_put_u64 (buffer, sum->count);
  pl_buffer_put_u8 (buffer, (guint8) sum->scale);
  pl_buffer_put_u8 (buffer, (guint8) sum->special);
  pl_buffer_put_u8 (buffer, sum->spill != NULL);
  if (sum->spill != NULL)
    {
      pl_limbs_save (&sum->spill->binary, buffer);
      pl_limbs_save (&sum->spill->decimal, buffer);
      pl_buffer_put_u32 (buffer, sum->spill->decimal_scale);
    }
}

gboolean
pl_exact_sum_load (PlExactSum *sum, PlCursor *cursor)
{
  guint64 low = pl_cursor_get_u64 (cursor), high = pl_cursor_get_u64 (cursor);

  memset (sum, 0, sizeof *sum);
  sum->units = (PlInt128) ((PlUint128) high << 64 | low);
  sum->high = pl_cursor_get_double (cursor);
  sum->low = pl_cursor_get_double (cursor);
  sum->count = pl_cursor_get_u64 (cursor) & G_GUINT64_CONSTANT (0xffffffffffff);
  sum->scale = pl_cursor_get_u8 (cursor);
  sum->special = pl_cursor_get_u8 (cursor);
  if (pl_cursor_get_u8 (cursor) != 0)
    {
      PlExactSpill *spill = need_spill (sum);
      if (pl_limbs_load (&spill->binary, cursor) && pl_limbs_load (&spill->decimal, cursor))
        spill->decimal_scale = pl_cursor_get_u32 (cursor);
      if (spill->decimal.low < 0 || spill->decimal_scale > PL_EXACT_SCALE_MAX)
        cursor->failed = TRUE;
    }
  if (!isfinite (sum->high) || !isfinite (sum->low))
    cursor->failed = TRUE;
  if (cursor->failed)
    pl_exact_sum_clear (sum);
  return !cursor->failed;
}

gboolean
pl_exact_sum_special (const PlExactSum *sum, double *value)
{
  if (sum->special == 0)
    return FALSE;
  *value = sum->special == PL_EXACT_INF ? HUGE_VAL : sum->special == PL_EXACT_MINUS_INF ? -HUGE_VAL : (double) NAN;
  return TRUE;
}

void
pl_exact_total_align (PlExactTotal *total, guint scale, gint exponent)
{
  if (scale > total->scale)
    {
      pl_wide_scale_power10 (&total->numerator, scale - total->scale);
      total->scale = scale;
    }
  if (exponent < total->exponent)
    {
      pl_wide_shift_left (&total->numerator, (guint) (total->exponent - exponent));
      total->exponent = exponent;
    }
}

static void
add_part (PlExactTotal *total, PlExactTotal *part)
{
  if (pl_wide_is_zero (&part->numerator))
    return;
  pl_exact_total_align (total, part->scale, part->exponent);
  pl_exact_total_align (part, total->scale, total->exponent);
  pl_wide_add (&total->numerator, &total->numerator, &part->numerator);
}

void
pl_exact_sum_total (const PlExactSum *sum, PlExactTotal *total)
{
  PlExactTotal part;
  PlLimbs binary = {NULL, 0, 0, 0};

  pl_wide_set (&total->numerator, sum->units);
  total->scale = (guint) sum->scale;
  total->exponent = 0;
  if (sum->spill != NULL)
    {
      part.exponent = pl_limbs_get (&sum->spill->decimal, &part.numerator);
      part.scale = sum->spill->decimal_scale;
      add_part (total, &part);
      pl_limbs_add_limbs (&binary, &sum->spill->binary);
    }
  pl_limbs_add_double (&binary, sum->high);
  pl_limbs_add_double (&binary, sum->low);
  part.exponent = pl_limbs_get (&binary, &part.numerator);
  part.scale = 0;
  add_part (total, &part);
  pl_limbs_clear (&binary);
}

double
pl_exact_sum_round (const PlExactSum *sum, guint64 divisor)
{
  const PlInt128 exact = (PlInt128) 1 << 53;

  /* Two whole numbers that doubles hold: their quotient is rounded once. */
  if (sum->spill == NULL && sum->high == 0 && sum->low == 0 && sum->units <= exact && sum->units >= -exact
      && sum->scale <= 15 && divisor <= (guint64) exact && pl_powers_of_10[sum->scale] * (PlInt128) divisor <= exact)
    return (double) (gint64) sum->units / (double) (gint64) (pl_powers_of_10[sum->scale] * (PlInt128) divisor);
  if (sum->spill == NULL && sum->units == 0 && divisor == 1)
    return sum->high + sum->low;

  PlExactTotal total;
  PlWide denominator;
  pl_exact_sum_total (sum, &total);
  pl_wide_set (&denominator, (PlInt128) divisor);
  pl_wide_scale_power10 (&denominator, total.scale);
  return pl_wide_ratio (&total.numerator, &denominator, total.exponent);
}
