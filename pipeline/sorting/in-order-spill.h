/* Rows that go to disk as they came, and come back in the order of the input.
 *
 * An entry's key is the row's position and its place what tells rows of one position apart. Its `sub` is a note, any
 * number of the user's, which has no part in the order. Its data is the row's record.
 *
 *   rows of a store ─────────────────────────────────────► runs ─ merged ─► rows
 *   runs by key, merged ─ what is taken of each key's rows ─► runs ─ merged ─► rows */
#pragma once
#include "../base/parallel.h"
#include "../rows/store.h"
#include "../spill/merge.h"
#include "../spill/sorter.h"

G_BEGIN_DECLS

/** pl_in_order_spill: all rows of @store, which stand in any order, become a run of @spill.
 * @notes: (nullable): of each row; 0 without */
gboolean pl_in_order_spill (const PlStore *store, const guint64 *notes, PlSpill *spill, GError **error);

/* A row among those of stores and those on disk. */
typedef struct
{
  gboolean is_stored;
  guint64 id; /* of a row that is stored: pl_in_order_id() */
  guint64 position, note;
} PlInOrderFound;

/** pl_in_order_find: finds the row that stands behind @nth others of @stores and @spills together; there is
 * such a row.
 * @spills: (transfer full) (element-type PlSpill): of other positions than @stores; they stay their owners'
 *
 * Returns: %FALSE with @error. */
gboolean pl_in_order_find (PlStore *const *stores, guint n_stores, GPtrArray *spills, guint64 nth,
                           PlInOrderFound *found, GError **error);

/** pl_in_order_put: a row among others in any order.
 * @entry: by key: its place is the row's position, and its sub tells rows of one position apart */
gboolean pl_in_order_put (PlSpillSorter *sorter, const PlSpillEntry *entry, guint64 note, GError **error);

/* Puts those that are wanted of the entries of @merge, which come in the order of keys, then of the input. Any thread.
 * Returns: %FALSE with @error. */
typedef gboolean (*PlInOrderTake) (PlSpillMerge *merge, PlSpillSorter *sorter, gpointer data, GError **error);

/** pl_in_order_take: @spills: (transfer full) (element-type PlSpill): rows by key
 * Returns: (transfer full) (nullable): what @take has taken of all of them, in the order of the input; %NULL with
 * @error. */
PlSpillOrder *pl_in_order_take (GPtrArray *spills, PlInOrderTake take, gpointer data, PlParallel *parallel,
                                GError **error);

/** pl_in_order_rows_spilled: Returns: (transfer full): the rows of @order (transfer full), which @schema and @uses
 * describe as those of their stores. Of a piece that is open, `next` is the number of the next row among all. */
PlRows *pl_in_order_rows_spilled (PlSchema *schema, const guint8 *uses, PlSpillOrder *order);
/** pl_in_order_next: PlRows.next of such rows. @notes: (nullable): room for @n: of each row. */
gboolean pl_in_order_next (PlRows *rows, PlPiece *piece, gsize n, PlBatch *batch, guint64 *notes, GError **error);

G_END_DECLS
