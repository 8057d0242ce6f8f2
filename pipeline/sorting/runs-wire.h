/* Sorted runs as bytes, for processes that have the same plan. */
#pragma once
#include "../base/buffer.h"
#include "runs.h"

G_BEGIN_DECLS

void pl_sort_runs_save (PlSortRuns *runs, PlBuffer *buffer);
/** pl_sort_runs_load: Returns: %FALSE with cursor->failed when these are no saved runs of this shape. */
gboolean pl_sort_runs_load (PlSortRuns *runs, PlCursor *cursor);

G_END_DECLS
