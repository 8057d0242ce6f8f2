/* Groups of rows whose keys are encoded and hashed. */
#pragma once
#include "slots.h"

G_BEGIN_DECLS

/** pl_group_table_find_rows: the groups of @n <= PL_BATCH_ROWS encoded and hashed keys, new ones included. */
void pl_group_table_find_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n,
                               guint32 *groups);
/** pl_group_table_find_keys: the same for the keys of groups @first to @first + @n of @other, a table of the same
 * layout. */
void pl_group_table_find_keys (PlGroupTable *table, const PlGroupTable *other, gsize first, gsize n, guint32 *groups);
/** pl_group_table_scatter_rows: a record for each row of a scattered table: no two groups become one. */
void pl_group_table_scatter_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n,
                                  guint32 *groups);

/** pl_group_table_seek_rows: the groups of @n encoded and hashed keys, or PL_NO_GROUP. @table: not scattered; any
 * number of threads at once. */
void pl_group_table_seek_rows (const PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n,
                               guint32 *groups);

G_END_DECLS
