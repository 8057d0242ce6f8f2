/* Civil dates: every day of the years 1 to 9999 in turn, and known days (from Python's datetime). */

#include "helpers.h"
#include "../../../pipeline/table/calendar.h"

TEST (Calendar, EveryDayFollowsTheOneBefore)
{
  gint year = 1;
  guint month = 1, day = 1, weekday = 1;
  for (gint32 days = PL_DATE_MIN; days <= PL_DATE_MAX; days++)
    {
      gint y;
      guint m, d;
      pl_civil_from_days (days, &y, &m, &d);
      ASSERT_TRUE (y == year && m == month && d == day) << days << ": " << y << "-" << m << "-" << d;
      ASSERT_EQ (pl_days_from_civil (year, month, day), days);
      ASSERT_EQ (pl_weekday (days), weekday);
      weekday = weekday % 7 + 1;
      if (++day > pl_days_in_month (year, month))
        {
          day = 1;
          if (++month > 12)
            {
              month = 1;
              year++;
            }
        }
    }
  EXPECT_EQ (year, 10000);
}

TEST (Calendar, KnownDays)
{
  EXPECT_EQ (pl_days_from_civil (1970, 1, 1), 0);
  EXPECT_EQ (pl_days_from_civil (2000, 2, 29), 11016);
  EXPECT_EQ (pl_days_from_civil (1, 1, 1), PL_DATE_MIN);
  EXPECT_EQ (pl_days_from_civil (9999, 12, 31), PL_DATE_MAX);
  EXPECT_EQ (pl_days_from_civil (1900, 3, 1), -25508);
  EXPECT_EQ (pl_days_from_civil (0, 12, 31), PL_DATE_MIN - 1);
  EXPECT_EQ (pl_days_from_civil (10000, 1, 1), PL_DATE_MAX + 1);
  EXPECT_EQ (pl_weekday (0), 4u);
  EXPECT_EQ (pl_weekday (-4), 7u);
  EXPECT_EQ (pl_weekday (-3), 1u);
  EXPECT_EQ (pl_weekday (11016), 2u);
}

TEST (Calendar, LeapYears)
{
  EXPECT_TRUE (pl_is_leap_year (2000));
  EXPECT_TRUE (pl_is_leap_year (2024));
  EXPECT_FALSE (pl_is_leap_year (1900));
  EXPECT_FALSE (pl_is_leap_year (2023));
  EXPECT_EQ (pl_days_in_month (2000, 2), 29u);
  EXPECT_EQ (pl_days_in_month (1900, 2), 28u);
  const guint lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (guint month = 1; month <= 12; month++)
    EXPECT_EQ (pl_days_in_month (2023, month), lengths[month - 1]) << month;
}

TEST (Calendar, FloorDaysGoesDownBefore1970)
{
  EXPECT_EQ (pl_floor_days (0), 0);
  EXPECT_EQ (pl_floor_days (-1), -1);
  EXPECT_EQ (pl_floor_days (PL_USEC_PER_DAY - 1), 0);
  EXPECT_EQ (pl_floor_days (PL_USEC_PER_DAY), 1);
  EXPECT_EQ (pl_floor_days (-PL_USEC_PER_DAY), -1);
  EXPECT_EQ (pl_floor_days (-PL_USEC_PER_DAY - 1), -2);
  EXPECT_EQ (pl_floor_days (PL_TIMESTAMP_MIN), PL_DATE_MIN);
  EXPECT_EQ (pl_floor_days (PL_TIMESTAMP_MAX), PL_DATE_MAX);
}
