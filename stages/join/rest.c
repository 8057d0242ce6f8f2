/* Rows of the right input that match nothing: nulls stand where the left input's columns would, and their keys where
 * its keys would. */
#include "rest.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/expression/widen.h"
#include "../../pipeline/keys/terms.h"

/* The right input's key number @k, as the output's column @field. */
static PlColumn *
fill (const PlJoin *join, guint k, guint field, PlBatch *batch, GError **error)
{
  const PlTerm *term = join->keys[1]->pdata[k];
  PlColumn *column = pl_expression_evaluate (term->expression, batch, error);
  if (column == NULL)
    return NULL;
  const PlType type = join->output->fields[field].type;
  const gint source = pl_expression_column (term->expression);
  const PlField computed = {.name = term->name, .type = column->type};
  PlMisfit misfit = {.row = G_MAXSIZE};
  pl_widen_seek (&misfit, batch, column, source >= 0 ? &join->right->fields[source] : &computed, type,
                 join->rest_uses[field]);
  if (!pl_widen_fail (batch, &misfit, error))
    return NULL;
  PlColumn *wide = pl_widen_column (column, type, batch->n_rows, batch->arena);
  if ((join->rest_uses[field] & PL_USE_TEXT) && type.kind != PL_STRING && wide->lexical == NULL && wide != column)
    wide = pl_widen_print (wide, column, batch->n_rows, batch->arena);
  return wide;
}

gboolean
pl_join_rest (const PlJoin *join, PlBatch *batch, PlEmit *emit, GError **error)
{
  const guint n_left = join->left->n_fields;
  guint32 *rows = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  PlBatch out;
  if (batch->n_rows == 0)
    return TRUE;
  for (gsize i = 0; i < batch->n_rows; i++)
    rows[i] = (guint32) i;
  pl_batch_grow (&out, batch, join->output, rows, batch->n_rows, emit->arena);
  for (guint i = 0; i < n_left; i++)
    {
      if (join->rest_uses[i] == PL_USE_NONE)
        continue;
      out.columns[i] = join->filled[i] >= 0
                           ? fill (join, (guint) join->filled[i], i, batch, error)
                           : pl_column_null (batch->arena, join->output->fields[i].type, batch->n_rows);
      if (out.columns[i] == NULL)
        return FALSE;
    }
  for (guint i = 0; i < join->n_taken; i++)
    out.columns[n_left + i] = batch->columns[join->taken[i]];
  return emit->give (emit, &out);
}
