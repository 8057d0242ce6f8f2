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
 *   timestamp  a date, then [T or space] HH:MM[:SS[.f{1,9}]] (beyond µs truncated), then optional Z or ±HH[:MM]
 *              (zoned); a bare date is midnight, unzoned
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

/** pl_parse_pattern_date / _timestamp: by a strptime-like format (%Y %m %d %H %M %S %f %y %b %B %j %p %I %z and
 * literals), English names, whole text. */
gboolean pl_parse_formatted (const char *data, gsize length, const char *format, gint64 *microseconds, gboolean *zoned);
/** pl_format_check: Returns: %FALSE with PL_JOB_ERROR_BAD_VALUE naming what is wrong with a date format. @has_time
 * tells whether it yields more than a date. */
gboolean pl_format_check (const char *format, gboolean *has_time, GError **error);

/** pl_classify: the narrowest type whose text this is (never PL_NULL: nulls are the reader's business). Digits with a
 * leading zero, and whatever fits nothing else, are strings; integers beyond 64 bits are decimal(38,0) up to 38 digits,
 * then strings. */
PlType pl_classify (const char *data, gsize length);

G_END_DECLS
