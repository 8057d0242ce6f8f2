/* Text → typed values, one value at a time: what a text is, and what number, date or bool it stands for.
 *
 * These are the definitions: the batch converters of csv/ agree with them on every input, however they get there, and
 * so do the casts of expression/, but for this: in a text cast to a number, outer blanks and leading zeros do not
 * count. No locale, no errno, no allocation. Texts have no outer spaces removed. All
 * return %FALSE and leave the output alone when the text is not of the type.
 *
 *   int        [+-]? digits, no leading zeros ("0" itself aside), within 64 bits
 *   decimal    [+-]? digits [. digits], no leading zeros; at most 38 digits; the scale must hold all fraction digits
 *              but trailing zeros
 *   float      [+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?, no leading zeros before another digit;
 *              nan, inf, infinity in any case. Correctly rounded; overflow gives inf, which is not accepted from digits
 *   bool       true, false in any case
 *   date       YYYY-MM-DD (also with / as the separator throughout), a real day
 *   timestamp  a date, then [T or space] HH:MM[:SS[.f{1,9}]] (beyond µs truncated), then optional Z, UTC, GMT (in any
 *              case) or ±HH[[:]MM] (zoned), a space in front or not; a bare date is midnight, unzoned
 */
#pragma once
#include "type.h"

G_BEGIN_DECLS

gboolean pl_parse_bool (const char *data, gsize length, guint8 *value);
gboolean pl_parse_int (const char *data, gsize length, gint64 *value);
gboolean pl_parse_float (const char *data, gsize length, double *value);
gboolean pl_parse_decimal (const char *data, gsize length, guint precision, guint scale, PlInt128 *value);
gboolean pl_parse_date (const char *data, gsize length, gint32 *days);
gboolean pl_parse_timestamp (const char *data, gsize length, gint64 *microseconds, gboolean *zoned);

/** pl_parse_exact: the number a float's text writes, as an exact decimal.
 * Trailing fraction zeros count as written ("1.50" is 150 × 10^-2), unless they make it too long. Succeeds when the
 * number is finite and is some |mantissa| < 10^18 with 0 <= scale <= 18: however the same number is written, the answer
 * is the same. */
gboolean pl_parse_exact (const char *data, gsize length, gint64 *mantissa, guint8 *scale);

/* What a date format gives. */
typedef struct
{
  gboolean has_time; /* more than a date */
  gboolean is_zoned; /* has %z or %Z */
} PlFormatShape;

/** pl_parse_formatted: by a strptime-like format, whole text; English names.
 *
 *   %Y %y   %m %b %h %B   %d %e   %j     year, month (names in any case), day, day of the year
 *   %H   %I %p   %M   %S   %f            hour, hour of 12 and its half, minute, second, fraction of 1 to 9 digits
 *   %z   %Z                              Z, ±HH, ±HHMM, ±HH:MM; that, or UTC, GMT, z
 *   %s                                   seconds since 1970-01-01 UTC, with a sign or without
 *   %a %A                                name of the weekday, which must be the date's
 *   %F %T %R %D                          %Y-%m-%d, %H:%M:%S, %H:%M, %m/%d/%y
 *   %-d %-m %-H …                        the same as %d %m %H
 *   %%, a space (for one or more), others themselves
 *
 * A point and %f behind %S may be missing from a text together. Numbers may lack the zeros in front of them, but for
 * those that stand side by side, as in %Y%m%d: of them nothing else says where they end.
 * @is_fine: (optional) (out): the text says more than microseconds, which are cut */
gboolean pl_parse_formatted (const char *data, gsize length, const char *format, gint64 *microseconds, gboolean *zoned,
                             gboolean *is_fine);
/** pl_format_check: Returns: %FALSE with PL_JOB_ERROR_BAD_VALUE naming what is wrong with a date format. */
gboolean pl_format_check (const char *format, PlFormatShape *shape, GError **error);

/* What the text of a number writes: ± digits × 10^e, without outer zeros. */
typedef struct
{
  guint64 digits;         /* the significant ones, where these are 19 and fewer */
  gsize significant;      /* 0: the number is 0 */
  gsize whole, fraction;  /* digits before and behind the point, without exponent and outer zeros */
  gsize written;          /* digits that stand in front of a point and an exponent */
  gint64 first, exponent; /* the power of ten of the first significant digit; what stands behind the e */
  gboolean has_point, has_exponent, signed_exponent;
} PlNumberShape;

/** pl_number_shape: Returns: whether @data is a number in digits, as pl_parse_float() takes it. */
gboolean pl_number_shape (const char *data, gsize length, PlNumberShape *shape);
#define PL_MAX_SHORT_DIGITS (G_GUINT64_CONSTANT (1) << 52)
/** pl_number_is_short: whether a double holds the number beyond doubt: no other number of as many digits has the same
 * one. What is not short may still be so: pl_number_is_double(). */
static inline gboolean
pl_number_is_short (const PlNumberShape *shape)
{
  /* Up to 2^52 decimals lie farther apart than doubles, and so do those of 15 digits. */
  return shape->first > -290 && shape->first < 290
         && (shape->significant <= 15 || (shape->significant <= 19 && shape->digits <= PL_MAX_SHORT_DIGITS));
}
/** pl_number_is_double: whether @value, the double of the number, is written with its very digits. */
gboolean pl_number_is_double (const PlNumberShape *shape, double value);
/** pl_timestamp_is_fine: whether a text that pl_parse_timestamp() takes says more than microseconds. */
gboolean pl_timestamp_is_fine (const char *data, gsize length);

/* What a user's will takes, a cast or a pinned type, beside the above: blanks around; leading zeros; 5. .5 and 1e2 also
 * as int and decimal, where nothing is cut; bools as t, f, y, n, yes, no, on, off, 1 and 0, in any case. */
void pl_parse_trim (const char **data, gsize *length);
gboolean pl_parse_loose_bool (const char *data, gsize length, guint8 *value);
gboolean pl_parse_loose_int (const char *data, gsize length, gint64 *value);
gboolean pl_parse_loose_float (const char *data, gsize length, double *value);
gboolean pl_parse_loose_decimal (const char *data, gsize length, guint precision, guint scale, PlInt128 *value);
gboolean pl_parse_loose_date (const char *data, gsize length, gint32 *days);
gboolean pl_parse_loose_timestamp (const char *data, gsize length, gint64 *microseconds, gboolean *zoned);

G_END_DECLS
