/* Puts the groups in order: by their keys (groups/key-order.h), or by first rows. */
#include "order.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/memory/big-array.h"

#define CHUNK ((guint64) 16 * PL_BATCH_ROWS) /* groups that one task prepares for sorting */

typedef struct
{
  PlGroupRows *rows;
  gboolean by_first; /* row; else by key */
  PlSortItem *items;
  guint64 *sorted;
} Ordering;

/* The groups as items; where they go by their first rows, with these as prefixes. */
static void
item_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  PlGroupRows *rows = ordering->rows;
  const gboolean by_first = ordering->by_first;
  guint64 ids[PL_BATCH_ROWS];
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, rows->ids.n);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_group_ids_get (&rows->ids, first, n, ids);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i] = (PlSortItem){
            .prefix = by_first ? rows->states[ids[i] >> 32]->first[(guint32) ids[i]] : 0,
            .id = ids[i],
        };
    }
}

static void
sorted_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->rows->ids.n);
  for (guint64 i = start; i < end; i++)
    ordering->sorted[i] = ordering->items[i].id;
}

static void
order_groups (PlGroupRows *rows, gboolean by_first, PlParallel *parallel)
{
  const guint64 n = rows->ids.n;
  if (n < 2)
    return;
  const gsize bytes = n * sizeof (PlSortItem);
  const guint n_chunks = (guint) ((n + CHUNK - 1) / CHUNK);
  Ordering ordering = {.rows = rows, .by_first = by_first, .items = pl_big_resize (NULL, 0, bytes)};
  g_autofree PlGroupTable **tables = pl_group_rows_tables (rows);
  parallel->run (parallel, n_chunks, item_task, &ordering);
  if (by_first)
    pl_sort_prefixes (ordering.items, n, parallel);
  else
    pl_group_order_keys (tables, ordering.items, n, parallel);
  ordering.sorted = pl_group_ids_join (&rows->ids);
  parallel->run (parallel, n_chunks, sorted_task, &ordering);
  pl_big_free (ordering.items, bytes);
}

void
pl_group_rows_order_keys (PlGroupRows *rows, PlParallel *parallel)
{
  order_groups (rows, FALSE, parallel);
}

void
pl_group_rows_order (PlGroupRows *rows, PlParallel *parallel)
{
  if (rows->config->order != PL_GROUPS_BY_HASH)
    order_groups (rows, rows->config->order == PL_GROUPS_BY_APPEARANCE, parallel);
}
