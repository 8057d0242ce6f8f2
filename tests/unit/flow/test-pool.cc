/* Blocks that go round, and how many of them where their memory is bounded. */
#include <gtest/gtest.h>

#include "../../../pipeline/flow/pool.h"

namespace
{

constexpr gsize REGION = 64 << 10;

class PoolTest : public testing::TestWithParam<bool>
{
protected:
  PlBudget *budget = pl_budget_new ();
  PlPool *pool = nullptr;
  PlBunch filled = {};

  void
  SetUp () override
  {
    pool = pl_pool_new (4, 1, REGION, GetParam () ? REGION : 0, nullptr);
    ASSERT_NE (pool, nullptr);
    pl_shared_lease (&pool->shared, budget);
    filled.queue = pool->filled;
    filled.limit = 1;
  }

  void
  TearDown () override
  {
    pl_pool_free (pool);
    pl_budget_free (budget);
  }

  PlBlock *
  next (gsize output)
  {
    PlBlock *block = pl_pool_next (pool, &filled);
    g_autofree char *bytes = static_cast<char *> (g_malloc0 (REGION));
    if (GetParam ())
      pl_block_lend (block, &pool->shared, FALSE);
    pl_buffer_append (&block->outputs[0], bytes, output);
    block->task.length = REGION;
    memset (pl_shared_region (&pool->shared, block->task.index), 1, REGION);
    pl_shared_touch_region (&pool->shared, &block->task);
    pl_block_follow (block, &pool->shared);
    return block;
  }

  void
  release (PlBlock *block)
  {
    pl_pool_release (pool, block);
    pl_bunch_flush (&pool->released);
  }

  gint64
  held () const
  {
    return pool->shared.lease->held;
  }
};

INSTANTIATE_TEST_SUITE_P (Memory, PoolTest, testing::Bool ());

TEST_P (PoolTest, AllGoRoundWithoutALimit)
{
  PlBlock *blocks[4];
  for (auto &block : blocks)
    block = next (REGION);
  EXPECT_EQ (held (), static_cast<gint64> (4 * 2 * REGION));
  for (auto block : blocks)
    release (block);
  // What has been touched stays, for those that come next.
  EXPECT_EQ (held (), static_cast<gint64> (4 * 2 * REGION));
}

TEST_P (PoolTest, FewerGoRoundWhereTheyHaveTooMuch)
{
  pl_pool_set_room (pool, 3 * REGION, 4);
  PlBlock *first = next (REGION), *second = next (REGION);
  EXPECT_EQ (held (), static_cast<gint64> (4 * REGION));
  // There is no room for a third one: the two that are free are set aside until one comes back.
  release (first);
  PlBlock *third = next (REGION);
  EXPECT_LE (held (), static_cast<gint64> (4 * REGION));
  release (second);
  release (third);
  // Between processes regions stay, which are sealed; outboxes do not.
  EXPECT_LE (held (), static_cast<gint64> (3 * REGION));
  pl_pool_rest (pool, next (0));
  guint n = 0;
  while (pl_queue_try_pop (pool->free) != nullptr)
    n++;
  EXPECT_EQ (n, 4u);
}

TEST_P (PoolTest, OneGoesRoundWhateverItHas)
{
  pl_pool_set_room (pool, 1, 4);
  PlBlock *block = next (REGION);
  EXPECT_GT (held (), static_cast<gint64> (REGION));
  release (block);
  EXPECT_NE (pl_pool_next (pool, &filled), nullptr);
}

TEST_P (PoolTest, BlocksThatAreKeptAreNotWaitedFor)
{
  // Of four blocks two may be kept for as long as it takes.
  pl_pool_set_room (pool, 1, 2);
  PlBlock *block = next (REGION);
  pl_pool_hold (block);
  release (block);
  block = pl_pool_next (pool, &filled);
  ASSERT_NE (block, nullptr);
}

} // namespace
