/* The chain: every block gets its predecessor's end, in whatever order workers come, and nobody waits for what was given up. */
#include "../../../pipeline/flow/block-ends.h"
#include "../../../pipeline/flow/failure.h"
#include "../../../pipeline/base/error.h"
#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace
{

struct Chain
{
  std::vector<guint64> memory;
  PlChain *chain;
  explicit Chain (guint depth) : memory (pl_chain_size (depth) / 8 + 1)
  {
    chain = reinterpret_cast<PlChain *> (memory.data ());
    pl_chain_init (chain, depth);
  }
};

PlLexPoint
point_at (guint64 line)
{
  PlLexPoint point{};
  point.state = PL_LEX_QUOTED;
  point.line = line;
  return point;
}

/* Workers take numbers in order, as from a queue, but never more than @depth at once: as a run's blocks are. */
void
relay (guint n_workers, guint depth, guint64 n_blocks)
{
  Chain chain (depth);
  std::atomic<guint64> next{0}, written{0}, wrong{0};
  std::vector<std::thread> workers;
  for (guint i = 0; i < n_workers; i++)
    workers.emplace_back ([&] {
      for (guint64 mine; (mine = next++) < n_blocks;)
        {
          PlLexPoint point = point_at (0);
          while (mine >= written + depth)
            std::this_thread::yield ();
          if (mine > 0 && (!pl_chain_wait (chain.chain, mine - 1, &point) || point.state != PL_LEX_QUOTED))
            wrong++;
          if (point.line != mine)
            wrong++;
          point = point_at (mine + 1);
          pl_chain_publish (chain.chain, mine, &point);
          while (written != mine)
            std::this_thread::yield ();
          written = mine + 1;
        }
    });
  for (auto &worker : workers)
    worker.join ();
  EXPECT_EQ (wrong, 0u);
}

TEST (Chain, HandsEachEndToTheNextBlock)
{
  relay (1, 1, 1000);
  relay (2, 1, 1000);
  relay (3, 4, 2000);
  relay (8, 18, 2000);
}

TEST (Chain, GivenUpBlocksVoidThoseBehindThem)
{
  Chain chain (4);
  std::atomic<int> voided{0};
  std::thread second ([&] {
    PlLexPoint point;
    if (!pl_chain_wait (chain.chain, 0, &point))
      voided++;
    pl_chain_publish (chain.chain, 1, nullptr);
  });
  std::thread third ([&] {
    PlLexPoint point;
    if (!pl_chain_wait (chain.chain, 1, &point))
      voided++;
  });
  EXPECT_FALSE (pl_chain_published (chain.chain, 0));
  pl_chain_publish (chain.chain, 0, nullptr);
  second.join ();
  third.join ();
  EXPECT_EQ (voided, 2);
  EXPECT_TRUE (pl_chain_published (chain.chain, 1));
}

TEST (Chain, BoundOnlyFalls)
{
  Chain chain (2);
  EXPECT_EQ (pl_chain_bound (chain.chain), G_MAXUINT64);
  pl_chain_lower_bound (chain.chain, 70);
  pl_chain_lower_bound (chain.chain, 90);
  EXPECT_EQ (pl_chain_bound (chain.chain), 70u);
  pl_chain_lower_bound (chain.chain, 3);
  EXPECT_EQ (pl_chain_bound (chain.chain), 3u);
}

GError *
failure_of (PlFailure *failure, const std::vector<guint64> &positions, guint64 limit)
{
  pl_failure_init (failure);
  for (guint64 position : positions)
    pl_failure_report (failure, position, g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_ROW, "at %d", (int) position));
  return pl_failure_take (failure, limit);
}

TEST (Failure, SmallestPositionWinsWhateverTheOrder)
{
  for (const auto &order : {std::vector<guint64>{5, 2, 9}, {2, 5, 9}, {9, 5, 2}})
    {
      PlFailure failure;
      GError *error = failure_of (&failure, order, G_MAXUINT64);
      ASSERT_NE (error, nullptr);
      EXPECT_STREQ (error->message, "at 2");
      g_error_free (error);
      pl_failure_clear (&failure);
    }
}

TEST (Failure, BehindTheLastRowNeededDoesNotCount)
{
  PlFailure failure;
  EXPECT_EQ (failure_of (&failure, {5, 7}, 4), nullptr);
  pl_failure_clear (&failure);
  GError *error = failure_of (&failure, {5, 7}, 5);
  ASSERT_NE (error, nullptr);
  EXPECT_STREQ (error->message, "at 5");
  g_error_free (error);
  pl_failure_clear (&failure);
}

} // namespace
