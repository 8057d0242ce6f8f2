/* Dates and timestamps in ISO's form, a word of characters at a time. Nothing is read outside the text. */
#include "calendar.h"
#include "parse.h"
#include "swar.h"

#define DATE_LENGTH 10
#define USEC_PER_MINUTE G_GINT64_CONSTANT (60000000)

/* "0000-00-00" in two words; a slash differs from a dash by 2. */
#define DATE_HEAD G_GUINT64_CONSTANT (0x2d30302d30303030)
#define DATE_HEAD_SEPARATORS G_GUINT64_CONSTANT (0xff0000ff00000000)
#define DATE_HEAD_SLASHES (DATE_HEAD_SEPARATORS & PL_SWAR_ONES * ('-' ^ '/'))
/* "00:00" */
#define CLOCK G_GUINT64_CONSTANT (0x30303a3030)
#define CLOCK_SEPARATOR G_GUINT64_CONSTANT (0x0000ff0000)

static inline gboolean
is_digit (char c)
{
  return (guint8) (c - '0') <= 9;
}

/* Two digits; @limit is the first value that is too large. */
static inline gboolean
read_pair (const char *data, guint limit, guint *value)
{
  *value = (guint) (data[0] - '0') * 10 + (guint) (data[1] - '0');
  return is_digit (data[0]) && is_digit (data[1]) && *value < limit;
}

/* The date in the first ten characters. */
static inline gboolean
read_date (const char *data, gint32 *days)
{
  guint64 head = pl_load_u64 (data) ^ DATE_HEAD;
  guint64 tail = pl_load_u16 (data + 8) ^ (PL_SWAR_ZEROS & 0xffff);
  if (G_UNLIKELY ((head & DATE_HEAD_SEPARATORS) == DATE_HEAD_SLASHES))
    head ^= DATE_HEAD_SLASHES;
  if ((head & DATE_HEAD_SEPARATORS) != 0 || !pl_swar_are_digits (head) || !pl_swar_are_digits (tail))
    return FALSE;
  head = pl_swar_pairs (head);
  gint year = (gint) ((head & 0xff) * 100 + ((head >> 16) & 0xff));
  guint month = (head >> 40) & 0xff;
  guint day = pl_swar_pairs (tail) & 0xff;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > pl_days_in_month (year, month))
    return FALSE;
  *days = pl_days_from_civil (year, month, day);
  return TRUE;
}

gboolean
pl_parse_date (const char *data, gsize length, gint32 *days)
{
  return length == DATE_LENGTH && read_date (data, days);
}

/* HH:MM in five characters, in minutes. */
static inline gboolean
read_clock (const char *data, guint *minutes)
{
  guint64 word = (pl_load_u32 (data) | (guint64) (guint8) data[4] << 32) ^ CLOCK;
  if ((word & CLOCK_SEPARATOR) != 0 || !pl_swar_are_digits (word))
    return FALSE;
  word = pl_swar_pairs (word);
  guint hour = word & 0xff;
  guint minute = (word >> 24) & 0xff;
  *minutes = hour * 60 + minute;
  return hour < 24 && minute < 60;
}

/* [:SS[.f{1,9}]] from *@at on, which moves behind it. */
static gboolean
read_seconds (const char **at, const char *end, gint64 *microseconds)
{
  guint seconds;
  *microseconds = 0;
  if (*at == end || **at != ':')
    return TRUE;
  if (end - *at < 3 || !read_pair (*at + 1, 60, &seconds))
    return FALSE;
  *at += 3;
  *microseconds = seconds * G_USEC_PER_SEC;
  if (*at == end || **at != '.')
    return TRUE;

  const char *first = *at + 1;
  gint64 unit = G_USEC_PER_SEC;
  for (*at = first; *at < end && is_digit (**at); (*at)++)
    {
      unit /= 10;
      *microseconds += (**at - '0') * unit;
    }
  return *at > first && *at - first <= 9;
}

/* What is called UTC up to @end. */
static gboolean
is_utc (const char *at, gsize length)
{
  return (length == 1 && (*at | 0x20) == 'z')
         || (length == 3 && (g_ascii_strncasecmp (at, "utc", 3) == 0 || g_ascii_strncasecmp (at, "gmt", 3) == 0));
}

/* Nothing; or Z, UTC, GMT or ±HH[[:]MM] up to @end, with or without a space in front. */
static gboolean
read_zone (const char *at, const char *end, gint64 *offset, gboolean *zoned)
{
  gsize length = (gsize) (end - at);
  guint hours, minutes = 0;
  *offset = 0;
  *zoned = length > 0;
  if (length == 0)
    return TRUE;
  if (*at == ' ')
    {
      at++;
      length--;
    }
  if (is_utc (at, length))
    return TRUE;
  if (length < 3 || (*at != '+' && *at != '-') || !read_pair (at + 1, 24, &hours))
    return FALSE;
  gsize colon = length > 3 && at[3] == ':';
  if (length != 3 && (length != 5 + colon || !read_pair (at + 3 + colon, 60, &minutes)))
    return FALSE;
  *offset = (gint64) (hours * 60 + minutes) * USEC_PER_MINUTE * (*at == '-' ? -1 : 1);
  return TRUE;
}

gboolean
pl_parse_timestamp (const char *data, gsize length, gint64 *microseconds, gboolean *zoned)
{
  gint32 days;
  guint minutes = 0;
  gint64 seconds = 0, offset = 0;
  gboolean has_zone = FALSE;
  if (length < DATE_LENGTH || !read_date (data, &days))
    return FALSE;
  if (length > DATE_LENGTH)
    {
      const char *at = data + DATE_LENGTH + 1;
      const char *end = data + length;
      if ((data[DATE_LENGTH] != ' ' && data[DATE_LENGTH] != 'T') || end - at < 5 || !read_clock (at, &minutes))
        return FALSE;
      at += 5;
      if (!read_seconds (&at, end, &seconds) || !read_zone (at, end, &offset, &has_zone))
        return FALSE;
    }
  gint64 result = days * PL_USEC_PER_DAY + minutes * USEC_PER_MINUTE + seconds - offset;
  /* An offset can lead out of the years that can be written. */
  if (result < PL_TIMESTAMP_MIN || result > PL_TIMESTAMP_MAX)
    return FALSE;
  *microseconds = result;
  *zoned = has_zone;
  return TRUE;
}

gboolean
pl_timestamp_is_fine (const char *data, gsize length)
{
  /* YYYY-MM-DD HH:MM:SS.ffffff */
  for (gsize at = 26; at < length && data[19] == '.' && is_digit (data[at]); at++)
    {
      /* A zone that begins earlier would have digits here, too. */
      for (gsize before = 20; before < 26; before++)
        if (!is_digit (data[before]))
          return FALSE;
      if (data[at] != '0')
        return TRUE;
    }
  return FALSE;
}
