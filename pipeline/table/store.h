/* An append-only table that copies the rows it is given: what sort, distinct, limit and top-k keep.
 *
 * Rows are numbered from 0 in the order of appending. Every part of a column that is present in the first batch
 * (values, nulls, lexical, exact) is kept; all batches must have the same parts present. Values stand in
 * large chunks; texts are copied into a heap of the store. One writer; once filled, any number of readers. */
#pragma once
#include "../base/buffer.h"
#include "rows.h"

G_BEGIN_DECLS

typedef struct PlStore PlStore;

PlStore *pl_store_new (PlSchema *schema);
void pl_store_free (PlStore *store);
guint64 pl_store_n_rows (const PlStore *store);
gsize pl_store_bytes (const PlStore *store);
/** pl_store_append: copies rows @rows[0 .. n) of @batch (all of them when @rows is %NULL), with their positions. */
void pl_store_append (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n);
/** pl_store_position: the position of row @row. */
guint64 pl_store_position (const PlStore *store, guint64 row);
/** pl_store_gather: fills @batch with rows @rows[0 .. n) in that order; values copied to its arena, texts by
 * reference. The batch's own positions are left to the caller. */
void pl_store_gather (const PlStore *store, const guint64 *rows, gsize n, PlBatch *batch);
/** pl_store_column: one value: chunked, so through this accessor; @row_in_column is the row to use with the column returned. */
const PlColumn *pl_store_column (const PlStore *store, guint column, guint64 row, gsize *row_in_column);
void pl_store_save (const PlStore *store, PlBuffer *buffer);
/** pl_store_load: appends saved rows. Returns: %FALSE with cursor->failed when the bytes are not a saved store of this schema. */
gboolean pl_store_load (PlStore *store, PlCursor *cursor);
/** pl_store_rows: @stores (all of one schema) as rows: row i is row @rows[i].row of @stores[@rows[i].store]. Takes ownership of all three. */
typedef struct { guint32 store; guint32 row; } PlStoreRow;
PlRows *pl_store_rows (PlStore **stores, guint n_stores, PlStoreRow *rows, guint64 n_rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlStore, pl_store_free)

G_END_DECLS
