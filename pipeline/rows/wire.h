/* Stores as bytes, for processes that have the same plan. */
#pragma once
#include "store.h"
#include "../base/buffer.h"

G_BEGIN_DECLS

void pl_store_save (const PlStore *store, PlBuffer *buffer);
/** pl_store_load: appends saved rows.
 * Returns: %FALSE with cursor->failed when the bytes are not a saved store of this schema and these uses. */
gboolean pl_store_load (PlStore *store, PlCursor *cursor);

G_END_DECLS
