/* What a worker that dies takes with it is done again: each such block once, the first first, and its bytes are there
 * until then. */
#include "../../../pipeline/processes/redo-log.h"
#include <gtest/gtest.h>
#include <vector>

namespace
{

struct Journal
{
  PlPool *pool = pl_pool_new (80, 0, 4096, 0, nullptr);
  PlJournal journal{};

  explicit Journal (guint64 block_size = 1 << 20)
  {
    pl_journal_init (&journal, pool, block_size);
  }
  ~Journal ()
  {
    pl_journal_clear (&journal);
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
    pl_journal_add (&journal, block);
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
    while (const PlJournalEntry *entry = pl_journal_lost (&journal))
      {
        sequences.push_back (entry->task.sequence);
        pl_journal_redone (&journal, TRUE);
      }
    return sequences;
  }
};

TEST (Journal, WhatWasNotHandedOverIsLostInOrder)
{
  Journal test;
  test.do_block (PL_BLOCK_BUFFER, 1);
  test.do_block (PL_BLOCK_BUFFER, 4);
  pl_journal_handed_over (&test.journal);
  test.do_block (PL_BLOCK_BUFFER, 6);
  test.do_block (PL_BLOCK_BUFFER, 9);
  pl_journal_lose (&test.journal);
  test.do_block (PL_BLOCK_BUFFER, 7);
  EXPECT_FALSE (pl_journal_fits (&test.journal));
  pl_journal_lose (&test.journal);
  EXPECT_TRUE (pl_journal_fits (&test.journal));
  EXPECT_EQ (test.lost (), (std::vector<guint64>{6, 7, 9}));
}

TEST (Journal, ABlockDoneAgainMayBeLostAgain)
{
  Journal test;
  test.do_block (PL_BLOCK_BUFFER, 2);
  test.do_block (PL_BLOCK_BUFFER, 3);
  pl_journal_lose (&test.journal);
  pl_journal_redone (&test.journal, FALSE);
  EXPECT_EQ (test.journal.fresh->len, 1u);
  EXPECT_TRUE (pl_journal_fits (&test.journal));
  pl_journal_lose (&test.journal);
  EXPECT_EQ (test.lost (), (std::vector<guint64>{2, 3}));
}

TEST (Journal, DecodedBlocksAreNotFreeBeforeTheyAreSafe)
{
  Journal test;
  test.do_block (PL_BLOCK_BUFFER, 0);
  test.do_block (PL_BLOCK_BUFFER, 1);
  EXPECT_EQ (test.n_free (), 78u);
  pl_journal_lose (&test.journal);
  EXPECT_EQ (test.n_free (), 78u);
  pl_journal_redone (&test.journal, FALSE);
  EXPECT_EQ (test.n_free (), 78u);
  pl_journal_redone (&test.journal, TRUE);
  EXPECT_EQ (test.n_free (), 79u);
  pl_journal_handed_over (&test.journal);
  EXPECT_EQ (test.n_free (), 80u);
}

TEST (Journal, HoldsNoMoreThanItMay)
{
  Journal test (4 << 20);
  EXPECT_EQ (pl_journal_blocks (4 << 20), 4u);
  EXPECT_EQ (pl_journal_blocks (1), 64u);
  EXPECT_EQ (pl_journal_blocks (1 << 30), 1u);
  for (guint64 i = 0; i < 3; i++)
    test.do_block (PL_BLOCK_BUFFER, i);
  EXPECT_FALSE (pl_journal_is_full (&test.journal));
  test.do_block (PL_BLOCK_BUFFER, 3);
  EXPECT_TRUE (pl_journal_is_full (&test.journal));
  pl_journal_handed_over (&test.journal);
  EXPECT_FALSE (pl_journal_is_full (&test.journal));
}

TEST (Journal, RangesRememberWhereTheyBegin)
{
  Journal test;
  test.do_block (PL_BLOCK_RANGE, 0);
  test.do_block (PL_BLOCK_RANGE, 1);
  EXPECT_EQ (test.n_free (), 80u);
  pl_journal_lose (&test.journal);
  pl_journal_redone (&test.journal, TRUE);
  const PlBlockTask *task = &pl_journal_lost (&test.journal)->task;
  EXPECT_TRUE (task->known);
  EXPECT_EQ (task->line, 10u);
  EXPECT_EQ (task->lex, (guint32) PL_LEX_QUOTED);
}

TEST (Journal, ARangeThatWasPassedOverIsNotDoneAgain)
{
  Journal test;
  test.do_block (PL_BLOCK_RANGE, 5); /* nobody found the end of block 4 */
  pl_journal_lose (&test.journal);
  EXPECT_EQ (test.lost (), (std::vector<guint64>{}));
}

} // namespace
