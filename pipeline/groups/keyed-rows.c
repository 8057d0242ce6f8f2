/* A table of keys beside a store of rows: see keyed-rows.h. */
#include "keyed-rows.h"
#include "../memory/leased.h"
#include "../rows/wire.h"
#include "find.h"
#include "table.h"

void
pl_keyed_rows_init (PlKeyedRows *rows, const PlKeyLayout *layout, PlStore *store)
{
  *rows = (PlKeyedRows){.table = pl_group_table_new (layout, 0), .store = store};
  pl_group_direct_init (&rows->direct, rows->table->layout);
}

void
pl_keyed_rows_clear (PlKeyedRows *rows)
{
  pl_group_table_free (g_steal_pointer (&rows->table));
  pl_group_direct_clear (&rows->direct);
  pl_store_free (g_steal_pointer (&rows->store));
  pl_leased_free (g_steal_pointer (&rows->groups));
}

gboolean
pl_keyed_rows_has_room (const PlKeyedRows *rows, gsize n)
{
  return rows->table->n_groups + n < G_MAXUINT32;
}

static void
find_all (PlKeyedRows *rows, PlColumn *const *columns, gsize n, guint32 *groups, PlArena *arena)
{
  if (rows->direct.enabled)
    pl_group_direct_look_up (&rows->direct, rows->table, columns[0], n, groups, arena);
  else
    pl_group_table_find (rows->table, columns, n, groups, arena);
}

void
pl_keyed_rows_find (PlKeyedRows *rows, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
                    PlArena *arena)
{
  const guint n_keys = rows->table->layout->n_fields;
  guint32 *some = pl_arena_new_array (arena, guint32, n);
  gsize n_some = 0;
  for (gsize i = 0; i < n; i++)
    {
      some[n_some] = (guint32) i;
      n_some += usable[i] != 0;
    }
  if (n_some == n)
    {
      find_all (rows, columns, n, groups, arena);
      return;
    }
  memset (groups, 0xff, n * sizeof *groups);
  if (n_some == 0)
    return;
  PlColumn **keys = pl_arena_new_array (arena, PlColumn *, n_keys);
  guint32 *found = pl_arena_new_array (arena, guint32, n_some);
  for (guint k = 0; k < n_keys; k++)
    keys[k] = pl_column_gather (columns[k], some, n_some, arena);
  find_all (rows, keys, n_some, found, arena);
  for (gsize i = 0; i < n_some; i++)
    groups[some[i]] = found[i];
}

/* Room for the groups of @n rows. */
static void
reserve (PlKeyedRows *rows, gsize n)
{
  if (n <= rows->capacity)
    return;
  rows->capacity = pl_leased_more (rows->capacity, n, sizeof *rows->groups);
  rows->groups = pl_leased_resize (rows->groups, rows->capacity * sizeof *rows->groups);
}

void
pl_keyed_rows_append (PlKeyedRows *rows, const PlBatch *batch, const guint32 *kept, gsize n, const guint32 *groups)
{
  const guint64 before = pl_store_n_rows (rows->store);
  reserve (rows, before + n);
  for (gsize i = 0; i < n; i++)
    rows->groups[before + i] = groups[kept[i]];
  pl_store_append (rows->store, batch, kept, n, NULL);
}

gboolean
pl_keyed_rows_merge (PlKeyedRows *into, PlKeyedRows *from)
{
  const gsize n_groups = from->table->n_groups;
  const guint64 before = pl_store_n_rows (into->store), n_rows = pl_store_n_rows (from->store);
  if (!pl_keyed_rows_has_room (into, n_groups))
    return FALSE;
  pl_leased_auto guint32 *numbers = pl_leased (g_new (guint32, n_groups + 1));
  pl_group_table_unify ((PlGroupTable *[]){into->table, from->table}, 2, pl_parallel_serial ());
  for (gsize first = 0, n; first < n_groups; first += n)
    {
      n = MIN (n_groups - first, PL_BATCH_ROWS);
      pl_group_table_find_keys (into->table, from->table, first, n, numbers + first);
    }
  reserve (into, before + n_rows);
  for (guint64 i = 0; i < n_rows; i++)
    into->groups[before + i] = from->groups[i] == PL_NO_GROUP ? PL_NO_GROUP : numbers[from->groups[i]];
  pl_store_add (into->store, from->store);
  return TRUE;
}

void
pl_group_numbers_save (const guint32 *groups, guint64 n, PlBuffer *buffer)
{
  if (n > 0)
    pl_buffer_append (buffer, groups, n * sizeof *groups);
}

guint32 *
pl_group_numbers_load (PlCursor *cursor, guint64 n, guint64 n_groups)
{
  const void *bytes
      = n > 0 && n < G_MAXSIZE / sizeof (guint32) ? pl_cursor_get_raw (cursor, n * sizeof (guint32)) : NULL;
  if (n > 0 && bytes == NULL)
    cursor->failed = TRUE;
  if (cursor->failed)
    return NULL;
  guint32 *groups = pl_leased (g_new (guint32, n + 1));
  if (n > 0)
    memcpy (groups, bytes, n * sizeof *groups);
  for (guint64 i = 0; i < n; i++)
    cursor->failed |= groups[i] >= n_groups && groups[i] != PL_NO_GROUP;
  if (cursor->failed)
    pl_leased_free (g_steal_pointer (&groups));
  return groups;
}

void
pl_keyed_rows_save (const PlKeyedRows *rows, PlBuffer *buffer)
{
  pl_group_table_save (rows->table, buffer);
  pl_store_save (rows->store, buffer);
  pl_group_numbers_save (rows->groups, pl_store_n_rows (rows->store), buffer);
}

gboolean
pl_keyed_rows_load (PlKeyedRows *rows, PlCursor *cursor)
{
  if (!pl_group_table_load (rows->table, cursor) || !pl_store_load (rows->store, cursor))
    return FALSE;
  rows->capacity = pl_store_n_rows (rows->store) + 1;
  rows->groups = pl_group_numbers_load (cursor, pl_store_n_rows (rows->store), rows->table->n_groups);
  return rows->groups != NULL;
}
