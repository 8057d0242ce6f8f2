/* Takes aggregate calls out of an expression: each becomes a hidden column of what group-by computes.
 *
 * min and max are aggregates of one argument and scalar functions of several: with two or more they stay. */
#include "lift.h"
#include "tree.h"
#include "text.h"
#include "../base/error.h"
#include "../table/schema.h"

void
pl_lifted_call_free (PlLiftedCall *call)
{
  if (call == NULL)
    return;
  g_free (call->name);
  g_free (call->label);
  g_ptr_array_unref (call->args);
  pl_expression_free (call->filter);
  g_free (call);
}

typedef struct
{
  gboolean (*is_lifted) (const char *name);
  GPtrArray *calls;
  guint *offset;
  GError **error;
} Lift;

static gboolean
is_aggregate (const Lift *lift, const PlExpression *node)
{
  if (node->kind != PL_NODE_CALL || !lift->is_lifted (node->name))
    return FALSE;
  gboolean scalar_too = g_str_equal (node->name, "min") || g_str_equal (node->name, "max");
  return !scalar_too || node->n_args == 1;
}

static const PlExpression *
find_aggregate (const Lift *lift, const PlExpression *node)
{
  if (node == NULL)
    return NULL;
  if (is_aggregate (lift, node))
    return node;
  const PlExpression *found = find_aggregate (lift, node->filter);
  for (guint i = 0; found == NULL && i < node->n_args; i++)
    found = find_aggregate (lift, node->args[i]);
  return found;
}

static guint
share_call (Lift *lift, PlExpression *node)
{
  g_autofree char *label = pl_expression_text (node);
  /* Mixed, as labels that differ in a digit have hashes that rise with it, and the tree would be a list. */
  guint hash = (guint) ((g_str_hash (label) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 32);
  guint root = 0, *link = &root;
  while (lift->calls->len > 0 && (link == &root || *link != 0))
    {
      PlLiftedCall *other = lift->calls->pdata[*link];
      if (other->hash == hash && g_str_equal (other->label, label))
        return *link;
      link = hash < other->hash ? &other->lower : &other->higher;
    }
  PlLiftedCall *call = g_new0 (PlLiftedCall, 1);
  call->name = g_strdup (node->name);
  call->label = g_steal_pointer (&label);
  call->hash = hash;
  call->args = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_expression_free);
  for (guint i = 0; i < node->n_args; i++)
    g_ptr_array_add (call->args, pl_expression_copy (node->args[i]));
  call->filter = pl_expression_copy (node->filter);
  call->distinct = node->distinct;
  call->offset = node->offset;
  *link = lift->calls->len;
  g_ptr_array_add (lift->calls, call);
  return *link;
}

static gboolean
lift_node (Lift *lift, PlExpression **node)
{
  if (!is_aggregate (lift, *node))
    {
      for (guint i = 0; i < (*node)->n_args; i++)
        if (!lift_node (lift, &(*node)->args[i]))
          return FALSE;
      return TRUE;
    }
  const PlExpression *inner = find_aggregate (lift, (*node)->filter);
  for (guint i = 0; inner == NULL && i < (*node)->n_args; i++)
    inner = find_aggregate (lift, (*node)->args[i]);
  if (inner != NULL)
    {
      g_set_error (
          lift->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION,
          "%s stands inside %s, and one aggregate cannot hold another; compute the inner one in a group-by before",
          inner->name, (*node)->name);
      if (lift->offset != NULL)
        *lift->offset = inner->offset;
      return FALSE;
    }
  PlExpression *column = pl_node_new (PL_NODE_COLUMN, (*node)->offset);
  const guint index = share_call (lift, *node);
  column->name = pl_hidden_name (index);
  column->string = g_strdup (((const PlLiftedCall *) lift->calls->pdata[index])->label);
  pl_expression_free (*node);
  *node = column;
  return TRUE;
}

gboolean
pl_expression_lift (PlExpression **expression, gboolean (*is_lifted) (const char *name), GPtrArray *calls,
                    guint *offset, GError **error)
{
  Lift lift = {.is_lifted = is_lifted, .calls = calls, .offset = offset, .error = error};
  return lift_node (&lift, expression);
}
