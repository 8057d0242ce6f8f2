// Rows as they came: by position over all stores, and rows of one position as they were kept.
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
  EXPECT_EQ (pl_in_order_find (stores, 4, 0), pl_in_order_id (3, 0));
  EXPECT_EQ (pl_in_order_find (stores, 4, 5), pl_in_order_id (0, 2));
  EXPECT_EQ (pl_in_order_find (stores, 1, 3), pl_in_order_id (0, 3));
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
