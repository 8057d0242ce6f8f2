/* A column as the type it has in common with others: what union and unpivot need of columns that are to be one. */
#pragma once
#include "../table/column.h"

G_BEGIN_DECLS

/** pl_widen_require: Returns: the PlUse of a column of type @from that is to be widened to @to, of which @uses are
 * wanted. */
guint8 pl_widen_require (PlType from, PlType to, guint8 uses);
/** pl_widen_column:
 * @to: pl_type_join() of the column's type and others, so that it holds each of its values
 *
 * What is wanted of the result is what was said to pl_widen_require(). Texts stay as they stood in the input.
 * Returns: (transfer none): @n values in @arena; @column itself where its type is @to. */
PlColumn *pl_widen_column (PlColumn *column, PlType to, gsize n, PlArena *arena);

/** pl_widen_print: Returns: (transfer none): @wide, what @column has been widened to, with the texts of @column's
 * values, which had none. */
PlColumn *pl_widen_print (const PlColumn *wide, PlColumn *column, gsize n, PlArena *arena);

G_END_DECLS
