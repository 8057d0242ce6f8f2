/* What the bind() functions of aggregates share. */
#include "family.h"
#include "../../pipeline/base/error.h"

void
pl_aggregate_take (PlAggregateCall *call, PlExpression *const *args, guint n)
{
  call->n_args = n;
  for (guint i = 0; i < n; i++)
    {
      call->arg_types[i] = pl_expression_type (args[i]);
      call->arg_uses[i] = PL_USE_VALUE | PL_USE_COMPUTE;
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
