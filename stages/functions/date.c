/* Dates and timestamps: parts of them. Timestamps with a zone are taken in UTC. */
#include "bind.h"
#include "families.h"

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
bind_part (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
           PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_INT);
  *variant = find_part (self->name);
  return pl_bind_time (self, constants[0], &types[0], error);
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

#define PART(n, t, e)                                                                                                  \
  {                                                                                                                    \
    .name = n, .signature = n "(x)", .summary = t, .example = e, .min_args = 1, .max_args = 1, .bind = bind_part,      \
    .evaluate = evaluate_part                                                                                          \
  }

const PlFunction pl_date_functions[] = {
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
