/* Columns to rows of key words, and their hashes. */
#pragma once
#include "layout.h"

G_BEGIN_DECLS

/** pl_keys_encode:
 * @rows: room for @n * n_words words; long texts are pointed to, not copied
 *
 * Returns: %FALSE when a value does not fit @layout; @rows are undefined then. */
gboolean pl_keys_encode (PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint64 *rows);
/** pl_keys_hash: one 32-bit hash a row. */
void pl_keys_hash (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes);

G_END_DECLS
