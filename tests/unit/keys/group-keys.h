/* What the tests of group keys share: a layout with an arena, and columns of texts. */
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/groups/table.h"
}

struct Keys
{
  PlKeyLayout *layout;
  PlArena *arena = pl_arena_new ();
  explicit Keys (const std::vector<PlType> &types) : layout (pl_key_layout_new (types.data (), (guint) types.size ()))
  {
  }
  ~Keys ()
  {
    pl_key_layout_free (layout);
    pl_arena_free (arena);
  }
  Keys (const Keys &) = delete;

  // Groups of the rows of @columns, in batches.
  std::vector<guint32>
  find (PlGroupTable *table, const std::vector<PlColumn *> &columns, gsize n)
  {
    std::vector<guint32> groups (n);
    for (gsize first = 0; first < n; first += PL_BATCH_ROWS)
      {
        const gsize count = MIN (n - first, PL_BATCH_ROWS);
        std::vector<PlColumn *> batch;
        for (PlColumn *column : columns)
          batch.push_back (slice (column, first, count));
        pl_group_table_find (table, batch.data (), count, groups.data () + first, arena);
      }
    return groups;
  }

  PlColumn *
  slice (const PlColumn *column, gsize first, gsize n)
  {
    std::vector<guint32> rows (n);
    for (gsize i = 0; i < n; i++)
      rows[i] = (guint32) (first + i);
    return pl_column_gather (column, rows.data (), n, arena);
  }

  PlColumn *
  ints (const std::vector<gint64> &values)
  {
    PlColumn *column = pl_column_new (arena, PL_TYPE (PL_INT), values.size ());
    std::copy (values.begin (), values.end (), column->ints);
    return column;
  }
};

// A column of the texts @values, "-" for null; or the same as slices of one record each, where null and empty are one.
inline PlColumn *
text_column (PlArena *arena, const std::vector<std::string> &values, bool sliced)
{
  PlColumn *column = pl_column_new (arena, PL_TYPE (PL_STRING), values.size ());
  std::string all;
  guint32 *edges = pl_arena_new_array (arena, guint32, values.size () + 1);
  edges[0] = G_MAXUINT32;
  for (gsize i = 0; i < values.size (); i++)
    {
      all += values[i] == "-" ? "" : values[i];
      edges[i + 1] = (guint32) all.size ();
      all += ",";
    }
  char *copy = static_cast<char *> (pl_arena_alloc (arena, all.size () + PL_SLICE_READABLE));
  memcpy (copy, all.data (), all.size ());
  if (sliced)
    {
      column->texts = nullptr;
      column->raw = 1;
      column->slices = {copy, edges, 1, nullptr, 0};
      return column;
    }
  pl_column_add_nulls (column, arena, values.size ());
  for (gsize i = 0; i < values.size (); i++)
    {
      column->texts[i] = PlText{copy + (guint32) (edges[i] + 1), edges[i + 1] - (guint32) (edges[i] + 1), 0};
      column->nulls[i] = values[i] == "-";
    }
  return column;
}
