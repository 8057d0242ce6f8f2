/* A finished order, as rows. */
#pragma once
#include "../rows/rows.h"
#include "runs.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_sort_rows: Returns: (transfer full): the rows at @addresses. Takes ownership of @addresses and of @runs, array
 * and all. */
PlRows *pl_sort_rows (const PlSortShape *shape, PlSortRuns **runs, guint n_runs, guint64 *addresses, guint64 n_rows);

G_END_DECLS
