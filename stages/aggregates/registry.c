/* The aggregates that exist, and binding a call to one. */
#include "registry.h"
#include "families.h"
#include "../../pipeline/base/error.h"
#include <string.h>

#define ADDRESS(name) &pl_aggregate_##name,
static const PlAggregate *const aggregates[] = {PL_AGGREGATES (ADDRESS) NULL};

const PlAggregate *const *
pl_aggregates (void)
{
  return aggregates;
}

const PlAggregate *
pl_aggregate_find (const char *name)
{
  for (guint i = 0; aggregates[i] != NULL; i++)
    if (strcmp (aggregates[i]->name, name) == 0)
      return aggregates[i];
  return NULL;
}

/* No aggregate wants text where it cannot take others: where types are wrong, texts are. */
static void
explain (PlExpression *const *args, guint n_args, GError **error)
{
  for (guint i = 0; i < n_args && g_error_matches (*error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE); i++)
    {
      PlTypeOrigin origin = pl_expression_origin (args[i]);
      if (pl_expression_type (args[i]).kind != PL_STRING || origin.teller == NULL)
        continue;
      GError *told = pl_type_origin_error (origin, PL_NULL, (*error)->message, NULL);
      g_clear_error (error);
      *error = told;
      return;
    }
}

PlAggregateCall *
pl_aggregate_call_new (const PlAggregate *aggregate, const char *label, PlExpression *const *args, guint n_args,
                       GError **error)
{
  if (n_args < aggregate->min_args || n_args > aggregate->max_args)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: %s takes %s%u argument%s, not %u: %s", label,
                   aggregate->name,
                   aggregate->min_args == aggregate->max_args ? ""
                   : n_args < aggregate->min_args             ? "at least "
                                                              : "at most ",
                   n_args < aggregate->min_args ? aggregate->min_args : aggregate->max_args,
                   (n_args < aggregate->min_args ? aggregate->min_args : aggregate->max_args) == 1 ? "" : "s", n_args,
                   aggregate->signature);
      return NULL;
    }

  PlAggregateCall *call = g_new0 (PlAggregateCall, 1);
  call->aggregate = aggregate;
  call->label = g_strdup (label);
  call->min_count = 1;
  GError *local_error = NULL;
  if (aggregate->bind (call, args, n_args, &local_error))
    return call;
  explain (args, n_args, &local_error);
  g_propagate_error (error, local_error);
  pl_aggregate_call_free (call);
  return NULL;
}

void
pl_aggregate_call_free (PlAggregateCall *call)
{
  if (call == NULL)
    return;
  if (call->aggregate->unbind != NULL)
    call->aggregate->unbind (call);
  g_free (call->label);
  g_free (call);
}

gboolean
pl_aggregate_call_share (PlAggregateCall *call, PlAggregateCall *owner)
{
  if (owner->aggregate->share == NULL || !owner->aggregate->share (owner, call))
    return FALSE;
  call->owner = owner;
  return TRUE;
}
