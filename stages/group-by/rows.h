/* Groups as rows. */
#pragma once
#include "merged.h"

G_BEGIN_DECLS

/** pl_group_rows_new: @states (transfer full): not merged yet.
 * Returns: (transfer full): to be freed with pl_rows_free(). */
PlGroupRows *pl_group_rows_new (const PlGroupConfig *config, PlGroupState **states, guint n_states);
/** pl_group_rows_read: fills @batch with the groups @ids: the output columns, and behind them, when @hidden, every
 * aggregate's own. */
gboolean pl_group_rows_read (PlGroupRows *rows, const guint64 *ids, gsize n, gboolean hidden, PlBatch *batch,
                             GError **error);

G_END_DECLS
