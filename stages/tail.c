/* tail: the last rows of the input.
 *
 * Positions rise within a worker, so a worker needs its own last rows only: it drops older ones when they are the
 * majority, and never holds more than twice what is asked for. Which of all workers' rows are the last is known
 * when every worker has ended. */
#include "clause.h"
#include "../pipeline/rows/compact.h"
#include "../pipeline/rows/sourced.h"
#include "../pipeline/sorting/in-order.h"
#include "../pipeline/rows/wire.h"

typedef struct
{
  PlSourced sourced;
  guint64 rows;
} TailConfig;

static void
tail_config_free (gpointer data)
{
  TailConfig *config = data;
  pl_sourced_clear (&config->sourced);
  g_free (config);
}

static gpointer
tail_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  PlSpot spot = {settings, pl_settings_find (settings, "rows"), 0, issues};
  guint64 rows = 0;
  if (!pl_clause_count (&spot, 0, &rows))
    return NULL;
  TailConfig *config = g_new0 (TailConfig, 1);
  pl_sourced_init (&config->sourced, input);
  config->rows = rows;
  return config;
}

static void
tail_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  TailConfig *config = data;
  pl_sourced_require (&config->sourced, output_uses, input_uses);
}

static gpointer
tail_state_new (gconstpointer data)
{
  const TailConfig *config = data;
  return pl_sourced_store (&config->sourced);
}

static void
tail_state_free (gpointer state)
{
  pl_store_free (state);
}

/* Keeps the last @n rows of @store, whose rows stand in the order of the input. */
static gboolean
tail_consume (gconstpointer data, gpointer state, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const TailConfig *config = data;
  const gsize n = MIN (config->rows, batch->n_rows);
  const guint64 n_stored = pl_store_n_rows (state);
  if (n_stored + n > config->rows && n_stored + n - config->rows > config->rows)
    pl_store_keep_last (state, config->rows - n);
  pl_sourced_append (&config->sourced, state, batch, batch->n_rows - n, n);
  return TRUE;
}

static void
tail_shrink (gconstpointer data, gpointer state)
{
  const TailConfig *config = data;
  pl_store_keep_last (state, config->rows);
}

static void
tail_save (gconstpointer data, gpointer state, PlBuffer *buffer)
{
  const TailConfig *config = data;
  pl_store_keep_last (state, config->rows);
  pl_store_save (state, buffer);
}

static gpointer
tail_load (gconstpointer data, PlCursor *cursor)
{
  PlStore *store = tail_state_new (data);
  if (pl_store_load (store, cursor))
    return store;
  pl_store_free (store);
  return NULL;
}

/* @into takes no batches any more: its rows need no order until finish(). */
static gboolean
tail_merge (gconstpointer data, gpointer into, gpointer from)
{
  const TailConfig *config = data;
  pl_store_add (into, from);
  if (pl_store_n_rows (into) / 2 > config->rows)
    pl_in_order_keep_last (into, config->rows);
  return TRUE;
}

static PlRows *
tail_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, G_GNUC_UNUSED GError **error)
{
  const TailConfig *config = data;
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint i = 0; i < n_states; i++)
    {
      stores[i] = g_steal_pointer (&states[i]);
      if (pl_store_n_rows (stores[i]) > config->rows)
        pl_in_order_keep_last (stores[i], config->rows);
    }
  guint64 n = 0;
  PlSortItem *items = pl_in_order_all (stores, n_states, &n, parallel);
  const guint64 n_kept = MIN (config->rows, n);
  PlRows *kept = pl_in_order_rows (config->sourced.stored, stores, n_states, items, n - n_kept, n_kept);
  return pl_sourced_rows (&config->sourced, kept);
}

static const PlSettingKey tail_keys[] = {
    {"rows", "count", NULL, "How many rows to keep", TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_tail = {
    .name = "tail",
    .summary = "Keeps the last rows",
    .description
    = "The last `rows` rows in the order of the input, which they keep; all of them where there are no more. All of "
      "the input is read, and no more than twice as many rows as are wanted are held by each worker. `limit` keeps the "
      "first rows.",
    .example = "[tail newest]\nrows = 100\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_LIMITED,
    .keys = tail_keys,
    .configure = tail_configure,
    .config_free = tail_config_free,
    .require = tail_require,
    .state_new = tail_state_new,
    .state_free = tail_state_free,
    .reduce = &(const PlReduceStage){.keeps_origins = TRUE,
                                     .consume = tail_consume,
                                     .shrink = tail_shrink,
                                     .save = tail_save,
                                     .load = tail_load,
                                     .merge = tail_merge,
                                     .finish = tail_finish},
};
