/* Expressions that rows are ordered, grouped or told apart by. */
#include "terms.h"
#include "../expression/evaluate.h"
#include "../base/error.h"

void
pl_term_free (gpointer data)
{
  PlTerm *term = data;
  if (term == NULL)
    return;
  pl_expression_free (term->expression);
  g_free (term->name);
  g_free (term);
}

GPtrArray *
pl_terms_new (void)
{
  return g_ptr_array_new_with_free_func (pl_term_free);
}

void
pl_terms_require (const GPtrArray *terms, guint8 *uses)
{
  for (guint i = 0; i < terms->len; i++)
    pl_expression_require (((PlTerm *) terms->pdata[i])->expression, uses, PL_USE_VALUE | PL_USE_COMPUTE);
}

gboolean
pl_key_check (PlBatch *batch, const PlColumn *column, const char *name, GError **error)
{
  if (column->type.kind != PL_STRING)
    return TRUE;
  guint32 longest = 0;
  for (gsize i = 0; i < batch->n_rows; i++)
    longest = MAX (longest, column->texts[i].length);
  for (gsize i = 0; longest > PL_MAX_KEY && i < batch->n_rows; i++)
    if (column->texts[i].length > PL_MAX_KEY && !pl_column_is_null (column, i))
      return pl_batch_fail (
          batch, i, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
          "a text of %u bytes is too long for the key '%s', which may have 1 MiB; shorten it with left()",
          column->texts[i].length, name);
  return TRUE;
}

gboolean
pl_terms_take (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error)
{
  for (guint i = 0; i < terms->len; i++)
    {
      const PlExpression *expression = ((const PlTerm *) terms->pdata[i])->expression;
      const gint column = pl_expression_column (expression);
      columns[i] = column >= 0 ? batch->columns[column] : pl_expression_evaluate (expression, batch, error);
      if (columns[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_terms_settle (const GPtrArray *terms, PlBatch *batch, PlColumn *const *columns, GError **error)
{
  for (guint i = 0; i < terms->len; i++)
    {
      if (columns[i]->type.kind == PL_STRING)
        pl_column_settle (columns[i], batch->n_rows, batch->arena);
      if (!pl_key_check (batch, columns[i], ((const PlTerm *) terms->pdata[i])->name, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_terms_evaluate (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error)
{
  return pl_terms_take (terms, batch, columns, error) && pl_terms_settle (terms, batch, columns, error);
}

PlSortOrder *
pl_terms_orders (const GPtrArray *terms)
{
  PlSortOrder *orders = g_new0 (PlSortOrder, terms->len + 1);
  for (guint i = 0; i < terms->len; i++)
    {
      const PlTerm *term = terms->pdata[i];
      orders[i] = (PlSortOrder){term->descending, term->nulls_first};
    }
  return orders;
}
