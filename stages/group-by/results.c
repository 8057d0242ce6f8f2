/* See results.h. */
#include "results.h"
#include "../../pipeline/base/show.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/table/print.h"

/* Of a key in a message. */
#define SHOWN_BYTES 40

char *
pl_group_name (const PlGroupConfig *config, PlColumn *const *keys, gsize row)
{
  g_autoptr (GString) name = g_string_new (config->keys->len > 0 ? "the group " : NULL);
  for (guint k = 0; k < config->keys->len; k++)
    {
      g_auto (PlBuffer) text = PL_BUFFER_INIT;
      pl_print_value (&text, keys[k], row);
      g_autofree char *shown = pl_show_some (text.data, text.length, SHOWN_BYTES);
      g_string_append_printf (name, "%s%s = %s", k > 0 ? ", " : "", config->output->fields[k].name,
                              pl_column_is_null (keys[k], row) ? "null" : shown);
    }
  g_string_append_printf (name, "%s%s", config->keys->len > 0 ? " of " : "", config->label);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* Finalises one aggregate, array by array; of several failures the first row's counts. */
static PlColumn *
finalize_call (const PlGroupConfig *config, guint index, const PlGroupPicked *picked, PlBatch *batch, GError **error)
{
  const PlGroupCall *use = &g_array_index (config->calls, PlGroupCall, index);
  const PlAggregateCall *call = use->call;
  const gsize width = pl_type_width (call->result);
  PlColumn *column = pl_column_new (batch->arena, call->result, picked->n);
  GError *first = NULL;
  gsize failed_row = G_MAXSIZE, start = 0;
  pl_column_add_nulls (column, batch->arena, picked->n);
  for (guint a = 0; a < picked->n_arrays; a++)
    {
      const gsize n = picked->ends[a] - start;
      gsize failed = 0;
      GError *own = NULL;
      PlColumn part = *column;
      part.nulls += start;
      if (part.values != NULL)
        part.values = (guint8 *) part.values + start * width;
      if (n > 0
          && !call->aggregate->finalize (call, picked->payloads[a] + use->offset, picked->addresses + start, n, &part,
                                         batch->arena, &failed, &own))
        {
          const gsize row = picked->rows[start + failed];
          GError *later = row < failed_row ? first : own;
          first = row < failed_row ? own : first;
          failed_row = MIN (failed_row, row);
          g_clear_error (&later);
        }
      start = picked->ends[a];
    }
  if (first == NULL)
    return picked->order == NULL ? column : pl_column_gather (column, picked->order, picked->n, batch->arena);
  g_autofree char *name = pl_group_name (config, picked->keys, failed_row);
  pl_batch_fail (batch, failed_row, error, first->domain, first->code, "%s: %s", name, first->message);
  g_error_free (first);
  return NULL;
}

/* The output columns, and behind them, where the batch's schema has them, every aggregate's own. */
static gboolean
put_columns (const PlGroupConfig *config, const PlGroupPicked *picked, PlBatch *batch, GError **error)
{
  const guint n_keys = config->keys->len;
  const gboolean hidden = batch->schema != config->output;
  PlBatch inner = *batch;
  inner.schema = config->inner;
  inner.n_rows = batch->n_rows = picked->n;
  inner.columns = pl_arena_new_array (batch->arena, PlColumn *, config->inner->n_fields);
  for (guint k = 0; k < n_keys; k++)
    batch->columns[k] = inner.columns[k] = picked->keys[k];
  for (guint c = 0; c < config->calls->len; c++)
    {
      PlColumn *column = picked->known != NULL ? picked->known[c] : NULL;
      if (column == NULL && (column = finalize_call (config, c, picked, batch, error)) == NULL)
        return FALSE;
      inner.columns[n_keys + c] = column;
      if (hidden)
        batch->columns[config->output->n_fields + c] = column;
    }
  for (guint o = 0; o < config->outputs->len; o++)
    {
      PlColumn *column = pl_expression_evaluate (config->outputs->pdata[o], &inner, error);
      if (column == NULL)
        {
          batch->failed_row = inner.failed_row;
          return FALSE;
        }
      batch->columns[n_keys + o] = inner.columns[n_keys + config->calls->len + o] = column;
    }
  return TRUE;
}

/* Groups are finalised for the condition, those that do not meet it, too. */
static gboolean
put_selected (const PlGroupConfig *config, const PlGroupPicked *picked, PlBatch *batch, GError **error)
{
  PlBatch shown;
  gsize n_kept = 0;
  pl_batch_init (&shown, config->shown, batch->arena);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, picked->n);
  if (!put_columns (config, picked, &shown, error)
      || !pl_expression_select (config->having, &shown, kept, &n_kept, error))
    {
      batch->failed_row = shown.failed_row;
      return FALSE;
    }
  memcpy (batch->columns, shown.columns, config->output->n_fields * sizeof *batch->columns);
  batch->n_rows = picked->n;
  if (n_kept < picked->n)
    pl_batch_select (batch, kept, n_kept);
  batch->offsets = NULL;
  return TRUE;
}

gboolean
pl_group_results_put (const PlGroupConfig *config, const PlGroupPicked *picked, PlBatch *batch, GError **error)
{
  return config->having == NULL ? put_columns (config, picked, batch, error)
                                : put_selected (config, picked, batch, error);
}
