// An index of several tables against std::map: keys that are there, that are not, and that no key of the table could
// be; and rows by group against a plain list.
#include "../keys/group-keys.h"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/groups/grouped-rows.h"
#include "../../../pipeline/groups/index.h"
#include "../../../pipeline/groups/keyed-rows.h"
#include "../../../pipeline/groups/table.h"
#include "../../../pipeline/memory/leased.h"
#include "../../../pipeline/rows/gather.h"
#include "../../../pipeline/sorting/in-order.h"
}

namespace
{

using Key = std::vector<std::optional<std::string> >;

// Keys of a few shapes, as texts, of which every type is made.
Key
random_key (std::mt19937_64 &random, const std::vector<PlType> &types, guint wide)
{
  Key key;
  const gint64 factor = random () % 3 == 0 && wide > 0 ? 100000000000 : 1;
  for (const PlType &type : types)
    if (random () % 20 == 0)
      key.push_back (std::nullopt);
    else if (type.kind == PL_STRING)
      key.push_back (std::string (random () % (wide > 0 ? 80 : 10), "xyz"[random () % 3])
                     + std::to_string (random () % 50));
    else
      key.push_back (std::to_string ((gint64) (random () % 300) * factor));
  return key;
}

std::vector<PlColumn *>
columns_of (PlArena *arena, const std::vector<PlType> &types, const std::vector<Key> &keys)
{
  std::vector<PlColumn *> columns;
  for (gsize f = 0; f < types.size (); f++)
    {
      PlColumn *column = pl_column_null (arena, types[f], keys.size ());
      for (gsize i = 0; i < keys.size (); i++)
        {
          const auto &value = keys[i][f];
          column->nulls[i] = !value.has_value ();
          if (!value.has_value ())
            continue;
          if (types[f].kind == PL_STRING)
            {
              char *text = (char *) pl_arena_alloc (arena, value->size () + 1);
              memcpy (text, value->data (), value->size ());
              column->texts[i] = PlText{text, (guint32) value->size (), 0};
            }
          else if (types[f].kind == PL_FLOAT)
            column->floats[i] = std::stod (*value);
          else
            column->ints[i] = std::stoll (*value);
        }
      columns.push_back (column);
    }
  return columns;
}

void
ask_all (const std::vector<PlType> &types, guint seed)
{
  std::mt19937_64 random (seed);
  PlArena *arena = pl_arena_new ();
  PlKeyLayout *layout = pl_key_layout_new (types.data (), (guint) types.size ());
  PlGroupTable *tables[3];
  guint32 *numbers[3];
  std::vector<std::vector<Key> > keys_of (3);
  for (guint t = 0; t < 3; t++)
    {
      tables[t] = pl_group_table_new (layout, 0);
      for (guint batch = 0; batch < t + 1; batch++)
        {
          std::vector<Key> keys;
          guint32 groups[PL_BATCH_ROWS];
          for (guint i = 0; i < 700; i++)
            keys.push_back (random_key (random, types, 0));
          pl_group_table_find (tables[t], columns_of (arena, types, keys).data (), keys.size (), groups, arena);
          keys_of[t].resize (tables[t]->n_groups);
          for (gsize i = 0; i < keys.size (); i++)
            keys_of[t][groups[i]] = keys[i];
        }
    }
  std::map<Key, guint32> wanted;
  PlGroupIndex *index = pl_group_index_new (tables, 3, numbers, pl_parallel_serial ());
  ASSERT_NE (index, nullptr);
  for (guint t = 0; t < 3; t++)
    {
      for (gsize group = 0; group < keys_of[t].size (); group++)
        {
          auto found = wanted.emplace (keys_of[t][group], numbers[t][group]).first;
          ASSERT_EQ (found->second, numbers[t][group]) << "table " << t << ", group " << group;
        }
      pl_leased_free (numbers[t]);
    }
  ASSERT_EQ (wanted.size (), index->table->n_groups);
  PlGroupAsker asker;
  pl_group_asker_init (&asker, index);
  for (guint round = 0; round < 20; round++)
    {
      std::vector<Key> keys;
      std::vector<guint8> usable;
      guint32 groups[PL_BATCH_ROWS];
      for (guint i = 0; i < 1000; i++)
        {
          keys.push_back (random_key (random, types, round % 2));
          usable.push_back (random () % 9 != 0);
        }
      pl_group_asker_find (&asker, columns_of (arena, types, keys).data (), usable.data (), keys.size (), groups,
                           arena);
      for (gsize i = 0; i < keys.size (); i++)
        {
          auto found = wanted.find (keys[i]);
          const guint32 group = usable[i] && found != wanted.end () ? found->second : PL_NO_GROUP;
          ASSERT_EQ (groups[i], group) << "round " << round << ", row " << i;
        }
    }
  pl_group_asker_clear (&asker);
  pl_group_index_free (index);
  pl_key_layout_free (layout);
  pl_arena_free (arena);
}

TEST (GroupIndex, FindsWhatIsThereAndNothingElse)
{
  guint seed = 0;
  for (const auto &types : std::vector<std::vector<PlType> >{{PL_TYPE (PL_INT)},
                                                             {PL_TYPE (PL_STRING)},
                                                             {PL_TYPE (PL_FLOAT)},
                                                             {PL_TYPE (PL_TIMESTAMP)},
                                                             {PL_TYPE (PL_INT), PL_TYPE (PL_STRING)},
                                                             {PL_TYPE (PL_STRING), PL_TYPE (PL_STRING)},
                                                             {PL_TYPE (PL_INT), PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT)}})
    {
      SCOPED_TRACE (seed);
      ask_all (types, seed++);
    }
}

TEST (GroupIndex, NothingIsFoundWhereThereIsNothing)
{
  const PlType types[] = {PL_TYPE (PL_INT)};
  PlArena *arena = pl_arena_new ();
  PlKeyLayout *layout = pl_key_layout_new (types, 1);
  PlGroupTable *table = pl_group_table_new (layout, 0);
  guint32 *numbers, group = 0;
  const guint8 usable[] = {1};
  PlGroupIndex *index = pl_group_index_new (&table, 1, &numbers, pl_parallel_serial ());
  PlGroupAsker asker;
  pl_leased_free (numbers);
  pl_group_asker_init (&asker, index);
  pl_group_asker_find (&asker, columns_of (arena, {types[0]}, {{"7"}}).data (), usable, 1, &group, arena);
  EXPECT_EQ (group, PL_NO_GROUP);
  pl_group_asker_clear (&asker);
  pl_group_index_free (index);
  pl_key_layout_free (layout);
  pl_arena_free (arena);
}

// A worker's rows, of one column, whose keys are its values modulo seven; those of multiples of eleven have none.
PlKeyedRows
keep (PlSchema *schema, const PlKeyLayout *layout, guint64 position, gint64 first, gsize n)
{
  static const guint8 uses[] = {PL_USE_VALUE};
  PlArena *arena = pl_arena_new ();
  PlKeyedRows rows;
  PlBatch batch;
  std::vector<guint8> usable;
  std::vector<guint32> kept, groups (n);
  PlColumn *keys = pl_column_new (arena, PL_TYPE (PL_INT), n);
  pl_keyed_rows_init (&rows, layout, pl_store_new (schema, uses));
  pl_batch_init (&batch, schema, arena);
  batch.n_rows = n;
  batch.position = position;
  batch.columns[0] = pl_column_new (arena, PL_TYPE (PL_INT), n);
  for (gsize i = 0; i < n; i++)
    {
      batch.columns[0]->ints[i] = first + (gint64) i;
      keys->ints[i] = (first + (gint64) i) % 7;
      usable.push_back ((first + (gint64) i) % 11 != 0);
      kept.push_back ((guint32) i);
    }
  EXPECT_TRUE (pl_keyed_rows_has_room (&rows, n));
  pl_keyed_rows_find (&rows, &keys, usable.data (), n, groups.data (), arena);
  pl_keyed_rows_append (&rows, &batch, kept.data (), n, groups.data ());
  pl_arena_free (arena);
  return rows;
}

gint64
value_of (const PlRecord *record, const PlStore *store)
{
  PlArena *arena = pl_arena_new ();
  g_autoptr (PlSchema) schema = pl_schema_new ();
  PlBatch batch;
  pl_schema_add (schema, "v", PL_TYPE (PL_INT));
  pl_batch_init (&batch, schema, arena);
  pl_store_gather (store, &record, 1, &batch);
  const gint64 value = batch.columns[0]->ints[0];
  pl_arena_free (arena);
  return value;
}

TEST (KeyedRows, ComeByGroupInTheOrderOfTheInput)
{
  const PlType types[] = {PL_TYPE (PL_INT)};
  g_autoptr (PlSchema) schema = pl_schema_new ();
  PlKeyLayout *layout = pl_key_layout_new (types, 1);
  g_auto (PlBuffer) bytes = PL_BUFFER_INIT;
  pl_schema_add (schema, "v", types[0]);
  // The second worker's rows stand before those of the first one; one more comes as bytes, and is merged.
  PlKeyedRows sides[]
      = {keep (schema, layout, 5000, 100, 60), keep (schema, layout, 10, 0, 100), keep (schema, layout, 9000, 160, 40)};
  pl_keyed_rows_save (&sides[2], &bytes);
  pl_keyed_rows_clear (&sides[2]);
  static const guint8 uses[] = {PL_USE_VALUE};
  PlCursor cursor = {(const guint8 *) bytes.data, bytes.length, 0, FALSE};
  pl_keyed_rows_init (&sides[2], layout, pl_store_new (schema, uses));
  ASSERT_TRUE (pl_keyed_rows_load (&sides[2], &cursor));
  ASSERT_TRUE (pl_keyed_rows_merge (&sides[0], &sides[2]));
  PlGroupTable *tables[] = {g_steal_pointer (&sides[0].table), g_steal_pointer (&sides[1].table)};
  PlStore *stores[] = {sides[0].store, sides[1].store};
  guint32 *groups[] = {sides[0].groups, sides[1].groups}, *numbers[2];
  PlGroupIndex *index = pl_group_index_new (tables, 2, numbers, pl_parallel_serial ());
  for (guint s = 0; s < 2; s++)
    for (guint64 row = 0; row < pl_store_n_rows (stores[s]); row++)
      groups[s][row] = groups[s][row] == PL_NO_GROUP ? PL_NO_GROUP : numbers[s][groups[s][row]];
  guint64 n_items;
  PlSortItem *items = pl_in_order_all (stores, 2, &n_items, pl_parallel_serial ());
  PlGroupedRows grouped;
  pl_grouped_rows_init (&grouped, stores, groups, items, n_items, index->table->n_groups);
  ASSERT_EQ (index->table->n_groups, 7u);
  gsize n = 0;
  for (guint64 group = 0; group < 7; group++)
    {
      gint64 last = -1;
      for (guint64 at = pl_grouped_rows_start (&grouped, group); at < pl_grouped_rows_start (&grouped, group + 1);
           at++, n++)
        {
          const gint64 value = value_of (grouped.records[at], stores[0]);
          EXPECT_GT (value, last);
          EXPECT_NE (value % 11, 0);
          if (last >= 0)
            {
              EXPECT_EQ (value % 7, last % 7);
            }
          last = value;
        }
    }
  gsize wanted = 0;
  for (gint64 value = 0; value < 200; value++)
    wanted += value % 11 != 0;
  EXPECT_EQ (n, wanted);
  pl_grouped_rows_clear (&grouped);
  pl_leased_free (items);
  pl_group_index_free (index);
  for (guint s = 0; s < 2; s++)
    pl_leased_free (numbers[s]);
  for (PlKeyedRows &side : sides)
    pl_keyed_rows_clear (&side);
  pl_key_layout_free (layout);
}

TEST (KeyedRows, BytesThatAreNoRowsAreRefused)
{
  const PlType types[] = {PL_TYPE (PL_INT)};
  g_autoptr (PlSchema) schema = pl_schema_new ();
  static const guint8 uses[] = {PL_USE_VALUE};
  PlKeyLayout *layout = pl_key_layout_new (types, 1);
  g_auto (PlBuffer) bytes = PL_BUFFER_INIT;
  pl_schema_add (schema, "v", types[0]);
  PlKeyedRows rows = keep (schema, layout, 0, 0, 20);
  pl_keyed_rows_save (&rows, &bytes);
  pl_keyed_rows_clear (&rows);
  for (gsize length = 0; length < bytes.length; length++)
    {
      PlCursor cursor = {(const guint8 *) bytes.data, length, 0, FALSE};
      pl_keyed_rows_init (&rows, layout, pl_store_new (schema, uses));
      EXPECT_FALSE (pl_keyed_rows_load (&rows, &cursor)) << length;
      EXPECT_TRUE (cursor.failed);
      pl_keyed_rows_clear (&rows);
    }
  // A group that there is not.
  memset (bytes.data + bytes.length - 4, 0x7f, 4);
  PlCursor cursor = {(const guint8 *) bytes.data, bytes.length, 0, FALSE};
  pl_keyed_rows_init (&rows, layout, pl_store_new (schema, uses));
  EXPECT_FALSE (pl_keyed_rows_load (&rows, &cursor));
  pl_keyed_rows_clear (&rows);
  pl_key_layout_free (layout);
}

} // namespace
