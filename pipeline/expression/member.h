/* Constant lists of `in (…)` as a hash set. */
#pragma once
#include "kernels.h"

G_BEGIN_DECLS

/* Below this a pass over the column for each item is faster. */
#define PL_SET_MIN_ITEMS 4

/** pl_set_new: Returns: (transfer full): the literals @items, all of one type but for nulls; their texts stay
 * theirs. */
PlSet *pl_set_new (PlExpression *const *items, guint n);
void pl_set_free (PlSet *set);
/** pl_set_find: Returns: (transfer none): for each row whether @set has it; null where the value is, or where it is not
 * found and the list holds null. */
PlColumn *pl_set_find (const PlSet *set, const PlColumn *values, gsize n, PlArena *arena);

G_END_DECLS
