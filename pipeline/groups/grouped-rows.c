/* A counting sort by group: see grouped-rows.h. */
#include "grouped-rows.h"
#include "../memory/leased.h"
#include "../sorting/in-order.h"
#include "slots.h"

static inline guint32
group_of (guint32 *const *groups, const PlSortItem *item)
{
  return groups[pl_in_order_store (item->id)][pl_in_order_row (item->id)];
}

static inline const PlRecord *
record_of (PlStore *const *stores, const PlSortItem *item)
{
  return pl_store_record (stores[pl_in_order_store (item->id)], pl_in_order_row (item->id));
}

/* How many rows have a group. */
static guint64
count_grouped (guint32 *const *groups, const PlSortItem *items, guint64 n_items)
{
  guint64 n = 0;
  for (guint64 i = 0; i < n_items; i++)
    n += group_of (groups, &items[i]) != PL_NO_GROUP;
  return n;
}

/* Where each group begins, from how many rows each has. */
static void
set_starts (PlGroupedRows *rows, guint32 *const *groups, const PlSortItem *items, guint64 n_items, guint64 n_groups)
{
  rows->starts = pl_leased_new0 ((n_groups + 1) * sizeof *rows->starts);
  for (guint64 i = 0; i < n_items; i++)
    if (group_of (groups, &items[i]) != PL_NO_GROUP)
      rows->starts[group_of (groups, &items[i]) + 1]++;
  for (guint64 group = 0; group < n_groups; group++)
    rows->starts[group + 1] += rows->starts[group];
}

void
pl_grouped_rows_init (PlGroupedRows *rows, PlStore *const *stores, guint32 *const *groups, const PlSortItem *items,
                      guint64 n_items, guint64 n_groups)
{
  const guint64 n = count_grouped (groups, items, n_items);
  *rows = (PlGroupedRows){0};
  rows->records = pl_leased (g_new (const PlRecord *, n + 1));
  if (n > n_groups)
    set_starts (rows, groups, items, n_items, n_groups);
  /* While they are filled in, groups begin where their next row goes. */
  for (guint64 i = 0; i < n_items; i++)
    {
      const guint32 group = group_of (groups, &items[i]);
      if (group != PL_NO_GROUP)
        rows->records[rows->starts != NULL ? rows->starts[group]++ : group] = record_of (stores, &items[i]);
    }
  if (rows->starts == NULL)
    return;
  memmove (rows->starts + 1, rows->starts, n_groups * sizeof *rows->starts);
  rows->starts[0] = 0;
}

void
pl_grouped_rows_clear (PlGroupedRows *rows)
{
  pl_leased_free (rows->records);
  pl_leased_free (rows->starts);
}
