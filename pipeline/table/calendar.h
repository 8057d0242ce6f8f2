/* Days and civil dates (proleptic Gregorian), by Howard Hinnant's days_from_civil / civil_from_days
 * (https://howardhinnant.github.io/date_algorithms.html): eras of 400 years that begin on 1 March, so that the
 * leap day is the last day of its year. Inline, because date kernels and parsers call them once a row. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_USEC_PER_DAY G_GINT64_CONSTANT (86400000000)
#define PL_DATE_MIN (-719162) /* 0001-01-01 */
#define PL_DATE_MAX 2932896   /* 9999-12-31 */
#define PL_TIMESTAMP_MIN (PL_DATE_MIN * PL_USEC_PER_DAY)
#define PL_TIMESTAMP_MAX ((PL_DATE_MAX + 1) * PL_USEC_PER_DAY - 1)

#define PL_DAYS_PER_ERA 146097
/* From 0000-03-01 to 1970-01-01. */
#define PL_DAYS_BEFORE_EPOCH 719468

/** pl_days_from_civil: of a real date, of any year within ±1,000,000. */
static inline gint32
pl_days_from_civil (gint year, guint month, guint day)
{
  year -= month <= 2;
  gint era = (year >= 0 ? year : year - 399) / 400;
  guint year_of_era = (guint) (year - era * 400);
  guint day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  guint day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * PL_DAYS_PER_ERA + (gint32) day_of_era - PL_DAYS_BEFORE_EPOCH;
}

static inline void
pl_civil_from_days (gint32 days, gint *year, guint *month, guint *day)
{
  gint64 shifted = (gint64) days + PL_DAYS_BEFORE_EPOCH;
  gint era = (gint) ((shifted >= 0 ? shifted : shifted - (PL_DAYS_PER_ERA - 1)) / PL_DAYS_PER_ERA);
  guint day_of_era = (guint) (shifted - (gint64) era * PL_DAYS_PER_ERA);
  guint year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  guint day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  guint shifted_month = (5 * day_of_year + 2) / 153;
  *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  *year = (gint) year_of_era + era * 400 + (*month <= 2);
}

/** pl_weekday: ISO: Monday 1 … Sunday 7. */
static inline guint
pl_weekday (gint32 days)
{
  /* 1970-01-01 was a Thursday. */
  gint32 from_monday = (gint32) (((gint64) days + 3) % 7);
  return (guint) (from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

static inline gboolean
pl_is_leap_year (gint year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/** pl_days_in_month: @month 1 to 12. */
static inline guint
pl_days_in_month (gint year, guint month)
{
  /* 31, but 30 in April, June, September and November: the months whose number's lowest bit, flipped from August on, is
   * 0. */
  return month == 2 ? (pl_is_leap_year (year) ? 29 : 28) : 30 + ((month ^ (month >> 3)) & 1);
}

/** pl_floor_days: the day a timestamp falls on, also before 1970. */
static inline gint32
pl_floor_days (gint64 microseconds)
{
  return (gint32) (microseconds / PL_USEC_PER_DAY - (microseconds % PL_USEC_PER_DAY < 0));
}

G_END_DECLS
