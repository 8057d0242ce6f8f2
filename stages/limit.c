/* limit: the first rows of the input, or those behind an offset.
 *
 * Positions rise within a worker, so a worker keeps its first offset + rows rows and looks at no more; the run can
 * stop reading once the states together hold that many rows below some position. */
#include "clause.h"
#include "../pipeline/rows/sourced.h"
#include "../pipeline/sorting/in-order.h"
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
  GArray *sources; /* of guint64: pl_batch_source() of each row; NULL: of no row another than its position */
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
  g_clear_pointer (&state->sources, g_array_unref);
  g_free (state);
}

/* Where the input's row is that row @row of @state comes from. */
static guint64
source_of (const LimitState *state, guint64 row)
{
  return state->sources != NULL ? g_array_index (state->sources, guint64, row)
                                : pl_store_record (state->store, row)->position;
}

/* Notes the sources of the first @n rows of @batch, which are about to be kept. */
static void
keep_sources (LimitState *state, const PlBatch *batch, gsize n)
{
  if (state->sources == NULL && batch->sources == NULL)
    return;
  if (state->sources == NULL)
    {
      g_autoptr (GArray) sources = g_array_new (FALSE, FALSE, sizeof (guint64));
      for (guint64 row = 0; row < pl_store_n_rows (state->store); row++)
        {
          guint64 source = source_of (state, row);
          g_array_append_val (sources, source);
        }
      state->sources = g_steal_pointer (&sources);
    }
  for (gsize row = 0; row < n; row++)
    {
      guint64 source = pl_batch_source (batch, row);
      g_array_append_val (state->sources, source);
    }
}

static gboolean
limit_consume (gconstpointer data, gpointer state_data, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
  LimitState *state = state_data;
  guint64 n_left = config->kept - MIN (config->kept, pl_store_n_rows (state->store));
  gsize n = MIN (n_left, batch->n_rows);
  keep_sources (state, batch, n);
  pl_sourced_append (&config->sourced, state->store, batch, 0, n);
  return TRUE;
}

static gboolean
limit_satisfied (gconstpointer data, gconstpointer const *states, guint n_states, guint64 *position)
{
  const LimitConfig *config = data;
  const LimitState *const *limits = (const LimitState *const *) states;
  guint64 n = 0;
  if (config->kept == 0)
    {
      *position = 0;
      return TRUE;
    }
  for (guint i = 0; i < n_states; i++)
    n += pl_store_n_rows (limits[i]->store);
  if (n < config->kept)
    return FALSE;
  /* A worker asks after each batch, and its rows are in order. */
  if (n_states == 1)
    {
      *position = source_of (limits[0], config->kept - 1);
      return TRUE;
    }
  g_autofree PlStore **stores = g_new (PlStore *, n_states);
  for (guint i = 0; i < n_states; i++)
    stores[i] = limits[i]->store;
  const guint64 last = pl_in_order_find (stores, n_states, config->kept - 1);
  *position = source_of (limits[pl_in_order_store (last)], pl_in_order_row (last));
  return TRUE;
}

static void
limit_save (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  const LimitState *state = state_data;
  pl_store_save (state->store, buffer);
  pl_buffer_put_u8 (buffer, state->sources != NULL);
  if (state->sources != NULL)
    pl_buffer_append (buffer, state->sources->data, state->sources->len * sizeof (guint64));
}

static gpointer
limit_load (gconstpointer data, PlCursor *cursor)
{
  LimitState *state = limit_state_new (data);
  gboolean ok = pl_store_load (state->store, cursor);
  if (ok && pl_cursor_get_u8 (cursor) && !cursor->failed)
    {
      guint64 n = pl_store_n_rows (state->store);
      const void *sources = n <= G_MAXUINT32 ? pl_cursor_get_raw (cursor, n * sizeof (guint64)) : NULL;
      state->sources = g_array_new (FALSE, FALSE, sizeof (guint64));
      if (sources != NULL)
        g_array_append_vals (state->sources, sources, (guint) n);
      ok = sources != NULL;
    }
  if (ok && !cursor->failed)
    return state;
  limit_state_free (state);
  cursor->failed = TRUE;
  return NULL;
}

static PlRows *
limit_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, G_GNUC_UNUSED GError **error)
{
  const LimitConfig *config = data;
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
                                     .save = limit_save,
                                     .load = limit_load,
                                     .finish = limit_finish},
};
