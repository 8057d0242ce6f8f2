/* The checker's part for + - * / // % ** and the minus in front. Private to check.c. */
#pragma once
#include "check-types.h"

G_BEGIN_DECLS

/** pl_check_arithmetic, pl_check_negate: set the type of @node, whose operands are checked, and cast these to what the
 * kernels take. */
gboolean pl_check_arithmetic (PlCheck *check, PlExpression *node);
gboolean pl_check_negate (PlCheck *check, PlExpression *node);

G_END_DECLS
