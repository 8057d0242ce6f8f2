/* Dates and timestamps in steps of a unit: date_trunc, date_diff, date_add. A difference counts the starts of units
 * that lie between, as in DuckDB: from 31 January to 1 February is one month. Adding months keeps the day, or takes the
 * month's last. Timestamps with a zone are taken in UTC; weeks start on Monday. */
#include "bind.h"
#include "families.h"

#include <string.h>

#include "../../pipeline/table/calendar.h"
#include "../../pipeline/base/error.h"

typedef enum
{
  YEAR,
  QUARTER,
  MONTH,
  WEEK,
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  MILLISECOND,
  MICROSECOND,
} Unit;

/* Set in the variant beside the unit. */
#define OF_DATES 0x100

/* Of the units from WEEK on, in microseconds. */
static gint64
unit_step (Unit unit)
{
  static const gint64 steps[]
      = {7 * PL_USEC_PER_DAY, PL_USEC_PER_DAY, G_GINT64_CONSTANT (3600000000), 60000000, 1000000, 1000, 1};
  return steps[unit - WEEK];
}

/* What to write of a unit is told with the mistake. */
static gboolean
bind_unit (const PlFunction *self, const PlType *type, const PlColumn *constant, Unit *unit, GError **error)
{
  static const char *const names[]
      = {"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"};
  PlText text = constant != NULL && type->kind == PL_STRING ? constant->texts[0] : (PlText){"", 0, 0};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == text.length && memcmp (names[i], text.data, text.length) == 0)
      {
        *unit = i;
        return TRUE;
      }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
               "%s needs a unit as its first argument: 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', "
               "'second', 'millisecond' or 'microsecond'",
               self->name);
  return FALSE;
}

/* Of a date, with units of days or more, the result is a date; so it is of what may be dates, as nothing but nulls. */
static gboolean
bind_moment (const PlFunction *self, guint argument, PlType *types, const PlColumn *const *constants, PlType *result,
             guint *variant, GError **error)
{
  Unit unit;
  gboolean is_date = types[argument].kind == PL_DATE || types[argument].kind == PL_NULL;
  if (!bind_unit (self, &types[0], constants[0], &unit, error)
      || !pl_bind_time (self, constants[argument], &types[argument], error))
    return FALSE;
  is_date &= unit <= DAY;
  *variant = unit | (is_date ? OF_DATES : 0);
  *result = is_date ? PL_TYPE (PL_DATE) : types[argument];
  return TRUE;
}

static gboolean
bind_trunc (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
            PlType *result, guint *variant, GError **error)
{
  return bind_moment (self, 1, types, constants, result, variant, error);
}

static gboolean
bind_add (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
          PlType *result, guint *variant, GError **error)
{
  return bind_moment (self, 2, types, constants, result, variant, error) && pl_bind_as (self, &types[1], PL_INT, error);
}

static gboolean
bind_diff (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
           PlType *result, guint *variant, GError **error)
{
  Unit unit;
  *result = PL_TYPE (PL_INT);
  if (!bind_unit (self, &types[0], constants[0], &unit, error))
    return FALSE;
  *variant = unit;
  return pl_bind_time (self, constants[1], &types[1], error) && pl_bind_time (self, constants[2], &types[2], error);
}

/* A null row may hold anything, also what is no moment. */
static inline gint64
moment_of (const PlColumn *times, const PlColumn *out, gsize row)
{
  return out->nulls != NULL && out->nulls[row] ? 0 : times->ints[row];
}

static gint64
floor_divide (gint64 x, gint64 step)
{
  return x / step - (x % step < 0);
}

/* The number of the unit that @time lies in; only differences of it mean something. */
static gint64
unit_number (Unit unit, gint64 time)
{
  gint year;
  guint month, day;
  gint32 days = pl_floor_days (time);
  if (unit == WEEK)
    return floor_divide ((gint64) days + 3, 7);
  if (unit > WEEK)
    return floor_divide (time, unit_step (unit));
  pl_civil_from_days (days, &year, &month, &day);
  return unit == YEAR ? year : unit == QUARTER ? year * 4 + ((gint) month - 1) / 3 : year * 12 + (gint) month - 1;
}

static gint32
truncate_day (Unit unit, gint32 days)
{
  gint year;
  guint month, day;
  if (unit == WEEK)
    return MAX (days - (gint32) pl_weekday (days) + 1, PL_DATE_MIN);
  if (unit > WEEK)
    return days;
  pl_civil_from_days (days, &year, &month, &day);
  month = unit == YEAR ? 1 : unit == QUARTER ? (month - 1) / 3 * 3 + 1 : month;
  return pl_days_from_civil (year, month, 1);
}

static gboolean
evaluate_trunc (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  Unit unit = variant & 0xff;
  for (gsize i = 0; i < n; i++)
    {
      gint64 time = moment_of (args[1], out, i);
      if (variant & OF_DATES)
        out->dates[i] = truncate_day (unit, pl_floor_days (time));
      else if (unit > DAY)
        out->ints[i] = floor_divide (time, unit_step (unit)) * unit_step (unit);
      else
        out->ints[i] = truncate_day (unit, pl_floor_days (time)) * PL_USEC_PER_DAY;
    }
  return TRUE;
}

static gboolean
evaluate_diff (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
               PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    out->ints[i]
        = unit_number (variant, moment_of (args[2], out, i)) - unit_number (variant, moment_of (args[1], out, i));
  return TRUE;
}

static gboolean
add_months (gint64 time, PlInt128 months, gint64 *result)
{
  gint year;
  guint month, day;
  gint32 days = pl_floor_days (time);
  pl_civil_from_days (days, &year, &month, &day);
  PlInt128 number = (PlInt128) year * 12 + month - 1 + months;
  if (number < 12 || number >= 120000)
    return FALSE;
  year = (gint) number / 12;
  month = (guint) number % 12 + 1;
  day = MIN (day, pl_days_in_month (year, month));
  *result = pl_days_from_civil (year, month, day) * PL_USEC_PER_DAY + (time - days * PL_USEC_PER_DAY);
  return TRUE;
}

static gboolean
add_units (Unit unit, gint64 time, gint64 count, gint64 *result)
{
  if (unit < WEEK)
    return add_months (time, (PlInt128) count * (unit == YEAR ? 12 : unit == QUARTER ? 3 : 1), result);
  PlInt128 sum = time + (PlInt128) count * unit_step (unit);
  *result = (gint64) sum;
  return sum >= PL_TIMESTAMP_MIN && sum <= PL_TIMESTAMP_MAX;
}

static gboolean
evaluate_add (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
              PlArena *arena G_GNUC_UNUSED, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      gint64 sum = 0, count = out->nulls != NULL && out->nulls[i] ? 0 : args[1]->ints[i];
      if (!add_units (variant & 0xff, moment_of (args[2], out, i), count, &sum))
        {
          *failed = i;
          g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                       "date_add of %" G_GINT64_FORMAT " leads outside the years 0001 to 9999", count);
          return FALSE;
        }
      if (variant & OF_DATES)
        out->dates[i] = pl_floor_days (sum);
      else
        out->ints[i] = sum;
    }
  return TRUE;
}

const PlFunction pl_date_shift_functions[] = {
    {.name = "date_add",
     .signature = "date_add(unit, n, x)",
     .summary = "x moved by n units; a day that the month lacks becomes its last",
     .example = "date_add('month', 1, cast('2024-01-31' as date)) = cast('2024-02-29' as date)",
     .min_args = 3,
     .max_args = 3,
     .bind = bind_add,
     .evaluate = evaluate_add},
    {.name = "date_diff",
     .signature = "date_diff(unit, a, b)",
     .summary = "How many starts of the unit lie between a and b; negative when b is earlier",
     .example = "date_diff('month', cast('2024-01-31' as date), cast('2024-02-01' as date)) = 1",
     .min_args = 3,
     .max_args = 3,
     .bind = bind_diff,
     .evaluate = evaluate_diff},
    {.name = "date_trunc",
     .signature = "date_trunc(unit, x)",
     .summary = "The start of the unit that x lies in",
     .example = "date_trunc('month', cast('2024-02-29' as date)) = cast('2024-02-01' as date)",
     .min_args = 2,
     .max_args = 2,
     .bind = bind_trunc,
     .evaluate = evaluate_trunc},
    {.name = NULL},
};
