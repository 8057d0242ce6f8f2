/* See grouping.h. group-by has its own way: its keys become columns, and its rows are not kept. */
#include "grouping.h"

void
pl_grouping_init (PlGrouping *grouping, const PlPlace *place, PlSchema *input, gboolean whole_rows)
{
  grouping->schema = pl_schema_ref (input);
  grouping->uses = g_new0 (guint8, input->n_fields + 1);
  grouping->terms = place->setting != NULL ? pl_clause_terms (place, input, 0) : g_ptr_array_new ();
  const gboolean rows = whole_rows && grouping->terms->len == 0;
  const guint n = rows ? input->n_fields : grouping->terms->len;
  g_autofree PlType *types = g_new0 (PlType, n + 1);
  for (guint i = 0; i < n; i++)
    types[i]
        = rows ? input->fields[i].type : pl_expression_type (((const PlTerm *) grouping->terms->pdata[i])->expression);
  grouping->layout = pl_key_layout_new (types, n);
}

void
pl_grouping_clear (PlGrouping *grouping)
{
  pl_schema_unref (grouping->schema);
  g_ptr_array_unref (grouping->terms);
  pl_key_layout_free (grouping->layout);
  g_free (grouping->uses);
}

void
pl_grouping_require (const PlGrouping *grouping, const guint8 *output_uses, guint8 *input_uses)
{
  const gboolean whole_rows = grouping->layout->n_fields > grouping->terms->len;
  for (guint i = 0; i < grouping->schema->n_fields; i++)
    {
      grouping->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i] | (whole_rows ? PL_USE_VALUE : 0);
    }
  pl_terms_require (grouping->terms, input_uses);
}

guint32 *
pl_grouping_find (const PlGrouping *grouping, PlGroupTable *table, PlGroupDirect *direct, PlBatch *batch,
                  PlColumn ***columns, GError **error)
{
  PlArena *arena = batch->arena;
  const gsize n = batch->n_rows;
  PlColumn **keys = batch->columns;
  if (table->n_groups + n >= G_MAXUINT32)
    {
      pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
      return NULL;
    }
  if (grouping->terms->len > 0)
    {
      keys = pl_arena_new_array (arena, PlColumn *, grouping->terms->len);
      if (!pl_terms_evaluate (grouping->terms, batch, keys, error))
        return NULL;
    }
  if (columns != NULL)
    *columns = keys;
  guint32 *groups = pl_arena_new_array (arena, guint32, n);
  if (!direct->enabled)
    pl_group_table_find (table, keys, n, groups, arena);
  else
    pl_group_direct_look_up (direct, table, keys[0], n, groups, arena);
  return groups;
}
