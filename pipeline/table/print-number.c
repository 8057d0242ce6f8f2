/* Numbers → text. Doubles with few decimals, as most in a CSV are, are found without a search for the shortest form:
 * when the nearest multiple of 10^-6 with at most 15 digits divides back to the same double, it is the shortest,
 * because no two decimals of 15 digits share a double. Others of everyday size are searched as Ryu does it (Adams, PLDI
 * 2018), but with whole numbers of 128 bits, which hold them without tables. The rest takes std::to_chars, restyled. */
#include "digits.h"
#include "print.h"

#include <math.h>

#include "float-shim.h"
#include "powers.h"
#include "swar.h"

#define TEN_19 G_GUINT64_CONSTANT (10000000000000000000)

gsize
pl_print_int (char *out, gint64 value)
{
  if (value >= 0)
    return pl_put_digits (out, (guint64) value);
  *out = '-';
  return 1 + pl_put_digits (out + 1, -(guint64) value);
}

/* Python's repr: positional from 1e-4 to below 1e16. @exponent is that of the first digit. */
static gsize
put_shortest (char *out, const char *digits, gsize n, gint exponent)
{
  char *at = out;
  if (exponent < -4 || exponent >= 16)
    {
      *at++ = digits[0];
      if (n > 1)
        *at++ = '.';
      memcpy (at, digits + 1, n - 1);
      at += n - 1;
      *at++ = 'e';
      *at++ = exponent < 0 ? '-' : '+';
      guint size = (guint) ABS (exponent);
      at += pl_put_padded (at, size, MAX (2, pl_count_digits (size)));
      return (gsize) (at - out);
    }
  if (exponent < 0)
    {
      memcpy (at, "0.0000", 6);
      at += 1 - exponent;
      memcpy (at, digits, n);
      return (gsize) (at - out) + n;
    }
  gsize whole = (gsize) exponent + 1;
  gsize written = MIN (n, whole);
  memcpy (at, digits, written);
  memset (at + written, '0', whole - written);
  at += whole;
  *at++ = '.';
  if (n <= whole)
    {
      *at++ = '0';
      return (gsize) (at - out);
    }
  memcpy (at, digits + whole, n - whole);
  return (gsize) (at - out) + (n - whole);
}

/* Any positive finite double. */
static gsize
print_by_search (char *out, double value)
{
  char text[32], digits[32];
  gsize length = pl_float_to_chars (text, value);
  gsize n = 0;
  gsize at = 0;
  for (; text[at] != 'e'; at++)
    if (text[at] != '.')
      digits[n++] = text[at];
  gboolean negative = text[at + 1] == '-';
  gint exponent = 0;
  for (at += 2; at < length; at++)
    exponent = exponent * 10 + (text[at] - '0');
  return put_shortest (out, digits, n, negative ? -exponent : exponent);
}

/* The decimals between the neighbours of a double, halfway to each, in units of the last digit kept: floors, and
 * whether they are exact. */
typedef struct
{
  guint64 value, low, high;
  gboolean value_is_exact, low_is_exact;
  guint64 removed; /* the last digit taken off @value */
  guint n_removed;
} Decimals;

static void
remove_digit (Decimals *decimals)
{
  decimals->low_is_exact &= decimals->low % 10 == 0;
  decimals->value_is_exact &= decimals->removed == 0;
  decimals->removed = decimals->value % 10;
  decimals->value /= 10;
  decimals->low /= 10;
  decimals->high /= 10;
  decimals->n_removed++;
}

/* The shortest of the decimals, and of these the nearest. @closed: the bounds belong to them. */
static guint64
choose_decimal (Decimals *decimals, gboolean closed)
{
  while (decimals->high / 10 > decimals->low / 10)
    remove_digit (decimals);
  if (closed && decimals->low_is_exact)
    while (decimals->low % 10 == 0)
      remove_digit (decimals);
  const gboolean tie = decimals->value_is_exact && decimals->removed == 5;
  const gboolean below = decimals->value == decimals->low && !(closed && decimals->low_is_exact);
  const gboolean up = decimals->removed > 5 || (decimals->removed == 5 && !(tie && decimals->value % 2 == 0));
  return decimals->value + (below || up);
}

/* Doubles from 1e-4 to below 1e9: their neighbours as whole numbers of 10^-@scale, with 18 digits, so that one at least
 * can go. */
static gsize
print_by_whole_numbers (char *out, double value)
{
  static const double bounds[] = {0.1, 0.01, 0.001};
  guint64 bits;
  memcpy (&bits, &value, sizeof bits);
  const guint64 fraction = bits & ((G_GUINT64_CONSTANT (1) << 52) - 1);
  const guint64 mantissa = fraction | G_GUINT64_CONSTANT (1) << 52;
  const guint shift = 1077 - (guint) (bits >> 52); /* value = mantissa × 4 × 2^-shift */
  const gboolean closed = mantissa % 2 == 0;
  gint exponent = 0;
  if (value >= 1)
    exponent = (gint) pl_count_digits ((guint64) value) - 1;
  else
    for (exponent = -1; exponent > -4 && value < bounds[-exponent - 1];)
      exponent--;
  const PlUint128 power = (PlUint128) pl_powers_of_10[17 - exponent];
  const PlUint128 below = ((PlUint128) 1 << shift) - 1;
  const PlUint128 middle = power * (mantissa * 4), low = power * (mantissa * 4 - 1 - (fraction != 0));
  const PlUint128 high = power * (mantissa * 4 + 2);
  Decimals decimals = {
      .value = (guint64) (middle >> shift),
      .low = (guint64) (low >> shift),
      .high = (guint64) (high >> shift) - (!closed && (high & below) == 0),
      .value_is_exact = (middle & below) == 0,
      .low_is_exact = (low & below) == 0,
  };
  const guint64 found = choose_decimal (&decimals, closed);
  char digits[24];
  const gsize n = pl_put_digits (digits, found);
  return put_shortest (out, digits, n, (gint) n - 1 + (gint) decimals.n_removed - 17 + exponent);
}

/* @value = @millionths × 10^-6, below 10^15 */
static gsize
print_millionths (char *out, guint64 millionths)
{
  const guint32 whole = (guint32) (millionths / 1000000), fraction = (guint32) (millionths % 1000000);
  gsize length = pl_put_digits (out, whole);
  out[length++] = '.';
  const guint64 digits = pl_swar_digits (fraction * 100);
  pl_store_u64 (out + length, digits | PL_SWAR_ZEROS);
  return length + (digits == 0 ? 1 : 8 - (gsize) __builtin_clzll (digits) / 8);
}

static gsize
print_positive (char *out, double value)
{
  if (value >= 1e-4 && value < 1e9)
    {
      guint64 millionths = (guint64) (value * 1e6 + 0.5);
      if ((double) millionths / 1e6 == value)
        return print_millionths (out, millionths);
      return print_by_whole_numbers (out, value);
    }
  return print_by_search (out, value);
}

gsize
pl_print_float (char *out, double value)
{
  gsize sign = 0;
  if (isnan (value))
    {
      memcpy (out, "nan", 3);
      return 3;
    }
  if (signbit (value))
    {
      out[sign++] = '-';
      value = -value;
    }
  if (value != 0 && isfinite (value))
    return sign + print_positive (out + sign, value);
  memcpy (out + sign, value != 0 ? "inf" : "0.0", 3);
  return sign + 3;
}

/* The last @n digits of @value, zeros in front. */
static gsize
put_padded_wide (char *out, PlUint128 value, guint n)
{
  if (n <= 19)
    return pl_put_padded (out, (guint64) (value % TEN_19), n);
  put_padded_wide (out, value / TEN_19, n - 19);
  pl_put_padded (out + n - 19, (guint64) (value % TEN_19), 19);
  return n;
}

static guint
count_digits_wide (PlUint128 value)
{
  guint n = 0;
  for (; value >= TEN_19; value /= TEN_19)
    n += 19;
  return n + pl_count_digits ((guint64) value);
}

gsize
pl_print_decimal (char *out, PlInt128 value, guint scale)
{
  PlUint128 size = value < 0 ? -(PlUint128) value : (PlUint128) value;
  gsize length = 0;
  if (value < 0)
    out[length++] = '-';
  guint n = MAX (count_digits_wide (size), scale + 1);
  length += put_padded_wide (out + length, size, n);
  if (scale == 0)
    return length;
  memmove (out + length - scale + 1, out + length - scale, scale);
  out[length - scale] = '.';
  return length + 1;
}
