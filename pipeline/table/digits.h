/* Whole numbers → digits, two at a time; what all printers here are made of. */
#pragma once
#include "swar.h"

extern const char pl_digit_pairs[200];

/* Number of digits of @value; 1 for 0. */
static inline guint
pl_count_digits (guint64 value)
{
  guint n = 1;
  for (;;)
    {
      if (value < 10)
        return n;
      if (value < 100)
        return n + 1;
      if (value < 1000)
        return n + 2;
      if (value < 10000)
        return n + 3;
      value /= 10000;
      n += 4;
    }
}

/* Writes the last @n digits of @value, zeros in front. Returns: @n. */
static inline gsize
pl_put_padded (char *out, guint64 value, guint n)
{
  guint at = n;
  for (; at >= 2; value /= 100)
    {
      at -= 2;
      /* Not memcpy(), which _FORTIFY_SOURCE makes a call of where the room is known. */
      __builtin_memcpy (out + at, pl_digit_pairs + value % 100 * 2, 2);
    }
  if (at > 0)
    out[0] = (char) ('0' + value % 10);
  return n;
}

/* pl_put_digits() of what is in front of the last eight digits. */
static inline gsize
pl_put_digits_long (char *out, guint64 value)
{
  return pl_put_padded (out, value, pl_count_digits (value));
}

/* Writes the digits of @value. There must be room for seven bytes behind them. Returns: their number. */
static inline gsize
pl_put_digits (char *out, guint64 value)
{
  const guint64 eight = 100000000;
  gsize n = 0;
  if (G_UNLIKELY (value >= eight))
    {
      n = pl_put_digits_long (out, value / eight);
      pl_store_u64 (out + n, pl_swar_digits ((guint32) (value % eight)) | PL_SWAR_ZEROS);
      return n + 8;
    }
  const guint64 digits = pl_swar_digits ((guint32) value);
  /* Zeros in front go; the last digit stays, whatever it is. */
  const guint zeros = (guint) __builtin_ctzll (digits | G_GUINT64_CONSTANT (1) << 56) & ~7u;
  pl_store_u64 (out, (digits | PL_SWAR_ZEROS) >> zeros);
  return 8 - zeros / 8;
}
