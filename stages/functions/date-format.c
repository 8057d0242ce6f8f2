/* Dates and timestamps to and from texts of a given format: strftime, strptime, try_strptime. The format is a constant,
 * so that its mistakes are found with the job's; names are English, whatever the locale. Reading is table/parse.h's. */
#include "bind.h"
#include "families.h"

#include <string.h>

#include "../../pipeline/base/show.h"
#include "../../pipeline/table/calendar.h"
#include "../../pipeline/table/parse.h"
#include "../../pipeline/base/error.h"

/* Of a format, in bytes; two of them never give more than the longest name or date. */
#define FORMAT_MAX 200
#define FIELD_MAX 10

#define DIRECTIVES "YymdjHIMSfpbBaAuFTz%"

static gboolean
bind_format (const PlFunction *self, const PlColumn *constant, PlType *type, char **format, GError **error)
{
  if (constant == NULL || type->kind != PL_STRING || pl_column_is_null (constant, 0))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
                   "%s needs its format as a constant text, such as '%%Y-%%m-%%d'", self->signature);
      return FALSE;
    }
  *format = g_strndup (constant->texts[0].data, constant->texts[0].length);
  if (strlen (*format) <= FORMAT_MAX)
    return TRUE;
  g_clear_pointer (format, g_free);
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "the format of %s is longer than %d bytes", self->name,
               FORMAT_MAX);
  return FALSE;
}

static gboolean
bind_strftime (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
               PlType *result, guint *variant, GError **error)
{
  g_autofree char *format = NULL;
  *result = PL_TYPE (PL_STRING);
  if (!pl_bind_time (self, constants[0], &types[0], error)
      || !bind_format (self, constants[1], &types[1], &format, error))
    return FALSE;
  *variant = types[0].zoned;
  for (const char *c = strchr (format, '%'); c != NULL; c = strchr (c + 2, '%'))
    if (c[1] == '\0' || strchr (DIRECTIVES, c[1]) == NULL)
      {
        g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                     "strftime has no %.*s; there are %%Y %%y %%m %%d %%j %%H %%I %%M %%S %%f %%p %%b %%B %%a %%A %%u "
                     "%%F %%T %%z %%%%",
                     c[1] == '\0' ? 1 : (int) (g_utf8_next_char (c + 1) - c), c);
        return FALSE;
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

static gboolean
evaluate_strftime (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                   PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  char text[FORMAT_MAX * FIELD_MAX / 2 + FIELD_MAX];
  for (gsize i = 0; i < n; i++)
    {
      PlText format = args[1]->texts[i];
      char *end = text;
      if (out->nulls != NULL && out->nulls[i])
        format.length = 0;
      Moment moment = take_apart (format.length > 0 ? args[0]->ints[i] : 0, variant != 0);
      for (guint c = 0; c < format.length; c++)
        if (format.data[c] == '%')
          end = put_field (end, format.data[++c], &moment);
        else
          *end++ = format.data[c];
      out->texts[i] = (PlText){pl_arena_copy (arena, text, (gsize) (end - text)), (guint32) (end - text), format.flags};
    }
  return TRUE;
}

enum
{
  GIVES_TIMESTAMP = 1 << 0,
  GIVES_NULL = 1 << 1,
};

static gboolean
bind_strptime (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
               PlType *result, guint *variant, GError **error)
{
  g_autofree char *format = NULL;
  gboolean has_time, zoned = FALSE;
  if (!pl_bind_as (self, &types[0], PL_STRING, error) || !bind_format (self, constants[1], &types[1], &format, error)
      || !pl_format_check (format, &has_time, error))
    return FALSE;
  for (const char *c = strchr (format, '%'); c != NULL; c = strchr (c + 2, '%'))
    zoned |= c[1] == 'z';
  *result = has_time ? (PlType){.kind = PL_TIMESTAMP, .zoned = zoned != FALSE} : PL_TYPE (PL_DATE);
  *variant = (has_time ? GIVES_TIMESTAMP : 0) | (g_str_equal (self->name, "try_strptime") ? GIVES_NULL : 0);
  return TRUE;
}

static void
fail_format (PlText text, const char *format, GError **error)
{
  g_autofree char *shown = pl_show_some (text.data, text.length, 60);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
               "cannot read '%s' by the format '%s'; try_strptime gives null instead", shown, format);
}

static gboolean
evaluate_strptime (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                   PlArena *arena, gsize *failed, GError **error)
{
  if (n == 0)
    return TRUE;
  /* A constant: the same in every row. */
  g_autofree char *format = g_strndup (args[1]->texts[0].data, args[1]->texts[0].length);
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      gint64 time = 0;
      gboolean zoned;
      if (!(out->nulls != NULL && out->nulls[i]) && !pl_parse_formatted (text.data, text.length, format, &time, &zoned))
        {
          if ((variant & GIVES_NULL) == 0)
            {
              *failed = i;
              fail_format (text, format, error);
              return FALSE;
            }
          pl_make_null (out, arena, n, i);
          time = 0;
        }
      if (variant & GIVES_TIMESTAMP)
        out->ints[i] = time;
      else
        out->dates[i] = pl_floor_days (time);
    }
  return TRUE;
}

#define STRPTIME(n, t, e)                                                                                              \
  {                                                                                                                    \
    .name = n, .signature = n "(s, format)", .summary = t, .example = e, .min_args = 2, .max_args = 2,                 \
    .bind = bind_strptime, .evaluate = evaluate_strptime                                                               \
  }

const PlFunction pl_date_format_functions[] = {
    {.name = "strftime",
     .signature = "strftime(x, format)",
     .summary = "A date or timestamp as text, by a format such as '%d.%m.%Y'",
     .example = "strftime(cast('2024-02-29' as date), '%a %d %b %Y') = 'Thu 29 Feb 2024'",
     .min_args = 2,
     .max_args = 2,
     .bind = bind_strftime,
     .evaluate = evaluate_strftime},
    STRPTIME ("strptime", "The date or timestamp that a text of the format writes",
              "strptime('29/02/2024', '%d/%m/%Y') = cast('2024-02-29' as date)"),
    STRPTIME ("try_strptime", "As strptime, but null where the text is not of the format",
              "try_strptime('30/02/2024', '%d/%m/%Y') is null"),
    {.name = NULL},
};
