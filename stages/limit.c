/* limit: the first rows of the input, or those behind an offset.
 *
 * Positions rise within a worker, so a worker keeps its first offset + rows rows and looks at no more; the run can
 * stop reading once the states together hold that many rows below some position. Where memory is low, rows go to disk
 * in runs. */
#include "clause.h"
#include "../pipeline/memory/leased.h"
#include "../pipeline/rows/compact.h"
#include "../pipeline/rows/sourced.h"
#include "../pipeline/sorting/in-order-spill.h"
#include "../pipeline/sorting/in-order.h"
#include "../pipeline/spill/window.h"
#include "../pipeline/rows/wire.h"

typedef struct
{
  PlSourced sourced;
  guint64 offset;
  guint64 kept; /* rows of the input: those left out first, too */
} LimitConfig;

static void
limit_config_free (gpointer data)
{
  LimitConfig *config = data;
  pl_sourced_clear (&config->sourced);
  g_free (config);
}

static gpointer
limit_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlSpot spot = {settings, pl_settings_find (settings, "rows"), 0, issues};
  guint64 rows = G_MAXUINT64, offset = 0;
  gboolean found = spot.setting != NULL;
  if (spot.setting != NULL)
    pl_clause_count (&spot, 0, &rows);
  spot.setting = pl_settings_find (settings, "offset");
  if (spot.setting != NULL)
    pl_clause_count (&spot, 0, &offset);
  else if (!found)
    pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "nothing to limit; add 'rows' or 'offset'");
  if (pl_issues_n_errors (issues) != before)
    return NULL;
  LimitConfig *config = g_new0 (LimitConfig, 1);
  pl_sourced_init (&config->sourced, input);
  config->offset = offset;
  config->kept = rows > G_MAXUINT64 - offset ? G_MAXUINT64 : offset + rows;
  return config;
}

static void
limit_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  LimitConfig *config = data;
  pl_sourced_require (&config->sourced, output_uses, input_uses);
}

typedef struct
{
  PlStore *store;
  guint64 *sources;  /* pl_batch_source() of each row; NULL: of no row another than its position */
  gsize capacity;    /* of sources */
  guint64 last;      /* source of the last row that was kept */
  gboolean is_mixed; /* rows may stand in any order */
  PlSpill *spill;    /* (nullable): rows that are not in memory any more */
  guint64 n_spilled; /* how many */
} LimitState;

static gpointer
limit_state_new (gconstpointer data)
{
  const LimitConfig *config = data;
  LimitState *state = g_new0 (LimitState, 1);
  state->store = pl_sourced_store (&config->sourced);
  return state;
}

static void
limit_state_free (gpointer data)
{
  LimitState *state = data;
  if (state == NULL)
    return;
  pl_store_free (state->store);
  pl_leased_free (state->sources);
  pl_spill_free (state->spill);
  g_free (state);
}

/* Where the input's row is that row @row of @state comes from. */
static guint64
source_of (const LimitState *state, guint64 row)
{
  return state->sources != NULL ? state->sources[row] : pl_store_record (state->store, row)->position;
}

/* Room for the sources of @n more rows. */
static void
reserve_sources (LimitState *state, guint64 n)
{
  const guint64 n_stored = pl_store_n_rows (state->store);
  const gboolean is_first = state->sources == NULL;
  if (is_first || n_stored + n > state->capacity)
    {
      state->capacity = pl_leased_more (state->capacity, MAX (n_stored + n, 1), sizeof *state->sources);
      state->sources = pl_leased_resize (state->sources, state->capacity * sizeof *state->sources);
    }
  for (guint64 row = 0; is_first && row < n_stored; row++)
    state->sources[row] = pl_store_record (state->store, row)->position;
}

/* Notes the sources of the first @n rows of @batch, which are about to be kept. */
static void
keep_sources (LimitState *state, const PlBatch *batch, gsize n)
{
  if (n == 0)
    return;
  state->last = pl_batch_source (batch, n - 1);
  if (state->sources == NULL && batch->sources == NULL)
    return;
  reserve_sources (state, n);
  guint64 *sources = state->sources + pl_store_n_rows (state->store);
  for (gsize row = 0; row < n; row++)
    sources[row] = pl_batch_source (batch, row);
}

static guint64
n_rows_of (const LimitState *state)
{
  return state->n_spilled + pl_store_n_rows (state->store);
}

static gboolean
limit_consume (gconstpointer data, gpointer state_data, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
  LimitState *state = state_data;
  guint64 n_left = config->kept - MIN (config->kept, n_rows_of (state));
  gsize n = MIN (n_left, batch->n_rows);
  keep_sources (state, batch, n);
  pl_sourced_append (&config->sourced, state->store, batch, 0, n);
  return TRUE;
}

/* A row's note on disk is its source and one; 0: that is its position. */
static gboolean
limit_spill (G_GNUC_UNUSED gconstpointer data, gpointer state_data, GError **error)
{
  LimitState *state = state_data;
  const guint64 n = pl_store_n_rows (state->store);
  if (n == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  for (guint64 row = 0; state->sources != NULL && row < n; row++)
    state->sources[row]++;
  const gboolean ok = pl_in_order_spill (state->store, state->sources, state->spill, error);
  state->n_spilled += n;
  pl_store_keep_last (state->store, 0);
  pl_leased_free (g_steal_pointer (&state->sources));
  state->capacity = 0;
  return ok;
}

/* The source of the row that @nth others of all states stand before. */
static gboolean
find_source (LimitState *const *states, guint n_states, guint64 nth, guint64 *source, GError **error)
{
  g_autofree PlStore **stores = g_new (PlStore *, n_states);
  g_autoptr (GPtrArray) spills = g_ptr_array_new ();
  for (guint s = 0; s < n_states; s++)
    {
      stores[s] = states[s]->store;
      if (states[s]->spill != NULL)
        g_ptr_array_add (spills, states[s]->spill);
    }
  PlInOrderFound found;
  if (!pl_in_order_find (stores, n_states, g_steal_pointer (&spills), nth, &found, error))
    return FALSE;
  if (found.is_stored)
    *source = source_of (states[pl_in_order_store (found.id)], pl_in_order_row (found.id));
  else
    *source = found.note > 0 ? found.note - 1 : found.position;
  return TRUE;
}

static gboolean
limit_satisfied (gconstpointer data, gpointer const *states, guint n_states, guint64 *position, GError **error)
{
  const LimitConfig *config = data;
  LimitState *const *limits = (LimitState *const *) states;
  guint64 n = 0;
  if (config->kept == 0)
    {
      *position = 0;
      return TRUE;
    }
  for (guint i = 0; i < n_states; i++)
    n += n_rows_of (limits[i]);
  if (n < config->kept)
    return FALSE;
  /* A worker asks after each batch, and keeps no row more than it needs. */
  if (n_states == 1 && !limits[0]->is_mixed)
    {
      *position = limits[0]->last;
      return TRUE;
    }
  return find_source (limits, n_states, config->kept - 1, position, error);
}

static void
limit_save (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  const LimitState *state = state_data;
  pl_store_save (state->store, buffer);
  pl_buffer_put_u8 (buffer, state->sources != NULL);
  if (state->sources != NULL)
    pl_buffer_append (buffer, (const char *) state->sources, pl_store_n_rows (state->store) * sizeof *state->sources);
}

static gpointer
limit_load (gconstpointer data, PlCursor *cursor)
{
  LimitState *state = limit_state_new (data);
  gboolean ok = pl_store_load (state->store, cursor);
  const guint64 n = pl_store_n_rows (state->store);
  if (ok && pl_cursor_get_u8 (cursor) && !cursor->failed && n > 0)
    {
      const gsize bytes = n * sizeof *state->sources;
      const void *sources = pl_cursor_get_raw (cursor, bytes);
      reserve_sources (state, 0);
      if (sources != NULL)
        memcpy (state->sources, sources, bytes);
      ok = sources != NULL;
    }
  if (ok && !cursor->failed)
    {
      state->is_mixed = !pl_in_order_is (state->store) || n > ((const LimitConfig *) data)->kept;
      state->last = n > 0 ? source_of (state, n - 1) : 0;
      return state;
    }
  limit_state_free (state);
  cursor->failed = TRUE;
  return NULL;
}

/* Keeps the first @n rows. */
static void
keep_first (LimitState *state, guint64 n)
{
  pl_leased_auto guint64 *rows = pl_in_order_first (state->store, n);
  if (state->sources != NULL)
    {
      guint64 *sources = pl_leased (g_new (guint64, MAX (n, 1)));
      for (guint64 i = 0; i < n; i++)
        sources[i] = state->sources[rows[i]];
      pl_leased_free (state->sources);
      state->sources = sources;
      state->capacity = MAX (n, 1);
    }
  pl_store_retain (state->store, rows, n);
}

static gboolean
limit_merge (gconstpointer data, gpointer into_data, gpointer from_data)
{
  const LimitConfig *config = data;
  LimitState *into = into_data, *from = from_data;
  const guint64 n_into = pl_store_n_rows (into->store), n = pl_store_n_rows (from->store);
  if (from->spill != NULL)
    return FALSE;
  if (into->sources != NULL || from->sources != NULL)
    {
      reserve_sources (into, n);
      for (guint64 row = 0; row < n; row++)
        into->sources[n_into + row] = source_of (from, row);
    }
  pl_store_add (into->store, from->store);
  into->is_mixed = TRUE;
  if ((n_into + n) / 2 > config->kept)
    keep_first (into, config->kept);
  return TRUE;
}

/* ---- all workers ---- */

static PlSpill *
spill_rest (gpointer state, GError **error)
{
  return limit_spill (NULL, state, error) ? g_steal_pointer (&((LimitState *) state)->spill) : NULL;
}

static PlRows *
finish_spilled (const LimitConfig *config, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, states, n_states, parallel, error);
  g_autoptr (PlSpillOrder) order = spills != NULL ? pl_spill_order_new (spills, PL_SPILL_PIECE, NULL, error) : NULL;
  if (order == NULL)
    return NULL;
  const guint64 n = pl_spill_order_entries (order);
  const guint64 first = MIN (config->offset, n), last = MIN (config->kept, n);
  if (!pl_spill_order_clip (order, first, last - first, error))
    return NULL;
  const PlSourced *sourced = &config->sourced;
  return pl_sourced_rows (sourced, pl_in_order_rows_spilled (sourced->stored, sourced->uses, g_steal_pointer (&order)));
}

static PlRows *
limit_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  const LimitConfig *config = data;
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    has_spilled |= ((LimitState *) states[s])->spill != NULL;
  if (has_spilled)
    return finish_spilled (config, states, n_states, parallel, error);
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint i = 0; i < n_states; i++)
    {
      stores[i] = g_steal_pointer (&((LimitState *) states[i])->store);
      limit_state_free (g_steal_pointer (&states[i]));
    }
  guint64 n = 0;
  PlSortItem *items = pl_in_order_all (stores, n_states, &n, parallel);
  guint64 first = MIN (config->offset, n), last = MIN (config->kept, n);
  PlRows *kept = pl_in_order_rows (config->sourced.stored, stores, n_states, items, first, last - first);
  return pl_sourced_rows (&config->sourced, kept);
}

static const PlSettingKey limit_keys[] = {
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
    .takes_slices = TRUE,
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
                                     .spill = limit_spill,
                                     .save = limit_save,
                                     .load = limit_load,
                                     .merge = limit_merge,
                                     .finish = limit_finish},
};
