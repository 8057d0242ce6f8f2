/* Candidates of top-k that go to disk.
 *
 *   state ─ in the order of groups and ranks ─► runs, merged ─► the first of each group */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_top_spill: the candidates of @state become a run of its spill. */
gboolean pl_top_spill (PlTopState *state, GError **error);
/** pl_top_rows_spilled: @states: of which some have spilled: the others do now
 * Returns: (transfer full) (nullable): the first of each group; %NULL with @error. */
PlRows *pl_top_rows_spilled (const PlTop *config, PlTopState *const *states, guint n_states, PlParallel *parallel,
                             GError **error);

G_END_DECLS
