/* Tokens as the parser looks at them: see parser-tokens.h. */
#include "parser-tokens.h"
#include "../base/error.h"
#include "../base/show.h"

#include <string.h>

/* Longest part of a token shown in a message. */
#define SHOWN_BYTES 64

static const char *const keywords[] = {"and", "between", "case", "else", "end",  "false", "in", "is", "like",
                                       "not", "null",    "or",   "then", "true", "when",  "as", NULL};

gboolean
pl_parser_advance (PlParser *parser)
{
  return pl_lexer_next (&parser->lexer, parser->error);
}

gboolean
pl_parser_token_is_word (const PlToken *token, const char *word)
{
  return token->kind == PL_TOKEN_NAME && strlen (word) == token->length
         && g_ascii_strncasecmp (token->start, word, token->length) == 0;
}

gboolean
pl_parser_at_word (PlParser *parser, const char *word)
{
  return pl_parser_token_is_word (&parser->lexer.token, word);
}

gboolean
pl_parser_at_symbol (PlParser *parser, const char *symbol)
{
  const PlToken *token = &parser->lexer.token;
  return token->kind == PL_TOKEN_SYMBOL && strlen (symbol) == token->length
         && memcmp (token->start, symbol, token->length) == 0;
}

gboolean
pl_parser_at_keyword (PlParser *parser)
{
  for (gsize i = 0; keywords[i] != NULL; i++)
    if (pl_parser_at_word (parser, keywords[i]))
      return TRUE;
  return FALSE;
}

gpointer
pl_parser_fail_expected (PlParser *parser, const char *wanted)
{
  const PlToken *token = &parser->lexer.token;
  if (token->kind == PL_TOKEN_END)
    g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, "the expression ends where %s should be",
                 wanted);
  else
    {
      g_autofree char *shown = pl_show_some (token->start, token->length, SHOWN_BYTES);
      g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, "found %s where %s should be", shown, wanted);
    }
  return NULL;
}

gboolean
pl_parser_expect_symbol (PlParser *parser, const char *symbol)
{
  if (pl_parser_at_symbol (parser, symbol))
    return pl_parser_advance (parser);
  g_autofree char *wanted = g_strdup_printf ("'%s'", symbol);
  pl_parser_fail_expected (parser, wanted);
  return FALSE;
}

gboolean
pl_parser_expect_word (PlParser *parser, const char *word)
{
  if (pl_parser_at_word (parser, word))
    return pl_parser_advance (parser);
  g_autofree char *wanted = g_strdup_printf ("'%s'", word);
  pl_parser_fail_expected (parser, wanted);
  return FALSE;
}

gboolean
pl_parser_add_child (PlParser *parser, PlExpression *node, PlExpression *child)
{
  if (child == NULL)
    return FALSE;
  pl_node_add (node, child);
  if (node->height <= PL_EXPRESSION_MAX_HEIGHT)
    return TRUE;
  g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION,
               "the expression chains more than %d operators; use in (…), or derive parts of it first",
               PL_EXPRESSION_MAX_HEIGHT);
  return FALSE;
}

gboolean
pl_parser_add_list (PlParser *parser, PlExpression *node)
{
  for (;;)
    {
      if (!pl_parser_add_child (parser, node, parser->parse_inner (parser)))
        return FALSE;
      if (!pl_parser_at_symbol (parser, ","))
        return pl_parser_expect_symbol (parser, ")");
      if (!pl_parser_advance (parser))
        return FALSE;
    }
}

/* Every recursion of the grammar passes here, by way of parse_unary() or parse_not(): once a bracket. */
gboolean
pl_parser_enter (PlParser *parser)
{
  if (++parser->depth <= PL_EXPRESSION_MAX_DEPTH)
    return TRUE;
  g_set_error (parser->error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION,
               "the expression is nested deeper than %d levels; derive its inner parts as columns of their own first",
               PL_EXPRESSION_MAX_DEPTH);
  return FALSE;
}
