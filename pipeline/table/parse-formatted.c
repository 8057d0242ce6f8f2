/* Dates and times in a format the user gives, strptime-like, but the same in every locale: English names in any case,
 * whole texts, no two fields guessed from one. What a format cannot mean is refused when the job is read, so that
 * reading a value needs no such checks. */
#include "../base/error.h"
#include "calendar.h"
#include "parse.h"

#include <string.h>

#define USEC_PER_MINUTE G_GINT64_CONSTANT (60000000)
/* Two-digit years from here on are of the last century, as POSIX has it. */
#define CENTURY_PIVOT 69

static const char *const months[12] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};

typedef enum
{
  FIELD_YEAR = 1 << 0,
  FIELD_MONTH = 1 << 1,
  FIELD_DAY = 1 << 2,
  FIELD_DAY_OF_YEAR = 1 << 3,
  FIELD_HOUR = 1 << 4,
  FIELD_HOUR_OF_12 = 1 << 5,
  FIELD_HALF = 1 << 6,
  FIELD_MINUTE = 1 << 7,
  FIELD_SECOND = 1 << 8,
  FIELD_FRACTION = 1 << 9,
  FIELD_ZONE = 1 << 10,
} Field;

#define FIELDS_OF_TIME                                                                                                 \
  (FIELD_HOUR | FIELD_HOUR_OF_12 | FIELD_HALF | FIELD_MINUTE | FIELD_SECOND | FIELD_FRACTION | FIELD_ZONE)

typedef struct
{
  guint year, month, day, day_of_year;
  guint hour, minute, second;
  gboolean afternoon;
  gboolean of_12; /* the hour is of a 12-hour clock */
  gboolean zoned;
  gint64 fraction; /* microseconds */
  gint64 offset;   /* microseconds */
} Moment;

static guint
field_of (char directive)
{
  switch (directive)
    {
    case 'Y':
    case 'y':
      return FIELD_YEAR;
    case 'm':
    case 'b':
    case 'B':
      return FIELD_MONTH;
    case 'd':
      return FIELD_DAY;
    case 'j':
      return FIELD_DAY_OF_YEAR;
    case 'H':
      return FIELD_HOUR;
    case 'I':
      return FIELD_HOUR_OF_12;
    case 'p':
      return FIELD_HALF;
    case 'M':
      return FIELD_MINUTE;
    case 'S':
      return FIELD_SECOND;
    case 'f':
      return FIELD_FRACTION;
    case 'z':
      return FIELD_ZONE;
    default:
      return 0;
    }
}

/* From @fewest to @most digits, as many as there are. */
static gboolean
read_number (const char **at, const char *end, guint fewest, guint most, guint *value)
{
  guint n = 0;
  *value = 0;
  for (; n < most && *at < end && g_ascii_isdigit (**at); n++, (*at)++)
    *value = *value * 10 + (guint) (**at - '0');
  return n >= fewest;
}

static gboolean
read_fraction (const char **at, const char *end, gint64 *microseconds)
{
  gint64 unit = G_USEC_PER_SEC;
  guint n = 0;
  *microseconds = 0;
  for (; n < 9 && *at < end && g_ascii_isdigit (**at); n++, (*at)++)
    {
      unit /= 10;
      *microseconds += (**at - '0') * unit;
    }
  return n > 0;
}

static gboolean
read_month_name (const char **at, const char *end, gboolean abbreviated, guint *month)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    {
      gsize length = abbreviated ? 3 : strlen (months[i]);
      if ((gsize) (end - *at) >= length && g_ascii_strncasecmp (*at, months[i], length) == 0)
        {
          *at += length;
          *month = i + 1;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
read_half (const char **at, const char *end, gboolean *afternoon)
{
  if (end - *at < 2)
    return FALSE;
  *afternoon = g_ascii_strncasecmp (*at, "pm", 2) == 0;
  if (!*afternoon && g_ascii_strncasecmp (*at, "am", 2) != 0)
    return FALSE;
  *at += 2;
  return TRUE;
}

/* Z, ±HH, ±HHMM or ±HH:MM. */
static gboolean
read_zone (const char **at, const char *end, gint64 *offset)
{
  guint hours, minutes = 0;
  *offset = 0;
  if (*at < end && **at == 'Z')
    {
      (*at)++;
      return TRUE;
    }
  if (*at == end || (**at != '+' && **at != '-'))
    return FALSE;
  gboolean negative = **at == '-';
  (*at)++;
  if (!read_number (at, end, 2, 2, &hours) || hours > 23)
    return FALSE;
  if (*at < end && (**at == ':' || g_ascii_isdigit (**at)))
    {
      *at += **at == ':';
      if (!read_number (at, end, 2, 2, &minutes) || minutes > 59)
        return FALSE;
    }
  *offset = (gint64) (hours * 60 + minutes) * USEC_PER_MINUTE * (negative ? -1 : 1);
  return TRUE;
}

static gboolean
read_field (char directive, const char **at, const char *end, Moment *moment)
{
  switch (directive)
    {
    case 'Y':
      return read_number (at, end, 4, 4, &moment->year);
    case 'y':
      if (!read_number (at, end, 2, 2, &moment->year))
        return FALSE;
      moment->year += moment->year < CENTURY_PIVOT ? 2000 : 1900;
      return TRUE;
    case 'm':
      return read_number (at, end, 1, 2, &moment->month);
    case 'b':
    case 'B':
      return read_month_name (at, end, directive == 'b', &moment->month);
    case 'd':
      return read_number (at, end, 1, 2, &moment->day);
    case 'j':
      return read_number (at, end, 1, 3, &moment->day_of_year) && moment->day_of_year > 0;
    case 'H':
      return read_number (at, end, 1, 2, &moment->hour) && moment->hour < 24;
    case 'I':
      moment->of_12 = TRUE;
      return read_number (at, end, 1, 2, &moment->hour) && moment->hour >= 1 && moment->hour <= 12;
    case 'p':
      return read_half (at, end, &moment->afternoon);
    case 'M':
      return read_number (at, end, 1, 2, &moment->minute) && moment->minute < 60;
    case 'S':
      return read_number (at, end, 1, 2, &moment->second) && moment->second < 60;
    case 'f':
      return read_fraction (at, end, &moment->fraction);
    case 'z':
      moment->zoned = TRUE;
      return read_zone (at, end, &moment->offset);
    default:
      return FALSE;
    }
}

/* Reads all of the text by all of the format; a space in the format stands for one or more. */
static gboolean
read_moment (const char *at, const char *end, const char *format, Moment *moment)
{
  for (; *format != '\0'; format++)
    {
      if (*format == '%' && *++format != '%')
        {
          if (!read_field (*format, &at, end, moment))
            return FALSE;
          continue;
        }
      if (at == end || *at != *format)
        return FALSE;
      at++;
      if (*format == ' ')
        while (at < end && *at == ' ')
          at++;
    }
  return at == end;
}

/* The days of the date read, or %FALSE when there is no such day. */
static gboolean
moment_days (const Moment *moment, gint32 *days)
{
  gint year = (gint) moment->year;
  if (year < 1)
    return FALSE;
  if (moment->day_of_year > 0)
    {
      *days = pl_days_from_civil (year, 1, 1) + (gint32) moment->day_of_year - 1;
      return moment->day_of_year <= (pl_is_leap_year (year) ? 366 : 365);
    }
  if (moment->month < 1 || moment->month > 12 || moment->day < 1
      || moment->day > pl_days_in_month (year, moment->month))
    return FALSE;
  *days = pl_days_from_civil (year, moment->month, moment->day);
  return TRUE;
}

gboolean
pl_parse_formatted (const char *data, gsize length, const char *format, gint64 *microseconds, gboolean *zoned)
{
  Moment moment = {.month = 1, .day = 1};
  gint32 days;
  if (!read_moment (data, data + length, format, &moment) || !moment_days (&moment, &days))
    return FALSE;
  if (moment.of_12)
    moment.hour = moment.hour % 12 + (moment.afternoon ? 12 : 0);
  gint64 result = days * PL_USEC_PER_DAY + (moment.hour * 60 + moment.minute) * USEC_PER_MINUTE
                  + moment.second * G_USEC_PER_SEC + moment.fraction - moment.offset;
  if (result < PL_TIMESTAMP_MIN || result > PL_TIMESTAMP_MAX)
    return FALSE;
  *microseconds = result;
  *zoned = moment.zoned;
  return TRUE;
}

/* What must not stand together, or alone, in a format. The first that applies is reported. */
static const struct
{
  guint present;   /* where one of these is there, … */
  guint needed;    /* … one of these must be too (0: none), … */
  guint forbidden; /* … and none of these may be */
  const char *problem;
} rules[] = {
    {FIELD_DAY_OF_YEAR, 0, FIELD_MONTH | FIELD_DAY, "has %j, the day of the year, beside a month or day; keep one"},
    {FIELD_HOUR, 0, FIELD_HOUR_OF_12 | FIELD_HALF, "has %H, the hour of 24, beside %I or %p; keep one kind of clock"},
    {FIELD_DAY, FIELD_MONTH, 0, "has a day but no month; add %m, %b or %B"},
    {FIELD_HOUR_OF_12, FIELD_HALF, 0, "has %I, the hour of 12, but no %p; add it, or write %H"},
    {FIELD_HALF, FIELD_HOUR_OF_12, 0, "has %p but no %I; write the hour as %I"},
    {FIELD_MINUTE, FIELD_HOUR | FIELD_HOUR_OF_12, 0, "has %M, the minute, but no hour; the month is %m"},
    {FIELD_SECOND, FIELD_MINUTE, 0, "has %S, the second, but no %M"},
    {FIELD_FRACTION, FIELD_SECOND, 0, "has %f, the fraction of a second, but no %S"},
    {FIELD_ZONE, FIELD_HOUR | FIELD_HOUR_OF_12, 0, "has %z, the zone, but no hour"},
};

static gboolean
refuse (const char *format, const char *problem, GError **error)
{
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "date format '%s' %s", format, problem);
  return FALSE;
}

/* Collects the fields of @format into @fields. */
static gboolean
collect_fields (const char *format, guint *fields, GError **error)
{
  *fields = 0;
  for (const char *at = format; *at != '\0'; at++)
    {
      if (*at != '%' || *++at == '%')
        continue;
      if (*at == '\0')
        return refuse (format, "ends in a single %; write %% for the character itself", error);
      guint field = field_of (*at);
      g_autofree char *problem = NULL;
      if (field == 0)
        problem = g_strdup_printf (
            "has an unknown %%%.*s; there are %%Y %%y %%m %%b %%B %%d %%j %%H %%I %%p %%M %%S %%f %%z %%%%",
            (int) (g_utf8_next_char (at) - at), at);
      else if ((*fields & field) != 0)
        problem = g_strdup_printf ("reads the same field again at %%%c; write it once", *at);
      if (problem != NULL)
        return refuse (format, problem, error);
      *fields |= field;
    }
  return TRUE;
}

gboolean
pl_format_check (const char *format, gboolean *has_time, GError **error)
{
  guint fields;
  if (!collect_fields (format, &fields, error))
    return FALSE;
  if ((fields & FIELD_YEAR) == 0)
    return refuse (format, "has no year; add %Y or %y", error);
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      gboolean lacks = rules[i].needed != 0 && (fields & rules[i].needed) == 0;
      if ((fields & rules[i].present) != 0 && (lacks || (fields & rules[i].forbidden) != 0))
        return refuse (format, rules[i].problem, error);
    }
  *has_time = (fields & FIELDS_OF_TIME) != 0;
  return TRUE;
}
