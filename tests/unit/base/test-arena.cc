/* The arena: alignment, growth, what a reset keeps. */
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "../../../pipeline/base/arena.h"

TEST (Arena, AlignsSmallTo16AndLargeTo64)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (gsize size : {0, 1, 15, 63, 64, 65, 1000, 3, 64, 1})
    {
      gpointer data = pl_arena_alloc (arena, size);
      ASSERT_NE (data, nullptr);
      EXPECT_EQ (reinterpret_cast<guintptr> (data) % (size >= 64 ? 64 : 16), 0u) << size;
      memset (data, 0xff, size);
    }
}

TEST (Arena, AllocationsDoNotOverlap)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  std::vector<std::pair<guint8 *, gsize> > given;
  for (gsize i = 0; i < 3000; i++)
    {
      gsize size = i * 7 % 500;
      guint8 *data = static_cast<guint8 *> (pl_arena_alloc (arena, size));
      memset (data, static_cast<int> (i % 251), size);
      given.push_back ({data, size});
    }
  for (gsize i = 0; i < given.size (); i++)
    for (gsize k = 0; k < given[i].second; k++)
      ASSERT_EQ (given[i].first[k], i % 251);
}

TEST (Arena, GivesMoreThanAChunkAtOnce)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  gsize size = 20 * 1024 * 1024;
  memset (pl_arena_alloc (arena, size), 1, size);
  memset (pl_arena_alloc (arena, 10), 1, 10);
  EXPECT_GE (arena->reserved, size);
}

TEST (Arena, ResetKeepsItsMemoryForTheNextRound)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  gsize reserved = 0;
  for (int round = 0; round < 5; round++)
    {
      for (int i = 0; i < 500; i++)
        memset (pl_arena_alloc (arena, 4096), round, 4096);
      if (round == 0)
        reserved = arena->reserved;
      EXPECT_EQ (arena->reserved, reserved);
      pl_arena_reset (arena);
    }
}

TEST (Arena, Alloc0IsZeroAlsoInReusedMemory)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  memset (pl_arena_alloc (arena, 1000), 0xff, 1000);
  pl_arena_reset (arena);
  const guint8 *data = static_cast<const guint8 *> (pl_arena_alloc0 (arena, 1000));
  for (int i = 0; i < 1000; i++)
    ASSERT_EQ (data[i], 0);
}

TEST (Arena, CopyEndsInNul)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  EXPECT_STREQ (pl_arena_copy (arena, "abcdef", 3), "abc");
  EXPECT_STREQ (pl_arena_copy (arena, nullptr, 0), "");
}

TEST (Arena, FreeTakesNull)
{
  pl_arena_free (nullptr);
}
