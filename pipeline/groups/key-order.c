/* See key-order.h. */
#include "key-order.h"
#include "../keys/comparable.h"
#include "../keys/decode.h"
#include "../memory/big-array.h"
#include "order.h"

#define CHUNK ((guint64) 16 * PL_BATCH_ROWS) /* groups that one task prepares for sorting */
#define AHEAD 8                              /* rows that records are fetched ahead */

typedef struct
{
  PlGroupTable *const *tables;
  PlSortItem *items;
  guint64 n;
  PlStore **stores; /* per chunk: key records; their position is the index into ids */
  PlSchema *empty;
  guint64 *ids; /* all */
} Ordering;

PlColumn **
pl_group_keys_of (PlGroupTable *const *tables, const guint64 *ids, gsize n, PlArena *arena)
{
  const guint n_fields = tables[0]->layout->n_fields;
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_fields);
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (keys[i] = pl_group_table_key (tables[ids[i] >> 32], (guint32) ids[i]));
  for (guint f = 0; f < n_fields; f++)
    columns[f] = pl_keys_decode (tables[0]->layout, f, keys, n, arena);
  return columns;
}

/* Keys of the groups of a chunk as comparable records, a batch at a time. */
static void
key_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  PlStore *store = ordering->stores[chunk] = pl_store_new (ordering->empty, NULL);
  g_autoptr (PlArena) arena = pl_arena_new ();
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->n);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_arena_reset (arena);
      PlColumn **columns = pl_group_keys_of (ordering->tables, ordering->ids + first, n, arena);
      PlText *keys = pl_sort_keys (columns, NULL, ordering->tables[0]->layout->n_fields, NULL, n, 0, arena);
      PlBatch batch;
      pl_batch_init (&batch, ordering->empty, arena);
      batch.n_rows = n;
      batch.position = first;
      pl_store_append (store, &batch, NULL, n, keys);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i].record = pl_store_record (store, first - start + i);
    }
}

static void
id_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  PlSortItem *items = ordering->items;
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->n);
  for (guint64 i = start; i < end; i++)
    {
      __builtin_prefetch (items[MIN (i + AHEAD, end - 1)].record);
      items[i].id = ordering->ids[items[i].record->position];
    }
}

static void
order_by_record (Ordering *ordering, PlParallel *parallel)
{
  const guint n_chunks = (guint) ((ordering->n + CHUNK - 1) / CHUNK);
  const gsize bytes = ordering->n * sizeof *ordering->ids;
  ordering->empty = pl_schema_new ();
  ordering->stores = g_new0 (PlStore *, n_chunks);
  ordering->ids = pl_big_resize (NULL, 0, bytes);
  for (guint64 i = 0; i < ordering->n; i++)
    ordering->ids[i] = ordering->items[i].id;
  parallel->run (parallel, n_chunks, key_task, ordering);
  pl_sort_records (ordering->items, ordering->n, pl_store_key_offset (ordering->stores[0]), parallel);
  parallel->run (parallel, n_chunks, id_task, ordering);
  for (guint c = 0; c < n_chunks; c++)
    pl_store_free (ordering->stores[c]);
  g_free (ordering->stores);
  pl_big_free (ordering->ids, bytes);
  pl_schema_unref (ordering->empty);
}

void
pl_group_order_keys (PlGroupTable *const *tables, PlSortItem *items, guint64 n, PlParallel *parallel)
{
  Ordering ordering = {.tables = tables, .items = items, .n = n};
  if (n < 2)
    return;
  if (tables[0]->layout->has_long)
    order_by_record (&ordering, parallel);
  else
    pl_group_order (tables, items, n, parallel);
}
