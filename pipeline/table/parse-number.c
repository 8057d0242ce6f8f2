/* Integers, decimals and floats, by the grammar of parse.h.
 *
 * Floats with up to 2^53 as their digits and a power of ten up to 22 take one exact multiplication or division (W.
 * Clinger, "How to read floating point numbers accurately", 1990), the others std::from_chars. */
#include "parse.h"

#include <math.h>

#include "float-shim.h"
#include "powers.h"
#include "swar.h"

#define MAX_EXACT_DIGITS 18
#define MAX_EXACT_POWER 22
/* Exponents stop growing here: beyond any double, below any wrap-around. */
#define EXPONENT_LIMIT (G_GINT64_CONSTANT (1) << 48)

/* What a float's text writes: ± digits × 10^(exponent - fraction). */
typedef struct
{
  gboolean negative;
  const char *unsigned_data; /* behind the sign */
  guint64 digits;            /* of at most 19 significant digits: all of them unless n_significant is larger */
  gsize n_significant;       /* from the first digit that is not zero */
  gsize n_fraction;          /* digits behind the point */
  gint64 exponent;
} Number;

static inline gboolean
is_digit (char c)
{
  return (guint8) (c - '0') <= 9;
}

/* Reads digits from @at on. Returns: past the last one. */
static inline const char *
scan_digits (const char *at, const char *end, Number *number)
{
  for (; at < end && is_digit (*at); at++)
    {
      guint digit = (guint) (*at - '0');
      number->n_significant += number->n_significant > 0 || digit != 0;
      if (number->n_significant <= 19)
        number->digits = number->digits * 10 + digit;
    }
  return at;
}

/* Reads [+-]? digits up to @end. */
static gboolean
scan_exponent (const char *at, const char *end, gint64 *exponent)
{
  gboolean negative = at < end && *at == '-';
  gint64 value = 0;
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  if (at == end)
    return FALSE;
  for (; at < end; at++)
    {
      if (!is_digit (*at))
        return FALSE;
      if (value < EXPONENT_LIMIT)
        value = value * 10 + (*at - '0');
    }
  *exponent = negative ? -value : value;
  return TRUE;
}

/* The digit forms of a float; not nan and inf. */
static gboolean
scan_number (const char *data, gsize length, Number *number)
{
  const char *at = data;
  const char *end = data + length;
  *number = (Number){.negative = at < end && *at == '-'};
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  number->unsigned_data = at;
  if (end - at >= 2 && at[0] == '0' && is_digit (at[1]))
    return FALSE;

  const char *point = scan_digits (at, end, number);
  gsize n_digits = (gsize) (point - at);
  at = point;
  if (at < end && *at == '.')
    {
      at = scan_digits (point + 1, end, number);
      number->n_fraction = (gsize) (at - point - 1);
      n_digits += number->n_fraction;
    }
  if (n_digits == 0)
    return FALSE;
  if (at == end)
    return TRUE;
  return (*at == 'e' || *at == 'E') && scan_exponent (at + 1, end, &number->exponent);
}

gboolean
pl_parse_int (const char *data, gsize length, gint64 *value)
{
  gboolean negative = length > 0 && *data == '-';
  guint64 number = 0;
  if (length > 0 && (*data == '-' || *data == '+'))
    {
      data++;
      length--;
    }
  if (length == 0 || length > 19 || (*data == '0' && length > 1))
    return FALSE;
  for (; length >= 8; data += 8, length -= 8)
    {
      guint64 word = pl_load_u64 (data) ^ PL_SWAR_ZEROS;
      if (!pl_swar_are_digits (word))
        return FALSE;
      number = number * 100000000 + pl_swar_number (word);
    }
  for (; length > 0; data++, length--)
    {
      if (!is_digit (*data))
        return FALSE;
      number = number * 10 + (guint64) (*data - '0');
    }
  if (number > (guint64) G_MAXINT64 + negative)
    return FALSE;
  *value = (gint64) (negative ? -number : number);
  return TRUE;
}

/* nan, inf and infinity, with a sign or without. */
static gboolean
parse_special (const char *data, gsize length, double *value)
{
  gboolean negative = length > 0 && *data == '-';
  if (length > 0 && (*data == '-' || *data == '+'))
    {
      data++;
      length--;
    }
  if (length == 3 && g_ascii_strncasecmp (data, "nan", 3) == 0)
    *value = (double) NAN;
  else if ((length == 3 && g_ascii_strncasecmp (data, "inf", 3) == 0)
           || (length == 8 && g_ascii_strncasecmp (data, "infinity", 8) == 0))
    *value = negative ? -(double) INFINITY : (double) INFINITY;
  else
    return FALSE;
  return TRUE;
}

/* The unsigned double nearest to @number. */
static gboolean
round_number (const Number *number, const char *end, double *value)
{
  gint64 power = number->exponent - (gint64) number->n_fraction;
  if (number->n_significant <= 19 && number->digits <= G_GUINT64_CONSTANT (1) << 53 && ABS (power) <= MAX_EXACT_POWER)
    {
      double digits = (double) number->digits;
      *value = power < 0 ? digits / pl_double_powers_of_10[-power] : digits * pl_double_powers_of_10[power];
      return TRUE;
    }
  switch (pl_float_from_chars (number->unsigned_data, (gsize) (end - number->unsigned_data), value))
    {
    case PL_FLOAT_READ:
      return isfinite (*value);
    case PL_FLOAT_OUT_OF_RANGE:
      /* Too small is zero; too large is no number. */
      *value = 0;
      return number->n_significant == 0 || power + (gint64) number->n_significant <= 0;
    case PL_FLOAT_MALFORMED:
      break;
    }
  return FALSE;
}

gboolean
pl_parse_float (const char *data, gsize length, double *value)
{
  Number number;
  double rounded;
  if (!scan_number (data, length, &number))
    return parse_special (data, length, value);
  if (!round_number (&number, data + length, &rounded))
    return FALSE;
  *value = number.negative ? -rounded : rounded;
  return TRUE;
}

/* Zeros at the end are no digits: "1.50000000000000000000" is 15 × 10^-1, "1e3" is 1000. */
static gboolean
shorten_number (Number *number, const char *end, gint64 *scale)
{
  guint64 digits = 0, n_zeros = 0, n_significant = 0;
  for (const char *at = number->unsigned_data; at < end && (is_digit (*at) || *at == '.'); at++)
    {
      if (*at == '0')
        n_zeros += n_significant > 0;
      if (*at == '0' || *at == '.')
        continue;
      n_significant += n_zeros + 1;
      for (; n_zeros > 0 && n_significant <= MAX_EXACT_DIGITS; n_zeros--)
        digits *= 10;
      n_zeros = 0;
      digits = digits * 10 + (guint64) (*at - '0');
      if (n_significant > MAX_EXACT_DIGITS)
        return FALSE;
    }
  *scale = n_significant > 0 ? (gint64) number->n_fraction - number->exponent - (gint64) n_zeros : 0;
  for (; *scale < 0 && n_significant < MAX_EXACT_DIGITS; n_significant++, ++*scale)
    digits *= 10;
  number->digits = digits;
  return *scale >= 0 && *scale <= MAX_EXACT_DIGITS;
}

gboolean
pl_parse_exact (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  Number number;
  if (!scan_number (data, length, &number))
    return FALSE;
  gint64 written_scale = (gint64) number.n_fraction - number.exponent;
  if ((number.n_significant > MAX_EXACT_DIGITS || written_scale < 0 || written_scale > MAX_EXACT_DIGITS)
      && !shorten_number (&number, data + length, &written_scale))
    return FALSE;
  *mantissa = number.negative ? -(gint64) number.digits : (gint64) number.digits;
  *scale = (guint8) written_scale;
  return TRUE;
}

/* Where the digits of [digits [. digits]] stand; trailing zeros of the fraction are left off. */
static gboolean
split_decimal (const char *data, gsize length, gsize *n_whole, const char **fraction, gsize *n_fraction)
{
  gsize whole = 0;
  while (whole < length && is_digit (data[whole]))
    whole++;
  if (whole == 0 || (whole > 1 && *data == '0'))
    return FALSE;
  *n_whole = whole;
  *fraction = data + whole;
  *n_fraction = 0;
  if (whole == length)
    return TRUE;
  gsize behind = length - whole - 1;
  *fraction += 1;
  if (data[whole] != '.' || behind == 0)
    return FALSE;
  for (gsize i = 0; i < behind; i++)
    {
      if (!is_digit ((*fraction)[i]))
        return FALSE;
      if ((*fraction)[i] != '0')
        *n_fraction = i + 1;
    }
  return TRUE;
}

gboolean
pl_parse_decimal (const char *data, gsize length, guint precision, guint scale, PlInt128 *value)
{
  gboolean negative = length > 0 && *data == '-';
  const char *fraction;
  gsize n_whole, n_fraction;
  if (length > 0 && (*data == '-' || *data == '+'))
    {
      data++;
      length--;
    }
  if (!split_decimal (data, length, &n_whole, &fraction, &n_fraction) || n_fraction > scale)
    return FALSE;
  /* A lone zero before the point takes no digit of the precision. */
  if (*data != '0' && n_whole > precision - scale)
    return FALSE;

  PlInt128 number = 0;
  for (gsize i = 0; i < n_whole; i++)
    number = number * 10 + (data[i] - '0');
  for (gsize i = 0; i < scale; i++)
    number = number * 10 + (i < n_fraction ? fraction[i] - '0' : 0);
  *value = negative ? -number : number;
  return TRUE;
}
