/* Keys back to columns. */
#pragma once
#include "layout.h"

G_BEGIN_DECLS

/** pl_keys_decode: Returns: (transfer none): field @field of @rows[0 .. n) as a column; short texts point into the
 * rows. */
PlColumn *pl_keys_decode (const PlKeyLayout *layout, guint field, const guint64 *const *rows, gsize n, PlArena *arena);

G_END_DECLS
