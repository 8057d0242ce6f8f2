/* An append-only table that copies the rows it is given: what sort, distinct, limit and top-k keep.
 *
 * A row is one record, its parts side by side, so that reading rows in another order than they were written costs one
 * cache miss a row and not one a value:
 *
 *   position | key length | null bits | values, exacts | text lengths | key | texts
 *
 * Which parts a record has follows from the types and from what is wanted of each column, so it is known when the job
 * is planned, and is the same for every worker; batches may differ in how they hold what is wanted:
 *
 *   PL_USE_TEXT    the texts as read; of columns that have none, their values as they are printed, or, where values are
 *                  kept anyway, nothing
 *   PL_USE_VALUE   the values
 *   PL_USE_EXACT   of floats the exact decimals, or the double where there is none; of others the values
 *
 * Records stay where they are until pl_store_retain(). One writer; once filled, any number of readers.
 *
 * Bytes a row: 16, a bit a column, the width of each value kept (an exact takes 9), a byte more than each text is long,
 * the key; rounded up to 8; and outside of the record 8, or 16 with a key. A row of nine texts of 41 bytes together
 * with a key of 22 takes 96 + 16 bytes. */
#pragma once
#include "rows.h"

G_BEGIN_DECLS

typedef struct PlStore PlStore;

/* The start of a row in a store; the rest is private. */
typedef struct
{
  guint64 position;
  guint32 key_length;
  guint32 n_words; /* of the whole record, in units of 8 bytes */
} PlRecord;

/** pl_store_new: @uses: (not nullable unless @schema is empty): what is wanted of each column, a PlUse a column. */
PlStore *pl_store_new (PlSchema *schema, const guint8 *uses);
void pl_store_free (PlStore *store);
guint64 pl_store_n_rows (const PlStore *store);
/** pl_store_bytes: Returns: how much memory its rows take. */
gsize pl_store_bytes (const PlStore *store);
/** pl_store_append: copies rows @rows[0 .. n) of @batch (its first n when @rows is %NULL), with their positions. @batch
 * has every column that is wanted, settled.
 * @keys: (nullable): @n byte strings of the caller's, kept with the rows. */
void pl_store_append (PlStore *store, const PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys);
/** pl_store_record: Returns: (transfer none): row @row, counted in the order of appending. */
const PlRecord *pl_store_record (const PlStore *store, guint64 row);
/** pl_store_key: Returns: (transfer none): the key of a record of @store; `key_length` bytes. */
const guint8 *pl_store_key (const PlStore *store, const PlRecord *record);
/** pl_store_key_offset: Returns: where the key starts in each record of @store. */
gsize pl_store_key_offset (const PlStore *store);
/** pl_store_prefixes: Returns: (transfer none) (nullable): the first eight bytes of every row's key, as numbers that
 * compare like them; %NULL when there are no keys. All of a store's batches come with keys, or none does. */
const guint64 *pl_store_prefixes (const PlStore *store);
/** pl_store_forget_order: gives back the memory of what says where rows are; from now on only records the caller has
 * are found. */
void pl_store_forget_order (PlStore *store);
/** pl_store_retain: forgets all rows but @rows[0 .. n), which become rows 0 .. n - 1 in that order. */
void pl_store_retain (PlStore *store, const guint64 *rows, guint64 n);
/** pl_store_add: appends the rows of @other, a store of the same schema and uses; either both have keys, or none
 * does. */
void pl_store_add (PlStore *store, const PlStore *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlStore, pl_store_free)

G_END_DECLS
