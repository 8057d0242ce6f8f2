/* distinct: one row per distinct key, as it stood in the input.
 *
 * A worker keeps the first (or last) row of each key it meets: a hash table of keys, a store of rows. Rows that a later
 * one replaced are swept out of the store when they are the majority, so memory goes by the number of keys. */
#include "../../pipeline/rows/compact.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/groups/merge.h"
#include "../../pipeline/groups/row-groups.h"
#include "../clause.h"
#include "spill.h"
#include "../../pipeline/sorting/in-order.h"
#include "../../pipeline/groups/find.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/rows/wire.h"

#define SWEEP_MIN 8192

/* ---- configuration ---- */

static void
distinct_config_free (gpointer data)
{
  PlDistinct *config = data;
  pl_row_groups_clear (&config->grouping);
  g_free (config);
}

static void
read_keep (PlDistinct *config, const PlSpot *spot)
{
  const char *value = spot->setting != NULL ? spot->setting->value : "first";
  config->last = strcmp (value, "last") == 0;
  if (!config->last && strcmp (value, "first") != 0)
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'keep' is '%s'; write first or last", value);
}

static gpointer
distinct_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlSpot spot = {settings, pl_settings_find (settings, "keep"), 0, issues};
  PlDistinct *config = g_new0 (PlDistinct, 1);
  read_keep (config, &spot);
  spot.setting = pl_settings_find (settings, "by");
  pl_row_groups_init (&config->grouping, spot.setting != NULL ? pl_clause_terms (&spot, input, 0) : pl_terms_new (),
                      input, TRUE);
  if (pl_issues_n_errors (issues) != before)
    {
      distinct_config_free (config);
      return NULL;
    }
  return config;
}

static void
distinct_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  PlDistinct *config = data;
  pl_row_groups_require (&config->grouping, output_uses, input_uses);
}

/* ---- one worker ---- */

static gpointer
distinct_state_new (gconstpointer data)
{
  return pl_distinct_state_new (data);
}

static void
distinct_state_free (gpointer state)
{
  pl_distinct_state_free (state);
}

static void
reserve_rows (PlDistinctState *state, gsize n)
{
  if (n <= state->capacity)
    return;
  state->capacity = pl_leased_more (state->capacity, n, sizeof *state->rows);
  state->rows = pl_leased_resize (state->rows, state->capacity * sizeof *state->rows);
}

static void
sweep (PlDistinctState *state)
{
  pl_store_retain (state->store, state->rows, state->table->n_groups);
  for (gsize group = 0; group < state->table->n_groups; group++)
    state->rows[group] = group;
}

/* The same where memory may be short: rows stay in their order. */
static void
sweep_in_place (PlDistinctState *state)
{
  const guint64 n_stored = pl_store_n_rows (state->store);
  const gsize n_groups = state->table->n_groups;
  pl_leased_auto guint8 *alive = pl_leased_new0 (n_stored + 1);
  pl_leased_auto guint32 *numbers = pl_leased (g_new (guint32, n_stored + 1));
  guint32 n = 0;
  for (gsize group = 0; group < n_groups; group++)
    alive[state->rows[group]] = TRUE;
  for (guint64 row = 0; row < n_stored; row++)
    {
      numbers[row] = n;
      n += alive[row];
    }
  pl_store_compact (state->store, alive);
  for (gsize group = 0; group < n_groups; group++)
    state->rows[group] = numbers[state->rows[group]];
}

/* Appends the rows of the batch that are to be kept for now. */
static void
keep_rows (const PlDistinct *config, PlDistinctState *state, PlBatch *batch, const guint32 *groups, gsize n_known)
{
  gsize n_groups = state->table->n_groups, n_kept = 0;
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  guint64 n_stored = pl_store_n_rows (state->store);
  reserve_rows (state, n_groups);
  if (!config->last)
    {
      /* New groups are numbered in the order of their first rows. */
      for (gsize i = 0; i < batch->n_rows; i++)
        if (groups[i] == n_known + n_kept)
          {
            state->rows[groups[i]] = n_stored + n_kept;
            kept[n_kept++] = (guint32) i;
          }
    }
  else
    {
      for (gsize i = 0; i < batch->n_rows; i++)
        state->rows[groups[i]] = i;
      for (gsize i = 0; i < batch->n_rows; i++)
        if (state->rows[groups[i]] == i)
          kept[n_kept++] = (guint32) i;
      for (gsize i = 0; i < n_kept; i++)
        state->rows[groups[kept[i]]] = n_stored + i;
    }
  pl_row_groups_keep (state->store, batch, kept, n_kept, NULL);
  if (pl_store_n_rows (state->store) > SWEEP_MIN + 2 * n_groups)
    sweep_in_place (state);
}

static void
distinct_shrink (G_GNUC_UNUSED gconstpointer data, gpointer state_data)
{
  PlDistinctState *state = state_data;
  if (pl_store_n_rows (state->store) > state->table->n_groups)
    sweep_in_place (state);
}

static gboolean
distinct_spill (G_GNUC_UNUSED gconstpointer data, gpointer state, GError **error)
{
  return pl_distinct_spill (state, error);
}

static gboolean
distinct_consume (gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  const PlDistinct *config = data;
  PlDistinctState *state = state_data;
  gsize n_known = state->table->n_groups;
  if (batch->n_rows == 0)
    return TRUE;
  const guint32 *groups = pl_row_groups_find (&state->lookup, batch, NULL, error);
  if (groups == NULL)
    return FALSE;
  keep_rows (config, state, batch, groups, n_known);
  return TRUE;
}

static void
distinct_save (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  PlDistinctState *state = state_data;
  sweep (state);
  pl_group_table_save (state->table, buffer);
  pl_store_save (state->store, buffer);
}

static gpointer
distinct_load (gconstpointer data, PlCursor *cursor)
{
  PlDistinctState *state = distinct_state_new (data);
  if (pl_group_table_load (state->table, cursor) && pl_store_load (state->store, cursor))
    {
      if (pl_store_n_rows (state->store) == state->table->n_groups)
        {
          reserve_rows (state, state->table->n_groups);
          for (gsize group = 0; group < state->table->n_groups; group++)
            state->rows[group] = group;
          return state;
        }
      cursor->failed = TRUE;
    }
  distinct_state_free (state);
  return NULL;
}

/* A row of @from takes the place of the same one in @into when it stands better; both are as they were loaded: row g is
 * group g's, or later ones of @into. Rows that lost are swept out as ever. */
static gboolean
distinct_merge (gconstpointer data, gpointer into_data, gpointer from_data)
{
  const PlDistinct *config = data;
  PlDistinctState *into = into_data, *from = from_data;
  const gsize n_groups = from->table->n_groups;
  guint32 groups[PL_BATCH_ROWS];
  if (n_groups + into->table->n_groups >= G_MAXUINT32)
    return FALSE;
  pl_leased_auto guint64 *kept = pl_leased (g_new (guint64, n_groups + 1));
  guint64 n_kept = 0, n_stored = pl_store_n_rows (into->store);
  pl_group_table_unify ((PlGroupTable *[]){into->table, from->table}, 2, pl_parallel_serial ());
  for (gsize first = 0, n; first < n_groups; first += n)
    {
      gsize n_known = into->table->n_groups;
      n = MIN (n_groups - first, PL_BATCH_ROWS);
      pl_group_table_find_keys (into->table, from->table, first, n, groups);
      reserve_rows (into, into->table->n_groups);
      for (gsize i = 0; i < n; i++)
        {
          const guint64 row = from->rows[first + i];
          gboolean wins = groups[i] >= n_known;
          if (!wins)
            {
              guint64 position = pl_store_record (from->store, row)->position;
              wins = (position > pl_store_record (into->store, into->rows[groups[i]])->position) == config->last;
            }
          if (!wins)
            continue;
          into->rows[groups[i]] = n_stored + n_kept;
          kept[n_kept++] = row;
        }
    }
  pl_store_retain (from->store, kept, n_kept);
  pl_store_add (into->store, from->store);
  if (pl_store_n_rows (into->store) > SWEEP_MIN + 2 * into->table->n_groups)
    sweep (into);
  return TRUE;
}

/* ---- all workers ---- */

/* The rows of all workers, one worker behind the other, where group g of worker s is at items[starts[s] + g]. */
typedef struct
{
  gboolean last;
  PlDistinctState **states;
  PlStore **stores;
  PlSortItem *items;
  guint64 *starts;
} Merge;

#define NO_ROW G_MAXUINT64 /* as an item's id: another worker's row is kept */

static void
list_rows (guint index, gpointer data)
{
  Merge *merge = data;
  const PlDistinctState *state = merge->states[index];
  PlSortItem *items = merge->items + merge->starts[index];
  for (gsize group = 0; group < state->table->n_groups; group++)
    items[group] = pl_in_order_item (merge->stores, index, state->rows[group]);
}

static void
choose_rows (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  Merge *merge = data;
  for (gsize i = 0; i < n; i++)
    {
      PlSortItem *best = &merge->items[merge->starts[owner] + into[i]];
      PlSortItem *item = &merge->items[merge->starts[source] + from[i]];
      if ((item->prefix > best->prefix) == merge->last)
        *best = *item;
      item->id = NO_ROW;
    }
}

static PlRows *
distinct_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  const PlDistinct *config = data;
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    has_spilled |= ((PlDistinctState *) states[s])->spill != NULL;
  if (has_spilled)
    return pl_distinct_rows_spilled (config, (PlDistinctState **) states, n_states, parallel, error);
  PlStore **stores = g_new (PlStore *, n_states);
  g_autofree PlGroupTable **tables = g_new (PlGroupTable *, n_states);
  g_autofree guint64 *starts = g_new (guint64, n_states);
  guint64 n_items = 0, n = 0;
  for (guint s = 0; s < n_states; s++)
    {
      PlDistinctState *state = states[s];
      stores[s] = state->store;
      tables[s] = state->table;
      starts[s] = n_items;
      n_items += state->table->n_groups;
    }
  PlSortItem *items = pl_sort_items_new (n_items);
  Merge merge = {config->last, (PlDistinctState **) states, stores, items, starts};
  parallel->run (parallel, n_states, list_rows, &merge);
  /* One worker has met each key once. */
  if (n_states > 1)
    {
      PlGroupIds ids;
      pl_group_table_unify (tables, n_states, parallel);
      pl_group_merge (tables, n_states, choose_rows, &merge, parallel, &ids);
      pl_group_ids_clear (&ids);
    }
  for (guint64 i = 0; i < n_items; i++)
    if (items[i].id != NO_ROW)
      items[n++] = items[i];
  pl_sort_prefixes (items, n, parallel);
  for (guint s = 0; s < n_states; s++)
    ((PlDistinctState *) states[s])->store = NULL;
  return pl_in_order_rows (config->grouping.schema, stores, n_states, items, 0, n);
}

static const PlSettingKey distinct_keys[] = {
    {"by", "columns", NULL, "What makes rows the same: columns or expressions; all columns when left out", FALSE},
    {"keep", "choice first|last", "first", "Which of the rows that are the same is kept", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_distinct = {
    .name = "distinct",
    .summary = "Keeps one row of those that are the same",
    .description
    = "Rows are the same when the columns of `by` are equal; values count, not how they are written (1.0 and 1.00), "
      "null equals null and NaN equals NaN. The first or last of them is kept whole, and the rows kept stay in the "
      "order of the input.",
    .example = "[distinct latest]\nby = customer; product\nkeep = last\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_DEDUPLICATED,
    .keys = distinct_keys,
    .configure = distinct_configure,
    .config_free = distinct_config_free,
    .require = distinct_require,
    .state_new = distinct_state_new,
    .state_free = distinct_state_free,
    .reduce = &(const PlReduceStage){.consume = distinct_consume,
                                     .shrink = distinct_shrink,
                                     .spill = distinct_spill,
                                     .save = distinct_save,
                                     .load = distinct_load,
                                     .merge = distinct_merge,
                                     .finish = distinct_finish},
};
