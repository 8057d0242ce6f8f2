/* Short numbers, eight digits at a time in one register, for the batch converters. They take the common forms; whatever they refuse goes to
 * table/parse.h, which defines what a number is and with which they agree on all they take.
 *
 * The eight-digit conversion is Daniel Lemire's and Johnny Lee's ("fast_float", parse_eight_digits_unrolled). */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

#define PL_REPEAT8(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

static const gint64 pl_powers_of_ten[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static inline guint64
pl_load8 (const char *data)
{
  guint64 word;
  memcpy (&word, data, 8);
  return GUINT64_FROM_LE (word);
}

/* The value of the first @n (1 to 8) bytes of @word when all are digits. */
static inline gboolean
pl_digits8 (guint64 word, gsize n, guint64 *value)
{
  guint64 shift = 64 - 8 * n;
  word = word << shift | (PL_REPEAT8 (0x30) & ~(~G_GUINT64_CONSTANT (0) << shift));
  guint64 bad = ((word & PL_REPEAT8 (0xf0)) ^ PL_REPEAT8 (0x30))
                | (((word + PL_REPEAT8 (0x06)) & PL_REPEAT8 (0xf0)) ^ PL_REPEAT8 (0x30));
  word -= PL_REPEAT8 (0x30);
  word = word * 10 + (word >> 8);
  *value = ((word & G_GUINT64_CONSTANT (0x000000ff000000ff)) * G_GUINT64_CONSTANT (0x000f424000000064)
            + ((word >> 16 & G_GUINT64_CONSTANT (0x000000ff000000ff)) * G_GUINT64_CONSTANT (0x0000271000000001)))
           >> 32;
  return bad == 0;
}

/** pl_short_int: [-] and 1 to 16 digits without leading zeros. @data: PL_FIELD_PADDING readable bytes stand behind it. */
static inline gboolean
pl_short_int (const char *data, gsize length, gint64 *value)
{
  gsize negative = *data == '-';
  data += negative;
  length -= negative;
  guint64 low, high = 0;
  if (G_LIKELY (length - 1 < 8))
    {
      if (!pl_digits8 (pl_load8 (data), length, &low) || (length > 1 && *data == '0'))
        return FALSE;
    }
  else if (length - 1 < 16)
    {
      if (!pl_digits8 (pl_load8 (data), length - 8, &high) || !pl_digits8 (pl_load8 (data + length - 8), 8, &low)
          || *data == '0')
        return FALSE;
      low += high * 100000000;
    }
  else
    return FALSE;
  *value = negative ? -(gint64) low : (gint64) low;
  return TRUE;
}

/** pl_short_decimal: [-] 1 to 8 digits without leading zeros, and perhaps a point and 1 to 8 digits. @data: PL_FIELD_PADDING readable bytes stand behind it. */
static inline gboolean
pl_short_decimal (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  gsize negative = *data == '-';
  data += negative;
  length -= negative;
  guint64 first = pl_load8 (data), match = first ^ PL_REPEAT8 ('.');
  match = (match - PL_REPEAT8 (1)) & ~match & PL_REPEAT8 (0x80);
  /* Only the lowest bit is exact in this test, and it is the one that counts. */
  gsize point = match != 0 ? (gsize) __builtin_ctzll (match) / 8 : 8;
  guint64 whole, fraction = 0;
  if (point >= length)
    point = length;
  else if (data[point] != '.')
    return FALSE;
  gsize digits = length - point;
  if (point - 1 >= 8 || !pl_digits8 (first, point, &whole) || (point > 1 && *data == '0'))
    return FALSE;
  if (digits > 0)
    {
      digits--;
      if (digits - 1 >= 8 || !pl_digits8 (pl_load8 (data + point + 1), digits, &fraction))
        return FALSE;
    }
  gint64 value = (gint64) (whole * (guint64) pl_powers_of_ten[digits] + fraction);
  if (value == 0 && negative)
    return FALSE; /* -0.0 keeps its sign elsewhere */
  *mantissa = negative ? -value : value;
  *scale = (guint8) digits;
  return TRUE;
}

G_END_DECLS
