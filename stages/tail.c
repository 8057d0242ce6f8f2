/* tail: the last rows of the input.
 *
 * Positions rise within a worker, so a worker needs its own last rows only: it drops older ones when they are the
 * majority, and never holds more than twice what is asked for. Which of all workers' rows are the last is known
 * when every worker has ended.
 *
 * Where memory is low, a worker's rows go to disk in runs; those that as many rows stand behind are forgotten there,
 * too. */
#include "clause.h"
#include "../pipeline/rows/compact.h"
#include "../pipeline/rows/sourced.h"
#include "../pipeline/sorting/in-order-spill.h"
#include "../pipeline/sorting/in-order.h"
#include "../pipeline/spill/window.h"
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

typedef struct
{
  PlStore *store;
  PlSpill *spill; /* (nullable): rows that are not in memory any more */
} TailState;

static gpointer
tail_state_new (gconstpointer data)
{
  const TailConfig *config = data;
  TailState *state = g_new0 (TailState, 1);
  state->store = pl_sourced_store (&config->sourced);
  return state;
}

static void
tail_state_free (gpointer data)
{
  TailState *state = data;
  if (state == NULL)
    return;
  pl_store_free (state->store);
  pl_spill_free (state->spill);
  g_free (state);
}

static gboolean
tail_consume (gconstpointer data, gpointer state_data, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const TailConfig *config = data;
  PlStore *store = ((TailState *) state_data)->store;
  const gsize n = MIN (config->rows, batch->n_rows);
  const guint64 n_stored = pl_store_n_rows (store);
  if (n_stored + n > config->rows && n_stored + n - config->rows > config->rows)
    pl_store_keep_last (store, config->rows - n);
  pl_sourced_append (&config->sourced, store, batch, batch->n_rows - n, n);
  return TRUE;
}

/* Forgets rows that are not among the last of @state. */
static void
tail_shrink (gconstpointer data, gpointer state)
{
  const TailConfig *config = data;
  PlStore *store = ((TailState *) state)->store;
  if (pl_store_n_rows (store) > config->rows)
    pl_in_order_keep_last (store, config->rows);
}

/* Whether as many rows as are wanted stand behind the first run, in others. */
static gboolean
is_passed (const GPtrArray *runs, guint64 rows)
{
  guint64 n_behind = 0;
  for (guint r = 1; r < runs->len && n_behind < rows; r++)
    {
      const PlSpillRun *run = runs->pdata[r];
      if (g_array_index (run->chunks, PlSpillChunk, 0).first.prefix > ((const PlSpillRun *) runs->pdata[0])->last)
        n_behind += run->n;
    }
  return runs->len > 0 && n_behind >= rows;
}

static gboolean
tail_spill (gconstpointer data, gpointer state_data, GError **error)
{
  const TailConfig *config = data;
  TailState *state = state_data;
  if (pl_store_n_rows (state->store) == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  tail_shrink (config, state);
  const gboolean ok = pl_in_order_spill (state->store, NULL, state->spill, error);
  pl_store_keep_last (state->store, 0);
  while (is_passed (pl_spill_runs (state->spill), config->rows))
    pl_spill_forget (state->spill, 0);
  return ok;
}

static void
tail_save (gconstpointer data, gpointer state, PlBuffer *buffer)
{
  tail_shrink (data, state);
  pl_store_save (((TailState *) state)->store, buffer);
}

static gpointer
tail_load (gconstpointer data, PlCursor *cursor)
{
  TailState *state = tail_state_new (data);
  if (pl_store_load (state->store, cursor))
    return state;
  tail_state_free (state);
  return NULL;
}

/* @into takes no batches any more: its rows need no order until finish(). */
static gboolean
tail_merge (gconstpointer data, gpointer into_data, gpointer from_data)
{
  const TailConfig *config = data;
  TailState *into = into_data, *from = from_data;
  if (from->spill != NULL)
    return FALSE;
  pl_store_add (into->store, from->store);
  if (pl_store_n_rows (into->store) / 2 > config->rows)
    pl_in_order_keep_last (into->store, config->rows);
  return TRUE;
}

/* ---- all workers ---- */

typedef struct
{
  const TailConfig *config;
  TailState *state;
} Rest;

static PlSpill *
spill_rest (gpointer data, GError **error)
{
  const Rest *rest = data;
  return tail_spill (rest->config, rest->state, error) ? g_steal_pointer (&rest->state->spill) : NULL;
}

static PlRows *
finish_spilled (const TailConfig *config, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  g_autofree Rest *rests = g_new (Rest, n_states);
  g_autofree gpointer *each = g_new (gpointer, n_states);
  for (guint s = 0; s < n_states; s++)
    {
      rests[s] = (Rest){config, states[s]};
      each[s] = &rests[s];
    }
  GPtrArray *spills = pl_spill_rest (spill_rest, each, n_states, parallel, error);
  g_autoptr (PlSpillOrder) order = spills != NULL ? pl_spill_order_new (spills, PL_SPILL_PIECE, NULL, error) : NULL;
  if (order == NULL)
    return NULL;
  const guint64 n = pl_spill_order_entries (order), n_kept = MIN (config->rows, n);
  if (!pl_spill_order_clip (order, n - n_kept, n_kept, error))
    return NULL;
  const PlSourced *sourced = &config->sourced;
  return pl_sourced_rows (sourced, pl_in_order_rows_spilled (sourced->stored, sourced->uses, g_steal_pointer (&order)));
}

static PlRows *
tail_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  const TailConfig *config = data;
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    has_spilled |= ((TailState *) states[s])->spill != NULL;
  if (has_spilled)
    return finish_spilled (config, states, n_states, parallel, error);
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint i = 0; i < n_states; i++)
    {
      tail_shrink (config, states[i]);
      stores[i] = g_steal_pointer (&((TailState *) states[i])->store);
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
                                     .spill = tail_spill,
                                     .save = tail_save,
                                     .load = tail_load,
                                     .merge = tail_merge,
                                     .finish = tail_finish},
};
