/* Who holds how much: threads that count for themselves, holders that are entered and left, and accounts that are sent
 * and added up. */
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

extern "C"
{
#include "../../../pipeline/base/arena.h"
#include "../../../pipeline/memory/big-array.h"
#include "../../../pipeline/memory/budget.h"
#include "../../../pipeline/memory/leased.h"
}

#define MIB ((gsize) 1 << 20)

struct BudgetTest : testing::Test
{
  PlBudget *budget = pl_budget_new ();
  PlLease *sort = pl_budget_lease (budget, "sort s"), *blocks = pl_budget_lease (budget, "blocks");

  ~BudgetTest () override
  {
    pl_lease_enter (nullptr);
    pl_budget_free (budget);
  }
};

TEST_F (BudgetTest, GivesOneLeaseToAHolder)
{
  EXPECT_EQ (pl_budget_lease (budget, "sort s"), sort);
  EXPECT_NE (sort, blocks);
}

TEST_F (BudgetTest, CountsForWhoeverIsEntered)
{
  pl_lease_take (MIB);
  EXPECT_EQ (pl_lease_enter (sort), nullptr);
  pl_lease_take (3 * MIB);
  EXPECT_EQ (pl_lease_enter (blocks), sort);
  pl_lease_take (MIB);
  EXPECT_EQ (pl_lease_current (), blocks);
  EXPECT_EQ (pl_lease_enter (sort), blocks);
  pl_lease_give (2 * MIB);
  pl_lease_enter (nullptr);
  EXPECT_EQ (sort->held, static_cast<gint64> (MIB));
  EXPECT_EQ (sort->peak, static_cast<gint64> (3 * MIB));
  EXPECT_EQ (blocks->held, static_cast<gint64> (MIB));
  g_autoptr (PlMemoryAccount) account = pl_budget_tell (budget);
  EXPECT_EQ (account->leased, 4 * MIB);
}

TEST_F (BudgetTest, MemoryIsLowFromTwoFifthsOfTheRoomOn)
{
  g_autoptr (PlMemoryAccount) account = pl_budget_tell (budget);
  pl_lease_enter (sort);
  pl_lease_take (900 * MIB);
  pl_lease_enter (nullptr);
  EXPECT_FALSE (pl_lease_is_low (sort));
  EXPECT_FALSE (pl_lease_is_low (nullptr));
  pl_budget_set_room (budget, account->base + 3000 * MIB, 3);
  EXPECT_EQ (sort->all->worth, 3000 * MIB / 48);
  EXPECT_FALSE (pl_lease_is_low (sort));
  pl_lease_enter (blocks);
  pl_lease_take (301 * MIB);
  pl_lease_enter (nullptr);
  EXPECT_TRUE (pl_lease_is_low (sort));
  EXPECT_TRUE (pl_lease_is_low (blocks));
  pl_lease_enter (sort);
  pl_lease_give (2 * MIB);
  pl_lease_enter (nullptr);
  EXPECT_FALSE (pl_lease_is_low (sort));
  // What is there already may be more than there is room for.
  pl_budget_set_room (budget, 1, 0);
  EXPECT_EQ (sort->all->worth, 0);
  EXPECT_TRUE (pl_lease_is_low (sort));
}

TEST_F (BudgetTest, ProcessesHaveOneBudget)
{
  gint64 members[3] = {0, 0, 0};
  g_autoptr (PlMemoryAccount) account = pl_budget_tell (budget);
  pl_budget_set_room (budget, account->base + 1000 * MIB, 2);
  pl_budget_join (budget, members, 3, 1);
  pl_lease_enter (sort);
  pl_lease_take (150 * MIB);
  EXPECT_EQ (members[1], static_cast<gint64> (150 * MIB));
  EXPECT_FALSE (pl_lease_is_low (sort));
  EXPECT_TRUE (pl_lease_has_room (800 * MIB));
  members[0] = 249 * MIB;
  EXPECT_FALSE (pl_lease_is_low (sort));
  members[2] = 2 * MIB;
  EXPECT_TRUE (pl_lease_is_low (sort));
  EXPECT_FALSE (pl_lease_has_room (800 * MIB));
  // What another one has counted, too, is not counted twice, and is not told.
  pl_lease_count_elsewhere (sort, 2 * MIB);
  pl_lease_take (2 * MIB);
  EXPECT_EQ (members[1], static_cast<gint64> (150 * MIB));
  members[2] = 0;
  EXPECT_FALSE (pl_lease_is_low (sort));
  // Nonsense is not believed as far as it is beyond all memory.
  members[2] = G_MININT64;
  EXPECT_FALSE (pl_lease_is_low (sort));
  members[2] = members[0] = G_MAXINT64;
  EXPECT_TRUE (pl_lease_is_low (sort));
  pl_lease_enter (nullptr);
}

TEST_F (BudgetTest, TellsWhatIsSmallWhenTheHolderChanges)
{
  pl_lease_enter (sort);
  for (int i = 0; i < 10; i++)
    pl_lease_take (100);
  EXPECT_EQ (sort->held, 0);
  pl_lease_enter (blocks);
  EXPECT_EQ (sort->held, 1000);
  EXPECT_EQ (blocks->held, 0);
}

TEST_F (BudgetTest, AddsUpThreads)
{
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back ([this] {
      pl_lease_enter (sort);
      for (int i = 0; i < 100000; i++)
        pl_lease_take (24);
      for (int i = 0; i < 100000; i++)
        pl_lease_give (8);
      pl_lease_enter (nullptr);
    });
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_EQ (sort->held, 4 * 100000 * 16);
  EXPECT_GE (sort->peak, 4 * 100000 * 16);
  EXPECT_LE (sort->peak, 4 * 100000 * 24);
}

TEST_F (BudgetTest, FollowsWhatCountsItself)
{
  gsize noted = 0;
  pl_lease_follow (blocks, &noted, 5 * MIB);
  pl_lease_follow (blocks, &noted, 2 * MIB);
  EXPECT_EQ (noted, 2 * MIB);
  EXPECT_EQ (blocks->held, static_cast<gint64> (2 * MIB));
  EXPECT_EQ (blocks->peak, static_cast<gint64> (5 * MIB));
  pl_lease_follow (nullptr, &noted, MIB);
  EXPECT_EQ (noted, 2 * MIB);
}

/* An array that grows by moving its pages is never there twice. */
TEST_F (BudgetTest, KnowsBigArrays)
{
  pl_lease_enter (sort);
  gpointer array = pl_big_new0 (MIB / 2);
  for (gsize bytes = MIB / 2; bytes < 64 * MIB; bytes *= 2)
    array = pl_big_resize (array, bytes, bytes * 2);
  pl_lease_enter (nullptr);
  EXPECT_EQ (sort->held, static_cast<gint64> (64 * MIB));
  EXPECT_EQ (sort->peak, static_cast<gint64> (64 * MIB));
  pl_lease_enter (sort);
  pl_big_free (array, 64 * MIB);
  pl_lease_enter (nullptr);
  EXPECT_EQ (sort->held, 0);
}

TEST_F (BudgetTest, KnowsPiecesAndWhatBecomesOfThem)
{
  pl_lease_enter (sort);
  gpointer piece = pl_leased_new0 (100 * 1000);
  piece = pl_leased_resize (piece, MIB);
  pl_lease_enter (nullptr);
  EXPECT_GE (sort->held, static_cast<gint64> (MIB));
  EXPECT_LE (sort->held, static_cast<gint64> (MIB + 8192));
  pl_lease_enter (sort);
  pl_leased_free (piece);
  pl_leased_free (nullptr);
  pl_lease_enter (nullptr);
  EXPECT_EQ (sort->held, 0);
}

/* An arena is whose it was when it was made, whoever makes it grow. */
TEST_F (BudgetTest, KnowsArenas)
{
  pl_lease_enter (sort);
  PlArena *arena = pl_arena_new ();
  pl_lease_enter (blocks);
  pl_arena_alloc (arena, MIB);
  EXPECT_EQ (sort->held, static_cast<gint64> (arena->reserved));
  pl_arena_free (arena);
  pl_lease_enter (nullptr);
  EXPECT_EQ (sort->held, 0);
  EXPECT_EQ (blocks->peak, 0);
}

TEST_F (BudgetTest, NotesWhatTheCLibraryKeeps)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP () << "has another allocator";
#endif
  std::vector<gpointer> pieces;
  auto noted = [this] {
    pl_budget_note_free (budget);
    PlMemoryAccount *account = pl_budget_tell (budget);
    guint64 peak = 0;
    for (guint i = 0; i < account->holders->len; i++)
      if (std::string (g_array_index (account->holders, PlHolder, i).name) == "allocator")
        peak = g_array_index (account->holders, PlHolder, i).peak;
    pl_memory_account_free (account);
    return peak;
  };
  const guint64 before = noted ();
  for (int i = 0; i < 20000; i++)
    pieces.push_back (g_malloc (1000));
  for (gsize i = 0; i < pieces.size (); i += 2)
    g_free (pieces[i]);
  const guint64 after = noted ();
  for (gsize i = 1; i < pieces.size (); i += 2)
    g_free (pieces[i]);
  EXPECT_GE (after, before + 7 * MIB);
  EXPECT_LE (after, before + 12 * MIB);
}

TEST_F (BudgetTest, SeesWhatTheSystemSees)
{
  const gsize size = 64 * MIB;
  g_autoptr (PlMemoryAccount) before = pl_budget_tell (budget);
  gpointer memory = g_malloc (size);
  memset (memory, 1, size);
  g_autoptr (PlMemoryAccount) after = pl_budget_tell (budget);
  g_free (memory);
  EXPECT_GT (before->base, 0u);
  EXPECT_GE (after->seen, before->base + size);
  EXPECT_LE (after->seen, before->seen + size + 8 * MIB);
}

static std::string
text_of (const PlMemoryAccount *account)
{
  std::string text = std::to_string (account->base) + " " + std::to_string (account->leased) + " "
                     + std::to_string (account->seen) + " " + std::to_string (account->programs);
  for (guint i = 0; i < account->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (account->holders, PlHolder, i);
      text += std::string (" ") + holder->name + "=" + std::to_string (holder->peak);
    }
  return text;
}

static PlMemoryAccount *
account_of (guint64 base, guint64 leased, guint64 seen, guint64 programs,
            const std::vector<std::pair<std::string, guint64> > &holders)
{
  PlMemoryAccount *account = pl_memory_account_new ();
  account->base = base;
  account->leased = leased;
  account->seen = seen;
  account->programs = programs;
  for (const auto &[name, peak] : holders)
    {
      PlHolder holder = {g_strdup (name.c_str ()), peak};
      g_array_append_val (account->holders, holder);
      g_hash_table_insert (account->known, holder.name, GUINT_TO_POINTER (account->holders->len));
    }
  return account;
}

TEST (MemoryAccount, IsAddedAndRaised)
{
  g_autoptr (PlMemoryAccount) a = account_of (1, 20, 30, 4, {{"x", 5}, {"y", 6}});
  g_autoptr (PlMemoryAccount) b = account_of (10, 2, 40, 0, {{"y", 1}, {"z", 7}});
  g_autoptr (PlMemoryAccount) sum = pl_memory_account_new ();
  pl_memory_account_add (sum, a);
  pl_memory_account_add (sum, b);
  EXPECT_EQ (text_of (sum), "11 22 70 4 x=5 y=7 z=7");
  pl_memory_account_raise (a, b);
  EXPECT_EQ (text_of (a), "10 20 40 4 x=5 y=6 z=7");
}

TEST (MemoryAccount, IsSentAndNothingShorterIsBelieved)
{
  g_autoptr (PlMemoryAccount) account = account_of (1, 2, 3, 4, {{"group-by g", 5}, {"", 6}});
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_memory_account_save (account, &buffer);
  for (gsize length = 0; length <= buffer.length; length++)
    {
      PlCursor cursor = {reinterpret_cast<const guint8 *> (buffer.data), length, 0, FALSE};
      g_autoptr (PlMemoryAccount) loaded = pl_memory_account_load (&cursor);
      EXPECT_EQ (loaded != nullptr, length == buffer.length) << length;
      EXPECT_EQ (cursor.failed, length < buffer.length);
      if (loaded != nullptr)
        {
          EXPECT_EQ (text_of (loaded), text_of (account));
        }
    }
}
