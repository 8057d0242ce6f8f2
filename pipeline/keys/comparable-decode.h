/* Comparable keys (comparable.h) back to values. */
#pragma once
#include "../table/batch.h"

G_BEGIN_DECLS

/** pl_sort_keys_decode: the values of @keys[0 .. n), as pl_sort_keys() made them without @orders and @head; what stands
 * behind a key does not matter.
 * @columns: fresh ones of the types they had; filled in
 *
 * Returns: %FALSE where a key is cut off. */
gboolean pl_sort_keys_decode (const PlText *keys, gsize n, PlColumn *const *columns, guint n_columns, PlArena *arena);

G_END_DECLS
