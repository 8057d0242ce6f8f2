/* sort: all rows in the order of one or more expressions.
 *
 * A worker stores its rows, each with a key that compares as bytes; in the end only keys are moved (sort-items.h), and rows are
 * gathered when they are read. Position breaks ties, which makes the order stable for any number of workers. */
#include "clause.h"
#include "sort-items.h"
#include "sort-key.h"

typedef struct
{
  PlSchema *schema;
  GPtrArray *terms; /* of PlTerm * */
  PlSortOrder *orders;
  guint8 *uses; /* of the output, which say what of a row is kept */
} SortConfig;

static void
sort_config_free (gpointer data)
{
  SortConfig *config = data;
  pl_schema_unref (config->schema);
  g_ptr_array_unref (config->terms);
  g_free (config->orders);
  g_free (config->uses);
  g_free (config);
}

static gpointer
sort_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlPlace place = {settings, pl_settings_find (settings, "by"), 0, issues};
  if (place.setting == NULL || *place.setting->value == '\0')
    {
      pl_issues_add (issues, settings, place.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                     "nothing to sort by; write 'by = column' or 'by = a; b desc'");
      return NULL;
    }
  SortConfig *config = g_new0 (SortConfig, 1);
  config->schema = pl_schema_ref (input);
  config->uses = g_new0 (guint8, input->n_fields + 1);
  config->terms = pl_clause_terms (&place, input, PL_TERMS_ORDERED);
  config->orders = pl_terms_orders (config->terms);
  if (pl_issues_n_errors (issues) != before)
    {
      sort_config_free (config);
      return NULL;
    }
  return config;
}

static void
sort_require (gconstpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const SortConfig *config = data;
  for (guint i = 0; i < config->schema->n_fields; i++)
    {
      config->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i];
    }
  pl_terms_require (config->terms, input_uses);
}

static gpointer
sort_state_new (gconstpointer data)
{
  const SortConfig *config = data;
  return pl_store_new_for (config->schema, config->uses);
}

static void
sort_state_free (gpointer state)
{
  pl_store_free (state);
}

static gboolean
sort_consume (gconstpointer data, gpointer state, PlBatch *batch, GError **error)
{
  const SortConfig *config = data;
  guint n_terms = config->terms->len;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, n_terms);
  if (!pl_terms_evaluate (config->terms, batch, columns, error))
    return FALSE;
  PlText *keys = pl_sort_keys (columns, config->orders, n_terms, NULL, batch->n_rows, 0, batch->arena);
  pl_store_append (state, batch, NULL, batch->n_rows, keys);
  return TRUE;
}

static void
sort_save (G_GNUC_UNUSED gconstpointer data, gpointer state, PlBuffer *buffer)
{
  pl_store_save (state, buffer);
}

static gpointer
sort_load (gconstpointer data, PlCursor *cursor)
{
  PlStore *store = sort_state_new (data);
  if (pl_store_load (store, cursor))
    return store;
  pl_store_free (store);
  return NULL;
}

static PlRows *
sort_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, G_GNUC_UNUSED GError **error)
{
  const SortConfig *config = data;
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint s = 0; s < n_states; s++)
    stores[s] = g_steal_pointer (&states[s]);
  guint64 n = 0;
  gsize key_offset = 0;
  PlSortItem *items = pl_sort_collect (stores, n_states, &n, &key_offset);
  for (guint s = 0; s < n_states; s++)
    pl_store_forget_order (stores[s]);
  pl_sort_prefixed_records (items, n, key_offset, parallel);
  return pl_store_rows (config->schema, stores, n_states, pl_sort_records_of (items, 0, n), n);
}

static const PlKey sort_keys[] = {
    {"by", "columns", NULL, "What to order by, most important first; each item may end in 'desc' and in 'nulls first'",
     TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_sort = {
    .name = "sort",
    .summary = "Orders the rows",
    .description
    = "`by` lists columns or expressions, most important first. An item is ascending unless it ends in `desc`. Rows "
      "that are equal keep the order of the input. Texts are ordered by their bytes. NaN comes after the numbers "
      "and nulls after everything, also with `desc`; `nulls first` puts nulls in front.",
    .example = "[sort worst]\nby = mean_delay desc; route\n",
    .kind = PL_STAGE_REDUCE,
    .rows = PL_ROWS_KEPT,
    .keys = sort_keys,
    .configure = sort_configure,
    .config_free = sort_config_free,
    .require = sort_require,
    .state_new = sort_state_new,
    .state_free = sort_state_free,
    .consume = sort_consume,
    .save = sort_save,
    .load = sort_load,
    .finish = sort_finish,
};
