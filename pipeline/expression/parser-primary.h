/* The parser's innermost levels. Private to parser.c. */
#pragma once
#include "parser-tokens.h"

G_BEGIN_DECLS

/** pl_parser_primary: an operand, with the casts behind it. Returns: (transfer full) (nullable): */
PlExpression *pl_parser_primary (PlParser *parser);

G_END_DECLS
