// Keys of two inputs as values of one type.
#include <gtest/gtest.h>

#include <cmath>

extern "C"
{
#include "../../../pipeline/keys/common.h"
}

namespace
{

TEST (CommonKeys, TypesMeetAsTheyDoInComparisonsButForIntsAndFloats)
{
  PlType common;
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT), &common));
  EXPECT_EQ (common.kind, PL_INT);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_FLOAT), PL_TYPE (PL_INT), &common));
  EXPECT_EQ (common.kind, PL_INT);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_INT), PL_TYPE_DECIMAL (10, 2), &common));
  EXPECT_EQ (common.kind, PL_DECIMAL);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_DATE), PL_TYPE (PL_TIMESTAMP), &common));
  EXPECT_EQ (common.kind, PL_TIMESTAMP);
  ASSERT_TRUE (pl_key_types_meet (PL_TYPE (PL_NULL), PL_TYPE (PL_STRING), &common));
  EXPECT_EQ (common.kind, PL_STRING);
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_STRING), PL_TYPE (PL_INT), &common));
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_BOOL), PL_TYPE (PL_INT), &common));
  EXPECT_FALSE (pl_key_types_meet (PL_TYPE (PL_DATE), PL_TYPE (PL_INT), &common));
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
