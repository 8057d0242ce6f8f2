/* When workers hand over: seldom while nobody dies, as often as pays when somebody does. */
#include "../../../pipeline/processes/pace.h"
#include <gtest/gtest.h>

namespace
{

gboolean
due (PlPace pace, gint64 work)
{
  pace.work = work;
  return pl_pace_due (&pace);
}

/* @interval is the work at which it is time. */
void
expect_interval (const PlPace &pace, gint64 interval)
{
  EXPECT_FALSE (due (pace, interval - 1));
  EXPECT_TRUE (due (pace, interval));
}

TEST (Pace, TakesASixtyFourthOfTheTimeUpToFourSeconds)
{
  PlPace pace{};
  EXPECT_TRUE (due (pace, 0)) << "what the first block gave tells what handing over costs";
  pl_pace_handed_over (&pace, 10);
  expect_interval (pace, 640);
  pl_pace_handed_over (&pace, 10000);
  expect_interval (pace, 640000);
  pl_pace_handed_over (&pace, 1000000);
  expect_interval (pace, 4000000);
}

TEST (Pace, DeathsShortenTheInterval)
{
  PlPace pace{};
  pl_pace_handed_over (&pace, 10000);
  pl_pace_died (&pace, 500000);
  expect_interval (pace, 100000); /* sqrt (2 * 10 ms * 500 ms) */
  pl_pace_died (&pace, 500000 + 20000);
  EXPECT_EQ (pace.between, 260000);
  /* Workers that die as soon as they work hand over after every block. */
  for (gint64 now = 520000; now < 520100; now++)
    pl_pace_died (&pace, now);
  EXPECT_TRUE (due (pace, 1000));
}

TEST (Pace, ADeathForgetsTheWorkThatIsLost)
{
  PlPace pace{};
  pace.work = 5000;
  pl_pace_died (&pace, 1);
  EXPECT_EQ (pace.work, 0);
}

TEST (Pace, LastingOnesHandOverAtTheEndUnlessSomebodyDies)
{
  PlPace pace{};
  pace.is_lasting = TRUE;
  EXPECT_FALSE (due (pace, G_MAXINT64));
  pl_pace_died (&pace, 1000000);
  EXPECT_TRUE (due (pace, 100000));
}

} // namespace
