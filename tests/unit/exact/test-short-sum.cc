// Sums in 16 bytes against the same additions in a PlExactSum, across the borders between the two.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

extern "C"
{
#include "../../../pipeline/exact/short-sum.h"
}

namespace
{

bool
is_full (const PlShortSum &sum)
{
  return pl_short_sum_scale (&sum) == PL_SHORT_FULL;
}

TEST (ShortSum, IsSmallAndStartsEmpty)
{
  PlShortSum sum = {};
  EXPECT_EQ (sizeof sum, 16u);
  EXPECT_EQ (pl_short_sum_count (&sum), 0u);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 0.0);
}

TEST (ShortSum, OverflowOf64BitsMovesIntoTheFullSumAndStaysExact)
{
  PlShortSum sum = {};
  pl_short_sum_add (&sum, G_MAXINT64, 0);
  EXPECT_FALSE (is_full (sum));
  pl_short_sum_add (&sum, 1, 0);
  EXPECT_TRUE (is_full (sum));
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 0x1p63);
  pl_short_sum_add (&sum, G_MININT64, 0);
  pl_short_sum_add (&sum, 7, 0);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 7.0);
  EXPECT_EQ (pl_short_sum_count (&sum), 4u);
  pl_short_sum_clear (&sum);
  EXPECT_EQ (sum.tag, 0u);

  pl_short_sum_add (&sum, G_MININT64, 0);
  EXPECT_FALSE (is_full (sum));
  pl_short_sum_add (&sum, -1, 0);
  EXPECT_TRUE (is_full (sum));
  EXPECT_EQ (pl_short_sum_round (&sum, 2), -0x1p62);
  pl_short_sum_clear (&sum);
}

TEST (ShortSum, ScalesRiseAndAreLiftedWhileTheyFit)
{
  PlShortSum sum = {};
  pl_short_sum_add (&sum, 15, 1);       // 1.5
  pl_short_sum_add (&sum, 25, 2);       // 0.25
  pl_short_sum_add (&sum, 1, 0);        // 1
  pl_short_sum_add_mixed (&sum, 3, 1);  // 0.3
  pl_short_sum_add_mixed (&sum, 3, 18); // 3e-18
  EXPECT_FALSE (is_full (sum));
  EXPECT_EQ (pl_short_sum_scale (&sum), 18u);
  EXPECT_EQ (sum.units, G_GINT64_CONSTANT (3050000000000000003));
  EXPECT_EQ (pl_short_sum_count (&sum), 5u);
  pl_short_sum_add_mixed (&sum, 10, 0); // 13.05 x 10^18 leaves 64 bits
  EXPECT_TRUE (is_full (sum));
  pl_short_sum_add_mixed (&sum, -10, 0);
  pl_short_sum_add_mixed (&sum, -305, 2);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 3e-18);
  pl_short_sum_clear (&sum);
}

TEST (ShortSum, DoublesAndSpecialsMakeItFull)
{
  PlShortSum sum = {};
  pl_short_sum_add (&sum, 1, 1);
  pl_short_sum_add_double (&sum, 0x1p-70);
  EXPECT_TRUE (is_full (sum));
  EXPECT_FALSE (pl_short_sums_own_nothing ());
  pl_short_sum_add (&sum, -1, 1);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 0x1p-70);
  pl_short_sum_add_double (&sum, HUGE_VAL);
  EXPECT_EQ (pl_short_sum_round (&sum, 4), HUGE_VAL);
  EXPECT_EQ (pl_short_sum_count (&sum), 4u);
  pl_short_sum_clear (&sum);
}

TEST (ShortSum, TotalsOfManyValues)
{
  PlShortSum sum = {};
  pl_short_sum_add_total (&sum, 12345, 3, 10);
  EXPECT_FALSE (is_full (sum));
  pl_short_sum_add_total (&sum, (PlInt128) 1 << 80, 0, G_GUINT64_CONSTANT (1) << 40);
  EXPECT_TRUE (is_full (sum));
  EXPECT_EQ (pl_short_sum_count (&sum), (G_GUINT64_CONSTANT (1) << 40) + 10);
  pl_short_sum_add_total (&sum, -((PlInt128) 1 << 80), 0, 1);
  EXPECT_EQ (pl_short_sum_round (&sum, 1), 12.345);
  pl_short_sum_clear (&sum);
}

TEST (ShortSum, LoadRefusesWhatWasNotSaved)
{
  PlBuffer buffer = PL_BUFFER_INIT;
  pl_buffer_put_u64 (&buffer, 19); // no scale of a mantissa
  pl_buffer_put_u64 (&buffer, 1);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  PlShortSum sum = {};
  EXPECT_FALSE (pl_short_sum_load (&sum, &cursor));
  EXPECT_EQ (sum.tag, 0u);
  cursor = {(const guint8 *) buffer.data, 7, 0, FALSE};
  EXPECT_FALSE (pl_short_sum_load (&sum, &cursor));
  EXPECT_EQ (sum.tag, 0u);
  pl_buffer_clear (&buffer);
}

// Values near every border, in random order, split, saved and combined.
TEST (ShortSum, AgreesWithTheFullSumHoweverItIsSplit)
{
  for (guint seed = 0; seed < 200; seed++)
    {
      std::mt19937_64 random (seed);
      std::vector<PlShortSum> parts (1 + seed % 5);
      PlExactSum whole = {};
      const guint n = 1 + (guint) (random () % 300), top = seed % 19;
      for (guint i = 0; i < n; i++)
        {
          PlShortSum *part = &parts[random () % parts.size ()];
          gint64 units = (gint64) (random () % 2000000000000000000) - 1000000000000000000;
          units >>= random () % 64;
          const guint scale = (guint) (random () % (top + 1));
          if (random () % 16 == 0 && seed % 3 == 0)
            {
              const double value = std::ldexp ((double) units, (int) (random () % 80) - 90);
              pl_short_sum_add_double (part, value);
              pl_exact_sum_add_double (&whole, value);
              continue;
            }
          if (random () % 2 == 0)
            pl_short_sum_add (part, units, scale);
          else
            pl_short_sum_add_mixed (part, units, scale);
          pl_exact_sum_add_decimal (&whole, units, scale);
        }
      PlShortSum sum = {};
      for (PlShortSum &part : parts)
        {
          PlBuffer buffer = PL_BUFFER_INIT;
          PlShortSum loaded;
          pl_short_sum_save (&part, &buffer);
          PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
          ASSERT_TRUE (pl_short_sum_load (&loaded, &cursor));
          EXPECT_EQ (cursor.offset, buffer.length);
          pl_short_sum_combine (&sum, &loaded);
          EXPECT_EQ (loaded.tag, 0u);
          pl_buffer_clear (&buffer);
          pl_short_sum_clear (&part);
        }
      EXPECT_EQ (pl_short_sum_count (&sum), n);
      EXPECT_EQ (pl_short_sum_round (&sum, n), pl_exact_sum_round (&whole, n)) << seed;
      EXPECT_EQ (pl_short_sum_round (&sum, 1), pl_exact_sum_round (&whole, 1)) << seed;
      pl_short_sum_clear (&sum);
      pl_exact_sum_clear (&whole);
    }
}

} // namespace
