/* See print-formatted.h. */
#include "print-formatted.h"

#include <string.h>

#include "../base/error.h"
#include "calendar.h"
#include "print.h"

#define DIRECTIVES "YymbhBdejaAuHIpMSfzZsFDTR%"
#define TIMES "HIpMSfzZsTR"
/* Numbers that may be wanted without zeros in front of them, %-d. */
#define BARE "demjHIMS"

/* Returns: how long the directive is that begins with the % at @at; 0: there is no such. */
static gsize
directive_length (const char *at)
{
  if (at[1] == '-')
    return at[2] != '\0' && strchr (BARE, at[2]) != NULL ? 3 : 0;
  return at[1] != '\0' && strchr (DIRECTIVES, at[1]) != NULL ? 2 : 0;
}

gboolean
pl_print_format_check (const char *format, const char *user, gboolean *has_time, GError **error)
{
  *has_time = FALSE;
  gsize length = 0;
  for (const char *c = strchr (format, '%'); c != NULL; c = strchr (c + length, '%'))
    {
      length = directive_length (c);
      if (length == 0)
        {
          const char *end = c[1] == '\0' ? c + 1 : g_utf8_next_char (c + 1);
          end = c[1] == '-' && c[2] != '\0' ? g_utf8_next_char (c + 2) : end;
          g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                       "%s has no %.*s; there are %%Y %%y %%m %%b %%h %%B %%d %%e %%j %%a %%A %%u %%H %%I %%p %%M %%S "
                       "%%f %%z %%Z %%s %%F %%D %%T %%R %%%%, and %%-d and the like",
                       user, (int) (end - c), c);
          return FALSE;
        }
      *has_time = *has_time || strchr (TIMES, c[length - 1]) != NULL;
    }
  return TRUE;
}

gboolean
pl_print_format_has_zone (const char *format)
{
  for (const char *c = strchr (format, '%'); c != NULL; c = strchr (c + directive_length (c), '%'))
    if (strchr ("zZs", c[1]) != NULL)
      return TRUE;
  return FALSE;
}

typedef struct
{
  gint year;
  guint month, day, weekday, yearday, hour, minute, second, fraction;
  gint64 epoch; /* seconds, rounded down */
  gboolean zoned;
} Moment;

static Moment
take_apart (gint64 time, gboolean zoned)
{
  Moment moment = {.zoned = zoned};
  gint32 days = pl_floor_days (time);
  gint64 rest = time - days * PL_USEC_PER_DAY;
  moment.epoch = days * G_GINT64_CONSTANT (86400) + rest / 1000000;
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
put_epoch (char *out, gint64 epoch)
{
  char digits[PL_PRINT_MAX];
  gsize length = pl_print_int (digits, epoch);
  memcpy (out, digits, length);
  return out + length;
}

/* What a directive stands for, where it is short for others. */
static const char *
expansion_of (char directive)
{
  switch (directive)
    {
    case 'F':
      return "Y-m-d";
    case 'D':
      return "m/d/y";
    case 'T':
      return "H:M:S";
    case 'R':
      return "H:M";
    default:
      return NULL;
    }
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
    case 'e':
      out = put_number (out, moment->day, 2);
      out[-2] = moment->day < 10 ? ' ' : out[-2];
      return out;
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
    case 'h':
    case 'B':
      return put_name (out, months[moment->month - 1], directive != 'B');
    case 'a':
    case 'A':
      return put_name (out, weekdays[moment->weekday - 1], directive == 'a');
    case 'u':
      return put_number (out, moment->weekday, 1);
    case 's':
      return put_epoch (out, moment->epoch);
    case 'Z':
      return g_stpcpy (out, moment->zoned ? "UTC" : "");
    case 'z':
      return g_stpcpy (out, moment->zoned ? "+0000" : "");
    default:
      *out = directive;
      return out + 1;
    }
}

/* Without the zeros or the blank in front. */
static char *
put_bare (char *out, char directive, const Moment *moment)
{
  char text[8];
  const char *end = put_field (text, directive, moment), *start = text;
  while (start + 1 < end && (*start == '0' || *start == ' '))
    start++;
  memcpy (out, start, (gsize) (end - start));
  return out + (end - start);
}

gsize
pl_print_formatted (char *out, const char *format, gsize length, gint64 time, gboolean zoned)
{
  const Moment moment = take_apart (time, zoned);
  char *end = out;
  for (gsize c = 0; c < length; c++)
    {
      if (format[c] != '%')
        {
          *end++ = format[c];
          continue;
        }
      if (format[++c] == '-')
        {
          end = put_bare (end, format[++c], &moment);
          continue;
        }
      const char *parts = expansion_of (format[c]);
      if (parts == NULL)
        end = put_field (end, format[c], &moment);
      for (; parts != NULL && *parts != '\0'; parts++)
        if (g_ascii_isalpha (*parts))
          end = put_field (end, *parts, &moment);
        else
          *end++ = *parts;
    }
  return (gsize) (end - out);
}
