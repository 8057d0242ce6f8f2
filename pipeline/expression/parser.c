/* Recursive descent, a function a level of precedence, loosest first:
 *
 *   or · and · not · = != < <= > >= is in between like · || · + - · * / // % · unary - · ** · :: · primary
 *
 * As in Python, ** is right-associative and binds tighter than a minus before it, not behind it. Comparisons do not
 * chain. Types, and whether names exist, are the checker's business. */
#include "parser.h"
#include <string.h>

#include "../base/show.h"
#include "../table/parse.h"
#include "parser-tokens.h"
#include "tree.h"
#include "../base/error.h"

/* Longest part of a token shown in a message. */
#define SHOWN_BYTES 64

static PlExpression *parse_or (PlParser *parser);
static PlExpression *parse_unary (PlParser *parser);

static PlExpression *
parse_number (PlParser *parser)
{
  const PlToken *token = &parser->lexer.token;
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_LITERAL, token->offset);
  const char *digits = token->start;
  gsize length = token->length;
  double value = 0;
  if (token->kind == PL_TOKEN_INT)
    {
      while (length > 1 && *digits == '0')
        {
          digits++;
          length--;
        }
      gint64 number = 0;
      PlInt128 large = 0;
      if (pl_parse_int (digits, length, &number))
        {
          pl_node_set_literal (node, PL_TYPE (PL_INT));
          node->int_value = number;
        }
      else if (pl_parse_decimal (digits, length, 38, 0, &large))
        {
          pl_node_set_literal (node, PL_TYPE_DECIMAL (38, 0));
          node->decimal_value = large;
        }
      else
        {
          g_autofree char *shown = pl_show_some (token->start, token->length, SHOWN_BYTES);
          g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION,
                       "the number %s has more than 38 digits; write it with an exponent, as 1e40", shown);
          return NULL;
        }
    }
  else
    {
      g_autofree char *text = g_strndup (token->start, token->length);
      value = g_ascii_strtod (text, NULL);
      if (value > G_MAXDOUBLE)
        {
          g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION,
                       "the number %s is beyond the largest float, about 1.8e308", text);
          return NULL;
        }
      pl_node_set_literal (node, PL_TYPE (PL_FLOAT));
      node->float_value = value;
    }
  return pl_parser_advance (parser) ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_case (PlParser *parser)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_CASE, parser->lexer.token.offset);
  if (!pl_parser_advance (parser))
    return NULL;
  if (!pl_parser_at_word (parser, "when"))
    {
      node->has_subject = TRUE;
      if (!pl_parser_add_child (parser, node, parse_or (parser)))
        return NULL;
    }
  if (!pl_parser_at_word (parser, "when"))
    return pl_parser_fail_expected (parser, "'when'");
  while (pl_parser_at_word (parser, "when"))
    if (!pl_parser_advance (parser) || !pl_parser_add_child (parser, node, parse_or (parser))
        || !pl_parser_expect_word (parser, "then") || !pl_parser_add_child (parser, node, parse_or (parser)))
      return NULL;
  if (pl_parser_at_word (parser, "else"))
    {
      if (!pl_parser_advance (parser) || !pl_parser_add_child (parser, node, parse_or (parser)))
        return NULL;
    }
  else
    {
      PlExpression *nothing = pl_node_new (PL_NODE_LITERAL, parser->lexer.token.offset);
      pl_node_set_literal (nothing, PL_TYPE (PL_NULL));
      pl_node_add (node, nothing);
    }
  return pl_parser_expect_word (parser, "end") ? g_steal_pointer (&node) : NULL;
}

/* A type is one to three words and an optional (p) or (p,s); it ends where no type can go on. */
static gboolean
parse_type (PlParser *parser, PlType *type)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (parser->lexer.token.kind != PL_TOKEN_NAME)
    {
      pl_parser_fail_expected (parser, "a type");
      return FALSE;
    }
  do
    {
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append_len (text, parser->lexer.token.start, (gssize) parser->lexer.token.length);
      if (!pl_parser_advance (parser))
        return FALSE;
    }
  while (pl_parser_at_word (parser, "with")
         || (g_str_has_suffix (text->str, "with") && pl_parser_at_word (parser, "zone")));
  if (pl_parser_at_symbol (parser, "("))
    {
      while (!pl_parser_at_symbol (parser, ")"))
        {
          if (parser->lexer.token.kind == PL_TOKEN_END)
            return pl_parser_fail_expected (parser, "')'") != NULL;
          g_string_append_len (text, parser->lexer.token.start, (gssize) parser->lexer.token.length);
          if (!pl_parser_advance (parser))
            return FALSE;
        }
      g_string_append_c (text, ')');
      if (!pl_parser_advance (parser))
        return FALSE;
    }
  return pl_type_parse (text->str, type, parser->error);
}

static PlExpression *
parse_cast (PlParser *parser, guint offset, gboolean try_cast)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_CAST, offset);
  node->try_cast = try_cast;
  if (!pl_parser_add_child (parser, node, parse_or (parser)) || !pl_parser_expect_word (parser, "as")
      || !parse_type (parser, &node->target) || !pl_parser_expect_symbol (parser, ")"))
    return NULL;
  return g_steal_pointer (&node);
}

static gboolean
parse_arguments (PlParser *parser, PlExpression *node)
{
  if (pl_parser_at_symbol (parser, "*"))
    {
      node->star = TRUE;
      return pl_parser_advance (parser) && pl_parser_expect_symbol (parser, ")");
    }
  if (pl_parser_at_word (parser, "distinct"))
    {
      node->distinct = TRUE;
      if (!pl_parser_advance (parser))
        return FALSE;
    }
  if (pl_parser_at_symbol (parser, ")") && !node->distinct)
    return pl_parser_advance (parser);
  for (;;)
    {
      if (!pl_parser_add_child (parser, node, parse_or (parser)))
        return FALSE;
      if (!pl_parser_at_symbol (parser, ","))
        return pl_parser_expect_symbol (parser, ")");
      if (!pl_parser_advance (parser))
        return FALSE;
    }
}

/* if, coalesce and ifnull evaluate their arguments by need, so they are forms of the language and no functions. */
static gboolean
make_special (PlParser *parser, PlExpression *node)
{
  gboolean is_if = g_str_equal (node->name, "if");
  gboolean is_coalesce = g_str_equal (node->name, "coalesce");
  gboolean is_ifnull = g_str_equal (node->name, "ifnull");
  if (!is_if && !is_coalesce && !is_ifnull)
    return TRUE;
  guint wanted = is_if ? 3 : 2;
  if (node->star || node->distinct || (is_coalesce ? node->n_args == 0 : node->n_args != wanted))
    {
      g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, "%s is called as %s", node->name,
                   is_if         ? "if(condition, then, else)"
                   : is_coalesce ? "coalesce(a, b, …)"
                                 : "ifnull(a, b)");
      parser->lexer.token.offset = node->offset;
      return FALSE;
    }
  node->kind = is_if ? PL_NODE_CASE : PL_NODE_COALESCE;
  return TRUE;
}

static PlExpression *
parse_call (PlParser *parser, const PlToken *name)
{
  if (pl_parser_token_is_word (name, "cast") || pl_parser_token_is_word (name, "try_cast"))
    return parse_cast (parser, name->offset, pl_parser_token_is_word (name, "try_cast"));
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_CALL, name->offset);
  node->name = g_ascii_strdown (name->start, (gssize) name->length);
  if (!parse_arguments (parser, node) || !make_special (parser, node))
    return NULL;
  if (node->kind == PL_NODE_CALL && pl_parser_at_word (parser, "filter"))
    {
      if (!pl_parser_advance (parser) || !pl_parser_expect_symbol (parser, "(")
          || !pl_parser_expect_word (parser, "where"))
        return NULL;
      node->filter = parse_or (parser);
      if (node->filter == NULL || !pl_parser_expect_symbol (parser, ")"))
        return NULL;
    }
  return g_steal_pointer (&node);
}

static PlExpression *
parse_name (PlParser *parser)
{
  PlToken token = parser->lexer.token;
  if (token.kind == PL_TOKEN_NAME && pl_parser_at_keyword (parser))
    {
      gboolean is_true = pl_parser_at_word (parser, "true"), is_null = pl_parser_at_word (parser, "null");
      if (pl_parser_at_word (parser, "case"))
        return parse_case (parser);
      if (!is_true && !is_null && !pl_parser_at_word (parser, "false"))
        return pl_parser_fail_expected (parser, "a value");
      g_autoptr (PlExpression) node = pl_node_new (PL_NODE_LITERAL, token.offset);
      pl_node_set_literal (node, PL_TYPE (is_null ? PL_NULL : PL_BOOL));
      node->bool_value = is_true;
      return pl_parser_advance (parser) ? g_steal_pointer (&node) : NULL;
    }
  if (!pl_parser_advance (parser))
    return NULL;
  if (token.kind == PL_TOKEN_NAME && pl_parser_at_symbol (parser, "("))
    return pl_parser_advance (parser) ? parse_call (parser, &token) : NULL;
  PlExpression *node = pl_node_new (PL_NODE_COLUMN, token.offset);
  node->quoted = token.kind == PL_TOKEN_QUOTED;
  node->name = node->quoted ? pl_token_unquote (&token, NULL) : g_strndup (token.start, token.length);
  return node;
}

static PlExpression *
parse_string (PlParser *parser)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_LITERAL, parser->lexer.token.offset);
  gsize length = 0;
  g_autofree char *text = pl_token_unquote (&parser->lexer.token, &length);
  pl_node_set_string (node, text, length);
  return pl_parser_advance (parser) ? g_steal_pointer (&node) : NULL;
}

static PlExpression *
parse_primary (PlParser *parser)
{
  switch (parser->lexer.token.kind)
    {
    case PL_TOKEN_INT:
    case PL_TOKEN_FLOAT:
      return parse_number (parser);
    case PL_TOKEN_STRING:
      return parse_string (parser);
    case PL_TOKEN_NAME:
    case PL_TOKEN_QUOTED:
      return parse_name (parser);
    case PL_TOKEN_SYMBOL:
      if (pl_parser_at_symbol (parser, "(") && pl_parser_advance (parser))
        {
          g_autoptr (PlExpression) inner = parse_or (parser);
          return inner != NULL && pl_parser_expect_symbol (parser, ")") ? g_steal_pointer (&inner) : NULL;
        }
      return *parser->error != NULL ? NULL : pl_parser_fail_expected (parser, "a value");
    case PL_TOKEN_END:
      break;
    }
  return pl_parser_fail_expected (parser, "a value");
}

static PlExpression *
parse_postfix (PlParser *parser)
{
  g_autoptr (PlExpression) node = parse_primary (parser);
  while (node != NULL && pl_parser_at_symbol (parser, "::"))
    {
      g_autoptr (PlExpression) cast = pl_node_new (PL_NODE_CAST, parser->lexer.token.offset);
      if (!pl_parser_advance (parser) || !parse_type (parser, &cast->target)
          || !pl_parser_add_child (parser, cast, g_steal_pointer (&node)))
        return NULL;
      node = g_steal_pointer (&cast);
    }
  return g_steal_pointer (&node);
}

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
  g_autoptr (PlExpression) base = parse_postfix (parser);
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
parse_list (PlParser *parser, PlExpression *node)
{
  if (!pl_parser_expect_symbol (parser, "("))
    return FALSE;
  for (;;)
    {
      if (!pl_parser_add_child (parser, node, parse_or (parser)))
        return FALSE;
      if (!pl_parser_at_symbol (parser, ","))
        return pl_parser_expect_symbol (parser, ")");
      if (!pl_parser_advance (parser))
        return FALSE;
    }
}

static gboolean
parse_predicate_rest (PlParser *parser, PlExpression *node)
{
  switch (node->kind)
    {
    case PL_NODE_IN:
      return parse_list (parser, node);
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
  PlParser parser = {.lexer = {.next = text}, .error = &local_error};
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
