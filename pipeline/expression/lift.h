/* Values that an expression has for every row are computed once. */
#pragma once
#include "expression.h"

G_BEGIN_DECLS

void pl_lifted_call_free (PlLiftedCall *call);
/** pl_expression_lift:
 * @is_lifted: tells by a call's name whether it is taken out
 * @calls: (element-type PlLiftedCall): appended to; equal calls are shared
 *
 * Replaces each such call by a column with the hidden name of its index in @calls. A lifted call inside another is an
 * error.
 */
gboolean pl_expression_lift (PlExpression **expression, gboolean (*is_lifted) (const char *name), GPtrArray *calls,
                             guint *offset, GError **error);

G_END_DECLS
