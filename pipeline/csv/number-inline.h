/* Short numbers, eight digits at a time in one register, for the batch converters. They take the common forms without a
 * branch that depends on the length; whatever they refuse goes to table/parse.h, which defines what a number is and
 * with which they agree on all they take.
 *
 *   "33.99310"  ─ bytes before the point, and those behind it loaded one byte further on ─►  3 3 9 9 3 1 0 ?  ─ shift
 *               ─►  0 3 3 9 9 3 1 0
 */
#pragma once
#include "../table/swar.h"

G_BEGIN_DECLS

/** pl_short_int: [-] and 1 to 16 digits without leading zeros. @data: PL_FIELD_PADDING readable bytes stand behind
 * it. */
static inline __attribute__ ((always_inline)) gboolean
pl_short_int (const char *data, gsize length, gint64 *value)
{
  gsize negative = *data == '-';
  data += negative;
  length -= negative;
  guint64 word = pl_load_u64 (data) ^ PL_SWAR_ZEROS, number;
  gboolean zero_ahead = (word & 0xff) == 0 && length > 1;
  if (G_LIKELY (length - 1 < 8))
    {
      word <<= 64 - 8 * length;
      if (!pl_swar_are_digits (word) || zero_ahead)
        return FALSE;
      number = pl_swar_number (word);
    }
  else if (length - 1 < 16)
    {
      guint64 last = pl_load_u64 (data + length - 8) ^ PL_SWAR_ZEROS;
      word <<= 128 - 8 * length;
      if (!pl_swar_are_digits (word) || !pl_swar_are_digits (last) || zero_ahead)
        return FALSE;
      number = pl_swar_number (word) * 100000000 + pl_swar_number (last);
    }
  else
    return FALSE;
  *value = (gint64) ((number ^ (0 - (guint64) negative)) + negative);
  return TRUE;
}

/* The index of the first point in @word, 8 when there is none. */
static inline gsize
pl_first_point (guint64 word)
{
  word ^= PL_SWAR_ONES * '.';
  /* Only the lowest bit is exact in this test, and it is the one that counts. */
  guint64 match = (word - PL_SWAR_ONES) & ~word & PL_SWAR_HIGHS;
  return match != 0 ? (gsize) __builtin_ctzll (match) / 8 : 8;
}

/** pl_short_decimal: [-] 1 to 16 digits without leading zeros; a point may stand behind 1 to 8 of them, and must when
 * there are more than 8.
 * @data: PL_FIELD_PADDING readable bytes stand behind it. */
static inline __attribute__ ((always_inline)) gboolean
pl_short_decimal (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  gsize negative = *data == '-';
  data += negative;
  length -= negative;
  guint64 first = pl_load_u64 (data), number;
  gsize point = MIN (pl_first_point (first), length);
  gsize digits = length - (point < length);
  if (G_UNLIKELY (point - 1 >= 7) && (point == 0 || (point < length && data[8] != '.')))
    return FALSE;
  guint64 before = ~G_GUINT64_CONSTANT (0) >> (64 - 8 * point);
  guint64 word = ((first & before) | (pl_load_u64 (data + 1) & ~before)) ^ PL_SWAR_ZEROS;
  gboolean zero_ahead = (word & 0xff) == 0 && point > 1;
  if (G_LIKELY (digits - 1 < 8))
    {
      word <<= 64 - 8 * digits;
      if (!pl_swar_are_digits (word) || zero_ahead)
        return FALSE;
      number = pl_swar_number (word);
    }
  else if (digits - 1 < 16)
    {
      gsize ahead = digits - 8;
      before = point > ahead ? ~G_GUINT64_CONSTANT (0) >> (64 - 8 * (point - ahead)) : 0;
      guint64 last
          = ((pl_load_u64 (data + ahead) & before) | (pl_load_u64 (data + ahead + 1) & ~before)) ^ PL_SWAR_ZEROS;
      word <<= 64 - 8 * ahead;
      if (!pl_swar_are_digits (word) || !pl_swar_are_digits (last) || zero_ahead)
        return FALSE;
      number = pl_swar_number (word) * 100000000 + pl_swar_number (last);
    }
  else
    return FALSE;
  if (G_UNLIKELY (number == 0 && negative))
    return FALSE; /* -0.0 keeps its sign elsewhere */
  *mantissa = (gint64) ((number ^ (0 - (guint64) negative)) + negative);
  *scale = (guint8) (digits - point);
  return TRUE;
}

G_END_DECLS
