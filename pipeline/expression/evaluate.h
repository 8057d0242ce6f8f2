/* Evaluation of constant trees, for the checker's folding. */
#pragma once
#include "tree.h"

G_BEGIN_DECLS

/** pl_evaluate_constant: Returns: (transfer none) (nullable): one row, in @arena. All arguments of @node are
 * literals. */
PlColumn *pl_evaluate_constant (const PlExpression *node, PlArena *arena, GError **error);

G_END_DECLS
