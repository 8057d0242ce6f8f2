/* Evaluation of constant trees, for the checker's folding. */
#pragma once
#include "expression.h"
#include "tree.h"

G_BEGIN_DECLS

/** pl_evaluate_constant: Returns: (transfer none) (nullable): one row, in @arena. All arguments of @node are
 * literals. */
PlColumn *pl_evaluate_constant (const PlExpression *node, PlArena *arena, GError **error);

/** pl_expression_evaluate:
 * Returns: (transfer none) (nullable): @batch->n_rows values in the batch's arena; a bare column is returned as it is,
 * every part of it. On error @batch->failed_row is the smallest failing row. */
PlColumn *pl_expression_evaluate (const PlExpression *expression, PlBatch *batch, GError **error);
/** pl_expression_select: for conditions: @rows (room for n_rows) gets the rows where it is true, ascending.
 * Returns: %FALSE on error. */
gboolean pl_expression_select (const PlExpression *expression, PlBatch *batch, guint32 *rows, gsize *n, GError **error);

G_END_DECLS
