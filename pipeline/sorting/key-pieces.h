/* What is left of the keys of rows that have been added to runs: what stands before a line, texts in it, the key of a
 * record. */
#pragma once
#include "runs.h"

G_BEGIN_DECLS

/** pl_sort_fields: fills @texts with field @field of the lines at @addresses; records have an empty one. */
void pl_sort_fields (const guint64 *addresses, gsize n, guint field, PlText *texts);
/** pl_sort_key_tails: Returns: (nullable): the keys of those terms that are texts of lines, for some rows; %NULL where
 * there are none. */
const PlText *pl_sort_key_tails (const PlSortShape *shape, const guint64 *addresses, gsize n, PlArena *arena);
/** pl_sort_key_pieces: what of a row's key is behind the prefix, in two pieces.
 * @key_offset: of the records of its store
 * @tail: (nullable): of pl_sort_key_tails() */
void pl_sort_key_pieces (const PlSortShape *shape, gsize key_offset, guint64 address, const PlText *tail,
                         PlText pieces[2]);
/** pl_sort_key_look: Returns: the eight bytes behind the first @skip of @pieces, as a number that compares like them.
 */
guint64 pl_sort_key_look (const PlText pieces[2], gsize skip);

G_END_DECLS
