/* A group's sum in 16 bytes: short, or moved into an exact one, the total is the same. How values get into it is the
 * aggregates' (tests/unit/stages). */
#include "../../../pipeline/exact/short-sum.h"
#include <cmath>
#include <gtest/gtest.h>

namespace
{

PlShortSum
short_sum (guint64 count, gint64 units, guint scale)
{
  PlShortSum sum = {};
  sum.tag = count * PL_SHORT_ONE | scale;
  sum.units = units;
  return sum;
}

} // namespace

TEST (ShortSum, AllZeroIsEmpty)
{
  const PlShortSum sum = {};
  PlExactTotal total;
  pl_short_sum_total (&sum, &total);
  EXPECT_EQ (pl_short_sum_count (&sum), 0u);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 0);
}

TEST (ShortSum, IsUnitsOfAScale)
{
  const PlShortSum sum = short_sum (3, -12345, 2);
  EXPECT_EQ (pl_short_sum_count (&sum), 3u);
  EXPECT_EQ (pl_short_sum_scale (&sum), 2u);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), -123.45);
  EXPECT_EQ (pl_short_sum_round (&sum, 3), -41.15);
}

TEST (ShortSum, MovedIntoAnExactSumItIsTheSame)
{
  PlShortSum sum = short_sum (2, 305, 2);
  PlExactSum *full = pl_short_sum_full (&sum);
  EXPECT_EQ (pl_short_sum_count (&sum), 2u);
  EXPECT_EQ (pl_short_sum_scale (&sum), (guint) PL_SHORT_FULL);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 3.05);
  EXPECT_EQ (pl_short_sum_full (&sum), full);
  EXPECT_FALSE (pl_short_sums_own_nothing ());
  pl_exact_sum_add_double (full, HUGE_VAL);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), HUGE_VAL);
  pl_short_sum_clear (&sum);
}
