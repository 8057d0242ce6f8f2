/* Groups in the order of their keys, whatever these are: as words where they hold all there is (order.h), else as
 * comparable bytes. */
#pragma once
#include "../sorting/items.h"
#include "slots.h"

G_BEGIN_DECLS

/** pl_group_keys_of: Returns: (transfer none): a column for each key of the groups @ids, which are table << 32 | group
 * of @tables, all of one layout. */
PlColumn **pl_group_keys_of (PlGroupTable *const *tables, const guint64 *ids, gsize n, PlArena *arena);
/** pl_group_order_keys: @items: their ids are table << 32 | group, of different keys; prefixes do not matter. */
void pl_group_order_keys (PlGroupTable *const *tables, PlSortItem *items, guint64 n, PlParallel *parallel);

G_END_DECLS
