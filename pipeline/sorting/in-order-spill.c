/* See in-order-spill.h. */
#include "in-order-spill.h"
#include "../memory/leased.h"
#include "../rows/gather.h"
#include "../spill/window.h"
#include "in-order.h"

#define TASK_BYTES ((guint64) 64 << 20) /* of rows that one task takes from */

/* ---- the rows of a store ---- */

static gboolean
put_row (const PlStore *store, guint64 row, const guint64 *notes, PlSpill *spill, GError **error)
{
  const PlRecord *record = pl_store_record (store, row);
  /* Rows of one position, which one row of the input was made into, stand side by side in one store. */
  const PlSpillEntry entry = {.prefix = record->position,
                              .place = row,
                              .sub = notes != NULL ? notes[row] : 0,
                              .data = (const guint8 *) record,
                              .data_length = record->n_words * (guint32) sizeof (guint64),
                              .flag = TRUE};
  return pl_spill_put (spill, &entry, error);
}

gboolean
pl_in_order_spill (const PlStore *store, const guint64 *notes, PlSpill *spill, GError **error)
{
  guint64 n = pl_store_n_rows (store);
  pl_leased_auto PlSortItem *items = NULL;
  if (!pl_in_order_is (store))
    items = pl_in_order_all ((PlStore *[]){(PlStore *) store}, 1, &n, pl_parallel_serial ());
  gboolean ok = pl_spill_begin (spill, error);
  for (guint64 i = 0; ok && i < n; i++)
    ok = put_row (store, items != NULL ? pl_in_order_row (items[i].id) : i, notes, spill, error);
  return ok && pl_spill_end (spill, error);
}

/* ---- one row of all ---- */

/* Finds how many of @items, which are in order, stand before row @nth of all. */
static gboolean
count_items (const PlSpillOrder *order, const PlSortItem *items, guint64 n, guint64 nth, guint64 *n_before,
             GError **error)
{
  guint64 low = 0, high = MIN (n, nth);
  while (low < high)
    {
      const guint64 middle = low + (high - low) / 2;
      const PlSpillEntry bound = {.prefix = items[middle].prefix};
      guint64 n_spilled;
      if (!pl_spill_order_count (order, &bound, &n_spilled, error))
        return FALSE;
      if (middle + n_spilled < nth)
        low = middle + 1;
      else
        high = middle;
    }
  *n_before = low;
  return TRUE;
}

/* Whether row @nth of all is the item that @n_before others stand before. */
static gboolean
is_item (const PlSpillOrder *order, const PlSortItem *item, guint64 n_before, guint64 nth, gboolean *is, GError **error)
{
  const PlSpillEntry bound = {.prefix = item->prefix};
  guint64 n_spilled;
  if (!pl_spill_order_count (order, &bound, &n_spilled, error))
    return FALSE;
  *is = n_before + n_spilled == nth;
  return TRUE;
}

gboolean
pl_in_order_find (PlStore *const *stores, guint n_stores, GPtrArray *spills, guint64 nth, PlInOrderFound *found,
                  GError **error)
{
  g_autoptr (PlSpillOrder) order = pl_spill_order_look (spills);
  g_auto (PlBuffer) rest = PL_BUFFER_INIT;
  guint64 n, n_before;
  pl_leased_auto PlSortItem *items = pl_in_order_all (stores, n_stores, &n, pl_parallel_serial ());
  *found = (PlInOrderFound){0};
  if (!count_items (order, items, n, nth, &n_before, error)
      || (n_before < n && !is_item (order, &items[n_before], n_before, nth, &found->is_stored, error)))
    return FALSE;
  if (found->is_stored)
    {
      found->id = items[n_before].id;
      found->position = items[n_before].prefix;
      return TRUE;
    }
  PlSpillEntry entry;
  if (!pl_spill_order_nth (order, nth - n_before, &rest, &entry, error))
    return FALSE;
  found->position = entry.prefix;
  found->note = entry.sub;
  return TRUE;
}

/* ---- rows in any order ---- */

gboolean
pl_in_order_put (PlSpillSorter *sorter, const PlSpillEntry *entry, guint64 note, GError **error)
{
  const PlSpillEntry row = {.prefix = entry->place,
                            .place = entry->sub,
                            .sub = note,
                            .data = entry->data,
                            .data_length = entry->data_length,
                            .flag = TRUE};
  return pl_spill_sorter_put (sorter, &row, error);
}

typedef struct
{
  const PlSpillOrder *order; /* by key */
  PlInOrderTake take;
  gpointer data;
  PlSpill **spills; /* a piece */
  GError **errors;
} Taking;

static void
take_task (guint piece, gpointer data)
{
  const Taking *taking = data;
  GError **error = &taking->errors[piece];
  g_autoptr (PlSpillMerge) merge = pl_spill_merge_open (taking->order, piece, error);
  g_autoptr (PlSpillSorter) sorter = pl_spill_sorter_new ();
  if (merge != NULL && taking->take (merge, sorter, taking->data, error))
    taking->spills[piece] = pl_spill_sorter_end (g_steal_pointer (&sorter), error);
}

PlSpillOrder *
pl_in_order_take (GPtrArray *spills, PlInOrderTake take, gpointer data, PlParallel *parallel, GError **error)
{
  g_autoptr (PlSpillOrder) order = pl_spill_order_new (spills, TASK_BYTES, pl_spill_cut_place, error);
  if (order == NULL)
    return NULL;
  const guint n = (guint) pl_spill_order_pieces (order);
  g_autofree GError **errors = g_new0 (GError *, n + 1);
  g_autofree PlSpill **taken = g_new0 (PlSpill *, n + 1);
  Taking taking = {order, take, data, taken, errors};
  parallel->run (parallel, n, take_task, &taking);
  GPtrArray *all = pl_spill_collect (taken, errors, n, error);
  return all != NULL ? pl_spill_order_new (all, PL_SPILL_PIECE, NULL, error) : NULL;
}

/* ---- and back ---- */

typedef struct
{
  PlRows rows;
  PlSpillOrder *order;
  PlStore *store; /* empty: it knows the parts of records */
} SpilledRows;

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  PlSpillMerge *merge = pl_spill_merge_open (((SpilledRows *) self)->order, piece->index, error);
  piece->data = merge;
  if (merge == NULL)
    return FALSE;
  piece->next = pl_spill_merge_before (merge);
  return TRUE;
}

static void
spilled_close (G_GNUC_UNUSED PlRows *self, PlPiece *piece)
{
  pl_spill_merge_close (piece->data);
}

gboolean
pl_in_order_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, guint64 *notes, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  PlSpillMerge *merge = piece->data;
  const PlRecord **records = pl_arena_new_array (batch->arena, const PlRecord *, n);
  const PlSpillEntry *entry;
  gsize n_rows = 0;
  for (; n_rows < n && (entry = pl_spill_merge_peek (merge)) != NULL; n_rows++)
    {
      const gsize room = MAX (entry->data_length, sizeof (PlRecord));
      records[n_rows] = memcpy (pl_arena_alloc (batch->arena, room), entry->data, entry->data_length);
      if (notes != NULL)
        notes[n_rows] = entry->sub;
      if (!pl_spill_merge_step (merge, error))
        {
          batch->failed_row = 0;
          return FALSE;
        }
    }
  pl_store_gather (rows->store, records, n_rows, batch);
  piece->next += n_rows;
  piece->ended = pl_spill_merge_peek (merge) == NULL;
  return TRUE;
}

static gboolean
spilled_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  return pl_in_order_next (self, piece, n, batch, NULL, error);
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_spill_order_free (rows->order);
  pl_store_free (rows->store);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_in_order_rows_spilled (PlSchema *schema, const guint8 *uses, PlSpillOrder *order)
{
  SpilledRows *rows = g_new0 (SpilledRows, 1);
  rows->rows = (PlRows){.schema = pl_schema_ref (schema),
                        .n_rows = pl_spill_order_entries (order),
                        .pieces_vary = TRUE,
                        .n_pieces = pl_spill_order_pieces (order),
                        .open = spilled_open,
                        .next = spilled_next,
                        .close = spilled_close,
                        .free = spilled_free};
  rows->order = order;
  rows->store = pl_store_new (schema, uses);
  return &rows->rows;
}
