/* Group tables: made, given other layouts, saved and loaded; see the header for the picture. */
#include "table.h"
#include "find.h"
#include "../memory/big-array.h"
#include "../keys/decode.h"
#include "../keys/encode.h"
#include "../keys/row.h"

#define LINE 8                        /* words of a cache line */
#define PREFETCH_MAX 32               /* words of a record */
#define ALIGNED_MAX ((gsize) 1 << 27) /* words of records that may be moved apart */

PlGroupTable *
pl_group_table_new (const PlKeyLayout *layout, gsize n_payload)
{
  PlGroupTable *table = g_new0 (PlGroupTable, 1);
  table->layout = pl_key_layout_copy (layout);
  table->n_payload = n_payload;
  table->stride = layout->n_words + n_payload;
  table->heap = pl_arena_new ();
  return table;
}

void
pl_group_table_free (PlGroupTable *table)
{
  if (table == NULL)
    return;
  pl_big_free (table->slots, pl_group_slot_bytes (table));
  pl_big_free (table->records, pl_group_record_bytes (table, table->capacity));
  pl_arena_free (table->heap);
  pl_group_scatter_free (table->scatter);
  pl_key_layout_free (table->layout);
  g_free (table);
}

gsize
pl_group_table_next (const PlGroupTable *table, gsize *first)
{
  while (table->scatter != NULL && *first < table->n_groups)
    {
      const guint chunk = (guint) (*first / PL_SCATTER_CHUNK);
      const gsize end = pl_group_scatter_chunk_end (table->scatter, chunk);
      if (*first < end)
        return end - *first;
      *first = ((gsize) chunk + 1) * PL_SCATTER_CHUNK;
    }
  return MIN (table->n_groups - *first, PL_BATCH_ROWS);
}

/* ---- growing keys ---- */

/* The keys of groups [first, first + n) in the layout of @fresh, which holds them. */
static void
write_keys (PlGroupTable *fresh, const PlGroupTable *table, gsize first, gsize n, guint64 *rows, PlArena *arena)
{
  const guint n_fields = table->layout->n_fields;
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_fields);
  for (gsize i = 0; i < n; i++)
    keys[i] = pl_group_table_key (table, first + i);
  for (guint f = 0; f < n_fields; f++)
    columns[f] = pl_keys_decode (table->layout, f, keys, n, arena);
  gboolean fits = pl_keys_encode (fresh->layout, columns, n, rows);
  g_assert (fits);
}

/* Writes all keys anew, in @layout, which holds them, into the empty table @fresh, which becomes @table. Groups keep
 * their numbers, unless it is scattered. */
static void
write_anew (PlGroupTable *table, PlGroupTable *fresh)
{
  const PlKeyLayout *layout = fresh->layout;
  g_autoptr (PlArena) arena = pl_arena_new ();
  guint32 *hashes = g_new (guint32, PL_BATCH_ROWS), *groups = g_new (guint32, PL_BATCH_ROWS);
  guint64 *rows = g_new (guint64, PL_BATCH_ROWS * MAX (layout->n_words, 1));
  pl_arena_free (g_steal_pointer (&fresh->heap));
  pl_group_table_reserve (fresh, table->n_groups, fresh->scatter == NULL);
  for (gsize first = 0, n; (n = pl_group_table_next (table, &first)) > 0; first += n)
    {
      pl_arena_reset (arena);
      write_keys (fresh, table, first, n, rows, arena);
      pl_keys_hash (layout, rows, n, hashes);
      if (fresh->scatter != NULL)
        pl_group_table_scatter_rows (fresh, rows, hashes, n, groups);
      else
        pl_group_table_find_rows (fresh, rows, hashes, n, groups);
      for (gsize i = 0; i < n; i++)
        memcpy (fresh->records + groups[i] * fresh->stride + layout->n_words,
                pl_group_table_key (table, first + i) + table->layout->n_words, table->n_payload * sizeof (guint64));
    }
  fresh->heap = g_steal_pointer (&table->heap);
  PlGroupTable old = *table;
  *table = *fresh;
  *fresh = old;
  pl_group_table_free (fresh);
  g_free (hashes);
  g_free (groups);
  g_free (rows);
}

static void
change_layout (PlGroupTable *table, const PlKeyLayout *layout)
{
  PlGroupTable *fresh = pl_group_table_new (layout, table->n_payload);
  if (table->scatter != NULL)
    fresh->scatter = pl_group_scatter_new (table->scatter->initial, table->n_payload);
  write_anew (table, fresh);
}

void
pl_group_table_scatter (PlGroupTable *table, const guint64 *initial)
{
  PlGroupTable *fresh = pl_group_table_new (table->layout, table->n_payload);
  fresh->scatter = pl_group_scatter_new (initial, table->n_payload);
  write_anew (table, fresh);
}

void
pl_group_table_find (PlGroupTable *table, PlColumn *const *columns, gsize n, guint32 *groups, PlArena *arena)
{
  guint64 *rows = pl_arena_new_array (arena, guint64, n * MAX (table->layout->n_words, 1));
  guint32 *hashes = pl_arena_new_array (arena, guint32, n);
  while (!pl_keys_encode (table->layout, columns, n, rows))
    {
      PlKeyLayout *wider = pl_key_layout_copy (table->layout);
      pl_key_layout_fit (wider, columns, n);
      change_layout (table, wider);
      pl_key_layout_free (wider);
      rows = pl_arena_new_array (arena, guint64, n * table->layout->n_words);
    }
  pl_keys_hash (table->layout, rows, n, hashes);
  pl_group_table_find_rows (table, rows, hashes, n, groups);
}

PlColumn *
pl_group_table_find_rest (PlGroupTable *table, const PlColumn *column, const guint32 *missed, gsize n_missed,
                          guint32 *groups, guint32 **found, PlArena *arena)
{
  if (n_missed == 0)
    return NULL;
  PlColumn *rest = pl_column_gather (column, missed, n_missed, arena);
  *found = pl_arena_new_array (arena, guint32, n_missed);
  pl_group_table_find (table, &rest, n_missed, *found, arena);
  for (gsize i = 0; i < n_missed; i++)
    groups[missed[i]] = (*found)[i];
  return rest;
}

void
pl_group_table_fetch (const PlGroupTable *table, const guint32 *addresses, gsize n)
{
  const gsize last = MIN (table->stride, PREFETCH_MAX) - 1;
  const gboolean aligned = LINE % table->stride == 0;
  for (gsize i = 0; i < n; i++)
    {
      const volatile guint64 *record = table->records + addresses[i];
      for (gsize word = 0; word < last; word += LINE)
        (void) record[word];
      if (!aligned)
        (void) record[last];
    }
}

void
pl_group_table_align (PlGroupTable *table)
{
  const gsize old = table->stride, capacity = table->capacity;
  gsize stride = MAX (old, 1);
  while (stride < LINE && LINE % stride != 0)
    stride++;
  if (table->scatter != NULL || stride == old || 3 * stride > 4 * old || !pl_group_table_is_far (table)
      || capacity * stride > ALIGNED_MAX)
    return;
  pl_group_records_resize (table, stride, capacity);
  for (gsize group = table->n_groups - 1; group > 0; group--)
    memmove (table->records + group * stride, table->records + group * old, old * sizeof (guint64));
}

typedef struct
{
  PlGroupTable *const *tables;
  const PlKeyLayout *layout;
} Unify;

static void
unify_task (guint index, gpointer data)
{
  const Unify *unify = data;
  PlGroupTable *table = unify->tables[index];
  if (!pl_key_layout_equal (table->layout, unify->layout))
    change_layout (table, unify->layout);
  else
    pl_key_layout_join (table->layout, unify->layout);
}

void
pl_group_table_unify (PlGroupTable *const *tables, guint n_tables, PlParallel *parallel)
{
  PlKeyLayout *layout = pl_key_layout_copy (tables[0]->layout);
  for (guint t = 1; t < n_tables; t++)
    pl_key_layout_join (layout, tables[t]->layout);
  Unify unify = {tables, layout};
  parallel->run (parallel, n_tables, unify_task, &unify);
  pl_key_layout_free (layout);
}

/* ---- the wire ---- */

void
pl_group_table_save (const PlGroupTable *table, PlBuffer *buffer)
{
  pl_key_layout_save (table->layout, buffer);
  pl_buffer_put_u64 (buffer, table->n_groups);
  for (gsize group = 0; group < table->n_groups; group++)
    pl_key_save (table->layout, pl_group_table_key (table, group), buffer);
}

gboolean
pl_group_table_load (PlGroupTable *table, PlCursor *cursor)
{
  const PlKeyLayout *layout = table->layout;
  if (!pl_key_layout_load (table->layout, cursor))
    return FALSE;
  table->stride = layout->n_words + table->n_payload;
  guint64 n_groups = pl_cursor_get_u64 (cursor);
  g_autofree guint64 *rows = g_new (guint64, PL_BATCH_ROWS * MAX (layout->n_words, 1));
  g_autofree guint32 *hashes = g_new (guint32, PL_BATCH_ROWS), *groups = g_new (guint32, PL_BATCH_ROWS);
  PlArena *heap = g_steal_pointer (&table->heap);
  while (!cursor->failed && table->n_groups < n_groups)
    {
      gsize before = table->n_groups, n = MIN (n_groups - before, PL_BATCH_ROWS);
      for (gsize i = 0; i < n && !cursor->failed; i++)
        if (!pl_key_load (layout, rows + i * layout->n_words, heap, cursor))
          cursor->failed = TRUE;
      if (cursor->failed)
        break;
      pl_keys_hash (layout, rows, n, hashes);
      pl_group_table_find_rows (table, rows, hashes, n, groups);
      /* Saved keys are distinct; anything else is not a saved table. */
      if (table->n_groups != before + n)
        cursor->failed = TRUE;
    }
  table->heap = heap;
  return !cursor->failed;
}
