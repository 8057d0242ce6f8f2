/* top-k: the first k rows of each group in a given order, without sorting the rest.
 *
 * A worker keeps a heap of the k best rows per group (heaps.h). In the end one sort puts the candidates of all workers
 * in order, by group and rank, and the first k of each group are the result (candidates.h). Where they do not fit in
 * memory, they go to disk in that order (spill.h). */
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/rows/wire.h"
#include "../clause.h"
#include "candidates.h"
#include "spill.h"

/* ---- configuration ---- */

static void
top_config_free (gpointer data)
{
  PlTop *config = data;
  pl_row_groups_clear (&config->grouping);
  g_ptr_array_unref (config->ranks);
  g_free (config->orders);
  g_free (config);
}

static gpointer
top_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlTop *config = g_new0 (PlTop, 1);
  PlSpot spot = {settings, pl_settings_find (settings, "by"), 0, issues};
  pl_row_groups_init (&config->grouping, spot.setting != NULL ? pl_clause_terms (&spot, input, 0) : pl_terms_new (),
                      input, FALSE);
  spot.setting = pl_settings_find (settings, "sort");
  config->ranks = pl_clause_terms (&spot, input, PL_TERMS_ORDERED);
  config->orders = pl_terms_orders (config->ranks);
  if (config->ranks->len == 0 && pl_issues_n_errors (issues) == before)
    pl_issues_add (issues, settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "no order to rank rows by; write 'sort = column desc'");
  spot.setting = pl_settings_find (settings, "k");
  pl_clause_count (&spot, 1, &config->k);
  config->k = MIN (config->k, G_MAXUINT32);
  if (pl_issues_n_errors (issues) != before)
    {
      top_config_free (config);
      return NULL;
    }
  return config;
}

static void
top_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  PlTop *config = data;
  pl_row_groups_require (&config->grouping, output_uses, input_uses);
  pl_terms_require (config->ranks, input_uses);
}

/* ---- one worker ---- */

static gpointer
top_state_new (gconstpointer data)
{
  return pl_top_state_new (data);
}

static void
top_state_free (gpointer state)
{
  pl_top_state_free (state);
}

/* pl_sort_keys() of columns whose texts may stand in slices. */
static PlText *
sort_keys (PlColumn *const *columns, guint n_columns, const guint32 *rows, gsize n, PlArena *arena)
{
  gboolean are_sliced = FALSE;
  for (guint c = 0; c < n_columns; c++)
    are_sliced = are_sliced || (columns[c]->type.kind == PL_STRING && columns[c]->slices.data != NULL);
  if (!are_sliced)
    return pl_sort_keys (columns, NULL, n_columns, rows, n, 0, arena);
  PlColumn **gathered = pl_arena_new_array (arena, PlColumn *, n_columns);
  for (guint c = 0; c < n_columns; c++)
    gathered[c] = pl_column_gather (columns[c], rows, n, arena);
  return pl_sort_keys (gathered, NULL, n_columns, NULL, n, 0, arena);
}

/* Whole keys of the candidates. */
static PlText *
whole_keys (const PlTop *config, PlColumn *const *groups, PlColumn *const *ranks, const guint32 *rows, gsize n,
            PlArena *arena)
{
  PlText *group_keys = sort_keys (groups, config->grouping.terms->len, rows, n, arena);
  PlText *rank_keys = pl_sort_keys (ranks, config->orders, config->ranks->len, rows, n, 0, arena);
  for (gsize i = 0; i < n; i++)
    group_keys[i] = pl_top_key (group_keys[i], rank_keys[i], arena);
  return group_keys;
}

static gboolean
top_consume (gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  const PlTop *config = data;
  PlTopState *state = state_data;
  PlArena *arena = batch->arena;
  gsize n = batch->n_rows;
  if (n == 0)
    return TRUE;
  PlColumn *const *columns, **ranks = pl_arena_new_array (arena, PlColumn *, config->ranks->len);
  if (!pl_terms_evaluate (config->ranks, batch, ranks, error))
    return FALSE;
  const guint32 *groups = pl_row_groups_find (&state->lookup, batch, &columns, error);
  if (groups == NULL)
    return FALSE;

  guint64 *prefixes = pl_arena_new_array (arena, guint64, n);
  gboolean is_whole
      = pl_sort_key_prefixes (ranks[0], &config->orders[0], n, prefixes, arena) && config->ranks->len == 1;
  PlTopRows rows = {.first = pl_store_n_rows (state->heaps.store), .rows = pl_arena_new_array (arena, guint32, n)};
  rows.n = pl_top_heaps_find (&state->heaps, prefixes, is_whole, groups, n, rows.rows);
  rows.keys = whole_keys (config, columns, ranks, rows.rows, rows.n, arena);
  rows.positions = pl_arena_new_array (arena, guint64, rows.n);
  for (gsize i = 0; i < rows.n; i++)
    rows.positions[i] = pl_batch_position (batch, rows.rows[i]);
  pl_top_heaps_offer (&state->heaps, &rows, groups);
  pl_row_groups_keep (state->heaps.store, batch, rows.rows, rows.n, rows.keys);
  pl_top_heaps_tidy (&state->heaps, FALSE);
  return TRUE;
}

static void
top_shrink (G_GNUC_UNUSED gconstpointer data, gpointer state)
{
  pl_top_heaps_shrink (&((PlTopState *) state)->heaps);
}

static gboolean
top_spill (G_GNUC_UNUSED gconstpointer data, gpointer state, GError **error)
{
  return pl_top_spill (state, error);
}

/* The candidates are all that is needed: in the end only their keys count. */
static void
top_save (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  PlTopState *state = state_data;
  pl_top_heaps_tidy (&state->heaps, TRUE);
  pl_store_save (state->heaps.store, buffer);
  pl_store_save (pl_top_state_bag (state), buffer);
}

static gpointer
top_load (gconstpointer data, PlCursor *cursor)
{
  PlTopState *state = pl_top_state_new (data);
  PlStore *bag = pl_top_state_bag (state);
  if (pl_store_load (bag, cursor) && pl_store_load (bag, cursor))
    {
      cursor->failed = !pl_top_keys_are_whole (bag);
      if (!cursor->failed)
        {
          state->bag_tidied = pl_store_n_rows (bag);
          return state;
        }
    }
  pl_top_state_free (state);
  return NULL;
}

static gboolean
top_merge (G_GNUC_UNUSED gconstpointer data, gpointer into, gpointer from)
{
  if (((PlTopState *) from)->spill != NULL)
    return FALSE;
  pl_top_bag_add (into, from);
  return TRUE;
}

/* ---- all workers ---- */

static PlRows *
top_finish (gconstpointer data, gpointer *states_data, guint n_states, PlParallel *parallel, GError **error)
{
  const PlTop *config = data;
  PlTopState **states = (PlTopState **) states_data;
  guint64 n;
  for (guint s = 0; s < n_states; s++)
    if (states[s]->spill != NULL)
      return pl_top_rows_spilled (config, states, n_states, parallel, error);
  PlSortItem *items = pl_top_candidates (states, n_states, parallel, &n);
  PlStore **stores = g_new (PlStore *, 2 * (gsize) n_states);
  for (guint s = 0; s < n_states; s++)
    {
      stores[2 * s] = g_steal_pointer (&states[s]->heaps.store);
      stores[2 * s + 1] = g_steal_pointer (&states[s]->bag);
    }
  return pl_store_rows (config->grouping.schema, stores, 2 * n_states, pl_sort_records_of (items, 0, n), n);
}

static const PlSettingKey top_keys[] = {
    {"by", "columns", NULL, "The groups: columns or expressions; without it, all rows are one group", FALSE},
    {"sort", "columns", NULL, "What rows are ranked by, best first: 'delay desc; route'", TRUE},
    {"k", "count", NULL, "How many rows to keep per group", TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_top_k = {
    .name = "top-k",
    .summary = "Keeps the first k rows per group in a given order",
    .description
    = "Rows are ranked within their group as `sort` would order them, and the first `k` are kept whole. Ties go to the "
      "row that stands first in the input. The output is ordered by the groups, then by rank. Memory goes by the "
      "number of groups times k, not by the size of the input.",
    .example = "[top-k two-largest]\nby = id6\nsort = v3 desc\nk = 2\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_LIMITED,
    .keys = top_keys,
    .configure = top_configure,
    .config_free = top_config_free,
    .require = top_require,
    .state_new = top_state_new,
    .state_free = top_state_free,
    .reduce = &(const PlReduceStage){.consume = top_consume,
                                     .shrink = top_shrink,
                                     .spill = top_spill,
                                     .save = top_save,
                                     .load = top_load,
                                     .merge = top_merge,
                                     .finish = top_finish},
};
