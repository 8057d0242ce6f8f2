/* See wide.h. Schoolbook arithmetic: operands are two or three limbs in all but contrived data.
 * The division makes a quotient of 62 to 64 bits and a sticky bit, which is all that one rounding to 53 bits can ask
 * for: it is one step of Knuth's algorithm D (TAOCP 2, 4.3.1). */
#include "wide.h"

#include <math.h>
#include <string.h>

#include "../table/powers.h"

static void
trim (PlWide *wide)
{
  while (wide->length > 0 && wide->limbs[wide->length - 1] == 0)
    wide->length--;
  if (wide->length == 0)
    wide->negative = FALSE;
}

static void
push (PlWide *wide, guint64 limb)
{
  g_assert (wide->length < PL_WIDE_LIMBS);
  wide->limbs[wide->length++] = limb;
}

void
pl_wide_set (PlWide *wide, PlInt128 value)
{
  PlUint128 magnitude = value < 0 ? -(PlUint128) value : (PlUint128) value;

  wide->negative = value < 0;
  wide->limbs[0] = (guint64) magnitude;
  wide->limbs[1] = (guint64) (magnitude >> 64);
  wide->length = 2;
  trim (wide);
}

void
pl_wide_copy (PlWide *to, const PlWide *from)
{
  to->length = from->length;
  to->negative = from->negative;
  memmove (to->limbs, from->limbs, from->length * sizeof (guint64));
}

void
pl_wide_set_limbs (PlWide *wide, const guint64 *limbs, guint n)
{
  gboolean negative = n > 0 && (gint64) limbs[n - 1] < 0;
  guint64 carry = negative;

  g_assert (n <= PL_WIDE_LIMBS);
  for (guint i = 0; i < n; i++)
    {
      guint64 limb = negative ? ~limbs[i] : limbs[i];
      carry = __builtin_add_overflow (limb, carry, &wide->limbs[i]);
    }
  wide->length = n;
  wide->negative = negative;
  trim (wide);
}

gboolean
pl_wide_get_int128 (const PlWide *wide, PlInt128 *value)
{
  PlUint128 magnitude = 0;
  const PlUint128 limit = (PlUint128) 1 << 127;

  if (wide->length > 2)
    return FALSE;
  for (guint i = 0; i < wide->length; i++)
    magnitude |= (PlUint128) wide->limbs[i] << (64 * i);
  if (magnitude > limit || (magnitude == limit && !wide->negative))
    return FALSE;
  *value = (PlInt128) (wide->negative ? -magnitude : magnitude);
  return TRUE;
}

static int
compare_magnitudes (const PlWide *a, const PlWide *b)
{
  if (a->length != b->length)
    return a->length < b->length ? -1 : 1;
  for (guint i = a->length; i-- > 0;)
    if (a->limbs[i] != b->limbs[i])
      return a->limbs[i] < b->limbs[i] ? -1 : 1;
  return 0;
}

static void
add_magnitudes (PlWide *result, const PlWide *a, const PlWide *b)
{
  const PlWide *longer = a->length >= b->length ? a : b;
  const PlWide *shorter = longer == a ? b : a;
  guint n_short = shorter->length, n_long = longer->length;
  guint64 carry = 0;

  for (guint i = 0; i < n_long; i++)
    {
      PlUint128 sum = (PlUint128) longer->limbs[i] + (i < n_short ? shorter->limbs[i] : 0) + carry;
      result->limbs[i] = (guint64) sum;
      carry = (guint64) (sum >> 64);
    }
  result->length = n_long;
  if (carry != 0)
    push (result, carry);
}

/* |a| >= |b|. */
static void
subtract_magnitudes (PlWide *result, const PlWide *a, const PlWide *b)
{
  guint n_a = a->length, n_b = b->length;
  guint64 borrow = 0;

  for (guint i = 0; i < n_a; i++)
    {
      PlUint128 difference = (PlUint128) a->limbs[i] - (i < n_b ? b->limbs[i] : 0) - borrow;
      result->limbs[i] = (guint64) difference;
      borrow = (guint64) (difference >> 64) & 1;
    }
  result->length = n_a;
}

static void
add_signed (PlWide *result, const PlWide *a, const PlWide *b, gboolean b_negative)
{
  gboolean a_negative = a->negative;

  if (a_negative == b_negative)
    {
      add_magnitudes (result, a, b);
      result->negative = a_negative;
    }
  else if (compare_magnitudes (a, b) >= 0)
    {
      subtract_magnitudes (result, a, b);
      result->negative = a_negative;
    }
  else
    {
      subtract_magnitudes (result, b, a);
      result->negative = b_negative;
    }
  trim (result);
}

void
pl_wide_add (PlWide *result, const PlWide *a, const PlWide *b)
{
  add_signed (result, a, b, b->negative);
}

void
pl_wide_subtract (PlWide *result, const PlWide *a, const PlWide *b)
{
  add_signed (result, a, b, !b->negative);
}

void
pl_wide_multiply (PlWide *result, const PlWide *a, const PlWide *b)
{
  g_assert (a->length + b->length <= PL_WIDE_LIMBS && result != a && result != b);
  result->length = a->length + b->length;
  result->negative = a->negative != b->negative;
  memset (result->limbs, 0, result->length * sizeof (guint64));
  for (guint i = 0; i < a->length; i++)
    {
      guint64 carry = 0;
      for (guint j = 0; j < b->length; j++)
        {
          PlUint128 product = (PlUint128) a->limbs[i] * b->limbs[j] + result->limbs[i + j] + carry;
          result->limbs[i + j] = (guint64) product;
          carry = (guint64) (product >> 64);
        }
      result->limbs[i + b->length] = carry;
    }
  trim (result);
}

void
pl_wide_scale (PlWide *wide, guint64 factor)
{
  guint64 carry = 0;

  for (guint i = 0; i < wide->length; i++)
    {
      PlUint128 product = (PlUint128) wide->limbs[i] * factor + carry;
      wide->limbs[i] = (guint64) product;
      carry = (guint64) (product >> 64);
    }
  if (carry != 0)
    push (wide, carry);
  trim (wide);
}

void
pl_wide_scale_power10 (PlWide *wide, guint exponent)
{
  for (; exponent >= 19; exponent -= 19)
    pl_wide_scale (wide, G_GUINT64_CONSTANT (10000000000000000000));
  pl_wide_scale (wide, (guint64) pl_short_powers_of_10[exponent]);
}

void
pl_wide_shift_left (PlWide *wide, guint bits)
{
  guint whole = bits / 64, part = bits % 64;
  guint n = wide->length;

  if (n == 0 || bits == 0)
    return;
  g_assert (n + whole + 1 <= PL_WIDE_LIMBS);
  wide->limbs[n + whole] = 0;
  for (guint i = n; i-- > 0;)
    {
      guint64 limb = wide->limbs[i];
      if (part != 0)
        wide->limbs[i + whole + 1] |= limb >> (64 - part);
      wide->limbs[i + whole] = limb << part;
    }
  memset (wide->limbs, 0, whole * sizeof (guint64));
  wide->length = n + whole + 1;
  trim (wide);
}

static guint
bit_length (const PlWide *wide)
{
  return wide->length * 64 - (guint) __builtin_clzll (wide->limbs[wide->length - 1]);
}

/* One step of algorithm D: @remainder -= quotient × @divisor, for a quotient below 2^64.
 * The divisor's top bit is set, and the remainder has at most one limb more. */
static guint64
divide_step (PlWide *remainder, const PlWide *divisor)
{
  guint n = divisor->length;
  while (remainder->length < n + 1)
    push (remainder, 0);

  guint64 top = divisor->limbs[n - 1];
  PlUint128 head = (PlUint128) remainder->limbs[n] << 64 | remainder->limbs[n - 1];
  guint64 quotient = remainder->limbs[n] >= top ? G_MAXUINT64 : (guint64) (head / top);
  guint64 borrow = 0, carry = 0;

  for (guint i = 0; i <= n; i++)
    {
      PlUint128 product = (PlUint128) (i < n ? divisor->limbs[i] : 0) * quotient + carry;
      carry = (guint64) (product >> 64);
      PlUint128 difference = (PlUint128) remainder->limbs[i] - (guint64) product - borrow;
      remainder->limbs[i] = (guint64) difference;
      borrow = (guint64) (difference >> 64) & 1;
    }
  while (borrow != 0) /* at most twice: the estimate is too large by no more */
    {
      quotient--;
      carry = 0;
      for (guint i = 0; i <= n; i++)
        {
          PlUint128 sum = (PlUint128) remainder->limbs[i] + (i < n ? divisor->limbs[i] : 0) + carry;
          remainder->limbs[i] = (guint64) sum;
          carry = (guint64) (sum >> 64);
        }
      borrow -= carry;
    }
  trim (remainder);
  return quotient;
}

/* (@quotient + something in (0, 1) if @sticky) × 2^@exponent as a double. @quotient has at least 62 bits. */
static double
round_quotient (guint64 quotient, gboolean sticky, gint exponent)
{
  gint bits = 64 - __builtin_clzll (quotient);
  gint magnitude = exponent + bits - 1;
  gint precision = magnitude >= -1022 ? 53 : 53 + magnitude + 1022;

  if (magnitude > 1023)
    return HUGE_VAL;
  if (precision < 0)
    return 0.0;

  gint drop = bits - precision;
  guint64 mantissa = drop >= 64 ? 0 : quotient >> drop;
  guint64 rest = drop >= 64 ? quotient : quotient & ((G_GUINT64_CONSTANT (1) << drop) - 1);
  guint64 half = G_GUINT64_CONSTANT (1) << (drop - 1);
  if (rest > half || (rest == half && (sticky || (mantissa & 1))))
    mantissa++;
  return ldexp ((double) mantissa, exponent + drop);
}

double
pl_wide_ratio (const PlWide *numerator, const PlWide *denominator, gint exponent)
{
  PlWide remainder, divisor;

  g_assert (denominator->length > 0 && !denominator->negative);
  if (numerator->length == 0)
    return 0.0;
  pl_wide_copy (&remainder, numerator);
  pl_wide_copy (&divisor, denominator);

  gint shift = 63 - ((gint) bit_length (&remainder) - (gint) bit_length (&divisor));
  gint normalize = __builtin_clzll (divisor.limbs[divisor.length - 1]);
  gint shift_remainder = MAX (shift, 0) + normalize, shift_divisor = MAX (-shift, 0) + normalize;
  /* Both by as much as makes the divisor's top bit 1. */
  gint excess = shift_divisor - normalize;
  if (excess % 64 != 0)
    {
      shift_divisor += 64 - excess % 64;
      shift_remainder += 64 - excess % 64;
    }
  pl_wide_shift_left (&remainder, (guint) shift_remainder);
  pl_wide_shift_left (&divisor, (guint) shift_divisor);

  guint64 quotient = divide_step (&remainder, &divisor);
  double value = round_quotient (quotient, remainder.length > 0, exponent - shift);
  return numerator->negative ? -value : value;
}

char *
pl_wide_text (const PlWide *wide, guint scale)
{
  g_autofree char *digits = g_malloc (PL_WIDE_LIMBS * 20 + scale + 2);
  PlWide rest;
  gsize n = 0;

  pl_wide_copy (&rest, wide);
  while (rest.length > 0 || n <= scale)
    {
      PlUint128 remainder = 0;
      for (guint i = rest.length; i-- > 0;)
        {
          remainder = remainder << 64 | rest.limbs[i];
          rest.limbs[i] = (guint64) (remainder / 10);
          remainder %= 10;
        }
      trim (&rest);
      digits[n++] = (char) ('0' + (int) remainder);
    }

  GString *text = g_string_sized_new (n + 3);
  if (wide->negative)
    g_string_append_c (text, '-');
  while (n > 0)
    {
      g_string_append_c (text, digits[--n]);
      if (n == scale && scale > 0)
        g_string_append_c (text, '.');
    }
  return g_string_free (text, FALSE);
}
