/* The parser: text to tree. */
#pragma once
#include "expression.h"

G_BEGIN_DECLS

/** pl_expression_parse: @offset (out) (optional): on error the character (not byte) of @text the mistake is at.
 * 199 brackets may nest, and 2000 operators chain. Returns: (transfer full): */
PlExpression *pl_expression_parse (const char *text, guint *offset, GError **error);

G_END_DECLS
