/* Dates and timestamps: parts of them. Timestamps with a zone are taken in UTC. */
#include "families.h"

#include <string.h>

#include "../../pipeline/table/calendar.h"

enum
{
  YEAR,
  MONTH,
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  WEEKDAY,
  YEARDAY,
  QUARTER,
  WEEK,
};

static guint
find_part (const char *name)
{
  static const char *const names[]
      = {"year", "month", "day", "hour", "minute", "second", "weekday", "yearday", "quarter", "week"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name))
      return i;
  g_assert_not_reached ();
}

static gboolean
bind_part (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED,
           guint n_args G_GNUC_UNUSED, PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_INT);
  *variant = find_part (self->name);
  return pl_bind_as (self, &types[0], PL_TIMESTAMP, error);
}

/* ISO 8601: the week that holds the year's first Thursday is week 1. */
static gint64
iso_week (gint32 days)
{
  gint year;
  guint month, day;
  gint32 thursday = days - (gint32) pl_weekday (days) + 4;
  pl_civil_from_days (thursday, &year, &month, &day);
  return (thursday - pl_days_from_civil (year, 1, 1)) / 7 + 1;
}

static gint64
date_part (guint part, gint32 days)
{
  gint year;
  guint month, day;
  if (part == WEEKDAY)
    return pl_weekday (days);
  if (part == WEEK)
    return iso_week (days);
  pl_civil_from_days (days, &year, &month, &day);
  switch (part)
    {
    case YEAR:
      return year;
    case MONTH:
      return month;
    case DAY:
      return day;
    case QUARTER:
      return (month + 2) / 3;
    default:
      return days - pl_days_from_civil (year, 1, 1) + 1;
    }
}

static gboolean
evaluate_part (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
               PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      /* A null row may hold anything, also what is no day. */
      gint64 time = out->nulls != NULL && out->nulls[i] ? 0 : args[0]->ints[i];
      gint32 days = pl_floor_days (time);
      gint64 seconds = (time - days * PL_USEC_PER_DAY) / 1000000;
      out->ints[i] = variant == HOUR     ? seconds / 3600
                     : variant == MINUTE ? seconds / 60 % 60
                     : variant == SECOND ? seconds % 60
                                         : date_part (variant, days);
    }
  return TRUE;
}

/* The units of date_trunc, by name. */
static gboolean
bind_trunc (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
            PlType *result, guint *variant, GError **error)
{
  static const char *const names[] = {"year", "month", "day", "hour", "minute", "second", "quarter", "week"};
  static const guint8 units[] = {YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, QUARTER, WEEK};
  PlText unit = constants[0] != NULL && types[0].kind == PL_STRING ? constants[0]->texts[0] : (PlText){"", 0, 0};
  gboolean zoned = types[1].zoned, is_date = types[1].kind == PL_DATE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == unit.length && memcmp (names[i], unit.data, unit.length) == 0)
      {
        if (!pl_bind_as (self, &types[1], PL_TIMESTAMP, error))
          return FALSE;
        *variant = units[i] | (guint) is_date << 8;
        *result = is_date ? PL_TYPE (PL_DATE) : (PlType){.kind = PL_TIMESTAMP, .zoned = zoned};
        return TRUE;
      }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
               "date_trunc needs a unit as its first argument: 'year', 'quarter', 'month', 'week', 'day', 'hour', "
               "'minute' or 'second'");
  return FALSE;
}

static gint32
truncate_day (guint unit, gint32 days)
{
  gint year;
  guint month, day;
  pl_civil_from_days (days, &year, &month, &day);
  switch (unit)
    {
    case YEAR:
      return pl_days_from_civil (year, 1, 1);
    case QUARTER:
      return pl_days_from_civil (year, (month - 1) / 3 * 3 + 1, 1);
    case MONTH:
      return pl_days_from_civil (year, month, 1);
    case WEEK:
      return MAX (days - (gint32) pl_weekday (days) + 1, PL_DATE_MIN);
    default:
      return days;
    }
}

static gboolean
evaluate_trunc (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  guint unit = variant & 0xff;
  for (gsize i = 0; i < n; i++)
    {
      gint64 time = out->nulls != NULL && out->nulls[i] ? 0 : args[1]->ints[i];
      gint32 days = pl_floor_days (time);
      gint64 rest = time - days * PL_USEC_PER_DAY;
      gint64 step = unit == HOUR     ? G_GINT64_CONSTANT (3600000000)
                    : unit == MINUTE ? 60000000
                    : unit == SECOND ? 1000000
                                     : PL_USEC_PER_DAY;
      if (variant >> 8)
        out->dates[i] = truncate_day (unit, days);
      else
        out->ints[i] = truncate_day (unit, days) * PL_USEC_PER_DAY + rest / step * step;
    }
  return TRUE;
}

#define PART(n, t, e)                                                                                                  \
  {                                                                                                                    \
    .name = n, .signature = n "(x)", .summary = t, .example = e, .min_args = 1, .max_args = 1, .bind = bind_part,      \
    .evaluate = evaluate_part                                                                                          \
  }

const PlFunction pl_date_functions[] = {
    {.name = "date_trunc",
     .signature = "date_trunc(unit, x)",
     .summary = "The start of the unit that x lies in",
     .example = "date_trunc('month', cast('2024-02-29' as date)) = cast('2024-02-01' as date)",
     .min_args = 2,
     .max_args = 2,
     .bind = bind_trunc,
     .evaluate = evaluate_trunc},
    PART ("day", "Day of the month, 1 to 31", "day(cast('2024-02-29' as date)) = 29"),
    PART ("hour", "Hour, 0 to 23", "hour(cast('2024-02-29 13:45:00' as timestamp)) = 13"),
    PART ("minute", "Minute, 0 to 59", "minute(cast('2024-02-29 13:45:00' as timestamp)) = 45"),
    PART ("month", "Month, 1 to 12", "month(cast('2024-02-29' as date)) = 2"),
    PART ("quarter", "Quarter, 1 to 4", "quarter(cast('2024-02-29' as date)) = 1"),
    PART ("second", "Second, 0 to 59", "second(cast('2024-02-29 13:45:07' as timestamp)) = 7"),
    PART ("week", "ISO 8601 week, 1 to 53", "week(cast('2024-12-30' as date)) = 1"),
    PART ("weekday", "Day of the week, Monday 1 to Sunday 7", "weekday(cast('2024-02-29' as date)) = 4"),
    PART ("year", "Year", "year(cast('2024-02-29' as date)) = 2024"),
    PART ("yearday", "Day of the year, 1 to 366", "yearday(cast('2024-02-29' as date)) = 60"),
    {.name = NULL},
};
