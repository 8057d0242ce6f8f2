/* The condition on groups. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "merged.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_group_rows_having: @rows: (transfer full).
 * Returns: (transfer full) (nullable): those that meet the condition, as stored rows in the same order. */
PlRows *pl_group_rows_having (PlGroupRows *rows, PlParallel *parallel, GError **error);

G_END_DECLS
