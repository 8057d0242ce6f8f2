/* Rows as they came. What stages keep of their input is spread over the stores of all workers; it goes back into
 * the order of the input by position, and where several rows have one position, which all of them have from one
 * batch, in the order in which they were kept. */
#pragma once
#include "items.h"

G_BEGIN_DECLS

/* A row as an item's id: which of the stores, and which of its rows. No machine holds a store of 2^40 rows. */
#define PL_IN_ORDER_ROW_BITS 40

static inline guint64
pl_in_order_id (guint store, guint64 row)
{
  return (guint64) store << PL_IN_ORDER_ROW_BITS | row;
}

static inline guint
pl_in_order_store (guint64 id)
{
  return (guint) (id >> PL_IN_ORDER_ROW_BITS);
}

static inline guint64
pl_in_order_row (guint64 id)
{
  return id & ((G_GUINT64_CONSTANT (1) << PL_IN_ORDER_ROW_BITS) - 1);
}

/** pl_in_order_item: Returns: the item of row @row of store @store, to be sorted by pl_sort_prefixes(). */
static inline PlSortItem
pl_in_order_item (PlStore *const *stores, guint store, guint64 row)
{
  PlSortItem item;
  item.prefix = pl_store_record (stores[store], row)->position;
  item.id = pl_in_order_id (store, row);
  return item;
}

/** pl_in_order_all:
 * @n_items: (out): rows of all @stores together
 *
 * Returns: (transfer full): their items, in the order of the input. */
PlSortItem *pl_in_order_all (PlStore *const *stores, guint n_stores, guint64 *n_items, PlParallel *parallel);
/** pl_in_order_is: Returns: whether the rows of @store stand in the order of the input. */
gboolean pl_in_order_is (const PlStore *store);
/** pl_in_order_first: Returns: (transfer full): leased: the @n first rows of @store, which has as many, in the order of
 * the input. */
guint64 *pl_in_order_first (PlStore *store, guint64 n);
/** pl_in_order_keep_last: forgets all rows of @store, which stand in any order, but the @n last ones of the input;
 * they stand in its order then. */
void pl_in_order_keep_last (PlStore *store, guint64 n);
/** pl_in_order_rows:
 * @stores: (transfer full): at least one of them is not %NULL
 * @items: (transfer full): of rows of @stores
 *
 * Returns: (transfer full): the rows of @items[first .. first + n), in that order. */
PlRows *pl_in_order_rows (PlSchema *schema, PlStore **stores, guint n_stores, PlSortItem *items, guint64 first,
                          guint64 n);

G_END_DECLS
