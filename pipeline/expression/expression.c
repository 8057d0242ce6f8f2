/* What may be asked of an expression, whose tree is private to this folder: see expression.h. */
#include "expression.h"
#include "member.h"
#include "tree.h"

void
pl_expression_free (PlExpression *expression)
{
  pl_node_free (expression);
}

PlExpression *
pl_expression_copy (const PlExpression *expression)
{
  if (expression == NULL)
    return NULL;
  PlExpression *copy = g_memdup2 (expression, sizeof *expression);
  copy->name = g_strdup (expression->name);
  copy->filter = pl_expression_copy (expression->filter);
  copy->args = expression->n_args > 0 ? g_new (PlExpression *, expression->n_args) : NULL;
  for (guint i = 0; i < expression->n_args; i++)
    copy->args[i] = pl_expression_copy (expression->args[i]);
  copy->string = expression->kind == PL_NODE_COLUMN ? g_strdup (expression->string) : NULL;
  copy->set = NULL;
  if (expression->kind == PL_NODE_LITERAL)
    pl_node_set_constant (copy, &expression->constant);
  if (expression->set != NULL)
    copy->set = pl_set_new (copy->args + 1, copy->n_args - 1);
  return copy;
}

gboolean
pl_expression_reads (const PlExpression *expression, const char *name)
{
  if (expression->kind == PL_NODE_COLUMN)
    return strcmp (expression->name, name) == 0;
  for (guint i = 0; i < expression->n_args; i++)
    if (pl_expression_reads (expression->args[i], name))
      return TRUE;
  return FALSE;
}

PlType
pl_expression_type (const PlExpression *expression)
{
  return expression->type;
}

/* The first of @args, every @step-th, of which there is something to tell, of type @kind. */
static PlTypeOrigin
find_origin (PlExpression *const *args, guint n_args, guint step, PlTypeKind kind)
{
  PlTypeOrigin origin = {0};
  for (guint i = 0; i < n_args && origin.teller == NULL; i += step)
    if (args[i]->type.kind == kind)
      origin = pl_expression_origin (args[i]);
  return origin;
}

PlTypeOrigin
pl_expression_origin (const PlExpression *expression)
{
  const PlTypeKind kind = expression->type.kind;
  const guint n = expression->n_args;
  switch (expression->kind)
    {
    case PL_NODE_COLUMN:
      return expression->origin;
    case PL_NODE_CAST:
      return expression->implicit ? find_origin (expression->args, n, 1, kind) : (PlTypeOrigin){0};
    case PL_NODE_COALESCE:
      return find_origin (expression->args, n, 1, kind);
    case PL_NODE_CASE:
      {
        const guint first = expression->has_subject + 1u;
        PlTypeOrigin origin = find_origin (expression->args + first, n - first, 2, kind);
        return origin.teller != NULL ? origin : find_origin (expression->args + n - 1, 1, 1, kind);
      }
    case PL_NODE_CALL:
      return expression->function->one_type ? find_origin (expression->args, n, 1, kind) : (PlTypeOrigin){0};
    default:
      return (PlTypeOrigin){0};
    }
}

gint
pl_expression_column (const PlExpression *expression)
{
  return expression->kind == PL_NODE_COLUMN ? expression->field : -1;
}

const PlColumn *
pl_expression_constant (const PlExpression *expression)
{
  return expression->kind == PL_NODE_LITERAL ? &expression->constant : NULL;
}

const char *
pl_expression_name (const PlExpression *expression)
{
  return expression->kind == PL_NODE_COLUMN ? expression->name : NULL;
}

gboolean
pl_expression_may_fail (const PlExpression *expression)
{
  gboolean may_fail = expression->guarded;
  for (guint i = 0; i < expression->n_args && !may_fail; i++)
    may_fail = pl_expression_may_fail (expression->args[i]);
  return may_fail;
}

void
pl_expression_require (const PlExpression *expression, guint8 *uses, PlUse use)
{
  if (expression->kind == PL_NODE_COLUMN)
    uses[expression->field] |= (guint8) use;
  /* Whether a value is null needs no value that is right to the last digit. */
  const guint8 wanted = expression->kind == PL_NODE_IS_NULL ? PL_USE_VALUE : PL_USE_VALUE | PL_USE_COMPUTE;
  for (guint i = 0; i < expression->n_args; i++)
    pl_expression_require (expression->args[i], uses, wanted);
}
