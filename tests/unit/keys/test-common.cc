// Keys of two inputs as values of one type.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

extern "C"
{
#include "../../../pipeline/keys/common.h"
}

namespace
{

TEST (CommonKeys, TypesMeetAsTheyDoInComparisonsButForIntsAndFloats)
{
  PlType common;
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT), FALSE, &common));
  EXPECT_EQ (common.kind, PL_INT);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_FLOAT), PL_TYPE (PL_INT), FALSE, &common));
  EXPECT_EQ (common.kind, PL_INT);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_INT), PL_TYPE_DECIMAL (10, 2), FALSE, &common));
  EXPECT_EQ (common.kind, PL_DECIMAL);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_DATE), PL_TYPE (PL_TIMESTAMP), FALSE, &common));
  EXPECT_EQ (common.kind, PL_TIMESTAMP);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_NULL), PL_TYPE (PL_STRING), FALSE, &common));
  EXPECT_EQ (common.kind, PL_STRING);
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_STRING), PL_TYPE (PL_INT), FALSE, &common));
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_BOOL), PL_TYPE (PL_INT), FALSE, &common));
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_DATE), PL_TYPE (PL_INT), FALSE, &common));
}

TEST (CommonKeys, NumbersThatWouldBecomeFloatsMeetByTheirDigits)
{
  PlType common;
  const PlType decimal = PL_TYPE_DECIMAL (10, 2), long_decimal = PL_TYPE_DECIMAL (38, 20);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_FLOAT), decimal, FALSE, &common));
  EXPECT_EQ (common.kind, PL_STRING);
  ASSERT_TRUE (pl_key_types_meet (long_decimal, PL_TYPE_DECIMAL (38, 0), FALSE, &common));
  EXPECT_EQ (common.kind, PL_STRING);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT), TRUE, &common));
  EXPECT_EQ (common.kind, PL_STRING);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_FLOAT), PL_TYPE (PL_FLOAT), TRUE, &common));
  EXPECT_EQ (common.kind, PL_FLOAT);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_NULL), PL_TYPE (PL_FLOAT), TRUE, &common));
  EXPECT_EQ (common.kind, PL_FLOAT);
}

std::string
text_of (const PlColumn *column, gsize row)
{
  return std::string (column->texts[row].data, column->texts[row].length);
}

TEST (CommonKeys, ANumberHasTheSameDigitsInEveryType)
{
  PlArena *arena = pl_arena_new ();
  static const double floats[] = {2.5, -0.0, 1e22, 0.1, -1e-7, 0x1p126, 1e300, INFINITY, -INFINITY, NAN, -120};
  static const char *const wanted[]
      = {"25e-1", "0e0", "1e22", "1e-1", "-1e-7", "85070591730234615865843651857942052864e0",
         "1e300", "inf", "-inf", "nan",  "-12e1"};
  const gsize n = G_N_ELEMENTS (floats);
  guint8 usable[n];
  PlColumn *column = pl_column_new (arena, PL_TYPE (PL_FLOAT), n);
  memcpy (column->floats, floats, sizeof floats);
  memset (usable, 1, sizeof usable);
  const PlColumn *met = pl_key_meet (column, PL_TYPE (PL_STRING), n, usable, arena);
  for (gsize i = 0; i < n; i++)
    {
      EXPECT_EQ (text_of (met, i), wanted[i]);
      EXPECT_EQ (usable[i], 1);
    }
  PlColumn *ints = pl_column_new (arena, PL_TYPE (PL_INT), 3);
  ints->ints[0] = -120;
  ints->ints[1] = 0;
  ints->ints[2] = G_MININT64;
  met = pl_key_meet (ints, PL_TYPE (PL_STRING), 3, usable, arena);
  EXPECT_EQ (text_of (met, 0), "-12e1");
  EXPECT_EQ (text_of (met, 1), "0e0");
  EXPECT_EQ (text_of (met, 2), "-9223372036854775808e0");
  PlColumn *decimals = pl_column_new (arena, PL_TYPE_DECIMAL (10, 3), 2);
  decimals->decimals[0] = 2500;
  decimals->decimals[1] = -120000;
  pl_column_add_nulls (decimals, arena, 2);
  met = pl_key_meet (decimals, PL_TYPE (PL_STRING), 2, usable, arena);
  EXPECT_EQ (text_of (met, 0), "25e-1");
  EXPECT_EQ (text_of (met, 1), "-12e1");
  pl_arena_free (arena);
}

TEST (CommonKeys, OnlyWholeFloatsAreInts)
{
  static const double floats[] = {1.0, 2.5, NAN, -0.0, INFINITY, 9223372036854775808.0, -9223372036854775808.0, 0.0};
  static const guint8 wanted[] = {1, 0, 0, 1, 0, 0, 1, 1};
  PlArena *arena = pl_arena_new ();
  const gsize n = G_N_ELEMENTS (floats);
  PlColumn *column = pl_column_new (arena, PL_TYPE (PL_FLOAT), n);
  guint8 usable[G_N_ELEMENTS (floats)];
  memcpy (column->floats, floats, sizeof floats);
  pl_column_add_nulls (column, arena, n);
  column->nulls[n - 1] = 1;
  memset (usable, 1, sizeof usable);
  const PlColumn *whole = pl_key_meet (column, PL_TYPE (PL_INT), n, usable, arena);
  for (gsize i = 0; i < n; i++)
    EXPECT_EQ (usable[i], wanted[i]) << i;
  EXPECT_EQ (whole->ints[0], 1);
  EXPECT_EQ (whole->ints[3], 0);
  EXPECT_EQ (whole->ints[6], G_MININT64);
  EXPECT_TRUE (pl_column_is_null (whole, n - 1));
  pl_arena_free (arena);
}

TEST (CommonKeys, WhatTheTypeHasNoRoomForEqualsNothing)
{
  PlArena *arena = pl_arena_new ();
  PlColumn *column = pl_column_new (arena, PL_TYPE (PL_INT), 2);
  guint8 usable[] = {1, 1};
  column->ints[0] = 7;
  column->ints[1] = G_MAXINT64;
  // Of 38 digits 30 are behind the point.
  const PlColumn *met = pl_key_meet (column, PL_TYPE_DECIMAL (38, 30), 2, usable, arena);
  EXPECT_EQ (usable[0], 1);
  EXPECT_EQ (usable[1], 0);
  EXPECT_EQ (met->type.kind, PL_DECIMAL);
  pl_arena_free (arena);
}

} // namespace
