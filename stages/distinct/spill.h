/* Rows of distinct that go to disk, twice.
 *
 *   state ─ in the order of keys ─► runs, merged ─► one row of each key ─ in the order of the input ─► runs ─► rows
 *
 * Keys only have to meet: their order is of no use but that. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_distinct_spill: the rows of @state become a run of its spill; it is empty then. */
gboolean pl_distinct_spill (PlDistinctState *state, GError **error);
/** pl_distinct_rows_spilled: @states: of which some have spilled: the others do now
 * Returns: (transfer full) (nullable): one row of each key, in the order of the input. */
PlRows *pl_distinct_rows_spilled (const PlDistinct *config, PlDistinctState *const *states, guint n_states,
                                  PlParallel *parallel, GError **error);

G_END_DECLS
