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
static const char *const weekdays[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

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
  FIELD_WEEKDAY = 1 << 11,
  FIELD_EPOCH = 1 << 12,
} Field;

#define FIELDS_OF_TIME                                                                                                 \
  (FIELD_HOUR | FIELD_HOUR_OF_12 | FIELD_HALF | FIELD_MINUTE | FIELD_SECOND | FIELD_FRACTION | FIELD_ZONE | FIELD_EPOCH)

typedef struct
{
  guint year, month, day, day_of_year;
  guint weekday; /* from 1, Monday; 0: not said */
  guint hour, minute, second;
  gboolean afternoon;
  gboolean of_12; /* the hour is of a 12-hour clock */
  gboolean zoned;
  gint64 fraction; /* microseconds */
  gint64 offset;   /* microseconds */
  gint64 epoch;    /* seconds before or behind 1970 */
  gboolean has_epoch, before_epoch;
  gboolean is_fine; /* the fraction says more than microseconds */
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
    case 'h':
    case 'B':
      return FIELD_MONTH;
    case 'd':
    case 'e':
      return FIELD_DAY;
    case 'j':
      return FIELD_DAY_OF_YEAR;
    case 'a':
    case 'A':
      return FIELD_WEEKDAY;
    case 's':
      return FIELD_EPOCH;
    case 'F':
    case 'D':
      return FIELD_YEAR | FIELD_MONTH | FIELD_DAY;
    case 'T':
      return FIELD_HOUR | FIELD_MINUTE | FIELD_SECOND;
    case 'R':
      return FIELD_HOUR | FIELD_MINUTE;
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
    case 'Z':
      return FIELD_ZONE;
    default:
      return 0;
    }
}

/* Numbers that may be written without zeros in front of them, %-d; all are read so. */
static gboolean
is_bare (const char *directive)
{
  return directive[0] == '-' && directive[1] != '\0' && strchr ("demjHIMS", directive[1]) != NULL;
}

/* What a directive stands for, where it is short for others. */
static const char *
expansion_of (char directive)
{
  switch (directive)
    {
    case 'F':
      return "%Y-%m-%d";
    case 'D':
      return "%m/%d/%y";
    case 'T':
      return "%H:%M:%S";
    case 'R':
      return "%H:%M";
    default:
      return NULL;
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
read_fraction (const char **at, const char *end, Moment *moment)
{
  gint64 unit = G_USEC_PER_SEC;
  guint n = 0;
  moment->fraction = 0;
  for (; n < 9 && *at < end && g_ascii_isdigit (**at); n++, (*at)++)
    {
      unit /= 10;
      moment->fraction += (**at - '0') * unit;
      moment->is_fine |= unit == 0 && **at != '0';
    }
  return n > 0;
}

/* One of @n_names names, whole, or of it the first three letters. @index: from 1 */
static gboolean
read_name (const char **at, const char *end, const char *const *names, guint n_names, gboolean abbreviated,
           guint *index)
{
  for (guint i = 0; i < n_names; i++)
    {
      gsize length = abbreviated ? 3 : strlen (names[i]);
      if ((gsize) (end - *at) >= length && g_ascii_strncasecmp (*at, names[i], length) == 0)
        {
          *at += length;
          *index = i + 1;
          return TRUE;
        }
    }
  return FALSE;
}

/* Without zeros in front, as no clock writes them: such texts are codes. */
static gboolean
read_epoch (const char **at, const char *end, Moment *moment)
{
  moment->before_epoch = *at < end && **at == '-';
  moment->has_epoch = TRUE;
  *at += moment->before_epoch;
  const char *first = *at;
  /* So many digits that no product of theirs wraps. */
  for (; *at < end && g_ascii_isdigit (**at) && *at - first < 12; (*at)++)
    moment->epoch = moment->epoch * 10 + (**at - '0');
  return *at > first && (*first != '0' || *at - first == 1);
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

/* Z, ±HH, ±HHMM or ±HH:MM; by name also UTC, GMT and z. */
static gboolean
read_zone (const char **at, const char *end, gboolean by_name, gint64 *offset)
{
  guint hours, minutes = 0;
  *offset = 0;
  if (by_name && end - *at >= 3
      && (g_ascii_strncasecmp (*at, "utc", 3) == 0 || g_ascii_strncasecmp (*at, "gmt", 3) == 0))
    {
      *at += 3;
      return TRUE;
    }
  if (*at < end && (**at == 'Z' || (by_name && **at == 'z')))
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

/* @is_full: its number has all the digits that it can have, because another number stands beside it */
static gboolean
read_field (char directive, gboolean is_full, const char **at, const char *end, Moment *moment)
{
  const guint fewest = is_full ? 2 : 1;
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
      return read_number (at, end, fewest, 2, &moment->month);
    case 'b':
    case 'h':
    case 'B':
      return read_name (at, end, months, G_N_ELEMENTS (months), directive != 'B', &moment->month);
    case 'a':
    case 'A':
      return read_name (at, end, weekdays, G_N_ELEMENTS (weekdays), directive == 'a', &moment->weekday);
    case 'e':
      if (*at == end || **at != ' ')
        return read_number (at, end, fewest, 2, &moment->day);
      (*at)++;
      return read_number (at, end, 1, is_full ? 1 : 2, &moment->day);
    case 'd':
      return read_number (at, end, fewest, 2, &moment->day);
    case 's':
      return read_epoch (at, end, moment);
    case 'j':
      return read_number (at, end, is_full ? 3 : 1, 3, &moment->day_of_year) && moment->day_of_year > 0;
    case 'H':
      return read_number (at, end, fewest, 2, &moment->hour) && moment->hour < 24;
    case 'I':
      moment->of_12 = TRUE;
      return read_number (at, end, fewest, 2, &moment->hour) && moment->hour >= 1 && moment->hour <= 12;
    case 'p':
      return read_half (at, end, &moment->afternoon);
    case 'M':
      return read_number (at, end, fewest, 2, &moment->minute) && moment->minute < 60;
    case 'S':
      return read_number (at, end, fewest, 2, &moment->second) && moment->second < 60;
    case 'f':
      return read_fraction (at, end, moment);
    case 'z':
    case 'Z':
      moment->zoned = TRUE;
      return read_zone (at, end, directive == 'Z', &moment->offset);
    default:
      return FALSE;
    }
}

/* Whether @format goes on with a point (or comma) and %f, which may both be missing behind seconds. */
static gboolean
is_fraction (const char *format)
{
  return (format[0] == '.' || format[0] == ',') && format[1] == '%' && format[2] == 'f';
}

/* Whether what @directive reads is digits: begins and ends in one, but for the sign and the blank that may be there. */
static gboolean
is_number (char directive)
{
  return directive != '\0' && strchr ("YymdejHIMSsfFDTR", directive) != NULL;
}

/* Whether @format goes on with a number. */
static gboolean
goes_on_in_digits (const char *format)
{
  if (*format != '%')
    return g_ascii_isdigit (*format);
  format++;
  return is_number (format[is_bare (format)]);
}

/* Reads the text from *@at on by all of the format; a space in the format stands for one or more.
 * @is_within: whether numbers stand directly before and behind what @format, a part of another, reads */
static gboolean
read_format (const char **at, const char *end, const char *format, const gboolean is_within[2], Moment *moment)
{
  gboolean behind_number = is_within[0];
  for (char last = 0; *format != '\0'; format++)
    {
      if ((last == 'S' || last == 's') && is_fraction (format) && (*at == end || **at != *format))
        {
          format += 2;
          last = 'f';
          behind_number = TRUE;
          continue;
        }
      if (*format == '%' && *++format != '%')
        {
          format += is_bare (format);
          const char *expansion = expansion_of (*format);
          const gboolean beside[2] = {behind_number, format[1] == '\0' ? is_within[1] : goes_on_in_digits (format + 1)};
          if (expansion != NULL ? !read_format (at, end, expansion, beside, moment)
                                : !read_field (*format, beside[0] || beside[1], at, end, moment))
            return FALSE;
          last = *format == 'T' ? 'S' : *format;
          behind_number = is_number (last);
          continue;
        }
      if (*at == end || **at != *format)
        return FALSE;
      (*at)++;
      behind_number = g_ascii_isdigit (*format);
      if (*format == ' ')
        while (*at < end && **at == ' ')
          (*at)++;
    }
  return TRUE;
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

/* In microseconds. */
static gboolean
moment_time (Moment *moment, gint64 *microseconds)
{
  gint32 days;
  if (moment->has_epoch)
    {
      *microseconds = moment->epoch * G_USEC_PER_SEC + moment->fraction;
      *microseconds = moment->before_epoch ? -*microseconds : *microseconds;
      return TRUE;
    }
  if (!moment_days (moment, &days))
    return FALSE;
  if (moment->of_12)
    moment->hour = moment->hour % 12 + (moment->afternoon ? 12 : 0);
  *microseconds = days * PL_USEC_PER_DAY + (moment->hour * 60 + moment->minute) * USEC_PER_MINUTE
                  + moment->second * G_USEC_PER_SEC + moment->fraction - moment->offset;
  return moment->weekday == 0 || moment->weekday == pl_weekday (days);
}

gboolean
pl_parse_formatted (const char *data, gsize length, const char *format, gint64 *microseconds, gboolean *zoned,
                    gboolean *is_fine)
{
  Moment moment = {.month = 1, .day = 1};
  gint64 result;
  const char *end = data + length;
  if (!read_format (&data, end, format, (const gboolean[2]){FALSE, FALSE}, &moment) || data != end
      || !moment_time (&moment, &result))
    return FALSE;
  if (result < PL_TIMESTAMP_MIN || result > PL_TIMESTAMP_MAX)
    return FALSE;
  *microseconds = result;
  *zoned = moment.zoned;
  if (is_fine != NULL)
    *is_fine = moment.is_fine;
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
    {FIELD_EPOCH, 0, ~(guint) (FIELD_EPOCH | FIELD_FRACTION),
     "has %s, the seconds since 1970, beside other parts of a "
     "time; keep %s alone"},
    {FIELD_DAY_OF_YEAR, 0, FIELD_MONTH | FIELD_DAY, "has %j, the day of the year, beside a month or day; keep one"},
    {FIELD_HOUR, 0, FIELD_HOUR_OF_12 | FIELD_HALF, "has %H, the hour of 24, beside %I or %p; keep one kind of clock"},
    {FIELD_DAY, FIELD_MONTH, 0, "has a day but no month; add %m, %b or %B"},
    {FIELD_HOUR_OF_12, FIELD_HALF, 0, "has %I, the hour of 12, but no %p; add it, or write %H"},
    {FIELD_HALF, FIELD_HOUR_OF_12, 0, "has %p but no %I; write the hour as %I"},
    {FIELD_MINUTE, FIELD_HOUR | FIELD_HOUR_OF_12, 0, "has %M, the minute, but no hour; the month is %m"},
    {FIELD_SECOND, FIELD_MINUTE, 0, "has %S, the second, but no %M"},
    {FIELD_FRACTION, FIELD_SECOND | FIELD_EPOCH, 0, "has %f, the fraction of a second, but no %S"},
    {FIELD_ZONE, FIELD_HOUR | FIELD_HOUR_OF_12, 0, "has %z, the zone, but no hour"},
};

static gboolean
refuse (const char *format, const char *problem, GError **error)
{
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "date format '%s' %s", format, problem);
  return FALSE;
}

/* What has no width of its own, directly before another number: nothing says where it ends. Returns: (transfer full)
 * (nullable) */
static char *
find_endless (const char *at)
{
  const char *next = at + 1;
  if (!strchr ("fszZ", *at) || !goes_on_in_digits (next))
    return NULL;
  if (*next != '%')
    return g_strdup_printf ("has digits directly behind %%%c; write something between them", *at);
  next += 1 + is_bare (next + 1);
  return g_strdup_printf ("has %%%c directly behind %%%c; nothing says where the first ends", *next, *at);
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
      at += is_bare (at);
      guint field = field_of (*at);
      g_autofree char *problem = NULL;
      if (field == 0)
        problem = g_strdup_printf (
            "has an unknown %%%.*s; there are %%Y %%y %%m %%b %%h %%B %%d %%e %%j %%a %%A %%H %%I %%p %%M %%S %%f %%z "
            "%%Z %%s %%F %%T %%R %%D %%%%, and %%-d and the like",
            (int) (g_utf8_next_char (at) - at), at);
      else if ((*fields & field) != 0)
        problem = g_strdup_printf ("reads the same field again at %%%c; write it once", *at);
      else
        problem = find_endless (at);
      if (problem != NULL)
        return refuse (format, problem, error);
      *fields |= field;
    }
  return TRUE;
}

gboolean
pl_format_check (const char *format, PlFormatShape *shape, GError **error)
{
  guint fields;
  if (!collect_fields (format, &fields, error))
    return FALSE;
  if ((fields & (FIELD_YEAR | FIELD_EPOCH)) == 0)
    return refuse (format, "has no year; add %Y or %y", error);
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      gboolean lacks = rules[i].needed != 0 && (fields & rules[i].needed) == 0;
      if ((fields & rules[i].present) != 0 && (lacks || (fields & rules[i].forbidden) != 0))
        return refuse (format, rules[i].problem, error);
    }
  *shape = (PlFormatShape){.has_time = (fields & FIELDS_OF_TIME) != 0, .is_zoned = (fields & FIELD_ZONE) != 0};
  return TRUE;
}
