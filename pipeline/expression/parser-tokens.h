/* What the parser asks of its next token, and says of a wrong one. Private to parser.c and parser-primary.c. All fail
 * by parser->error. */
#pragma once
#include "lexer.h"
#include "tree.h"

G_BEGIN_DECLS

typedef struct PlParser PlParser;
struct PlParser
{
  PlLexer lexer;
  guint depth;
  /* What stands in brackets, in a call, in a case: a whole expression. */
  PlExpression *(*parse_inner) (PlParser *parser);
  GError **error;
};

gboolean pl_parser_advance (PlParser *parser);
gboolean pl_parser_token_is_word (const PlToken *token, const char *word);
gboolean pl_parser_at_word (PlParser *parser, const char *word);
gboolean pl_parser_at_symbol (PlParser *parser, const char *symbol);
gboolean pl_parser_at_keyword (PlParser *parser);
gpointer pl_parser_fail_expected (PlParser *parser, const char *wanted);
gboolean pl_parser_expect_symbol (PlParser *parser, const char *symbol);
gboolean pl_parser_expect_word (PlParser *parser, const char *word);
gboolean pl_parser_add_child (PlParser *parser, PlExpression *node, PlExpression *child);
/** pl_parser_add_list: adds expressions with commas between them, one at least, up to ")". */
gboolean pl_parser_add_list (PlParser *parser, PlExpression *node);
/** pl_parser_enter: Every recursion of the grammar passes here, by way of parse_unary() or parse_not(): once a bracket.
 */
gboolean pl_parser_enter (PlParser *parser);

G_END_DECLS
