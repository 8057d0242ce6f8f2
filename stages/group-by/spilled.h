/* The rows of groups that are on disk: read in pieces, and never in memory as a whole. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_group_rows_spilled: @states: of which some have spilled: the others do now
 * Returns: (transfer full) (nullable): the groups of all, as pl_group_rows_new() gives them. */
PlRows *pl_group_rows_spilled (const PlGroupConfig *config, PlGroupState *const *states, guint n_states,
                               PlParallel *parallel, GError **error);

G_END_DECLS
