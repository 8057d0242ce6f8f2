/* Bisecting finds exactly the rows to blame, runs every other row once to its end, and needs few attempts; waiting
 * doubles up to a limit. */
#include "../../../pipeline/base/retry.h"
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace
{

struct Found
{
  std::vector<guint64> blamed;
  std::vector<guint> passed; /* per row: in how many parts that passed */
  guint attempts = 0;
};

Found
bisect (guint64 n, const std::set<guint64> &blamed)
{
  Found found;
  PlBisect state;
  guint64 first, length;
  found.passed.resize (n);
  pl_bisect_init (&state, n);
  while (pl_bisect_next (&state, &first, &length))
    {
      found.attempts++;
      bool fails = blamed.lower_bound (first) != blamed.lower_bound (first + length);
      if (fails && pl_bisect_split (&state))
        continue;
      if (fails)
        found.blamed.push_back (first);
      for (guint64 row = first; !fails && row < first + length; row++)
        found.passed[row]++;
      pl_bisect_pass (&state);
    }
  return found;
}

TEST (Bisect, EveryGuiltyRowIsFoundAndEveryOtherPassesOnce)
{
  for (guint64 n : {1, 2, 3, 7, 8, 100})
    for (guint64 a = 0; a < n; a++)
      for (guint64 b = a; b < n; b++)
        {
          std::set<guint64> blamed{a, b};
          Found found = bisect (n, blamed);
          EXPECT_EQ (found.blamed, std::vector<guint64> (blamed.begin (), blamed.end ()));
          for (guint64 row = 0; row < n; row++)
            EXPECT_EQ (found.passed[row], blamed.count (row) ? 0u : 1u);
        }
}

TEST (Bisect, NobodyNeedBeGuiltyAndAllMayBe)
{
  EXPECT_EQ (bisect (9, {}).attempts, 2u);
  EXPECT_EQ (bisect (1, {}).attempts, 1u);
  EXPECT_EQ (bisect (5, {0, 1, 2, 3, 4}).blamed.size (), 5u);
}

TEST (Bisect, AttemptsGrowWithTheLogarithm)
{
  for (guint64 row : {0, 1, 4711, 65535})
    EXPECT_LE (bisect (65536, {row}).attempts, 2u * 16u);
}

TEST (Bisect, AnyNumberOfRowsFitsTheStack)
{
  PlBisect state;
  guint64 first, n;
  pl_bisect_init (&state, G_MAXUINT64);
  while (pl_bisect_split (&state))
    ;
  ASSERT_LE (state.n_parts, G_N_ELEMENTS (state.parts));
  ASSERT_TRUE (pl_bisect_next (&state, &first, &n));
  EXPECT_EQ (first, 0u);
  EXPECT_EQ (n, 1u);
}

TEST (Retry, WaitingDoublesUpToFiveSeconds)
{
  EXPECT_EQ (pl_retry_delay (1), 10000u);
  EXPECT_EQ (pl_retry_delay (2), 20000u);
  EXPECT_EQ (pl_retry_delay (3), 40000u);
  EXPECT_EQ (pl_retry_delay (9), 2560000u);
  EXPECT_EQ (pl_retry_delay (10), 5000000u);
  EXPECT_EQ (pl_retry_delay (1000), 5000000u);
}

} // namespace
