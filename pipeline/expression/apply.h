/* What a node makes of its operands, which are all evaluated before it: every kind but columns, literals, and the forms
 * that evaluate by need (and, or, case, coalesce). Private to evaluate.c. */
#pragma once
#include "frame.h"
#include "kernels.h"

G_BEGIN_DECLS

/** pl_apply:
 * @args: the values of the node's operands, for the rows of @frame
 *
 * Returns: (transfer none): in the frame's arena. A row that fails is told to the frame. */
PlValue pl_apply (const PlExpression *node, const PlValue *args, PlFrame *frame);

G_END_DECLS
