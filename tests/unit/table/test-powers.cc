// The tables of powers of ten: each entry is ten times the one before.
#include <gtest/gtest.h>

extern "C"
{
#include "../../../pipeline/table/powers.h"
}

TEST (Powers, EachIsTenTimesTheOneBefore)
{
  EXPECT_EQ (pl_powers_of_10[0], 1);
  for (guint i = 1; i < G_N_ELEMENTS (pl_powers_of_10); i++)
    EXPECT_TRUE (pl_powers_of_10[i] == pl_powers_of_10[i - 1] * 10) << i;
  for (guint i = 0; i < G_N_ELEMENTS (pl_short_powers_of_10); i++)
    EXPECT_TRUE (pl_short_powers_of_10[i] == pl_powers_of_10[i]) << i;
  for (guint i = 0; i < G_N_ELEMENTS (pl_double_powers_of_10); i++)
    EXPECT_TRUE ((PlInt128) pl_double_powers_of_10[i] == pl_powers_of_10[i]) << i;
}
