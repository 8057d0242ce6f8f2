/* limit: the first rows of the input, or those behind an offset.
 *
 * Positions rise within a worker, so a worker keeps its first offset + rows rows and looks at no more; the run can
 * stop reading once the states together hold that many rows below some position. */
#include "clause.h"
#include "../pipeline/sorting/items.h"
#include "../pipeline/rows/store.h"

typedef struct
{
  PlSchema *schema;
  guint64 offset;
  guint64 rows;
  guint64 kept; /* offset + rows, G_MAXUINT64 when that is too much */
} LimitConfig;

static void
limit_config_free (gpointer data)
{
  LimitConfig *config = data;
  pl_schema_unref (config->schema);
  g_free (config);
}

static gpointer
limit_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlPlace place = {settings, pl_settings_find (settings, "rows"), 0, issues};
  guint64 rows = G_MAXUINT64, offset = 0;
  gboolean found = place.setting != NULL;
  if (place.setting != NULL)
    pl_clause_count (&place, 0, &rows);
  place.setting = pl_settings_find (settings, "offset");
  if (place.setting != NULL)
    pl_clause_count (&place, 0, &offset);
  else if (!found)
    pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "nothing to limit; add 'rows' or 'offset'");
  if (pl_issues_n_errors (issues) != before)
    return NULL;
  LimitConfig *config = g_new0 (LimitConfig, 1);
  config->schema = pl_schema_ref (input);
  config->offset = offset;
  config->rows = rows;
  config->kept = rows > G_MAXUINT64 - offset ? G_MAXUINT64 : offset + rows;
  return config;
}

static void
limit_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const LimitConfig *config = data;
  for (guint i = 0; i < config->schema->n_fields; i++)
    input_uses[i] |= output_uses[i];
}

static gpointer
limit_state_new (gconstpointer data)
{
  return pl_store_new (((const LimitConfig *) data)->schema);
}

static void
limit_state_free (gpointer state)
{
  pl_store_free (state);
}

static gboolean
limit_consume (gconstpointer data, gpointer state, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
  guint64 n_left = config->kept - MIN (config->kept, pl_store_n_rows (state));
  pl_store_append (state, batch, NULL, MIN (n_left, batch->n_rows), NULL);
  return TRUE;
}

/* The rows of all stores, by position. Returns: (transfer full): the items. */
static PlSortItem *
items_by_position (PlStore *const *stores, guint n_stores, guint64 *n_items, PlParallel *parallel)
{
  PlSortItem *items = pl_sort_collect (stores, n_stores, n_items, NULL);
  pl_sort_prefixes (items, *n_items, parallel);
  return items;
}

static gboolean
limit_satisfied (gconstpointer data, gconstpointer const *states, guint n_states, guint64 *position)
{
  const LimitConfig *config = data;
  guint64 n = 0;
  if (config->kept == 0)
    {
      *position = 0;
      return TRUE;
    }
  for (guint i = 0; i < n_states; i++)
    n += states[i] != NULL ? pl_store_n_rows (states[i]) : 0;
  if (n < config->kept)
    return FALSE;
  if (n_states == 1)
    {
      *position = pl_store_record (states[0], config->kept - 1)->position;
      return TRUE;
    }
  g_autofree PlSortItem *items = items_by_position ((PlStore *const *) states, n_states, &n, pl_parallel_serial ());
  *position = items[config->kept - 1].prefix;
  return TRUE;
}

static void
limit_save (G_GNUC_UNUSED gconstpointer data, gpointer state, PlBuffer *buffer)
{
  pl_store_save (state, buffer);
}

static gpointer
limit_load (gconstpointer data, PlCursor *cursor)
{
  PlStore *store = limit_state_new (data);
  if (pl_store_load (store, cursor))
    return store;
  pl_store_free (store);
  return NULL;
}

static PlRows *
limit_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint i = 0; i < n_states; i++)
    stores[i] = g_steal_pointer (&states[i]);
  guint64 n = 0;
  PlSortItem *items = items_by_position (stores, n_states, &n, parallel);
  guint64 first = MIN (config->offset, n), last = MIN (config->kept, n);
  return pl_store_rows (config->schema, stores, n_states, pl_sort_records_of (items, first, last - first),
                        last - first);
}

static const PlKey limit_keys[] = {
    {"rows", "count", NULL, "How many rows to keep; all behind the offset when left out", FALSE},
    {"offset", "count", "0", "How many rows to leave out first", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_limit = {
    .name = "limit",
    .summary = "Keeps the first rows",
    .description
    = "The first `rows` rows in the order of the input, after leaving out `offset`. Behind a sort these are the "
      "greatest or smallest; `top-k` finds those without sorting everything. Reading stops as soon as the rows are "
      "known, where nothing else reads the same input.",
    .example = "[limit page-2]\nrows = 100\noffset = 100\n",
    .rows = PL_ROWS_LIMITED,
    .keys = limit_keys,
    .configure = limit_configure,
    .config_free = limit_config_free,
    .require = limit_require,
    .state_new = limit_state_new,
    .state_free = limit_state_free,
    .reduce = &(const PlReduceStage){.consume = limit_consume,
                                     .satisfied = limit_satisfied,
                                     .save = limit_save,
                                     .load = limit_load,
                                     .finish = limit_finish},
};
