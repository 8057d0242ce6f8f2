/* The checker: names and types of a parsed expression, against a schema. */
#pragma once
#include "expression.h"
#include "function.h"
#include "../table/schema.h"

G_BEGIN_DECLS

/** pl_expression_check: Resolves against @schema (kept by reference). An expression is checked once. Unknown names come
 * with the nearest right one. @functions finds scalar functions by name. */
gboolean pl_expression_check (PlExpression *expression, PlSchema *schema, const PlFunctionTable *functions,
                              guint *offset, GError **error);
/** pl_expression_cast: wraps the checked @expression, a column, into a cast to @type that fails where the value would
 * be another one: 2.7 as int. */
gboolean pl_expression_cast (PlExpression **expression, PlType type, GError **error);

G_END_DECLS
