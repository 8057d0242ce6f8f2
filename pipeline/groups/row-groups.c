/* See row-groups.h. group-by is not among them: its keys become columns, and its rows are not kept. */
#include "row-groups.h"
#include "../expression/expression.h"
#include "../keys/terms.h"

void
pl_row_groups_init (PlRowGroups *grouping, GPtrArray *terms, PlSchema *input, gboolean whole_rows)
{
  grouping->schema = pl_schema_ref (input);
  grouping->uses = g_new0 (guint8, input->n_fields + 1);
  grouping->terms = terms;
  const gboolean rows = whole_rows && grouping->terms->len == 0;
  const guint n = rows ? input->n_fields : grouping->terms->len;
  g_autofree PlType *types = g_new0 (PlType, n + 1);
  for (guint i = 0; i < n; i++)
    types[i]
        = rows ? input->fields[i].type : pl_expression_type (((const PlTerm *) grouping->terms->pdata[i])->expression);
  grouping->layout = pl_key_layout_new (types, n);
}

void
pl_row_groups_clear (PlRowGroups *grouping)
{
  pl_schema_unref (grouping->schema);
  g_ptr_array_unref (grouping->terms);
  pl_key_layout_free (grouping->layout);
  g_free (grouping->uses);
}

void
pl_row_groups_require (PlRowGroups *grouping, const guint8 *output_uses, guint8 *input_uses)
{
  const gboolean whole_rows = grouping->layout->n_fields > grouping->terms->len;
  for (guint i = 0; i < grouping->schema->n_fields; i++)
    {
      grouping->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i] | (whole_rows ? PL_USE_VALUE | PL_USE_COMPUTE : 0);
    }
  pl_terms_require (grouping->terms, input_uses);
}

guint32 *
pl_row_groups_find (PlGroupLookup *lookup, PlBatch *batch, PlColumn *const **columns, GError **error)
{
  guint32 *groups = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  if (!pl_group_lookup_find (lookup, batch, groups, columns, error))
    return NULL;
  pl_group_table_to_groups (lookup->table, groups, batch->n_rows);
  return groups;
}

void
pl_row_groups_keep (PlStore *store, PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys)
{
  PlBatch kept;
  if (n > batch->n_rows / 4)
    {
      pl_batch_settle (batch);
      pl_store_append (store, batch, rows, n, keys);
      return;
    }
  pl_batch_copy (&kept, batch);
  pl_batch_select (&kept, rows, n);
  pl_store_append (store, &kept, NULL, n, keys);
}
