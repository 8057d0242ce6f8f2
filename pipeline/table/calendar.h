/* Days and civil dates (proleptic Gregorian), by Howard Hinnant's days_from_civil / civil_from_days. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_USEC_PER_DAY G_GINT64_CONSTANT (86400000000)
#define PL_DATE_MIN (-719162)  /* 0001-01-01 */
#define PL_DATE_MAX 2932896    /* 9999-12-31 */

gint32 pl_days_from_civil (gint year, guint month, guint day);
void pl_civil_from_days (gint32 days, gint *year, guint *month, guint *day);
/** pl_weekday: ISO: Monday 1 … Sunday 7. */
guint pl_weekday (gint32 days);
guint pl_days_in_month (gint year, guint month);
/** pl_floor_days: the day a timestamp falls on, also before 1970. */
gint32 pl_floor_days (gint64 microseconds);

G_END_DECLS
