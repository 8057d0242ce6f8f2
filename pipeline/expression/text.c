/* Canonical text: equal trees give equal texts, and parsing the text gives the tree again.
 *
 * Operands are put in brackets where they bind looser than their place asks for; names are quoted where they must. */
#include "text.h"
#include <math.h>
#include <string.h>

#include "../table/print.h"
#include "tree.h"

enum
{
  LEVEL_OR,
  LEVEL_AND,
  LEVEL_NOT,
  LEVEL_COMPARISON,
  LEVEL_CONCAT,
  LEVEL_SUM,
  LEVEL_PRODUCT,
  LEVEL_UNARY,
  LEVEL_POWER,
  LEVEL_PRIMARY,
};

static void append_node (GString *text, const PlExpression *node, int level);

static int
arithmetic_level (PlOperator operation)
{
  if (operation == PL_OP_ADD || operation == PL_OP_SUBTRACT)
    return LEVEL_SUM;
  return operation == PL_OP_POWER ? LEVEL_POWER : LEVEL_PRODUCT;
}

static int
node_level (const PlExpression *node)
{
  switch (node->kind)
    {
    case PL_NODE_OR:
      return LEVEL_OR;
    case PL_NODE_AND:
      return LEVEL_AND;
    case PL_NODE_NOT:
      return LEVEL_NOT;
    case PL_NODE_COMPARE:
    case PL_NODE_IS_NULL:
    case PL_NODE_IN:
    case PL_NODE_BETWEEN:
    case PL_NODE_LIKE:
      return LEVEL_COMPARISON;
    case PL_NODE_CONCAT:
      return LEVEL_CONCAT;
    case PL_NODE_ARITHMETIC:
      return arithmetic_level (node->operation);
    case PL_NODE_NEGATE:
      return LEVEL_UNARY;
    case PL_NODE_LITERAL:
      /* A folded negative number. */
      if (!node->is_null
          && ((node->type.kind == PL_INT && node->int_value < 0)
              || (node->type.kind == PL_FLOAT && signbit (node->float_value))
              || (node->type.kind == PL_DECIMAL && node->decimal_value < 0)))
        return LEVEL_UNARY;
      return LEVEL_PRIMARY;
    default:
      return LEVEL_PRIMARY;
    }
}

static void
append_quoted (GString *text, const char *data, gsize length, char quote)
{
  g_string_append_c (text, quote);
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == quote)
        g_string_append_c (text, quote);
      g_string_append_c (text, data[i]);
    }
  g_string_append_c (text, quote);
}

static void
append_literal (GString *text, const PlExpression *node)
{
  if (node->is_null)
    {
      g_string_append (text, "null");
      return;
    }
  if (node->type.kind == PL_STRING)
    {
      append_quoted (text, node->text_value.data, node->text_value.length, '\'');
      return;
    }
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_print_value (&buffer, &node->constant, 0);
  gboolean is_time = node->type.kind == PL_DATE || node->type.kind == PL_TIMESTAMP;
  if (is_time)
    g_string_append (text, "cast('");
  g_string_append_len (text, buffer.data, (gssize) buffer.length);
  if (is_time)
    g_string_append_printf (text, "' as %s)", pl_type_name (node->type));
}

static void
append_name (GString *text, const PlExpression *node)
{
  if (node->kind == PL_NODE_COLUMN && node->string != NULL)
    g_string_append (text, node->string);
  else if (node->quoted)
    append_quoted (text, node->name, strlen (node->name), '"');
  else
    g_string_append (text, node->name);
}

static void
append_list (GString *text, const PlExpression *node, guint first)
{
  for (guint i = first; i < node->n_args; i++)
    {
      if (i > first)
        g_string_append (text, ", ");
      append_node (text, node->args[i], LEVEL_OR);
    }
}

static void
append_case (GString *text, const PlExpression *node)
{
  guint i = 0;
  g_string_append (text, "case");
  if (node->has_subject)
    {
      g_string_append_c (text, ' ');
      append_node (text, node->args[i++], LEVEL_OR);
    }
  for (; i + 1 < node->n_args; i += 2)
    {
      g_string_append (text, " when ");
      append_node (text, node->args[i], LEVEL_OR);
      g_string_append (text, " then ");
      append_node (text, node->args[i + 1], LEVEL_OR);
    }
  g_string_append (text, " else ");
  append_node (text, node->args[i], LEVEL_OR);
  g_string_append (text, " end");
}

static void
append_call (GString *text, const PlExpression *node)
{
  g_string_append (text, node->name);
  g_string_append (text, node->star ? "(*" : node->distinct ? "(distinct " : "(");
  append_list (text, node, 0);
  g_string_append_c (text, ')');
  if (node->filter != NULL)
    {
      g_string_append (text, " filter (where ");
      append_node (text, node->filter, LEVEL_OR);
      g_string_append_c (text, ')');
    }
}

static void
append_binary (GString *text, const PlExpression *node, const char *symbol, int left, int right)
{
  append_node (text, node->args[0], left);
  g_string_append_printf (text, " %s ", symbol);
  append_node (text, node->args[1], right);
}

static void
append_predicate (GString *text, const PlExpression *node)
{
  append_node (text, node->args[0], LEVEL_CONCAT);
  if (node->negated && node->kind != PL_NODE_IS_NULL)
    g_string_append (text, " not");
  switch (node->kind)
    {
    case PL_NODE_IS_NULL:
      g_string_append (text, node->negated ? " is not null" : " is null");
      break;
    case PL_NODE_IN:
      g_string_append (text, " in (");
      append_list (text, node, 1);
      g_string_append_c (text, ')');
      break;
    case PL_NODE_BETWEEN:
      g_string_append (text, " between ");
      append_node (text, node->args[1], LEVEL_CONCAT);
      g_string_append (text, " and ");
      append_node (text, node->args[2], LEVEL_CONCAT);
      break;
    default:
      g_string_append (text, " like ");
      append_node (text, node->args[1], LEVEL_CONCAT);
      if (node->n_args > 2)
        {
          g_string_append (text, " escape ");
          append_node (text, node->args[2], LEVEL_CONCAT);
        }
    }
}

static void
append_bare (GString *text, const PlExpression *node)
{
  int level = node_level (node);
  switch (node->kind)
    {
    case PL_NODE_LITERAL:
      append_literal (text, node);
      break;
    case PL_NODE_COLUMN:
      append_name (text, node);
      break;
    case PL_NODE_NEGATE:
      g_string_append_c (text, '-');
      append_node (text, node->args[0], LEVEL_UNARY);
      break;
    case PL_NODE_NOT:
      g_string_append (text, "not ");
      append_node (text, node->args[0], LEVEL_NOT);
      break;
    case PL_NODE_ARITHMETIC:
      if (node->operation == PL_OP_POWER)
        append_binary (text, node, "**", LEVEL_PRIMARY, LEVEL_UNARY);
      else
        append_binary (text, node, pl_operator_text (node->operation), level, level + 1);
      break;
    case PL_NODE_CONCAT:
      append_binary (text, node, "||", level, level + 1);
      break;
    case PL_NODE_COMPARE:
      append_binary (text, node, pl_operator_text (node->operation), LEVEL_CONCAT, LEVEL_CONCAT);
      break;
    case PL_NODE_AND:
      append_binary (text, node, "and", level, level + 1);
      break;
    case PL_NODE_OR:
      append_binary (text, node, "or", level, level + 1);
      break;
    case PL_NODE_IS_NULL:
    case PL_NODE_IN:
    case PL_NODE_BETWEEN:
    case PL_NODE_LIKE:
      append_predicate (text, node);
      break;
    case PL_NODE_CAST:
      g_string_append (text, node->try_cast ? "try_cast(" : "cast(");
      append_node (text, node->args[0], LEVEL_OR);
      g_string_append_printf (text, " as %s)", pl_type_name (node->target));
      break;
    case PL_NODE_CASE:
    case PL_NODE_COALESCE:
    case PL_NODE_CALL:
      if (node->name != NULL)
        append_call (text, node);
      else
        append_case (text, node);
      break;
    }
}

static void
append_node (GString *text, const PlExpression *node, int level)
{
  while (node->kind == PL_NODE_CAST && node->implicit)
    node = node->args[0];
  gboolean brackets = node_level (node) < level;
  if (brackets)
    g_string_append_c (text, '(');
  append_bare (text, node);
  if (brackets)
    g_string_append_c (text, ')');
}

char *
pl_expression_text (const PlExpression *expression)
{
  GString *text = g_string_new (NULL);
  append_node (text, expression, LEVEL_OR);
  return g_string_free (text, FALSE);
}
