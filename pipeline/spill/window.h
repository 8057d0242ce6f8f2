/* A part of an order: its entries from one number to another. For users whose entries all differ in key or place.
 *
 * Chunks know how many entries of their run come before them. So a bound that is close to the wanted entry is found
 * without reading anything, and from there few entries of each run are passed over. */
#pragma once
#include "merge.h"

G_BEGIN_DECLS

/** pl_spill_order_nth: @n: a number that there is, from 0
 * @rest: takes what the entry's key has behind its prefix
 * @entry: (out): key and place of entry @n; no data
 *
 * Returns: %FALSE with @error. */
gboolean pl_spill_order_nth (const PlSpillOrder *order, guint64 n, PlBuffer *rest, PlSpillEntry *entry, GError **error);
/** pl_spill_order_count: Returns: %FALSE with @error; else @n is how many entries come before @bound. */
gboolean pl_spill_order_count (const PlSpillOrder *order, const PlSpillEntry *bound, guint64 *n, GError **error);
/** pl_spill_order_clip: from now on @order has no entries but those from number @first on, @n of them; there are as
 * many. */
gboolean pl_spill_order_clip (PlSpillOrder *order, guint64 first, guint64 n, GError **error);

G_END_DECLS
