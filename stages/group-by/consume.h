/* A batch on its way into a state. */
#pragma once
#include "state.h"

G_BEGIN_DECLS

gboolean pl_group_state_consume (PlGroupState *state, PlBatch *batch, GError **error);

G_END_DECLS
