/* limit: the first rows of the input, or those behind an offset.
 *
 * Positions rise within a worker, so a worker keeps its first offset + rows rows and looks at no more; the run can
 * stop reading once the states together hold that many rows below some position. */
#include "clause.h"
#include "../pipeline/sorting/items.h"
#include "../pipeline/rows/store.h"
#include "../pipeline/rows/gather.h"

typedef struct
{
  PlSchema *schema;
  PlSchema *kept_schema; /* and one column: where rows come from; null: nobody wants to know */
  guint8 *uses;          /* of kept_schema: what of a row is kept */
  guint64 offset;
  guint64 rows;
  guint64 kept; /* offset + rows, G_MAXUINT64 when that is too much */
} LimitConfig;

static void
limit_config_free (gpointer data)
{
  LimitConfig *config = data;
  pl_schema_unref (config->schema);
  g_free (config->uses);
  pl_schema_unref (config->kept_schema);
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
  config->kept_schema = pl_schema_new ();
  for (guint i = 0; i < input->n_fields; i++)
    pl_schema_add (config->kept_schema, input->fields[i].name, input->fields[i].type);
  pl_schema_add (config->kept_schema, "", PL_TYPE (PL_STRING));
  config->uses = g_new0 (guint8, config->kept_schema->n_fields);
  config->uses[input->n_fields] = PL_USE_VALUE;
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
    {
      config->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i];
    }
}

static gpointer
limit_state_new (gconstpointer data)
{
  const LimitConfig *config = data;
  return pl_store_new (config->kept_schema, config->uses);
}

static void
limit_state_free (gpointer state)
{
  pl_store_free (state);
}

/* The origins of the first @n rows. */
static PlColumn *
origins_of (const PlBatch *batch, gsize n)
{
  if (batch->originate == NULL)
    return pl_column_new (batch->arena, PL_TYPE (PL_NULL), batch->n_rows);
  PlColumn *origins = pl_column_new (batch->arena, PL_TYPE (PL_STRING), batch->n_rows);
  for (gsize row = 0; row < batch->n_rows; row++)
    origins->texts[row] = row < n ? batch->originate (batch, row, batch->locate_data) : (PlText){.data = ""};
  return origins;
}

static gboolean
limit_consume (gconstpointer data, gpointer state, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
  guint64 n_left = config->kept - MIN (config->kept, pl_store_n_rows (state));
  gsize n = MIN (n_left, batch->n_rows);
  PlBatch kept = *batch;
  if (n == 0)
    return TRUE;
  kept.schema = config->kept_schema;
  kept.columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * config->kept_schema->n_fields);
  memcpy (kept.columns, batch->columns, sizeof (PlColumn *) * config->schema->n_fields);
  kept.columns[config->schema->n_fields] = origins_of (batch, n);
  pl_store_append (state, &kept, NULL, n, NULL);
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

typedef struct
{
  PlRows rows;
  PlRows *kept; /* with the column of origins */
} LimitRows;

static gboolean
limit_rows_read (PlRows *self, guint64 first, gsize n, PlBatch *batch, GError **error)
{
  PlRows *kept = ((LimitRows *) self)->kept;
  PlBatch wide;
  pl_batch_init (&wide, kept->schema, batch->arena);
  if (!kept->read (kept, first, n, &wide, error))
    return FALSE;
  batch->position = wide.position;
  batch->n_rows = wide.n_rows;
  batch->columns = wide.columns;
  PlColumn *origins = wide.columns[self->schema->n_fields];
  batch->origins = n > 0 && !pl_column_is_null (origins, 0) ? origins : NULL;
  return TRUE;
}

static void
limit_rows_free (PlRows *self)
{
  pl_rows_free (((LimitRows *) self)->kept);
  pl_schema_unref (self->schema);
  g_free (self);
}

/* @kept: (transfer full) */
static PlRows *
limit_rows_new (PlSchema *schema, PlRows *kept)
{
  LimitRows *rows = g_new0 (LimitRows, 1);
  rows->rows = (PlRows){pl_schema_ref (schema), kept->n_rows, limit_rows_read, limit_rows_free};
  rows->kept = kept;
  return &rows->rows;
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
  PlRows *kept = pl_store_rows (config->kept_schema, stores, n_states, pl_sort_records_of (items, first, last - first),
                                last - first);
  return limit_rows_new (config->schema, kept);
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
    .reduce = &(const PlReduceStage){.keeps_origins = TRUE,
                                     .consume = limit_consume,
                                     .satisfied = limit_satisfied,
                                     .save = limit_save,
                                     .load = limit_load,
                                     .finish = limit_finish},
};
