/* Groups as rows. */
#pragma once
#include "state.h"
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"

G_BEGIN_DECLS

/** pl_group_rows_new: @states (transfer full): not merged yet: that, and ordering them, is done here.
 * Returns: (transfer full): the groups, as far as they meet the condition on groups. */
PlRows *pl_group_rows_new (const PlGroupConfig *config, PlGroupState **states, guint n_states, PlParallel *parallel);

G_END_DECLS
