/* Rows of a store that are forgotten in place: no memory is needed for it, so it helps where there is little. */
#pragma once
#include "store.h"

G_BEGIN_DECLS

/** pl_store_compact: forgets the rows whose byte in @alive, one a row, is 0, and gives back the memory they took. The
 * others stay in their order and become rows 0, 1 …; records move. The order of @store has not been forgotten. */
void pl_store_compact (PlStore *store, const guint8 *alive);
/** pl_store_keep_last: the same for all rows but the last @n. */
void pl_store_keep_last (PlStore *store, guint64 n);

G_END_DECLS
