/* Recursive descent, a function a level of precedence, loosest first:
 *
 *   or · and · not · = != < <= > >= is in between like · || · + - · * / // % · unary - · ** · :: · primary
 *
 * As in Python, ** is right-associative and binds tighter than a minus before it, not behind it. Comparisons do not
 * chain. Types, and whether names exist, are the checker's business. */
#include "parser.h"
#include "../base/error.h"
#include "parser-primary.h"
#include "parser-tokens.h"
#include "tree.h"

static PlExpression *parse_or (PlParser *parser);
static PlExpression *parse_unary (PlParser *parser);

static PlExpression *
make_binary (PlParser *parser, PlNodeKind kind, PlOperator operation, guint offset, PlExpression *left,
             PlExpression *right)
{
  g_autoptr (PlExpression) node = pl_node_new (kind, offset);
  node->operation = operation;
  if (!pl_parser_add_child (parser, node, left))
    {
      pl_expression_free (right);
      return NULL;
    }
  return pl_parser_add_child (parser, node, right) ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_power (PlParser *parser)
{
  g_autoptr (PlExpression) base = pl_parser_primary (parser);
  if (base == NULL || !pl_parser_at_symbol (parser, "**"))
    return g_steal_pointer (&base);
  guint offset = parser->lexer.token.offset;
  PlExpression *exponent = pl_parser_advance (parser) ? parse_unary (parser) : NULL;
  return exponent == NULL
             ? NULL
             : make_binary (parser, PL_NODE_ARITHMETIC, PL_OP_POWER, offset, g_steal_pointer (&base), exponent);
}

static PlExpression *
parse_negation (PlParser *parser)
{
  gboolean minus = pl_parser_at_symbol (parser, "-");
  guint offset = parser->lexer.token.offset;
  if (!pl_parser_advance (parser))
    return NULL;
  g_autoptr (PlExpression) inner = parse_unary (parser);
  if (inner == NULL || !minus)
    return g_steal_pointer (&inner);
  /* The smallest int has no positive twin. */
  if (inner->kind == PL_NODE_LITERAL && inner->type.kind == PL_DECIMAL
      && inner->decimal_value == (PlInt128) G_MAXINT64 + 1)
    {
      pl_node_set_literal (inner, PL_TYPE (PL_INT));
      inner->int_value = G_MININT64;
      inner->offset = offset;
      return g_steal_pointer (&inner);
    }
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_NEGATE, offset);
  return pl_parser_add_child (parser, node, g_steal_pointer (&inner)) ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_unary (PlParser *parser)
{
  if (!pl_parser_enter (parser))
    return NULL;
  PlExpression *node = pl_parser_at_symbol (parser, "-") || pl_parser_at_symbol (parser, "+") ? parse_negation (parser)
                                                                                              : parse_power (parser);
  parser->depth--;
  return node;
}

typedef struct
{
  const char *symbol;
  PlNodeKind kind;
  PlOperator operation;
} Infix;

static const Infix *
find_infix (PlParser *parser, const Infix *infixes)
{
  for (; infixes->symbol != NULL; infixes++)
    if (pl_parser_at_symbol (parser, infixes->symbol))
      return infixes;
  return NULL;
}

static PlExpression *
parse_infix (PlParser *parser, const Infix *infixes, PlExpression *(*parse_operand) (PlParser *parser))
{
  g_autoptr (PlExpression) left = parse_operand (parser);
  const Infix *infix;
  while (left != NULL && (infix = find_infix (parser, infixes)) != NULL)
    {
      guint offset = parser->lexer.token.offset;
      PlExpression *right = pl_parser_advance (parser) ? parse_operand (parser) : NULL;
      if (right == NULL)
        return NULL;
      left = make_binary (parser, infix->kind, infix->operation, offset, g_steal_pointer (&left), right);
    }
  return g_steal_pointer (&left);
}

static PlExpression *
parse_product (PlParser *parser)
{
  static const Infix infixes[] = {{"*", PL_NODE_ARITHMETIC, PL_OP_MULTIPLY},
                                  {"//", PL_NODE_ARITHMETIC, PL_OP_FLOOR_DIVIDE},
                                  {"/", PL_NODE_ARITHMETIC, PL_OP_DIVIDE},
                                  {"%", PL_NODE_ARITHMETIC, PL_OP_MODULO},
                                  {NULL, 0, 0}};
  return parse_infix (parser, infixes, parse_unary);
}

static PlExpression *
parse_sum (PlParser *parser)
{
  static const Infix infixes[]
      = {{"+", PL_NODE_ARITHMETIC, PL_OP_ADD}, {"-", PL_NODE_ARITHMETIC, PL_OP_SUBTRACT}, {NULL, 0, 0}};
  return parse_infix (parser, infixes, parse_product);
}

static PlExpression *
parse_concat (PlParser *parser)
{
  static const Infix infixes[] = {{"||", PL_NODE_CONCAT, 0}, {NULL, 0, 0}};
  return parse_infix (parser, infixes, parse_sum);
}

static gboolean
parse_predicate_rest (PlParser *parser, PlExpression *node)
{
  switch (node->kind)
    {
    case PL_NODE_IN:
      return pl_parser_expect_symbol (parser, "(") && pl_parser_add_list (parser, node);
    case PL_NODE_BETWEEN:
      return pl_parser_add_child (parser, node, parse_concat (parser)) && pl_parser_expect_word (parser, "and")
             && pl_parser_add_child (parser, node, parse_concat (parser));
    default:
      if (!pl_parser_add_child (parser, node, parse_concat (parser)))
        return FALSE;
      return !pl_parser_at_word (parser, "escape")
             || (pl_parser_advance (parser) && pl_parser_add_child (parser, node, parse_concat (parser)));
    }
}

/* [not] in, [not] between, [not] like, behind @value (transfer full). */
static PlExpression *
parse_predicate (PlParser *parser, PlExpression *value)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_IN, parser->lexer.token.offset);
  if (!pl_parser_add_child (parser, node, value))
    return NULL;
  if (pl_parser_at_word (parser, "not"))
    {
      node->negated = TRUE;
      if (!pl_parser_advance (parser))
        return NULL;
    }
  if (pl_parser_at_word (parser, "between"))
    node->kind = PL_NODE_BETWEEN;
  else if (pl_parser_at_word (parser, "like"))
    node->kind = PL_NODE_LIKE;
  else if (!pl_parser_at_word (parser, "in"))
    return pl_parser_fail_expected (parser, "'in', 'between' or 'like'");
  return pl_parser_advance (parser) && parse_predicate_rest (parser, node) ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_is (PlParser *parser, PlExpression *value)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_IS_NULL, parser->lexer.token.offset);
  if (!pl_parser_add_child (parser, node, value) || !pl_parser_advance (parser))
    return NULL;
  if (pl_parser_at_word (parser, "not"))
    {
      node->negated = TRUE;
      if (!pl_parser_advance (parser))
        return NULL;
    }
  return pl_parser_expect_word (parser, "null") ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_comparison (PlParser *parser)
{
  static const Infix infixes[] = {{"=", PL_NODE_COMPARE, PL_OP_EQUAL},
                                  {"==", PL_NODE_COMPARE, PL_OP_EQUAL},
                                  {"!=", PL_NODE_COMPARE, PL_OP_NOT_EQUAL},
                                  {"<>", PL_NODE_COMPARE, PL_OP_NOT_EQUAL},
                                  {"<", PL_NODE_COMPARE, PL_OP_LESS},
                                  {"<=", PL_NODE_COMPARE, PL_OP_LESS_EQUAL},
                                  {">", PL_NODE_COMPARE, PL_OP_GREATER},
                                  {">=", PL_NODE_COMPARE, PL_OP_GREATER_EQUAL},
                                  {NULL, 0, 0}};
  g_autoptr (PlExpression) left = parse_concat (parser);
  gboolean compared = FALSE;
  while (left != NULL)
    {
      const Infix *infix = find_infix (parser, infixes);
      if (infix != NULL)
        {
          if (compared)
            return pl_parser_fail_expected (parser, "'and' (comparisons do not chain)");
          compared = TRUE;
          guint offset = parser->lexer.token.offset;
          PlExpression *right = pl_parser_advance (parser) ? parse_concat (parser) : NULL;
          if (right == NULL)
            return NULL;
          left = make_binary (parser, infix->kind, infix->operation, offset, g_steal_pointer (&left), right);
        }
      else if (pl_parser_at_word (parser, "is"))
        left = parse_is (parser, g_steal_pointer (&left));
      else if (pl_parser_at_word (parser, "not") || pl_parser_at_word (parser, "in")
               || pl_parser_at_word (parser, "between") || pl_parser_at_word (parser, "like"))
        left = parse_predicate (parser, g_steal_pointer (&left));
      else
        break;
    }
  return g_steal_pointer (&left);
}

static PlExpression *
parse_not (PlParser *parser)
{
  if (!pl_parser_at_word (parser, "not"))
    return parse_comparison (parser);
  if (!pl_parser_enter (parser))
    return NULL;
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_NOT, parser->lexer.token.offset);
  if (!pl_parser_advance (parser) || !pl_parser_add_child (parser, node, parse_not (parser)))
    return NULL;
  parser->depth--;
  return g_steal_pointer (&node);
}

static PlExpression *
parse_words (PlParser *parser, const char *word, PlNodeKind kind, PlExpression *(*parse_operand) (PlParser *parser))
{
  g_autoptr (PlExpression) left = parse_operand (parser);
  while (left != NULL && pl_parser_at_word (parser, word))
    {
      guint offset = parser->lexer.token.offset;
      PlExpression *right = pl_parser_advance (parser) ? parse_operand (parser) : NULL;
      if (right == NULL)
        return NULL;
      left = make_binary (parser, kind, 0, offset, g_steal_pointer (&left), right);
    }
  return g_steal_pointer (&left);
}

static PlExpression *
parse_and (PlParser *parser)
{
  return parse_words (parser, "and", PL_NODE_AND, parse_not);
}

static PlExpression *
parse_or (PlParser *parser)
{
  return parse_words (parser, "or", PL_NODE_OR, parse_and);
}

PlExpression *
pl_expression_parse (const char *text, guint *offset, GError **error)
{
  GError *local_error = NULL;
  PlParser parser = {.lexer = {.next = text}, .parse_inner = parse_or, .error = &local_error};
  g_autoptr (PlExpression) node = NULL;
  if (!g_utf8_validate (text, -1, NULL))
    g_set_error (&local_error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, "the expression is not valid UTF-8");
  else if (pl_parser_advance (&parser))
    {
      node = parse_or (&parser);
      if (node != NULL && parser.lexer.token.kind != PL_TOKEN_END)
        pl_parser_fail_expected (&parser, "an operator or the end");
    }
  if (local_error == NULL)
    return g_steal_pointer (&node);
  if (offset != NULL)
    *offset = parser.lexer.token.offset;
  g_propagate_error (error, local_error);
  return NULL;
}
