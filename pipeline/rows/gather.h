/* Rows of a store, gathered into batches. */
#pragma once
#include "store.h"
#include "../table/schema.h"

G_BEGIN_DECLS

/** pl_store_gather: fills @batch with @records[0 .. n) of @store, or of another store of the same schema and uses, in
 * that order; values copied to the batch's arena, texts by reference. The batch's positions are left to the caller. */
void pl_store_gather (const PlStore *store, const PlRecord *const *records, gsize n, PlBatch *batch);
/** pl_store_rows: Returns: (transfer full): @records of @stores, which are all of one schema and of the same uses; at
 * least one of them is not %NULL. Takes ownership of both arrays and of the stores. */
PlRows *pl_store_rows (PlSchema *schema, PlStore **stores, guint n_stores, const PlRecord **records, guint64 n_records);

G_END_DECLS
