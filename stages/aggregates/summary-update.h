/* Rows into summaries. */
#pragma once
#include "../../pipeline/table/batch.h"
#include "aggregate.h"
#include <glib.h>

G_BEGIN_DECLS

void pl_summary_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
                        gsize n, PlColumn *const *args, const guint64 *positions);
/* For calls of which nothing but sums is kept. */
gboolean pl_summary_joins (const PlAggregateCall *before, const PlAggregateCall *call);
gboolean pl_summary_update_joined (const PlAggregateCall *const *calls, guint n_calls, guint8 *states,
                                   const guint32 *addresses, gsize n, PlColumn *const *args, gboolean are_cold);

G_END_DECLS
