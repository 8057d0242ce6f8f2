/* A column as the type it has in common with others: what union and unpivot need of columns that are to be one. */
#pragma once
#include "../table/batch.h"

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

/* The first row of a batch with a number that is another one as the wider type. */
typedef struct
{
  gsize row; /* G_MAXSIZE: there is none */
  const PlColumn *column;
  const PlField *from;
  PlType to;
} PlMisfit;

/** pl_widen_seek: looks for one in @column, of @from, that is to become @to; @first is kept where it is before it.
 * @uses: what is wanted of the result: exact sums take numbers of 18 digits as they are */
void pl_widen_seek (PlMisfit *first, const PlBatch *batch, PlColumn *column, const PlField *from, PlType to,
                    guint8 uses);
/** pl_widen_fail: Returns: %TRUE, or %FALSE with what is wrong with @first, if there is one:
 * PL_DATA_ERROR_CONTRADICTION where the types come from a sample. */
gboolean pl_widen_fail (PlBatch *batch, const PlMisfit *first, GError **error);
/** pl_widen_may_fail: Returns: whether pl_widen_seek() may find one. */
gboolean pl_widen_may_fail (PlType from, PlType to);

/** pl_widen_print: Returns: (transfer none): @wide, what @column has been widened to, with the texts of @column's
 * values, which had none. */
PlColumn *pl_widen_print (const PlColumn *wide, PlColumn *column, gsize n, PlArena *arena);

G_END_DECLS
