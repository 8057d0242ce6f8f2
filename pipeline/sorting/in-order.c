/* See in-order.h. Items carry store and row instead of a record's address, as addresses say nothing of which
 * record was kept first. */
#include "in-order.h"
#include "../memory/leased.h"
#include "../rows/compact.h"
#include "../rows/gather.h"

PlSortItem *
pl_in_order_all (PlStore *const *stores, guint n_stores, guint64 *n_items, PlParallel *parallel)
{
  guint64 n = 0;
  for (guint s = 0; s < n_stores; s++)
    n += pl_store_n_rows (stores[s]);
  PlSortItem *items = pl_sort_items_new (n);
  *n_items = n;
  n = 0;
  for (guint s = 0; s < n_stores; s++)
    for (guint64 row = 0; row < pl_store_n_rows (stores[s]); row++)
      items[n++] = pl_in_order_item (stores, s, row);
  pl_sort_prefixes (items, n, parallel);
  return items;
}

gboolean
pl_in_order_is (const PlStore *store)
{
  const guint64 n = pl_store_n_rows (store);
  for (guint64 row = 1; row < n; row++)
    if (pl_store_record (store, row)->position < pl_store_record (store, row - 1)->position)
      return FALSE;
  return TRUE;
}

guint64 *
pl_in_order_first (PlStore *store, guint64 n)
{
  guint64 n_items;
  pl_leased_auto PlSortItem *items = pl_in_order_all (&store, 1, &n_items, pl_parallel_serial ());
  guint64 *rows = pl_leased (g_new (guint64, MAX (n, 1)));
  for (guint64 i = 0; i < n; i++)
    rows[i] = pl_in_order_row (items[i].id);
  return rows;
}

void
pl_in_order_keep_last (PlStore *store, guint64 n)
{
  if (pl_in_order_is (store))
    {
      pl_store_keep_last (store, n);
      return;
    }
  guint64 n_items;
  pl_leased_auto PlSortItem *items = pl_in_order_all (&store, 1, &n_items, pl_parallel_serial ());
  n = MIN (n, n_items);
  g_autofree guint64 *rows = g_new (guint64, MAX (n, 1));
  for (guint64 i = 0; i < n; i++)
    rows[i] = pl_in_order_row (items[n_items - n + i].id);
  pl_store_retain (store, rows, n);
}

PlRows *
pl_in_order_rows (PlSchema *schema, PlStore **stores, guint n_stores, PlSortItem *items, guint64 first, guint64 n)
{
  for (guint64 i = first; i < first + n; i++)
    items[i].record = pl_store_record (stores[pl_in_order_store (items[i].id)], pl_in_order_row (items[i].id));
  return pl_store_rows (schema, stores, n_stores, pl_sort_records_of (items, first, n), n);
}
