/* The inner loop of every sort here: items by their prefixes, in memory that stays in cache. */
#pragma once
#include "items.h"

G_BEGIN_DECLS

/** pl_sort_radix: by prefix alone, stable. @scratch: room for @n items. */
void pl_sort_radix (PlSortItem *items, PlSortItem *scratch, gsize n);

G_END_DECLS
