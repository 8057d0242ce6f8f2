/* The hash table of group-by, distinct and top-k: keys to group numbers 0, 1, 2 … in order of first sight.
 *
 *   slots    [ hash:32 | group + 1:32 ] …          open addressing, a power of two, at most half or two thirds full,
 *            and some more behind
 *   records  [ key of group 0 | payload ] …        the payload is the user's, zero at first
 *
 * A hash's home is its top bits, and probing goes forward without wrapping round: so slots stand nearly in the order of
 * their hashes, growing is one pass over them in place, and tables are merged like sorted lists (merge.c).
 * In a table larger than the caches slots are prefetched some rows ahead, then records, so that
 * misses overlap: one for a slot, one for a record, since a group's key and payload stand together. Growing moves slots
 * only; a key that the layout cannot hold makes it grow, and all keys are written anew.
 *
 * A table whose rows hardly ever find a group may be scattered: then it has no slots, a key may have several records,
 * and not every number below n_groups is that of a group (partitions.h). */
#pragma once
#include "slots.h"
#include "../base/parallel.h"
#include "../keys/layout.h"

G_BEGIN_DECLS

/** pl_group_table_new: @layout: (transfer none): where keys start from. @n_payload: words a group. */
PlGroupTable *pl_group_table_new (const PlKeyLayout *layout, gsize n_payload);
void pl_group_table_free (PlGroupTable *table);
/** pl_group_table_find: the groups of @n <= PL_BATCH_ROWS rows of key columns, new ones included; the caller has seen
 * to it that they stay below 2^32 - 1. */
void pl_group_table_find (PlGroupTable *table, PlColumn *const *columns, gsize n, guint32 *groups, PlArena *arena);
/** pl_group_table_find_rest: the same for the rows @missed of @column, the only key, which a short cut did not find.
 * @groups: of all rows: those of @missed are filled in
 * @found: (out): … and are here, one after the other
 *
 * Returns: (transfer none) (nullable): the values of those rows; %NULL when there are none. */
PlColumn *pl_group_table_find_rest (PlGroupTable *table, const PlColumn *column, const guint32 *missed, gsize n_missed,
                                    guint32 *groups, guint32 **found, PlArena *arena);
/** pl_group_table_fetch: brings the records at @addresses (words from the first one) into the caches, all at once: by
 * loads, since prefetches as quick as that are dropped. What finds rows by their keys has done it. */
void pl_group_table_fetch (const PlGroupTable *table, const guint32 *addresses, gsize n);
/** pl_group_table_align: gives records that are a bit shorter than a cache line, or a half of one, all of it, so that
 * none needs two lines. For tables that are too large for the caches, and whose groups have been seen some times:
 * memory touched for the first time costs more than that saves. */
void pl_group_table_align (PlGroupTable *table);
/** pl_group_table_scatter: from now on, new rows are not looked up. @initial: the payload of a group of no rows. */
void pl_group_table_scatter (PlGroupTable *table, const guint64 *initial);
/** pl_group_table_next: steps through the groups that there are: from @first on, which becomes the next one's number.
 * Returns: how many groups follow one another from there, at most PL_BATCH_ROWS; 0: there are no more. */
gsize pl_group_table_next (const PlGroupTable *table, gsize *first);
/** pl_group_table_unify: gives all tables one layout. */
void pl_group_table_unify (PlGroupTable *const *tables, guint n_tables, PlParallel *parallel);

/* Wire form of all keys, in order, without payloads. */
void pl_group_table_save (const PlGroupTable *table, PlBuffer *buffer);
/** pl_group_table_load: into an empty table. */
gboolean pl_group_table_load (PlGroupTable *table, PlCursor *cursor);

G_END_DECLS
