// The ends of what a group table can hold, which no test can fill: the table is told that it does.
#include "group-keys.h"

extern "C"
{
#include "../../../stages/functions/functions.h"
#include "../../../stages/group-lookup.h"
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
  Lookup () : Keys ({PL_TYPE (PL_INT)}), table (pl_group_table_new (layout, 1))
  {
    pl_schema_add (schema, "k", PL_TYPE (PL_INT));
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
      pl_group_lookup_to_groups (&lookup, places.data (), places.size ());
      EXPECT_EQ (std::vector<guint64> (places.begin (), places.end ()), groups) << stride;
    }
}

TEST (GroupLookup, NumbersOfGroupsHave32Bits)
{
  Lookup test;
  EXPECT_EQ (test.find_with (G_MAXUINT32), PL_TOO_MANY_GROUPS);
}

} // namespace
