/* The chain: every block gets its predecessor's end, in whatever order workers come, and nobody waits for what was
 * given up. */
#include "../../../pipeline/flow/block-ends.h"
#include "../../../pipeline/flow/failure.h"
#include "../../../pipeline/base/error.h"
#include <atomic>
#include <chrono>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace
{

struct Chain
{
  std::vector<guint64> slots;
  guint64 bound = 0;
  PlChain *chain;
  explicit Chain (guint depth, PlChainUser user = PL_CHAIN_THREADS) : slots (pl_chain_size (depth) / 8)
  {
    chain = pl_chain_new (user, slots.data (), &bound, depth);
    pl_chain_reset (chain);
  }
  ~Chain ()
  {
    pl_chain_free (chain);
  }
  Chain (const Chain &) = delete;
  Chain &operator= (const Chain &) = delete;
  void
  scribble (int byte)
  {
    memset (slots.data (), byte, 8 * slots.size ());
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
  EXPECT_EQ (pl_chain_look (chain.chain, 0, nullptr), PL_CHAIN_UNKNOWN);
  pl_chain_publish (chain.chain, 0, nullptr);
  second.join ();
  third.join ();
  EXPECT_EQ (voided, 2);
  EXPECT_EQ (pl_chain_look (chain.chain, 1, nullptr), PL_CHAIN_VOID);
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

/* Whatever is written over the slots, nothing is taken for the end of a block. */
TEST (Chain, BelievesNoSlotWithoutItsChecksum)
{
  for (int byte : {0, 1, 0x41, 0xff})
    for (guint64 sequence :
         {guint64 (0), guint64 (0x41414140), guint64 (0x01010100), guint64 (0xfffffffe), guint64 (7)})
      {
        Chain chain (4);
        PlLexPoint point = point_at (5);
        pl_chain_publish (chain.chain, sequence, &point);
        EXPECT_EQ (pl_chain_look (chain.chain, sequence, &point), PL_CHAIN_END);
        chain.scribble (byte);
        EXPECT_EQ (pl_chain_look (chain.chain, sequence, &point), PL_CHAIN_UNKNOWN) << byte << " " << sequence;
      }
  /* Nor any single bit that is not as it was. */
  for (gsize bit = 0; bit < 8 * 8 * 4; bit++)
    {
      Chain chain (1);
      PlLexPoint point = point_at (5);
      pl_chain_publish (chain.chain, 0, &point);
      auto before = chain.slots;
      chain.slots[bit / 64] ^= guint64 (1) << bit % 64;
      PlLexPoint seen = point_at (0);
      bool is_believed = pl_chain_look (chain.chain, 0, &seen) == PL_CHAIN_END;
      EXPECT_TRUE (!is_believed || (seen.line == 5 && seen.state == PL_LEX_QUOTED && !seen.after_cr)) << bit;
    }
}

/* A worker sleeps on a slot that is written over after its maker has told the main process: it wakes with the right
 * end. */
TEST (Chain, MendedSlotsWakeWhoWaits)
{
  for (int byte : {0, 0x41, 0xff})
    {
      Chain main (4, PL_CHAIN_MAIN);
      PlChain *worker = pl_chain_new (PL_CHAIN_WORKER, main.slots.data (), &main.bound, 4);
      PlLexPoint told = point_at (17), seen = point_at (0);
      std::atomic<bool> has_ended{false};
      bool ok = false;
      pl_chain_publish (main.chain, 3, &told);
      main.scribble (byte);
      std::thread waiter ([&] {
        ok = pl_chain_wait (worker, 3, &seen);
        has_ended = true;
      });
      std::this_thread::sleep_for (std::chrono::milliseconds (20));
      EXPECT_FALSE (has_ended);
      EXPECT_EQ (pl_chain_look (main.chain, 3, nullptr), PL_CHAIN_END);
      pl_chain_mend (main.chain, 3);
      waiter.join ();
      EXPECT_TRUE (ok);
      EXPECT_EQ (seen.line, 17u);
      EXPECT_EQ (seen.state, PL_LEX_QUOTED);
      pl_chain_mend (main.chain, 2);
      EXPECT_EQ (pl_chain_look (worker, 2, nullptr), PL_CHAIN_UNKNOWN);
      pl_chain_free (worker);
    }
}

/* That somebody sleeps is written over: it looks again all the same. */
TEST (Chain, SleepersLookAgainUnasked)
{
  Chain chain (4);
  std::thread waiter ([&] {
    PlLexPoint point;
    EXPECT_TRUE (pl_chain_wait (chain.chain, 0, &point));
  });
  std::this_thread::sleep_for (std::chrono::milliseconds (20));
  chain.scribble (0);
  PlLexPoint end = point_at (1);
  pl_chain_publish (chain.chain, 0, &end);
  waiter.join ();
}

TEST (Chain, WorkersLowerTheBoundForThemselves)
{
  Chain main (4, PL_CHAIN_MAIN);
  PlChain *worker = pl_chain_new (PL_CHAIN_WORKER, main.slots.data (), &main.bound, 4);
  pl_chain_lower_bound (worker, 50);
  EXPECT_EQ (pl_chain_bound (worker), 50u);
  EXPECT_EQ (pl_chain_bound (main.chain), G_MAXUINT64);
  pl_chain_lower_bound (main.chain, 20);
  EXPECT_EQ (pl_chain_bound (worker), 20u);
  pl_chain_reset (worker);
  EXPECT_EQ (pl_chain_bound (worker), 20u);
  pl_chain_reset (main.chain);
  EXPECT_EQ (pl_chain_bound (worker), G_MAXUINT64);
  pl_chain_free (worker);
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
