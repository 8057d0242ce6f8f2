/* A state on its way into another one. */
#pragma once
#include "state.h"
#include "../../pipeline/base/parallel.h"

G_BEGIN_DECLS

/** pl_group_state_absorb: combines @from into @into and leaves it cleared.
 * Returns: %FALSE when there are too many groups; nothing has changed then. */
gboolean pl_group_state_absorb (PlGroupState *into, PlGroupState *from);
/** pl_group_state_unscatter: makes @state one whose table is not scattered. */
void pl_group_state_unscatter (PlGroupState *state);

G_END_DECLS
