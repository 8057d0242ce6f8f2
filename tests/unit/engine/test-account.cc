/* The account of rows: what balances passes, each way in which it does not is found and said. */
#include "../../../pipeline/engine/account.h"
#include "../../../pipeline/base/error.h"
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace
{

/* source t ─► filter f ─► sink s */
struct Account
{
  PlStage filter{};
  PlSource source{};
  PlMapStage map{};
  PlStep f{}, s{};
  PlStep *below_f = &s, *root = &f;
  PlSegment segment{};
  std::vector<PlStepCount> counts{3};
  PlLedgerInput given{10, 2, 8, 77, 77};

  Account ()
  {
    filter.map = &map;
    filter.rows = PL_ROWS_FILTERED;
    f.stage = &filter;
    f.label = "filter f";
    f.children = &below_f;
    f.n_children = 1;
    s.index = 1;
    s.label = "sink s";
    segment.source = &source;
    segment.label = "source t";
    segment.roots = &root;
    segment.n_roots = 1;
    segment.steps = g_ptr_array_new ();
    g_ptr_array_add (segment.steps, &f);
    g_ptr_array_add (segment.steps, &s);
    counts[0] = {8, 5, 1, 0};
    counts[1] = {5, 0, 1, 0};
    counts[2] = {10, 8, 1, 0};
  }
  ~Account ()
  {
    g_ptr_array_unref (segment.steps);
  }
  /* What is wrong with it, without what is always said. */
  std::string
  said ()
  {
    GError *error = nullptr;
    if (pl_ledger_check (&segment, counts.data (), &given, &error))
      return "";
    EXPECT_TRUE (g_error_matches (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL));
    EXPECT_EQ (pl_error_exit_code (error), 70);
    std::string text = error->message;
    g_error_free (error);
    const std::string before = "the account of rows does not balance: ";
    const std::string behind = "; nothing has been written; this is a fault of the program, please report it";
    EXPECT_EQ (text.find (before), 0u);
    EXPECT_EQ (text.substr (text.size () - behind.size ()), behind);
    return text.substr (before.size (), text.size () - before.size () - behind.size ());
  }
};

TEST (Ledger, BalancesWhereNothingIsLost)
{
  EXPECT_EQ (Account ().said (), "");
}

TEST (Ledger, RecordsOfASourceAreGivenOnOrRejected)
{
  Account account;
  account.given.records = 11;
  EXPECT_EQ (account.said (), "[source t] has 11 records, but 10 were given on or rejected");
  /* A stage further on may have rejected some, too: those were given on before. */
  account.filter.rows = PL_ROWS_REJECTED;
  account.given = {8, 2, 8, 0, 0};
  EXPECT_EQ (account.said (), "");
  account.given = {11, 2, 8, 0, 0};
  EXPECT_EQ (account.said (), "[source t] has 11 records, but 10 were given on or rejected");
}

TEST (Ledger, WhatBlocksGaveIsWhatStatesSaw)
{
  Account account;
  account.counts[0] = {4, 3, 1, 0};
  account.counts[1] = {3, 0, 1, 0};
  account.counts[2] = {4, 4, 1, 0};
  EXPECT_EQ (account.said (), "[source t] gave 8 rows, but workers counted 4");
  /* How far such an input is read is luck. */
  account.segment.satisfiable = TRUE;
  EXPECT_EQ (account.said (), "");
}

TEST (Ledger, OneBlockTwiceAndAnotherNotAtAllIsFound)
{
  Account account;
  account.given.trace = pl_block_trace (0, 5) + pl_block_trace (1, 5);
  account.given.worker_trace = pl_block_trace (1, 2) + pl_block_trace (0, 5) + pl_block_trace (1, 3);
  EXPECT_EQ (account.said (), "");
  account.given.worker_trace = 2 * pl_block_trace (0, 5);
  EXPECT_EQ (account.said (), "[source t] gave 8 rows, and workers counted as many, but not the same ones");
}

TEST (Ledger, EveryStepTakesWhatTheOneBeforeGave)
{
  Account account;
  account.counts[1].rows_in = 4;
  EXPECT_EQ (account.said (), "[sink s] took 4 rows, but [filter f] gave 5");
  account.counts[0].rows_in = 7;
  EXPECT_EQ (account.said (), "[filter f] took 7 rows, but [source t] gave 8");
}

TEST (Ledger, AStageDoesToRowsWhatItSays)
{
  Account account;
  account.filter.rows = PL_ROWS_KEPT;
  EXPECT_EQ (account.said (), "[filter f] made 5 rows of 8");
  account.filter.rows = PL_ROWS_FILTERED;
  account.counts[0].rows_out = account.counts[1].rows_in = 9;
  EXPECT_EQ (account.said (), "[filter f] made 9 rows of 8");
  account.filter.rows = PL_ROWS_ANY;
  EXPECT_EQ (account.said (), "");
}

TEST (Ledger, ReduceStagesToo)
{
  Account account;
  auto ends = [&] (PlRowsFate fate, guint64 rows_in, guint64 rows_out) {
    account.filter.rows = fate;
    return pl_ledger_check_end (&account.f, rows_in, rows_out, nullptr) != 0;
  };
  EXPECT_TRUE (ends (PL_ROWS_KEPT, 5, 5));
  EXPECT_FALSE (ends (PL_ROWS_KEPT, 5, 4));
  EXPECT_TRUE (ends (PL_ROWS_AGGREGATED, 0, 1));
  EXPECT_TRUE (ends (PL_ROWS_AGGREGATED, 5, 5));
  EXPECT_FALSE (ends (PL_ROWS_AGGREGATED, 5, 6));
  EXPECT_TRUE (ends (PL_ROWS_DEDUPLICATED, 5, 1));
  EXPECT_FALSE (ends (PL_ROWS_LIMITED, 5, 6));
}

TEST (Ledger, MissingRowsHaveNames)
{
  EXPECT_STREQ (pl_ledger_word (PL_ROWS_FILTERED), "filtered");
  EXPECT_STREQ (pl_ledger_word (PL_ROWS_DEDUPLICATED), "deduplicated");
  EXPECT_STREQ (pl_ledger_word (PL_ROWS_LIMITED), "limited");
  EXPECT_STREQ (pl_ledger_word (PL_ROWS_AGGREGATED), "aggregated");
  EXPECT_STREQ (pl_ledger_word (PL_ROWS_REJECTED), "rejected");
  EXPECT_EQ (pl_ledger_word (PL_ROWS_KEPT), nullptr);
  EXPECT_EQ (pl_ledger_word (PL_ROWS_ANY), nullptr);
}

} // namespace
