/* What rows of the left input do. */
#pragma once
#include "../stage.h"
#include "config.h"

G_BEGIN_DECLS

gpointer pl_join_ask_new (const PlJoin *join);
void pl_join_ask_free (gpointer state);
/** pl_join_ask: PlMapStage.expand() of rows of the left input. */
gboolean pl_join_ask (const PlJoin *join, gpointer state, PlBatch *batch, PlEmit *emit, GError **error);
/** pl_join_asking: Returns: (transfer none): what is noted of the index, where anything is. */
extern const PlAskStage pl_join_asking;

G_END_DECLS
