/* Operands: literals, names, calls, case, cast, what stands in brackets, and :: behind any of them. */
#include "parser-primary.h"
#include <string.h>

#include "../base/error.h"
#include "../base/show.h"
#include "../table/parse.h"

/* Longest part of a token shown in a message. */
#define SHOWN_BYTES 64

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
parse_string (PlParser *parser)
{
  g_autoptr (PlExpression) node = pl_node_new (PL_NODE_LITERAL, parser->lexer.token.offset);
  gsize length = 0;
  g_autofree char *text = pl_token_unquote (&parser->lexer.token, &length);
  pl_node_set_string (node, text, length);
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
      if (!pl_parser_add_child (parser, node, parser->parse_inner (parser)))
        return NULL;
    }
  if (!pl_parser_at_word (parser, "when"))
    return pl_parser_fail_expected (parser, "'when'");
  while (pl_parser_at_word (parser, "when"))
    if (!pl_parser_advance (parser) || !pl_parser_add_child (parser, node, parser->parse_inner (parser))
        || !pl_parser_expect_word (parser, "then") || !pl_parser_add_child (parser, node, parser->parse_inner (parser)))
      return NULL;
  if (pl_parser_at_word (parser, "else"))
    {
      if (!pl_parser_advance (parser) || !pl_parser_add_child (parser, node, parser->parse_inner (parser)))
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
  if (!pl_parser_add_child (parser, node, parser->parse_inner (parser)) || !pl_parser_expect_word (parser, "as")
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
  return pl_parser_add_list (parser, node);
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
      node->filter = parser->parse_inner (parser);
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
          g_autoptr (PlExpression) inner = parser->parse_inner (parser);
          return inner != NULL && pl_parser_expect_symbol (parser, ")") ? g_steal_pointer (&inner) : NULL;
        }
      return *parser->error != NULL ? NULL : pl_parser_fail_expected (parser, "a value");
    case PL_TOKEN_END:
      break;
    }
  return pl_parser_fail_expected (parser, "a value");
}

PlExpression *
pl_parser_primary (PlParser *parser)
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
