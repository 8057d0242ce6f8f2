/* The aggregates by name. */
#pragma once
#include "aggregate.h"

G_BEGIN_DECLS

/** pl_aggregates: Returns: (transfer none) (array zero-terminated=1): every aggregate, by name. */
const PlAggregate *const *pl_aggregates (void);
const PlAggregate *pl_aggregate_find (const char *name);
/** pl_aggregate_call_new: binds. Returns: (transfer full): or %NULL with PL_JOB_ERROR_TYPE or
 * PL_JOB_ERROR_EXPRESSION. */
PlAggregateCall *pl_aggregate_call_new (const PlAggregate *aggregate, const char *label, PlExpression *const *args,
                                        guint n_args, GError **error);
void pl_aggregate_call_free (PlAggregateCall *call);
/** pl_aggregate_call_share: lets @call read the states of @owner, a call with the same arguments, if it can.
 * Returns: whether it does. */
gboolean pl_aggregate_call_share (PlAggregateCall *call, PlAggregateCall *owner);

G_END_DECLS
