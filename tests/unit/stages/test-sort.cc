// sort: directions, nulls, NaN, stability; and the sorter against a plain comparison sort.
#include "harness.hh"
#include "../../../pipeline/sorting/items.h"
#include <algorithm>
#include <random>
#include <vector>

TEST (Sort, OrdersByTypeNullsLastInBothDirections)
{
  EXPECT_EQ (run ("sort", "by = a", "a:int\n300\n-1\n\n7\n-500\n0\n"), "a\n-500\n-1\n0\n7\n300\n\n");
  EXPECT_EQ (run ("sort", "by = a desc", "a:int\n300\n-1\n\n7\n-500\n0\n"), "a\n300\n7\n0\n-1\n-500\n\n");
  EXPECT_EQ (run ("sort", "by = a desc nulls first", "a:int\n300\n\n7\n"), "a\n\n300\n7\n");
}

TEST (Sort, ReachesTheEndsOfEachType)
{
  EXPECT_EQ (run ("sort", "by = a",
                  "a:int\n9223372036854775807\n-9223372036854775808\n0\n-9223372036854775807\n256\n255\n-256\n-255\n"),
             "a\n-9223372036854775808\n-9223372036854775807\n-256\n-255\n0\n255\n256\n9223372036854775807\n");
  EXPECT_EQ (run ("sort", "by = d", "d:decimal(38/2)\n-0.01\n999999999999999999999999999999999999.99\n0.00\n-5.00\n"),
             "d\n-5.00\n-0.01\n0.00\n999999999999999999999999999999999999.99\n");
  EXPECT_EQ (run ("sort", "by = b", "b:bool\ntrue\n\nfalse\n"), "b\nfalse\ntrue\n\n");
  EXPECT_EQ (run ("sort", "by = d desc", "d:date\n0001-01-01\n9999-12-31\n1970-01-01\n"),
             "d\n9999-12-31\n1970-01-01\n0001-01-01\n");
}

TEST (Sort, PutsNanBehindNumbersAndBeforeNulls)
{
  EXPECT_EQ (run ("sort", "by = x", "x:float\nnan\n1.5\n\n-inf\ninf\n-0.0\n0.0\n"),
             "x\n-inf\n-0.0\n0.0\n1.5\ninf\nnan\n\n");
  EXPECT_EQ (run ("sort", "by = x desc", "x:float\nnan\n1.5\n\n-inf\ninf\n"), "x\ninf\n1.5\n-inf\nnan\n\n");
}

TEST (Sort, OrdersTextByBytesAndEmptyBeforeAll)
{
  EXPECT_EQ (run ("sort", "by = s", "s\nb\n\nab\n\"\"\na\nB\n\xc3\xa9\naa\n"),
             "s\n\"\"\nB\na\naa\nab\nb\n\xc3\xa9\n\n");
  EXPECT_EQ (run ("sort", "by = s desc", "s\nb\n\nab\n\"\"\na\n"), "s\nb\nab\na\n\"\"\n\n");
}

TEST (Sort, IsStableAndTakesSeveralKeysAndExpressions)
{
  EXPECT_EQ (run ("sort", "by = g; x desc", "g,x:int,n\nb,1,p\na,2,q\na,3,r\nb,1,s\na,2,t\n"),
             "g,x,n\na,3,r\na,2,q\na,2,t\nb,1,p\nb,1,s\n");
  EXPECT_EQ (run ("sort", "by = x % 2; x", "x:int\n4\n3\n2\n1\n"), "x\n2\n4\n1\n3\n");
}

TEST (Sort, KeepsTextAsItStood)
{
  EXPECT_EQ (run ("sort", "by = x", "x:float,y:float\n2.50,1e3\n1.0,7.500\n"), "x,y\n1.0,7.500\n2.50,1e3\n");
}

TEST (Sort, NamesItsMistakes)
{
  EXPECT_EQ (issues ("sort", "", "a"), "1:1: [sort x] needs the key 'by'\n");
  EXPECT_EQ (issues ("sort", "by =", "a"), "2:5: nothing to sort by; write 'by = column' or 'by = a; b desc'\n");
  EXPECT_EQ (issues ("sort", "by = a; dely desc", "a,delay"), "2:9: unknown column 'dely'; did you mean 'delay'?\n");
  EXPECT_EQ (issues ("sort", "by = a;; b", "a,b"),
             "2:8: an empty item in 'by'; write a column between two semicolons\n");
}

// Keys with long common starts, many ties and many lengths, compared with std::sort.
class Sorter : public testing::TestWithParam<int>
{
};

TEST_P (Sorter, AgreesWithAComparisonSort)
{
  std::mt19937 random (GetParam ());
  const size_t n = GetParam () * 17000;
  std::vector<std::string> keys (n);
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  PlStore *store = pl_store_new (schema, NULL);
  std::vector<PlText> texts (n);
  for (size_t i = 0; i < n; i++)
    {
      keys[i] = "common-start-";
      switch (random () % 4)
        {
        case 0:
          keys[i] += "the same for a great many rows";
          break;
        case 1:
          keys[i] += std::string (random () % 40, 'a');
          break;
        default:
          for (unsigned k = random () % 12; k > 0; k--)
            keys[i] += (char) ('a' + random () % 3);
        }
      keys[i] += '\0';
      texts[i] = PlText{keys[i].data (), (guint32) keys[i].size (), 0};
    }
  for (size_t first = 0; first < n; first += PL_BATCH_ROWS)
    {
      PlBatch batch;
      pl_batch_init (&batch, schema, arena);
      batch.n_rows = std::min<size_t> (n - first, PL_BATCH_ROWS);
      batch.position = first;
      pl_store_append (store, &batch, NULL, batch.n_rows, &texts[first]);
    }
  std::vector<size_t> expected (n);
  for (size_t i = 0; i < n; i++)
    expected[i] = i;
  std::stable_sort (expected.begin (), expected.end (), [&] (size_t a, size_t b) { return keys[a] < keys[b]; });
  for (PlParallel *parallel : {pl_parallel_serial (), pl_harness_threads ()})
    {
      PlSortItem *items = pl_sort_items_new (n);
      for (size_t i = 0; i < n; i++)
        items[i].record = pl_store_record (store, i);
      std::shuffle (items, items + n, random);
      pl_sort_records (items, n, pl_store_key_offset (store), parallel);
      for (size_t i = 0; i < n; i++)
        ASSERT_EQ (items[i].record->position, expected[i]) << i;
      for (size_t i = 0; i < n; i++)
        {
          items[i].prefix = random () % 50;
          items[i].id = i;
        }
      std::vector<std::pair<guint64, guint64> > pairs;
      for (size_t i = 0; i < n; i++)
        pairs.push_back ({items[i].prefix, i});
      std::sort (pairs.begin (), pairs.end ());
      std::shuffle (items, items + n, random);
      pl_sort_prefixes (items, n, parallel);
      for (size_t i = 0; i < n; i++)
        ASSERT_EQ (items[i].id, pairs[i].second);
      g_free (items);
    }
  pl_store_free (store);
  pl_schema_unref (schema);
  pl_arena_free (arena);
}

INSTANTIATE_TEST_SUITE_P (Sizes, Sorter, testing::Values (1, 2, 5));
