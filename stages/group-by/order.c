/* Puts the groups in order: by their keys as they stand in the tables, by comparable records where keys point to long
 * texts, or by first rows. */
#include "order.h"
#include "../../pipeline/groups/order.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/memory/big-array.h"
#include "../../pipeline/keys/decode.h"

#define CHUNK ((guint64) 16 * PL_BATCH_ROWS) /* groups that one task prepares for sorting */
#define AHEAD 8                              /* rows that records are fetched ahead */

typedef struct
{
  PlGroupRows *rows;
  PlSortItem *items;
  PlStore **stores; /* per chunk: key records; their position is the index into rows->ids */
  PlSchema *empty;
  guint64 *ids; /* all */
  guint64 *sorted;
} Ordering;

PlColumn **
pl_group_rows_keys (const PlGroupRows *rows, const guint64 *ids, gsize n, PlArena *arena)
{
  const PlKeyLayout *layout = pl_group_rows_layout (rows);
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, layout->n_fields);
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (keys[i] = pl_group_rows_key (rows, ids[i]));
  for (guint f = 0; f < layout->n_fields; f++)
    columns[f] = pl_keys_decode (layout, f, keys, n, arena);
  return columns;
}

/* Keys of the groups of a chunk as comparable records, a batch at a time. */
static void
key_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  PlGroupRows *rows = ordering->rows;
  PlStore *store = ordering->stores[chunk] = pl_store_new (ordering->empty, NULL);
  g_autoptr (PlArena) arena = pl_arena_new ();
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, rows->ids.n);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_arena_reset (arena);
      PlColumn **columns = pl_group_rows_keys (rows, pl_group_rows_ids (rows, first, n, arena), n, arena);
      PlText *sort_keys = pl_sort_keys (columns, NULL, pl_group_rows_layout (rows)->n_fields, NULL, n, 0, arena);
      PlBatch batch;
      pl_batch_init (&batch, ordering->empty, arena);
      batch.n_rows = n;
      batch.position = first;
      pl_store_append (store, &batch, NULL, n, sort_keys);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i].record = pl_store_record (store, first - start + i);
    }
}

static void
sorted_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  const PlSortItem *items = ordering->items;
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->rows->ids.n);
  for (guint64 i = start; i < end; i++)
    if (ordering->ids == NULL)
      ordering->sorted[i] = items[i].id;
    else
      {
        __builtin_prefetch (items[MIN (i + AHEAD, end - 1)].record);
        ordering->sorted[i] = ordering->ids[items[i].record->position];
      }
}

static void
id_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  guint64 ids[PL_BATCH_ROWS];
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->rows->ids.n);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_group_ids_get (&ordering->rows->ids, first, n, ids);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i].id = ids[i];
    }
}

/* By the keys as they stand in the tables. Returns: %FALSE where that cannot be. */
static gboolean
order_by_key (Ordering *ordering, guint n_chunks, PlParallel *parallel)
{
  const PlGroupRows *rows = ordering->rows;
  if (pl_group_rows_layout (rows)->has_long)
    return FALSE;
  g_autofree PlGroupTable **tables = pl_group_rows_tables (rows);
  parallel->run (parallel, n_chunks, id_task, ordering);
  pl_group_order (tables, ordering->items, rows->ids.n, parallel);
  return TRUE;
}

/* Leaves records in the items; the stores hold them. */
static void
order_by_record (Ordering *ordering, guint n_chunks, PlParallel *parallel)
{
  PlGroupRows *rows = ordering->rows;
  const guint64 n = rows->ids.n;
  ordering->empty = pl_schema_new ();
  ordering->stores = g_new0 (PlStore *, n_chunks);
  parallel->run (parallel, n_chunks, key_task, ordering);
  pl_sort_records (ordering->items, n, pl_store_key_offset (ordering->stores[0]), parallel);
  ordering->ids = pl_big_resize (NULL, 0, n * sizeof *ordering->ids);
  pl_group_ids_get (&rows->ids, 0, n, ordering->ids);
  pl_schema_unref (ordering->empty);
}

static void
first_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  PlGroupRows *rows = ordering->rows;
  guint64 ids[PL_BATCH_ROWS];
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, rows->ids.n);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_group_ids_get (&rows->ids, first, n, ids);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i]
            = (PlSortItem){.prefix = rows->states[ids[i] >> 32]->first[(guint32) ids[i]], .id = ids[i]};
    }
}

void
pl_group_rows_order (PlGroupRows *rows, PlParallel *parallel)
{
  const guint64 n = rows->ids.n;
  if (rows->config->order == PL_GROUPS_BY_HASH || n < 2)
    return;
  const gsize bytes = n * sizeof (PlSortItem);
  const guint n_chunks = (guint) ((n + CHUNK - 1) / CHUNK);
  Ordering ordering = {.rows = rows, .items = pl_big_resize (NULL, 0, bytes)};
  if (rows->config->order == PL_GROUPS_BY_APPEARANCE)
    {
      parallel->run (parallel, n_chunks, first_task, &ordering);
      pl_sort_prefixes (ordering.items, n, parallel);
    }
  else if (!order_by_key (&ordering, n_chunks, parallel))
    order_by_record (&ordering, n_chunks, parallel);
  ordering.sorted = pl_group_ids_join (&rows->ids);
  parallel->run (parallel, n_chunks, sorted_task, &ordering);
  for (guint c = 0; ordering.stores != NULL && c < n_chunks; c++)
    pl_store_free (ordering.stores[c]);
  g_free (ordering.stores);
  pl_big_free (ordering.ids, ordering.ids != NULL ? n * sizeof *ordering.ids : 0);
  pl_big_free (ordering.items, bytes);
}
