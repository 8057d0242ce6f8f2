/* A short cut in front of a group table for keys that are one column of short texts: reading, hashing and looking up in one pass, without
 * a text being written down anywhere, not even taken out of its record (PlColumn.slices).
 *
 * It serves texts of up to 15 bytes. Tables that the caches hold are searched at once;
 * larger ones get their keys and hashes, to search with prefetching. What it does not serve goes through the table, which knows all groups. */
#pragma once
#include "group-table.h"

G_BEGIN_DECLS

/** pl_group_text_serves: whether keys of @table are such texts. It may change with every batch. */
gboolean pl_group_text_serves (const PlGroupTable *table);
/** pl_group_text_find: for tables of which pl_group_table_is_cached() holds.
 * @column: the only key, of PL_STRING
 * @missed: (out): rows whose groups are not found, ascending: nulls, empty and long texts, and new groups
 *
 * Returns: how many rows were missed. */
gsize pl_group_text_find (const PlGroupTable *table, const PlColumn *column, gsize n, guint32 *groups, guint32 *missed);
/** pl_group_text_encode: pl_keys_encode() and pl_keys_hash() in one, but never for long texts. */
gboolean pl_group_text_encode (const PlGroupTable *table, const PlColumn *column, gsize n, guint64 *rows,
                               guint32 *hashes);

G_END_DECLS
