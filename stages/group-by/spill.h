/* Groups that go to disk, and come back as rows.
 *
 *   state ─ in the order of keys ─► run of entries: comparable key, first position, states of all calls
 *   runs of all states, merged ─► some groups at a time, those of one key from several runs in states of their own
 *                              ─► the rows of a small group-by (rows.h)
 *
 * So aggregates need no more than save() and load(), and no result is ever in memory as a whole. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_group_can_spill: Returns: whether states of @config can go to disk: of groups in the order of their keys. */
gboolean pl_group_can_spill (const PlGroupConfig *config);
/** pl_group_state_spill: all groups of @state become a run of its spill; it is empty then. */
gboolean pl_group_state_spill (PlGroupState *state, GError **error);
/** pl_group_rows_spilled: @states: of which some have spilled: the others do now
 * Returns: (transfer full) (nullable): the groups of all, as pl_group_rows_new() gives them. */
PlRows *pl_group_rows_spilled (const PlGroupConfig *config, PlGroupState *const *states, guint n_states,
                               PlParallel *parallel, GError **error);

G_END_DECLS
