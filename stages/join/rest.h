/* Rows of the right input alone. */
#pragma once
#include "../stage.h"
#include "config.h"

G_BEGIN_DECLS

/** pl_join_rest: PlMapStage.expand() of rows of the right input that nobody has found. */
gboolean pl_join_rest (const PlJoin *join, PlBatch *batch, PlEmit *emit, GError **error);

G_END_DECLS
