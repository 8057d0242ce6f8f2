/* Makes the index of a join, and reads the rows that nobody has found: see index.h. */
#include "index.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/rows/wire.h"
#include "../../pipeline/sorting/in-order.h"
#include "unique.h"

/* ---- the rest, as rows ---- */

static gboolean
index_open (PlRows *self, PlPiece *piece, GError **error)
{
  const PlJoinDisk *disk = pl_join_index (self)->disk;
  return disk == NULL || pl_join_disk_open (disk, piece, error);
}

static void
index_close (PlRows *self, PlPiece *piece)
{
  if (pl_join_index (self)->disk != NULL)
    pl_join_disk_close (piece);
}

/* Which of the next @n rows nobody has found. Returns: how many. */
static gsize
find_rest (const PlJoinIndex *index, PlPiece *piece, gsize n, const PlRecord **records)
{
  guint64 first;
  gsize n_left = 0;
  n = pl_piece_advance (piece, index->n_items, n, &first);
  for (guint64 i = first; i < first + n; i++)
    {
      const guint store = pl_in_order_store (index->items[i].id);
      const guint64 row = pl_in_order_row (index->items[i].id);
      const guint32 group = index->groups[store][row];
      records[n_left] = pl_store_record (index->stores[store], row);
      n_left += group == PL_NO_GROUP || !(index->found[group >> 3] >> (group & 7) & 1);
    }
  return n_left;
}

static gboolean
index_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const PlJoinIndex *index = pl_join_index (self);
  const PlRecord **records = pl_arena_new_array (batch->arena, const PlRecord *, n);
  gsize n_left = 0;
  if (index->disk == NULL)
    n_left = find_rest (index, piece, n, records);
  else if (!pl_join_disk_next (index->disk, piece, n, records, &n_left, batch->arena, error))
    {
      batch->failed_row = 0;
      return FALSE;
    }
  pl_store_gather (index->nulls, records, n_left, batch);
  return TRUE;
}

static void
index_free (PlRows *self)
{
  PlJoinIndex *index = pl_join_index (self);
  for (guint s = 0; s < index->n_stores; s++)
    {
      pl_store_free (index->stores[s]);
      pl_leased_free (index->groups[s]);
    }
  g_free (index->stores);
  g_free (index->groups);
  pl_group_index_free (index->keys);
  pl_leased_free (index->items);
  pl_grouped_rows_clear (&index->grouped);
  pl_store_free (index->nulls);
  pl_leased_free (index->found);
  if (index->left != NULL)
    pl_keyed_rows_clear (index->left);
  g_free (index->left);
  g_clear_pointer (&index->lefts, g_ptr_array_unref);
  pl_join_disk_free (index->disk);
  pl_schema_unref (self->schema);
  pl_join_unref (index->join);
  g_free (index);
}

/* ---- making it ---- */

/* A row of nulls, laid out like those of the index. */
static void
add_null_row (PlJoinIndex *index)
{
  PlSchema *schema = index->rows.schema;
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  batch.n_rows = 1;
  for (guint i = 0; i < schema->n_fields; i++)
    batch.columns[i] = pl_column_null (arena, schema->fields[i].type, 1);
  index->nulls = pl_join_store (index->join);
  pl_store_append (index->nulls, &batch, NULL, 1, NULL);
  index->null = pl_store_record (index->nulls, 0);
}

static PlJoinIndex *
index_alloc (PlJoin *join, guint n_stores)
{
  PlJoinIndex *index = g_new0 (PlJoinIndex, 1);
  index->rows = (PlRows){.schema = pl_schema_ref (join->stored),
                         .open = index_open,
                         .next = index_next,
                         .close = index_close,
                         .free = index_free};
  index->join = join;
  join->references++;
  index->n_stores = n_stores;
  index->stores = g_new0 (PlStore *, n_stores);
  index->groups = g_new0 (guint32 *, n_stores);
  return index;
}

/* Puts rows by their groups, once these are known. */
static gboolean
index_complete (PlJoinIndex *index, PlParallel *parallel, GError **error)
{
  const PlJoin *join = index->join;
  pl_leased_auto PlSortItem *items = pl_in_order_all (index->stores, index->n_stores, &index->n_items, parallel);
  const PlJoinRows rows = {index->n_groups, index->stores, index->groups, items, index->n_items};
  add_null_row (index);
  if (join->is_unique[1] && !pl_join_check_unique (join, 1, &rows, error))
    return FALSE;
  if (!pl_join_is_test (join))
    pl_grouped_rows_init (&index->grouped, index->stores, index->groups, items, index->n_items, index->n_groups);
  if (!pl_join_has_rest (join))
    return TRUE;
  index->found = pl_leased_new0 (index->n_groups / 8 + 1);
  index->items = g_steal_pointer (&items);
  index->rows.n_rows = PL_ROWS_UNKNOWN;
  index->rows.n_pieces = pl_rows_pieces (index->n_items);
  return TRUE;
}

/* All rows are one group's. */
static void
join_all (PlJoinIndex *index, PlKeyedRows *sides)
{
  for (guint s = 0; s < index->n_stores; s++)
    {
      const guint64 n = pl_store_n_rows (index->stores[s]);
      index->groups[s] = g_steal_pointer (&sides[s].groups);
      for (guint64 row = 0; row < n; row++)
        index->groups[s][row] = 0;
      index->n_groups |= n > 0;
    }
}

/* Gives the groups of all workers their numbers in one table. */
static gboolean
number_groups (PlJoinIndex *index, PlKeyedRows *sides, PlParallel *parallel)
{
  const guint n = index->n_stores;
  g_autofree PlGroupTable **tables = g_new (PlGroupTable *, n);
  g_autofree guint32 **numbers = g_new0 (guint32 *, n);
  for (guint s = 0; s < n; s++)
    tables[s] = g_steal_pointer (&sides[s].table);
  index->keys = pl_group_index_new (tables, n, numbers, parallel);
  for (guint s = 0; s < n; s++)
    {
      guint32 *groups = index->groups[s] = g_steal_pointer (&sides[s].groups);
      for (guint64 row = 0; row < pl_store_n_rows (index->stores[s]) && index->keys != NULL; row++)
        groups[row] = groups[row] == PL_NO_GROUP ? PL_NO_GROUP : numbers[s][groups[row]];
      pl_leased_free (numbers[s]);
    }
  index->n_groups = index->keys != NULL ? index->keys->table->n_groups : 0;
  return index->keys != NULL;
}

PlRows *
pl_join_index_new (PlJoin *join, PlKeyedRows *sides, guint n_sides, PlParallel *parallel, GError **error)
{
  PlJoinIndex *index = index_alloc (join, n_sides);
  gboolean ok = TRUE;
  for (guint s = 0; s < n_sides; s++)
    index->stores[s] = g_steal_pointer (&sides[s].store);
  if (join->how == PL_JOIN_CROSS)
    join_all (index, sides);
  else if (!number_groups (index, sides, parallel))
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "more than 4294967294 keys in '%s', which [%s] keeps",
                   join->inputs[1], join->name);
      ok = FALSE;
    }
  ok = ok && index_complete (index, parallel, error);
  if (ok)
    return &index->rows;
  index_free (&index->rows);
  return NULL;
}

PlRows *
pl_join_index_on_disk (PlJoin *join, GPtrArray *rows, GPtrArray *rest, PlParallel *parallel, GError **error)
{
  PlJoinIndex *index = index_alloc (join, 0);
  add_null_row (index);
  index->disk = pl_join_disk_new (join, rows, rest, parallel, error);
  if (index->disk != NULL)
    return &index->rows;
  index_free (&index->rows);
  return NULL;
}

gboolean
pl_join_index_is_on_disk (PlRows *rows)
{
  return pl_join_index (rows)->disk != NULL;
}

gboolean
pl_join_index_wants_keys (PlRows *rows)
{
  const PlJoinDisk *disk = pl_join_index (rows)->disk;
  return disk != NULL && pl_join_disk_wants_keys (disk);
}

gboolean
pl_join_index_rest (PlRows *rows, GError **error)
{
  PlJoinIndex *index = pl_join_index (rows);
  return index->disk == NULL || !pl_join_has_rest (index->join) || pl_join_disk_rest (index->disk, rows, error);
}

/* ---- the wire ---- */

void
pl_join_index_save (G_GNUC_UNUSED gconstpointer part, PlRows *rows, PlBuffer *buffer)
{
  const PlJoinIndex *index = pl_join_index (rows);
  pl_buffer_put_u64 (buffer, index->n_groups);
  if (index->keys != NULL)
    pl_group_table_save (index->keys->table, buffer);
  pl_buffer_put_u32 (buffer, index->n_stores);
  for (guint s = 0; s < index->n_stores; s++)
    {
      pl_store_save (index->stores[s], buffer);
      pl_group_numbers_save (index->groups[s], pl_store_n_rows (index->stores[s]), buffer);
    }
}

/* The table, in which groups have the numbers they had. */
static gboolean
load_keys (PlJoinIndex *index, PlCursor *cursor)
{
  PlGroupTable *table = pl_group_table_new (index->join->layout, 0);
  guint32 *numbers = NULL;
  if (!pl_group_table_load (table, cursor) || table->n_groups != index->n_groups)
    {
      pl_group_table_free (table);
      return FALSE;
    }
  index->keys = pl_group_index_new (&table, 1, &numbers, pl_parallel_serial ());
  pl_leased_free (numbers);
  return index->keys != NULL;
}

static gboolean
load_rows (PlJoinIndex *index, PlCursor *cursor)
{
  for (guint s = 0; s < index->n_stores && !cursor->failed; s++)
    {
      index->stores[s] = pl_join_store (index->join);
      if (pl_store_load (index->stores[s], cursor))
        index->groups[s] = pl_group_numbers_load (cursor, pl_store_n_rows (index->stores[s]), index->n_groups);
    }
  return !cursor->failed;
}

PlRows *
pl_join_index_load (gconstpointer data, PlCursor *cursor)
{
  const PlJoinPart *part = data;
  const guint64 n_groups = pl_cursor_get_u64 (cursor);
  PlJoinIndex *index = index_alloc (part->join, 0);
  index->n_groups = n_groups;
  gboolean ok
      = !cursor->failed && n_groups < G_MAXUINT32 && (part->join->how == PL_JOIN_CROSS || load_keys (index, cursor));
  const guint n_stores = ok ? pl_cursor_get_u32 (cursor) : 0;
  ok = ok && !cursor->failed && n_stores <= cursor->length;
  if (ok)
    {
      index->n_stores = n_stores;
      index->stores = g_renew (PlStore *, index->stores, n_stores + 1);
      index->groups = g_renew (guint32 *, index->groups, n_stores + 1);
      memset (index->stores, 0, n_stores * sizeof *index->stores);
      memset (index->groups, 0, n_stores * sizeof *index->groups);
      ok = load_rows (index, cursor) && index_complete (index, pl_parallel_serial (), NULL);
    }
  cursor->failed |= !ok;
  if (ok)
    return &index->rows;
  index_free (&index->rows);
  return NULL;
}
