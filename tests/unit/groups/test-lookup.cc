// The ends of what a group table can hold, which no test can fill: the table is told that it does.
#include "../keys/group-keys.h"

extern "C"
{
#include "../../../stages/functions/registry.h"
#include "../../../pipeline/groups/lookup.h"
#include "../../../pipeline/expression/check.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../pipeline/keys/terms.h"
}

namespace
{

struct Lookup : Keys
{
  PlGroupTable *table;
  PlSchema *schema = pl_schema_new ();
  PlTerm term{};
  GPtrArray *terms = g_ptr_array_new ();
  PlGroupLookup lookup;
  explicit Lookup (PlType type = PL_TYPE (PL_INT), gsize n_payload = 1)
      : Keys ({type}), table (pl_group_table_new (layout, n_payload))
  {
    pl_schema_add (schema, "k", type);
    term.expression = pl_expression_parse ("k", nullptr, nullptr);
    EXPECT_TRUE (pl_expression_check (term.expression, schema, pl_function_table (), nullptr, nullptr));
    g_ptr_array_add (terms, &term);
    pl_group_lookup_init (&lookup, table, terms);
  }
  ~Lookup ()
  {
    pl_group_lookup_clear (&lookup);
    pl_group_table_free (table);
    g_ptr_array_unref (terms);
    pl_expression_free (term.expression);
    pl_schema_unref (schema);
  }

  // What is said of a batch without rows when there are so many groups.
  std::string
  find_with (gsize n_groups)
  {
    const gsize known = table->n_groups;
    g_autoptr (GError) error = nullptr;
    PlBatch batch;
    pl_batch_init (&batch, schema, arena);
    batch.columns[0] = pl_column_new (arena, PL_TYPE (PL_INT), 1);
    table->n_groups = (decltype (table->n_groups)) n_groups;
    gboolean ok = pl_group_lookup_find (&lookup, &batch, nullptr, nullptr, &error);
    table->n_groups = known;
    EXPECT_EQ (ok, error == nullptr);
    return ok ? "" : error->message;
  }
};

TEST (GroupLookup, RecordsHaveRoomFor32GiB)
{
  Lookup test;
  EXPECT_EQ (test.find_with (G_MAXUINT32 / test.table->stride), "");
  EXPECT_EQ (test.find_with (G_MAXUINT32 / test.table->stride + 1),
             "groups of more than 32 GiB on one worker; tell rows apart by fewer columns, or raise 'workers' in [run]");
}

TEST (GroupLookup, PlacesAreDividedIntoGroups)
{
  for (guint64 stride = 1; stride <= 100; stride++)
    {
      PlGroupTable table = {};
      PlGroupLookup lookup = {};
      lookup.table = &table;
      table.stride = stride;
      const guint64 last = G_MAXUINT32 / stride;
      std::vector<guint64> groups = {0, 1, 2, 3, last / 2, last - 1, last};
      std::vector<guint32> places;
      for (guint64 group : groups)
        places.push_back ((guint32) (group * stride));
      pl_group_table_to_groups (lookup.table, places.data (), places.size ());
      EXPECT_EQ (std::vector<guint64> (places.begin (), places.end ()), groups) << stride;
    }
}

// Whatever finds them: records move once, between two batches, and each row still counts for its key.
TEST (GroupLookup, RecordsThatAreAlignedAreFound)
{
  const gsize n_keys = 12288;
  for (PlTypeKind kind : {PL_INT, PL_FLOAT, PL_STRING})
    {
      Lookup test (PL_TYPE (kind), 5);
      gsize n_moves = 0;
      for (gsize row = 0; row < 9 * n_keys; row += PL_BATCH_ROWS)
        {
          std::vector<guint32> places (PL_BATCH_ROWS);
          PlBatch batch;
          pl_batch_init (&batch, test.schema, test.arena);
          PlColumn *column = batch.columns[0] = pl_column_new (test.arena, PL_TYPE (kind), PL_BATCH_ROWS);
          batch.n_rows = PL_BATCH_ROWS;
          for (gsize i = 0; i < PL_BATCH_ROWS; i++)
            {
              const gsize key = (row + i) % n_keys * 5 % n_keys;
              if (kind == PL_INT)
                column->ints[i] = (gint64) key;
              else if (kind == PL_FLOAT)
                column->floats[i] = (double) key;
              else
                {
                  char *data = (char *) pl_arena_alloc (test.arena, 64);
                  column->texts[i] = {data, (guint32) g_snprintf (data, 64, "key %08u", (guint) key), PL_TEXT_PLAIN};
                }
            }
          const gsize before = test.table->stride;
          ASSERT_TRUE (pl_group_lookup_find (&test.lookup, &batch, places.data (), nullptr, nullptr));
          n_moves += row > 0 && test.table->stride != before;
          for (guint32 place : places)
            test.table->records[place + test.table->layout->n_words]++;
        }
      EXPECT_EQ (n_moves, 1u);
      EXPECT_EQ (test.table->stride, 8u);
      ASSERT_EQ (test.table->n_groups, n_keys);
      for (gsize group = 0; group < n_keys; group++)
        ASSERT_EQ (pl_group_table_payloads (test.table)[group * 8], 9u) << kind << " " << group;
    }
}

TEST (GroupLookup, NumbersOfGroupsHave32Bits)
{
  Lookup test;
  EXPECT_EQ (test.find_with (G_MAXUINT32), PL_TOO_MANY_GROUPS);
}

} // namespace
