/* From the runs of all workers to the addresses of all rows, in order. */
#pragma once
#include "../base/parallel.h"
#include "runs.h"

G_BEGIN_DECLS

/** pl_sort_order: Returns: (transfer full): where the @n_rows rows of @runs are, in order; to be freed with free().
 * Rows stay where they are; items are given back. */
guint64 *pl_sort_order (const PlSortShape *shape, PlSortRuns *const *runs, guint n_runs, PlParallel *parallel,
                        guint64 *n_rows);
/** pl_sort_fields: fills @texts with field @field of the lines at @addresses; records have an empty one. */
void pl_sort_fields (const guint64 *addresses, gsize n, guint field, PlText *texts);

G_END_DECLS
