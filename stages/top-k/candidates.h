/* The candidates of states in one order, by group and rank, and no more of each group than are wanted. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_top_candidates: Returns: (transfer full): @n leased items: the records, in the stores of @states. */
PlSortItem *pl_top_candidates (PlTopState *const *states, guint n_states, PlParallel *parallel, guint64 *n);
/** pl_top_bag_add: adds the candidates of @from to those that @into has from other states; those that are too many are
 * forgotten once they are most of them. */
void pl_top_bag_add (PlTopState *into, PlTopState *from);

G_END_DECLS
