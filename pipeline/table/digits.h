/* Whole numbers → digits, two at a time; what all printers here are made of. */
#pragma once
#include <glib.h>
#include <string.h>

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
      memcpy (out + at, pl_digit_pairs + value % 100 * 2, 2);
    }
  if (at > 0)
    out[0] = (char) ('0' + value % 10);
  return n;
}

/* Returns: the number of digits written. */
static inline gsize
pl_put_digits (char *out, guint64 value)
{
  return pl_put_padded (out, value, pl_count_digits (value));
}
