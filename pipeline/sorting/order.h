/* From the runs of all workers to the addresses of all rows, in order. */
#pragma once
#include "../base/parallel.h"
#include "runs.h"

G_BEGIN_DECLS

/** pl_sort_order: Returns: (transfer full): where the @n_rows rows of @runs are, in order; to be freed with
 * pl_leased_free(). Rows stay where they are; items are given back.
 * @prefixes: (out) (nullable): the same of the first eight bytes of their keys; then it is done with little memory */
guint64 *pl_sort_order (const PlSortShape *shape, PlSortRuns *const *runs, guint n_runs, PlParallel *parallel,
                        guint64 *n_rows, guint64 **prefixes);

G_END_DECLS
