/* Nodes: made, copied, freed, turned into literals. */
#include "tree.h"
#include "member.h"

#include <string.h>

PlExpression *
pl_node_new (PlNodeKind kind, guint offset)
{
  PlExpression *node = g_new0 (PlExpression, 1);
  node->kind = kind;
  node->offset = offset;
  node->height = 1;
  node->field = -1;
  return node;
}

void
pl_node_add (PlExpression *node, PlExpression *child)
{
  if (child == NULL)
    return;
  node->args = g_renew (PlExpression *, node->args, node->n_args + 1);
  node->args[node->n_args++] = child;
  node->height = MAX (node->height, child->height + 1);
}

static void
clear_args (PlExpression *node)
{
  for (guint i = 0; i < node->n_args; i++)
    pl_node_free (node->args[i]);
  g_clear_pointer (&node->args, g_free);
  node->n_args = 0;
  g_clear_pointer (&node->set, pl_set_free);
}

void
pl_node_free (PlExpression *expression)
{
  if (expression == NULL)
    return;
  clear_args (expression);
  pl_node_free (expression->filter);
  g_free (expression->name);
  g_free (expression->string);
  g_free (expression);
}

void
pl_node_set_literal (PlExpression *node, PlType type)
{
  clear_args (node);
  node->kind = PL_NODE_LITERAL;
  node->type = type;
  node->guarded = FALSE;
  node->is_null = type.kind == PL_NULL;
  node->constant = (PlColumn){.type = type, .nulls = node->is_null ? &node->is_null : NULL};
  node->constant.values = type.kind == PL_NULL ? NULL : (gpointer) &node->decimal_value;
  node->decimal_value = 0;
}

void
pl_node_set_string (PlExpression *node, const char *data, gsize length)
{
  char *string = g_malloc (length + 1);
  if (length > 0)
    memcpy (string, data, length);
  string[length] = '\0';
  pl_node_set_literal (node, PL_TYPE (PL_STRING));
  g_free (node->string);
  node->string = string;
  node->text_value = (PlText){.data = string, .length = (guint32) length};
  if (length == 0 || strcspn (string, ",\"\r\n") == length)
    node->text_value.flags = PL_TEXT_PLAIN;
}

void
pl_node_set_constant (PlExpression *node, const PlColumn *column)
{
  PlType type = column->type;
  if (pl_column_is_null (column, 0))
    {
      pl_node_set_literal (node, type);
      if (type.kind == PL_STRING)
        node->text_value = (PlText){.data = "", .flags = PL_TEXT_PLAIN};
      node->is_null = 1;
      node->constant.nulls = &node->is_null;
    }
  else if (type.kind == PL_STRING)
    pl_node_set_string (node, column->texts[0].data, column->texts[0].length);
  else
    {
      guint8 value[sizeof (PlInt128)];
      gsize width = pl_type_width (type);
      memcpy (value, column->values, width);
      pl_node_set_literal (node, type);
      memcpy (&node->decimal_value, value, width);
    }
}

const char *
pl_operator_text (PlOperator operation)
{
  static const char *const texts[] = {"+", "-", "*", "/", "//", "%", "**", "=", "!=", "<", "<=", ">", ">="};
  return texts[operation];
}
