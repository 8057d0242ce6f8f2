// Rows as they came: by position over all stores, and rows of one position as they were kept.
#include "../../../pipeline/sorting/in-order-spill.h"
#include "../../../pipeline/sorting/in-order.h"
#include "../../stages/harness.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

class InOrder : public testing::Test
{
protected:
  void
  SetUp () override
  {
    arena = pl_arena_new ();
    batch = pl_harness_batch ("a:int\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", &schema, arena);
  }
  void
  TearDown () override
  {
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }
  // A store of the values [first, first + n), whose rows begin at @position and are @step apart.
  PlStore *
  store_of (gsize first, gsize n, guint64 position, guint32 step)
  {
    const guint8 uses[] = {PL_USE_VALUE};
    PlStore *store = pl_store_new (schema, uses);
    std::vector<guint32> offsets, rows;
    for (guint32 i = 0; i < n; i++)
      {
        offsets.push_back (i * step);
        rows.push_back (i);
      }
    PlBatch part;
    pl_batch_copy (&part, batch);
    pl_batch_slice (&part, first, n);
    part.position = position;
    part.offsets = offsets.data ();
    pl_store_append (store, &part, rows.data (), n, NULL);
    return store;
  }
  // Row @nth of all.
  static PlInOrderFound
  find (PlStore **stores, guint n_stores, PlSpill *spill, guint64 nth)
  {
    GPtrArray *spills = g_ptr_array_new ();
    PlInOrderFound found;
    if (spill != nullptr)
      g_ptr_array_add (spills, spill);
    EXPECT_TRUE (pl_in_order_find (stores, n_stores, spills, nth, &found, nullptr));
    return found;
  }
  std::string
  read (PlRows *rows)
  {
    PlBatch out;
    GString *text = g_string_new (NULL);
    pl_batch_init (&out, schema, arena);
    EXPECT_TRUE (pl_harness_read (rows, rows->n_rows, &out));
    pl_harness_print (&out, text);
    std::string result (text->str);
    std::replace (result.begin (), result.end (), '\n', ' ');
    g_string_free (text, TRUE);
    pl_rows_free (rows);
    return result;
  }
  PlArena *arena;
  PlSchema *schema;
  PlBatch *batch;
};

TEST_F (InOrder, PutsTheRowsOfAllStoresInTheOrderOfTheInput)
{
  // Positions 10 12 14 16, 11 13, none, 5 15 25.
  PlStore **stores = g_new (PlStore *, 4);
  stores[0] = store_of (0, 4, 10, 2);
  stores[1] = store_of (4, 2, 11, 2);
  stores[2] = store_of (0, 0, 0, 1);
  stores[3] = store_of (6, 3, 5, 10);
  guint64 n;
  EXPECT_EQ (find (stores, 4, nullptr, 0).id, pl_in_order_id (3, 0));
  EXPECT_EQ (find (stores, 4, nullptr, 5).id, pl_in_order_id (0, 2));
  EXPECT_EQ (find (stores, 1, nullptr, 3).id, pl_in_order_id (0, 3));
  PlSortItem *items = pl_in_order_all (stores, 4, &n, pl_parallel_serial ());
  ASSERT_EQ (n, 9u);
  EXPECT_EQ (pl_in_order_store (items[2].id), 1u);
  EXPECT_EQ (pl_in_order_row (items[2].id), 0u);
  EXPECT_EQ (read (pl_in_order_rows (schema, stores, 4, items, 1, 7)), "0 4 1 5 2 7 3 ");
}

TEST_F (InOrder, KeepsRowsOfOnePositionAsTheyWereKept)
{
  PlStore **stores = g_new (PlStore *, 2);
  stores[0] = store_of (8, 2, 2, 0);
  stores[1] = store_of (0, 8, 1, 0);
  guint64 all[] = {7, 6, 5, 4, 3, 2, 1, 0}, n;
  pl_store_retain (stores[1], all, 8);
  EXPECT_EQ (read (pl_in_order_rows (schema, stores, 2, pl_in_order_all (stores, 2, &n, pl_parallel_serial ()), 0, 10)),
             "7 6 5 4 3 2 1 0 8 9 ");
}

TEST_F (InOrder, FindsRowsInStoresAndOnDisk)
{
  // On disk 10 12 14 16 and, with notes, 11 13; in memory 5 15 25 and three of 12's like, 30 30 30.
  const guint64 notes[] = {70, 80};
  PlSpill *spill = pl_spill_new ();
  PlStore *stores[] = {store_of (6, 3, 5, 10), store_of (0, 3, 30, 0)};
  PlStore *first = store_of (0, 4, 10, 2), *second = store_of (4, 2, 11, 2);
  ASSERT_TRUE (pl_in_order_spill (first, nullptr, spill, nullptr));
  ASSERT_TRUE (pl_in_order_spill (second, notes, spill, nullptr));
  const guint64 positions[] = {5, 10, 11, 12, 13, 14, 15, 16, 25, 30, 30, 30};
  const gboolean are_stored[] = {1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1};
  for (guint64 nth = 0; nth < 12; nth++)
    {
      const PlInOrderFound found = find (stores, 2, spill, nth);
      EXPECT_EQ (found.position, positions[nth]) << nth;
      EXPECT_EQ (found.is_stored, are_stored[nth]) << nth;
      EXPECT_EQ (found.note, nth == 2 ? 70u : nth == 4 ? 80u : 0u) << nth;
      EXPECT_TRUE (nth < 9 || found.id == pl_in_order_id (1, nth - 9));
    }
  EXPECT_EQ (find (stores, 0, spill, 5).position, 16u);
  pl_spill_free (spill);
  for (PlStore *store : {stores[0], stores[1], first, second})
    pl_store_free (store);
}

TEST_F (InOrder, RowsOfAnyOrderComeBackFromDiskInThatOfTheInput)
{
  GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
  PlStore *mixed = store_of (6, 4, 50, 0), *other = store_of (0, 6, 2, 3);
  const guint8 uses[] = {PL_USE_VALUE};
  pl_store_add (mixed, other);
  EXPECT_FALSE (pl_in_order_is (mixed));
  EXPECT_TRUE (pl_in_order_is (other));
  g_ptr_array_add (spills, pl_spill_new ());
  ASSERT_TRUE (pl_in_order_spill (mixed, nullptr, static_cast<PlSpill *> (spills->pdata[0]), nullptr));
  PlSpillOrder *order = pl_spill_order_new (spills, PL_SPILL_PIECE, nullptr, nullptr);
  EXPECT_EQ (read (pl_in_order_rows_spilled (schema, uses, order)), "0 1 2 3 4 5 6 7 8 9 ");
  pl_store_free (mixed);
  pl_store_free (other);
}
