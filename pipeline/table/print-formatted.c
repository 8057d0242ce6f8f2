/* See print-formatted.h. */
#include "print-formatted.h"

#include <string.h>

#include "../base/error.h"
#include "calendar.h"

#define DIRECTIVES "YymdjHIMSfpbBaAuFTz%"
#define TIMES "HIMSfpTz"

gboolean
pl_print_format_check (const char *format, const char *user, gboolean *has_time, GError **error)
{
  *has_time = FALSE;
  for (const char *c = strchr (format, '%'); c != NULL; c = strchr (c + 2, '%'))
    {
      if (c[1] == '\0' || strchr (DIRECTIVES, c[1]) == NULL)
        {
          g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                       "%s has no %.*s; there are %%Y %%y %%m %%d %%j %%H %%I %%M %%S %%f %%p %%b %%B %%a %%A %%u "
                       "%%F %%T %%z %%%%",
                       user, c[1] == '\0' ? 1 : (int) (g_utf8_next_char (c + 1) - c), c);
          return FALSE;
        }
      *has_time = *has_time || strchr (TIMES, c[1]) != NULL;
    }
  return TRUE;
}

typedef struct
{
  gint year;
  guint month, day, weekday, yearday, hour, minute, second, fraction;
  gboolean zoned;
} Moment;

static Moment
take_apart (gint64 time, gboolean zoned)
{
  Moment moment = {.zoned = zoned};
  gint32 days = pl_floor_days (time);
  gint64 rest = time - days * PL_USEC_PER_DAY;
  guint seconds = (guint) (rest / 1000000);
  pl_civil_from_days (days, &moment.year, &moment.month, &moment.day);
  moment.weekday = pl_weekday (days);
  moment.yearday = (guint) (days - pl_days_from_civil (moment.year, 1, 1)) + 1;
  moment.hour = seconds / 3600;
  moment.minute = seconds / 60 % 60;
  moment.second = seconds % 60;
  moment.fraction = (guint) (rest % 1000000);
  return moment;
}

static char *
put_number (char *out, guint number, guint digits)
{
  for (guint i = digits; i-- > 0; number /= 10)
    out[i] = (char) ('0' + number % 10);
  return out + digits;
}

static char *
put_name (char *out, const char *name, gboolean short_form)
{
  return g_stpcpy (out, name) - (short_form ? strlen (name) - 3 : 0);
}

static char *
put_field (char *out, char directive, const Moment *moment)
{
  static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
  static const char *const weekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  switch (directive)
    {
    case 'Y':
      return put_number (out, (guint) moment->year, 4);
    case 'y':
      return put_number (out, (guint) moment->year % 100, 2);
    case 'm':
      return put_number (out, moment->month, 2);
    case 'd':
      return put_number (out, moment->day, 2);
    case 'j':
      return put_number (out, moment->yearday, 3);
    case 'H':
      return put_number (out, moment->hour, 2);
    case 'I':
      return put_number (out, (moment->hour + 11) % 12 + 1, 2);
    case 'M':
      return put_number (out, moment->minute, 2);
    case 'S':
      return put_number (out, moment->second, 2);
    case 'f':
      return put_number (out, moment->fraction, 6);
    case 'p':
      return g_stpcpy (out, moment->hour < 12 ? "AM" : "PM");
    case 'b':
    case 'B':
      return put_name (out, months[moment->month - 1], directive == 'b');
    case 'a':
    case 'A':
      return put_name (out, weekdays[moment->weekday - 1], directive == 'a');
    case 'u':
      return put_number (out, moment->weekday, 1);
    case 'F':
      out = put_number (out, (guint) moment->year, 4);
      *out++ = '-';
      out = put_number (out, moment->month, 2);
      *out++ = '-';
      return put_number (out, moment->day, 2);
    case 'T':
      out = put_number (out, moment->hour, 2);
      *out++ = ':';
      out = put_number (out, moment->minute, 2);
      *out++ = ':';
      return put_number (out, moment->second, 2);
    case 'z':
      return g_stpcpy (out, moment->zoned ? "+0000" : "");
    default:
      *out = directive;
      return out + 1;
    }
}

gsize
pl_print_formatted (char *out, const char *format, gsize length, gint64 time, gboolean zoned)
{
  const Moment moment = take_apart (time, zoned);
  char *end = out;
  for (gsize c = 0; c < length; c++)
    if (format[c] == '%')
      end = put_field (end, format[++c], &moment);
    else
      *end++ = format[c];
  return (gsize) (end - out);
}
