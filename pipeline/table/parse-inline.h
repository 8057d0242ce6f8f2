/* The numbers most CSV files are made of, whole or with a few decimals, read inline and without a loop.
 *
 * Each function here gives what its namesake of parse.h gives, on every text, but wants PL_PARSE_PADDING readable bytes
 * behind the text (any bytes; nothing before the text is read). Texts of up to 16 characters beside the
 * sign are decided here, the others and all irregular ones by the namesake.
 *
 *   "-4.567"  ─ load 8 bytes ─►  4 . 5 6 7 ? ? ?  ─ close the gap ─►  4 5 6 7 ? ? ? ?  ─ shift ─►  0 0 0 0 4 5 6 7  ─►  4567, scale 3
 */
#pragma once
#include "column.h"
#include "parse.h"
#include "powers.h"
#include "swar.h"

G_BEGIN_DECLS

#define PL_PARSE_PADDING 8

#define PL_SWAR_POINTS (PL_SWAR_ONES * '.')
/* Whole numbers up to here are doubles. */
#define PL_FLOAT_MAX_WHOLE (G_GUINT64_CONSTANT (1) << 53)

/* The text behind the sign. A text that is none (or only a sign) has a length that no function here takes. */
typedef struct
{
  const char *digits;
  gsize length;
  gboolean negative;
} PlUnsigned;

static inline PlUnsigned
pl_split_sign (const char *data, gsize length)
{
  gboolean negative = *data == '-';
  gsize sign = (gsize) negative | (*data == '+');
  PlUnsigned text = {data + sign, length - sign, negative};
  return text;
}

/* 1 to 16 characters behind the sign, and no zero before another digit (or exponent). */
static inline gboolean
pl_is_short (PlUnsigned text)
{
  return text.length - 1 < 16 && !(text.digits[0] == '0' && text.length > 1 && text.digits[1] != '.');
}

/* The number in the first @n (1 to 8) of the digits 0 to 9 in @word; %FALSE when others stand there. */
static inline gboolean
pl_swar_prefix (guint64 word, gsize n, guint64 *value)
{
  word <<= 64 - 8 * n;
  *value = pl_swar_number (word);
  return pl_swar_are_digits (word);
}

/* The same for 1 to 16 digits in two words. */
static inline gboolean
pl_swar_long_prefix (PlUint128 words, gsize n, guint64 *value)
{
  words <<= 128 - 8 * n;
  guint64 first = (guint64) words;
  guint64 second = (guint64) (words >> 64);
  *value = pl_swar_number (first) * 100000000 + pl_swar_number (second);
  return pl_swar_are_digits (first) && pl_swar_are_digits (second);
}

/* The index of the first point in @word, 8 when there is none. */
static inline gsize
pl_swar_point (guint64 word)
{
  guint64 difference = word ^ PL_SWAR_POINTS;
  guint64 found = (difference - PL_SWAR_ONES) & ~difference & PL_SWAR_HIGHS;
  return found != 0 ? (gsize) __builtin_ctzll (found) / 8 : 8;
}

static inline gboolean
pl_short_decimal_8 (PlUnsigned text, guint64 *digits, guint *scale)
{
  guint64 word = pl_load_u64 (text.digits);
  gsize point = pl_swar_point (word);
  gsize n = text.length;
  *scale = 0;
  word ^= PL_SWAR_ZEROS;
  if (point < n)
    {
      guint64 before = (G_GUINT64_CONSTANT (1) << (8 * point)) - 1;
      word = (word & before) | ((word >> 8) & ~before);
      *scale = (guint) (n - point - 1);
      if (--n == 0)
        return FALSE;
    }
  return pl_swar_prefix (word, n, digits);
}

static inline gboolean
pl_short_decimal_16 (PlUnsigned text, guint64 *digits, guint *scale)
{
  guint64 low = pl_load_u64 (text.digits);
  guint64 high = pl_load_u64 (text.digits + 8);
  gsize point = pl_swar_point (low);
  gsize n = text.length;
  if (point == 8)
    point = 8 + pl_swar_point (high);
  PlUint128 words = (PlUint128) (high ^ PL_SWAR_ZEROS) << 64 | (low ^ PL_SWAR_ZEROS);
  *scale = 0;
  if (point < n)
    {
      PlUint128 before = ((PlUint128) 1 << (8 * point)) - 1;
      words = (words & before) | ((words >> 8) & ~before);
      *scale = (guint) (n - point - 1);
      n--;
    }
  return pl_swar_long_prefix (words, n, digits);
}

/* digits [. digits?] or . digits, 1 to 16 characters in all: @digits × 10^-@scale. */
static inline gboolean
pl_short_decimal (PlUnsigned text, guint64 *digits, guint *scale)
{
  if (!pl_is_short (text))
    return FALSE;
  return text.length <= 8 ? pl_short_decimal_8 (text, digits, scale) : pl_short_decimal_16 (text, digits, scale);
}

/** pl_parse_int_padded: pl_parse_int(). */
static inline gboolean
pl_parse_int_padded (const char *data, gsize length, gint64 *value)
{
  PlUnsigned text = pl_split_sign (data, length);
  guint64 number;
  if (G_UNLIKELY (!pl_is_short (text)))
    return pl_parse_int (data, length, value);
  if (text.length <= 8)
    {
      if (!pl_swar_prefix (pl_load_u64 (text.digits) ^ PL_SWAR_ZEROS, text.length, &number))
        return FALSE;
    }
  else
    {
      guint64 first, second = pl_load_u64 (text.digits + text.length - 8) ^ PL_SWAR_ZEROS;
      if (!pl_swar_prefix (pl_load_u64 (text.digits) ^ PL_SWAR_ZEROS, text.length - 8, &first)
          || !pl_swar_are_digits (second))
        return FALSE;
      number = first * 100000000 + pl_swar_number (second);
    }
  *value = text.negative ? -(gint64) number : (gint64) number;
  return TRUE;
}

/** pl_parse_float_padded: pl_parse_float(). */
static inline gboolean
pl_parse_float_padded (const char *data, gsize length, double *value)
{
  PlUnsigned text = pl_split_sign (data, length);
  guint64 digits;
  guint scale;
  if (G_UNLIKELY (!pl_short_decimal (text, &digits, &scale) || digits > PL_FLOAT_MAX_WHOLE))
    return pl_parse_float (data, length, value);
  double rounded = (double) digits / pl_double_powers_of_10[scale];
  *value = text.negative ? -rounded : rounded;
  return TRUE;
}

/** pl_parse_exact_padded: pl_parse_exact(). */
static inline gboolean
pl_parse_exact_padded (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  PlUnsigned text = pl_split_sign (data, length);
  guint64 digits;
  guint written_scale;
  if (G_UNLIKELY (!pl_short_decimal (text, &digits, &written_scale)))
    return pl_parse_exact (data, length, mantissa, scale);
  *mantissa = text.negative ? -(gint64) digits : (gint64) digits;
  *scale = (guint8) written_scale;
  return TRUE;
}

/** pl_parse_number_padded: pl_parse_float() and pl_parse_exact() in one.
 * @scale: PL_SCALE_INEXACT where only the double could be read; @mantissa is then 0
 *
 * Returns: %FALSE, with nothing changed, when the text is no float. */
static inline gboolean
pl_parse_number_padded (const char *data, gsize length, double *value, gint64 *mantissa, guint8 *scale)
{
  PlUnsigned text = pl_split_sign (data, length);
  guint64 digits;
  guint written_scale;
  if (G_LIKELY (pl_short_decimal (text, &digits, &written_scale) && digits <= PL_FLOAT_MAX_WHOLE))
    {
      double rounded = (double) digits / pl_double_powers_of_10[written_scale];
      *value = text.negative ? -rounded : rounded;
      *mantissa = text.negative ? -(gint64) digits : (gint64) digits;
      *scale = (guint8) written_scale;
      return TRUE;
    }
  if (!pl_parse_float (data, length, value))
    return FALSE;
  if (!pl_parse_exact (data, length, mantissa, scale))
    {
      *mantissa = 0;
      *scale = PL_SCALE_INEXACT;
    }
  return TRUE;
}

G_END_DECLS
