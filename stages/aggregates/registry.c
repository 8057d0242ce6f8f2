/* The aggregates that exist, binding a call to one, and what their bind() functions share. */
#include "family.h"

#include <string.h>

static const PlAggregate *const aggregates[] = {
    &pl_aggregate_all,   &pl_aggregate_any,     &pl_aggregate_arg_max, &pl_aggregate_arg_min,  &pl_aggregate_corr,
    &pl_aggregate_count, &pl_aggregate_cov,     &pl_aggregate_first,   &pl_aggregate_kurtosis, &pl_aggregate_last,
    &pl_aggregate_list,  &pl_aggregate_max,     &pl_aggregate_mean,    &pl_aggregate_median,   &pl_aggregate_min,
    &pl_aggregate_mode,  &pl_aggregate_nunique, &pl_aggregate_product, &pl_aggregate_quantile, &pl_aggregate_sem,
    &pl_aggregate_skew,  &pl_aggregate_std,     &pl_aggregate_sum,     &pl_aggregate_var,      NULL,
};

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
  if (!aggregate->bind (call, args, n_args, error))
    g_clear_pointer (&call, pl_aggregate_call_free);
  return call;
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

void
pl_aggregate_take (PlAggregateCall *call, PlExpression *const *args, guint n)
{
  call->n_args = n;
  for (guint i = 0; i < n; i++)
    {
      call->arg_types[i] = pl_expression_type (args[i]);
      call->arg_uses[i] = PL_USE_VALUE;
    }
}

void
pl_aggregate_take_exact (PlAggregateCall *call, PlExpression *const *args, guint n)
{
  pl_aggregate_take (call, args, n);
  for (guint i = 0; i < n; i++)
    if (call->arg_types[i].kind == PL_FLOAT && pl_expression_column (args[i]) >= 0)
      call->arg_uses[i] = PL_USE_EXACT;
}

gboolean
pl_aggregate_need_numbers (const PlAggregateCall *call, gboolean bools, GError **error)
{
  for (guint i = 0; i < call->n_args; i++)
    {
      PlType type = call->arg_types[i];
      if (pl_type_is_numeric (type) || type.kind == PL_NULL || (bools && type.kind == PL_BOOL))
        continue;
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: %s needs numbers, not %s", call->label,
                   call->aggregate->name, pl_type_name (type));
      return FALSE;
    }
  return TRUE;
}

const PlColumn *
pl_aggregate_constant (const PlAggregateCall *call, const PlExpression *arg, const char *what, GError **error)
{
  const PlColumn *constant = pl_expression_constant (arg);
  if (constant == NULL)
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: the %s must be a constant", call->label, what);
  return constant;
}

gboolean
pl_aggregate_min_count (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  if (n_args < 2)
    return TRUE;
  const PlColumn *constant = pl_aggregate_constant (call, args[1], "least number of values", error);
  if (constant == NULL)
    return FALSE;
  if (constant->type.kind != PL_INT || pl_column_is_null (constant, 0) || constant->ints[0] < 0)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
                   "%s: the least number of values must be a whole number from 0", call->label);
      return FALSE;
    }
  call->min_count = constant->ints[0];
  return TRUE;
}
