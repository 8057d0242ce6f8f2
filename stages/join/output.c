/* See output.h. */
#include "output.h"
#include "../../pipeline/expression/widen.h"
#include "../../pipeline/rows/gather.h"

/* Whether the keys that share a column with those of the right input are still the same in its type. */
static gboolean
check_wide (const PlJoin *join, PlBatch *batch, GError **error)
{
  PlMisfit misfit = {.row = G_MAXSIZE};
  if (join->how == PL_JOIN_RIGHT)
    return TRUE; /* Rows of the left input go on only beside one of the right, whose key is the same. */
  for (guint i = 0; i < join->left->n_fields; i++)
    if (join->filled[i] >= 0 && batch->columns[i] != NULL)
      pl_widen_seek (&misfit, batch, batch->columns[i], &join->left->fields[i], join->output->fields[i].type,
                     join->asks_uses[i]);
  return pl_widen_fail (batch, &misfit, error);
}

/* The left input's columns as they are in the output; NULL with an error. */
static PlColumn **
widen_left (const PlJoin *join, PlBatch *batch, GError **error)
{
  const guint n = join->left->n_fields;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, n + 1);
  if (!check_wide (join, batch, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      PlColumn *column = batch->columns[i];
      columns[i] = column;
      if (column == NULL || join->asks_uses[i] == PL_USE_NONE || join->filled[i] < 0)
        continue;
      columns[i] = pl_widen_column (column, join->output->fields[i].type, batch->n_rows, batch->arena);
      if (columns[i] != column && (join->asks_uses[i] & PL_USE_TEXT) && columns[i]->type.kind != PL_STRING
          && columns[i]->lexical == NULL)
        columns[i] = pl_widen_print (columns[i], column, batch->n_rows, batch->arena);
    }
  return columns;
}

/* Whether the output's rows are those of the batch, one for one. */
static gboolean
is_whole (const PlJoinOutput *output)
{
  guint32 difference = 0;
  if (output->n != output->batch->n_rows)
    return FALSE;
  for (gsize i = 0; i < output->n; i++)
    difference |= output->rows[i] ^ (guint32) i;
  return difference == 0;
}

gboolean
pl_join_output_give (PlJoinOutput *output)
{
  const PlJoin *join = output->join;
  const guint n_left = join->left->n_fields;
  PlArena *arena = output->emit->arena;
  PlBatch out;
  if (output->n == 0)
    return TRUE;
  const gboolean whole = is_whole (output);
  pl_batch_grow (&out, output->batch, join->output, output->rows, output->n, arena);
  for (guint i = 0; i < n_left; i++)
    if (output->left[i] != NULL && join->asks_uses[i] != PL_USE_NONE)
      out.columns[i] = whole ? output->left[i] : pl_column_gather (output->left[i], output->rows, output->n, arena);
  if (join->n_taken > 0)
    {
      PlBatch right;
      pl_batch_init (&right, join->stored, arena);
      pl_store_gather (output->nulls, output->records, output->n, &right);
      for (guint i = 0; i < join->n_taken; i++)
        out.columns[n_left + i] = right.columns[join->taken[i]];
    }
  output->n = 0;
  return output->emit->give (output->emit, &out);
}

gboolean
pl_join_output_room (PlJoinOutput *output, guint64 n)
{
  return n <= PL_BATCH_ROWS - output->n || pl_join_output_give (output);
}

gboolean
pl_join_output_add (PlJoinOutput *output, guint32 row, const PlRecord *const *records, guint64 n)
{
  if (!pl_join_output_room (output, n))
    return FALSE;
  for (guint64 at = 0; at < n;)
    {
      const gsize part = MIN (n - at, PL_BATCH_ROWS - output->n);
      for (gsize i = 0; i < part; i++)
        {
          output->rows[output->n + i] = row;
          output->records[output->n + i] = records[at + i];
        }
      output->n += part;
      at += part;
      if (at < n && !pl_join_output_give (output))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_join_output_init (PlJoinOutput *output, const PlJoin *join, const PlStore *nulls, PlBatch *batch, PlEmit *emit,
                     GError **error)
{
  *output = (PlJoinOutput){.join = join, .nulls = nulls, .batch = batch, .emit = emit};
  output->left = widen_left (join, batch, error);
  if (output->left == NULL)
    return FALSE;
  output->rows = pl_arena_new_array (batch->arena, guint32, PL_BATCH_ROWS + 1);
  output->records = pl_arena_new_array (batch->arena, const PlRecord *, PL_BATCH_ROWS);
  return TRUE;
}
