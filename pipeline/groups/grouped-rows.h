/* Kept rows by the group they belong to: group after group, and in each the order of the input. */
#pragma once
#include "../rows/store.h"
#include "../sorting/items.h"

G_BEGIN_DECLS

typedef struct
{
  const PlRecord **records; /* of all groups */
  guint64 *starts;          /* n_groups + 1: where each group's begin; NULL: group g's one row is records[g] */
} PlGroupedRows;

/** pl_grouped_rows_init:
 * @items: rows of @stores, by id, in the order of the input (in-order.h)
 * @groups: per store: the group of each of its rows, below @n_groups, or PL_NO_GROUP; every group has a row */
void pl_grouped_rows_init (PlGroupedRows *rows, PlStore *const *stores, guint32 *const *groups, const PlSortItem *items,
                           guint64 n_items, guint64 n_groups);
void pl_grouped_rows_clear (PlGroupedRows *rows);

static inline guint64
pl_grouped_rows_start (const PlGroupedRows *rows, guint64 group)
{
  return rows->starts != NULL ? rows->starts[group] : group;
}

G_END_DECLS
