/* filter: keeps the rows for which a condition is true.
 *
 * False and null drop a row alike, as in SQL. A batch of which every row passes is left untouched, so that nothing is
 * copied; otherwise each column present is gathered once. */
#include "clause.h"
#include "../pipeline/expression/evaluate.h"

typedef struct
{
  guint n_fields;
  PlExpression *where;
} FilterConfig;

static void
filter_config_free (gpointer data)
{
  FilterConfig *config = data;
  pl_expression_free (config->where);
  g_free (config);
}

static gpointer
filter_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  const PlSetting *setting = pl_settings_find (settings, "where");
  PlSpot spot = {settings, setting, 0, issues};
  PlExpression *where = pl_clause_condition (&spot, setting->value, input);
  if (where == NULL)
    return NULL;
  FilterConfig *config = g_new0 (FilterConfig, 1);
  config->n_fields = input->n_fields;
  config->where = where;
  return config;
}

static void
filter_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const FilterConfig *config = data;
  for (guint i = 0; i < config->n_fields; i++)
    input_uses[i] |= output_uses[i];
  pl_expression_require (config->where, input_uses, PL_USE_VALUE);
}

static gboolean
filter_may_fail (gconstpointer data)
{
  return pl_expression_may_fail (((const FilterConfig *) data)->where);
}

static gboolean
filter_process (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, GError **error)
{
  const FilterConfig *config = data;
  guint32 *rows = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  gsize n = 0;
  if (!pl_expression_select (config->where, batch, rows, &n, error))
    return FALSE;
  if (n < batch->n_rows)
    pl_batch_select (batch, rows, n);
  return TRUE;
}

static const PlSettingKey filter_keys[] = {
    {"where", "expression", NULL, "The condition a row must meet to be kept; rows for which it is null are dropped",
     TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_filter = {
    .name = "filter",
    .summary = "Keeps the rows that meet a condition",
    .description
    = "Rows for which `where` is true go on, in their order and unchanged; rows for which it is false or null "
      "are dropped. To keep rows with a missing value, say so: `delay > 15 or delay is null`.",
    .example = "[filter late]\nwhere = delay > 15 and carrier in ('AA', 'UA')\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_FILTERED,
    .keys = filter_keys,
    .configure = filter_configure,
    .config_free = filter_config_free,
    .require = filter_require,
    .map = &(const PlMapStage){.process = filter_process, .may_fail = filter_may_fail},
};
