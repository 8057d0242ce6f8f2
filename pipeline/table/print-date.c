/* Dates and timestamps → text in ISO's form. */
#include "calendar.h"
#include "digits.h"
#include "print.h"

gsize
pl_print_date (char *out, gint32 days)
{
  gint year;
  guint month, day;
  gsize at = 0;
  pl_civil_from_days (days, &year, &month, &day);
  if (year < 0)
    out[at++] = '-';
  guint size = (guint) ABS (year);
  at += pl_put_padded (out + at, size, MAX (4, pl_count_digits (size)));
  out[at++] = '-';
  at += pl_put_padded (out + at, month, 2);
  out[at++] = '-';
  return at + pl_put_padded (out + at, day, 2);
}

gsize
pl_print_timestamp (char *out, gint64 microseconds, gboolean zoned)
{
  gint32 days = pl_floor_days (microseconds);
  guint64 rest = (guint64) (microseconds - days * PL_USEC_PER_DAY);
  guint64 seconds = rest / G_USEC_PER_SEC;
  guint64 fraction = rest % G_USEC_PER_SEC;
  gsize at = pl_print_date (out, days);
  out[at++] = ' ';
  at += pl_put_padded (out + at, seconds / 3600, 2);
  out[at++] = ':';
  at += pl_put_padded (out + at, seconds / 60 % 60, 2);
  out[at++] = ':';
  at += pl_put_padded (out + at, seconds % 60, 2);
  if (fraction != 0)
    {
      guint n = 6;
      for (; fraction % 10 == 0; n--)
        fraction /= 10;
      out[at++] = '.';
      at += pl_put_padded (out + at, fraction, n);
    }
  if (zoned)
    {
      memcpy (out + at, "+00:00", 6);
      at += 6;
    }
  return at;
}
