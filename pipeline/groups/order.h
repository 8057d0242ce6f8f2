/* Groups in the order of their keys' values, as group-by writes them: numbers below NaN below null, texts by their
 * bytes, column by column.
 *
 * Most bits of packed keys are the same in all of them. Those that differ, in the order of what they count for, hardly
 * ever take more than 64: so an item's prefix is nearly always the whole key, and sorting never looks at keys again.
 * Where it is not, the items of one prefix are sorted in the same way, by the bits in which they differ. */
#pragma once
#include "../sorting/items.h"
#include "slots.h"

G_BEGIN_DECLS

/** pl_group_order:
 * @tables: of one layout, without texts that are pointed to
 * @items: their ids are table << 32 | group, of different keys; prefixes are filled in here */
void pl_group_order (PlGroupTable *const *tables, PlSortItem *items, guint64 n, PlParallel *parallel);

G_END_DECLS
