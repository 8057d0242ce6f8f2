/* An expression as text again. */
#pragma once
#include "expression.h"

G_BEGIN_DECLS

/** pl_expression_text: Returns: (transfer full): canonical text. */
char *pl_expression_text (const PlExpression *expression);

G_END_DECLS
