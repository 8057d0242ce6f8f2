/* Values as bytes that compare, with memcmp, as the rows are to be ordered: numbers below NaN below null, texts by
 * their bytes, each column in its direction. No key is the start of another. */
#pragma once
#include "../table/batch.h"
#include "../table/type.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean descending; /* of the values alone: NaN and nulls stay where they are */
  gboolean nulls_first;
} PlSortOrder;

/** pl_sort_key_is_short: Returns: whether every key of a column of @type has at most eight bytes. */
gboolean pl_sort_key_is_short (PlType type);
/** pl_sort_keys:
 * @orders: one a column; %NULL: all ascending
 * @rows: (nullable): the rows of the columns that are wanted
 * @head: bytes left free (zero) at the start of every key, for the caller
 *
 * Returns: (transfer none): @n keys in @arena. */
PlText *pl_sort_keys (PlColumn *const *columns, const PlSortOrder *orders, guint n_columns, const guint32 *rows,
                      gsize n, gsize head, PlArena *arena);
/** pl_sort_key_prefixes: the first eight bytes of the keys of @column alone, as numbers that compare like them.
 * Returns: whether these are the whole keys of all rows, so that equal prefixes are equal keys. */
gboolean pl_sort_key_prefixes (const PlColumn *column, const PlSortOrder *order, gsize n, guint64 *prefixes,
                               PlArena *arena);

G_END_DECLS
