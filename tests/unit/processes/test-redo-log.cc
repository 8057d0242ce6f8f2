/* What a worker that dies takes with it is done again: each such block once, the first first, and its bytes are there
 * until then. */
#include "../../../pipeline/processes/redo-log.h"
#include <gtest/gtest.h>
#include <vector>

namespace
{

struct Log
{
  PlPool *pool = pl_pool_new (80, 0, 4096, 0, nullptr);
  PlRedoLog log{};

  explicit Log (guint64 block_size = 1 << 20)
  {
    pl_redo_log_init (&log, pool, pl_redo_log_blocks (block_size, G_MAXUINT64));
  }
  ~Log ()
  {
    pl_redo_log_clear (&log);
    pl_pool_free (pool);
  }
  /* A block on its whole way: filled, done, written. */
  PlBlock *
  do_block (PlBlockKind kind, guint64 sequence)
  {
    auto *block = static_cast<PlBlock *> (pl_queue_pop (pool->free));
    block->task = PlBlockTask{};
    block->task.sequence = sequence;
    block->task.kind = kind;
    block->task.first = sequence == 0;
    PlLexPoint end{};
    end.line = 10 * (sequence + 1);
    end.state = PL_LEX_QUOTED;
    if (kind == PL_BLOCK_RANGE)
      pl_chain_publish (pool->shared.chain, sequence, &end);
    pl_redo_log_add (&log, block);
    pl_pool_release (pool, block);
    pl_bunch_flush (&pool->released);
    return block;
  }
  guint
  n_free ()
  {
    std::vector<gpointer> items;
    while (gpointer item = pl_queue_try_pop (pool->free))
      items.push_back (item);
    for (gpointer item : items)
      pl_queue_push (pool->free, item);
    return (guint) items.size ();
  }
  std::vector<guint64>
  lost ()
  {
    std::vector<guint64> sequences;
    while (const PlRedoEntry *entry = pl_redo_log_lost (&log))
      {
        sequences.push_back (entry->task.sequence);
        pl_redo_log_redone (&log, TRUE);
      }
    return sequences;
  }
};

TEST (RedoLog, WhatWasNotHandedOverIsLostInOrder)
{
  Log test;
  test.do_block (PL_BLOCK_BUFFER, 1);
  test.do_block (PL_BLOCK_BUFFER, 4);
  pl_redo_log_handed_over (&test.log);
  test.do_block (PL_BLOCK_BUFFER, 6);
  test.do_block (PL_BLOCK_BUFFER, 9);
  pl_redo_log_lose (&test.log);
  test.do_block (PL_BLOCK_BUFFER, 7);
  EXPECT_FALSE (pl_redo_log_fits (&test.log));
  pl_redo_log_lose (&test.log);
  EXPECT_TRUE (pl_redo_log_fits (&test.log));
  EXPECT_EQ (test.lost (), (std::vector<guint64>{6, 7, 9}));
}

TEST (RedoLog, ABlockDoneAgainMayBeLostAgain)
{
  Log test;
  test.do_block (PL_BLOCK_BUFFER, 2);
  test.do_block (PL_BLOCK_BUFFER, 3);
  pl_redo_log_lose (&test.log);
  pl_redo_log_redone (&test.log, FALSE);
  EXPECT_EQ (test.log.fresh->len, 1u);
  EXPECT_TRUE (pl_redo_log_fits (&test.log));
  pl_redo_log_lose (&test.log);
  EXPECT_EQ (test.lost (), (std::vector<guint64>{2, 3}));
}

TEST (RedoLog, DecodedBlocksAreNotFreeBeforeTheyAreSafe)
{
  Log test;
  test.do_block (PL_BLOCK_BUFFER, 0);
  test.do_block (PL_BLOCK_BUFFER, 1);
  EXPECT_EQ (test.n_free (), 78u);
  pl_redo_log_lose (&test.log);
  EXPECT_EQ (test.n_free (), 78u);
  pl_redo_log_redone (&test.log, FALSE);
  EXPECT_EQ (test.n_free (), 78u);
  pl_redo_log_redone (&test.log, TRUE);
  EXPECT_EQ (test.n_free (), 79u);
  pl_redo_log_handed_over (&test.log);
  EXPECT_EQ (test.n_free (), 80u);
}

TEST (RedoLog, HoldsNoMoreThanItMay)
{
  Log test (4 << 20);
  EXPECT_EQ (pl_redo_log_blocks (4 << 20, G_MAXUINT64), 4u);
  EXPECT_EQ (pl_redo_log_blocks (1, G_MAXUINT64), 64u);
  EXPECT_EQ (pl_redo_log_blocks (1 << 30, G_MAXUINT64), 1u);
  EXPECT_EQ (pl_redo_log_blocks (1 << 20, 6 << 20), 2u);
  for (guint64 i = 0; i < 3; i++)
    test.do_block (PL_BLOCK_BUFFER, i);
  EXPECT_FALSE (pl_redo_log_is_full (&test.log));
  test.do_block (PL_BLOCK_BUFFER, 3);
  EXPECT_TRUE (pl_redo_log_is_full (&test.log));
  pl_redo_log_handed_over (&test.log);
  EXPECT_FALSE (pl_redo_log_is_full (&test.log));
}

TEST (RedoLog, RangesRememberWhereTheyBegin)
{
  Log test;
  test.do_block (PL_BLOCK_RANGE, 0);
  test.do_block (PL_BLOCK_RANGE, 1);
  EXPECT_EQ (test.n_free (), 80u);
  pl_redo_log_lose (&test.log);
  pl_redo_log_redone (&test.log, TRUE);
  const PlBlockTask *task = &pl_redo_log_lost (&test.log)->task;
  EXPECT_TRUE (task->known);
  EXPECT_EQ (task->line, 10u);
  EXPECT_EQ (task->lex, (guint32) PL_LEX_QUOTED);
}

TEST (RedoLog, ARangeThatWasPassedOverIsNotDoneAgain)
{
  Log test;
  test.do_block (PL_BLOCK_RANGE, 5); /* nobody found the end of block 4 */
  pl_redo_log_lose (&test.log);
  EXPECT_EQ (test.lost (), (std::vector<guint64>{}));
}

} // namespace
