// Scattered tables against std::map: alone, beside ones that are not, and in group-by, which chooses between the two.
#include "../keys/group-keys.h"
#include "../stages/harness.hh"

#include <map>
#include <random>

extern "C"
{
#include "../../../pipeline/groups/merge.h"
#include "../../../pipeline/keys/decode.h"
}

namespace
{

const guint64 initial[] = {7, 1}; // of a payload: a sum that begins at 7, and a count that begins at 1

struct Total
{
  guint64 sum = 7, count = 1;
  bool
  operator== (const Total &other) const
  {
    return sum == other.sum && count == other.count;
  }
};

using Totals = std::map<std::pair<std::string, gint64>, Total>;

void
combine (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  PlGroupTable *const *tables = static_cast<PlGroupTable *const *> (data);
  for (gsize i = 0; i < n; i++)
    {
      guint64 *to = pl_group_table_payloads (tables[owner]) + into[i] * tables[owner]->stride;
      guint64 *taken = pl_group_table_payloads (tables[source]) + from[i] * tables[source]->stride;
      to[0] += taken[0] - initial[0];
      to[1] += taken[1] - initial[1];
      taken[0] = taken[1] = 0;
    }
}

// Adds @n rows of few or many keys, which need ever wider fields, to @table and to @expected.
void
add_rows (Keys &keys, PlGroupTable *table, gsize n, guint64 n_keys, bool wide, std::mt19937 &random, Totals &expected)
{
  for (gsize first = 0; first < n; first += PL_BATCH_ROWS)
    {
      const gsize count = MIN (n - first, PL_BATCH_ROWS);
      std::vector<std::string> texts;
      std::vector<gint64> numbers;
      for (gsize i = 0; i < count; i++)
        {
          const guint64 key = random () % n_keys;
          const std::string base = key % 11 == 0 ? "-" : "t" + std::to_string (key % 97);
          texts.push_back (wide && key % 13 == 0 ? base + std::string (key % 50, 'x') : base);
          numbers.push_back ((gint64) (wide ? key * 1000003 : key));
        }
      PlColumn *columns[] = {text_column (keys.arena, texts, false), keys.ints (numbers)};
      std::vector<guint32> groups (count);
      const bool scattered = table->scatter != nullptr;
      const gsize known = table->n_groups;
      pl_group_table_find (table, columns, count, groups.data (), keys.arena);
      for (gsize i = 0; i < count; i++)
        {
          guint64 *payload = pl_group_table_payloads (table) + groups[i] * table->stride;
          // Who does not scatter begins groups himself.
          if (!scattered && groups[i] >= known && payload[1] == 0)
            std::copy (initial, initial + 2, payload);
          payload[0] += i;
          payload[1]++;
          Total &total = expected[{texts[i], numbers[i]}];
          total.sum += i;
          total.count++;
        }
    }
}

Totals
read_merged (Keys &keys, const std::vector<PlGroupTable *> &tables, const PlGroupIds &merged)
{
  Totals totals;
  std::vector<guint64> ids (merged.n);
  pl_group_ids_get (&merged, 0, merged.n, ids.data ());
  for (guint64 id : ids)
    {
      PlGroupTable *table = tables[id >> 32];
      const guint64 *key = pl_group_table_key (table, (guint32) id);
      const guint64 *payload = key + table->layout->n_words;
      PlColumn *text = pl_keys_decode (table->layout, 0, &key, 1, keys.arena);
      PlColumn *number = pl_keys_decode (table->layout, 1, &key, 1, keys.arena);
      const bool null = text->nulls != nullptr && text->nulls[0];
      std::string shown = null ? "-" : std::string (text->texts[0].data, text->texts[0].length);
      Total total;
      total.sum = payload[0];
      total.count = payload[1];
      EXPECT_TRUE (totals.insert ({{shown, number->ints[0]}, total}).second) << "twice: " << shown;
    }
  return totals;
}

TEST (GroupScatter, MergesToWhatLookingUpGives)
{
  for (unsigned seed = 1; seed <= 24; seed++)
    {
      std::mt19937 random (seed);
      Keys keys ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT)});
      const guint n_tables = 1 + seed % 3;
      const guint64 n_keys = seed % 4 == 0 ? 30 : 40000;
      std::vector<PlGroupTable *> tables;
      Totals expected;
      for (guint t = 0; t < n_tables; t++)
        {
          PlGroupTable *table = pl_group_table_new (keys.layout, 2);
          tables.push_back (table);
          add_rows (keys, table, seed % 5 == 0 ? 0 : 3000, n_keys, false, random, expected);
          if ((seed + t) % 4 != 1)
            pl_group_table_scatter (table, initial);
          add_rows (keys, table, 6000, n_keys, seed % 2 == 0, random, expected);
        }
      pl_group_table_unify (tables.data (), n_tables, pl_parallel_serial ());
      PlGroupIds merged;
      pl_group_merge (tables.data (), n_tables, combine, tables.data (), pl_parallel_serial (), &merged);
      EXPECT_EQ (merged.n, expected.size ()) << seed;
      EXPECT_EQ (read_merged (keys, tables, merged), expected) << seed;
      pl_group_ids_clear (&merged);
      for (PlGroupTable *table : tables)
        pl_group_table_free (table);
    }
}

TEST (GroupScatter, AKeyThatComesAllTheTimeTakesFewRecords)
{
  std::mt19937 random (1);
  Keys keys ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT)});
  PlGroupTable *table = pl_group_table_new (keys.layout, 2);
  Totals expected;
  pl_group_table_scatter (table, initial);
  for (guint i = 0; i < 20; i++)
    {
      add_rows (keys, table, 10, 1000000, false, random, expected);
      add_rows (keys, table, 2000, 1, false, random, expected);
    }
  gsize n_records = 0;
  for (gsize first = 0, n; (n = pl_group_table_next (table, &first)) > 0; first += n)
    n_records += n;
  EXPECT_LT (n_records, 250u);
  EXPECT_FALSE (pl_group_scatter_repeats (table->scatter));
  pl_group_table_free (table);
}

TEST (GroupScatter, KnowsWhenKeysRepeat)
{
  const guint64 none = 0;
  PlGroupScatter *scatter = pl_group_scatter_new (&none, 1);
  const guint32 n = 40000;
  for (guint round = 1; round <= 3; round++)
    {
      for (guint32 i = 0; i < n; i++)
        pl_group_scatter_count (scatter, i * 200006);
      EXPECT_EQ (scatter->n_sampled, n);
      EXPECT_EQ (pl_group_scatter_repeats (scatter), round > 2);
    }
  pl_group_scatter_free (scatter);
}

// Many keys once, which makes tables scattered; then the same ones again, after which they are not; then some of both.
TEST (GroupScatter, GroupByGivesTheSameWhateverItChooses)
{
  const int n_once = 70000, n_rows = 4 * n_once;
  std::string rows = "a,b:int,x:int\n", expected = "a,b,n,s,least,middle\n";
  std::map<std::pair<std::string, int>, std::vector<int> > groups;
  for (int i = 0; i < n_rows; i++)
    {
      const int key = (int) ((long) i * 7919 % n_once);
      const std::string text
          = "k" + std::to_string (key % 1000) + (i >= 3 * n_once && key % 3 == 0 ? "-a-longer-text" : "");
      rows += text + "," + std::to_string (key) + "," + std::to_string (i % 1001 - 500) + "\n";
      groups[{text, key}].push_back (i % 1001 - 500);
    }
  for (auto &[key, values] : groups)
    {
      std::sort (values.begin (), values.end ());
      const gsize half = values.size () / 2;
      const int twice = values[half] + values[(values.size () - 1) / 2];
      int sum = 0;
      for (int value : values)
        sum += value;
      expected += key.first + "," + std::to_string (key.second) + "," + std::to_string (values.size ()) + ","
                  + std::to_string (sum) + "," + std::to_string (values[0]) + ","
                  + (twice < 0 && twice > -2 ? "-0" : std::to_string (twice / 2)) + (twice % 2 != 0 ? ".5" : ".0")
                  + "\n";
    }
  const char settings[] = "by = a; b\nn = count()\ns = sum(x)\nleast = min(x)\nmiddle = median(x)";
  for (PlSplit split : {PlSplit{1, 2048, FALSE, FALSE, FALSE, 0}, PlSplit{2, 2000, FALSE, TRUE, FALSE, 0},
                        PlSplit{3, 2048, FALSE, TRUE, FALSE, 0}, PlSplit{2, 2048, TRUE, TRUE, TRUE, 0}})
    EXPECT_EQ (take (pl_harness_run ("group-by", settings, rows.c_str (), split)), expected) << split.n_states;
}

} // namespace
