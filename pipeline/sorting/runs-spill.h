/* Runs that go to disk, and rows that come back from there.
 *
 * Rows are put in order first. An entry's data is the row's line, or its record (the entry's flag). Of rows with equal
 * keys a record knows its position; a line goes by that of its run, and by its place in it. */
#pragma once
#include "../rows/rows.h"
#include "../spill/merge.h"
#include "runs.h"

G_BEGIN_DECLS

/** pl_sort_runs_spill: all rows of @runs become a run of @spill; @runs is empty then. */
gboolean pl_sort_runs_spill (PlSortRuns *runs, PlSpill *spill, GError **error);
/** pl_sort_rows_spilled: Returns: (transfer full): the rows of @order (transfer full). */
PlRows *pl_sort_rows_spilled (const PlSortShape *shape, PlSpillOrder *order);

G_END_DECLS
