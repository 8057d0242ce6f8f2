/* A batch goes into a state column-wise: arguments and conditions are evaluated once each, keys are looked up together,
 * then each aggregate takes the whole batch with its group numbers. Without keys there is no table: all rows are group
 * 0. */
#include "consume.h"
#include "absorb.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/groups/table.h"

/* What one batch gives the aggregates. */
typedef struct
{
  PlColumn **args;
  guint32 **selected; /* per filter: the rows for which it is true */
  gsize *n_selected;
  guint8 *is_selected; /* per filter: whether the next two are there */
  guint32 **selected_addresses;
  guint64 **selected_positions;
  guint64 *positions; /* NULL when nobody reads them */
  guint32 *addresses; /* of each row's group; NULL without keys */
} Prepared;

static gboolean
evaluate_args (const PlGroupConfig *config, PlBatch *batch, Prepared *prepared, GError **error)
{
  guint n_filters = config->filters->len;
  PlArena *arena = batch->arena;
  prepared->args = pl_arena_new_array (arena, PlColumn *, config->args->len);
  prepared->selected = pl_arena_new_array (arena, guint32 *, n_filters);
  prepared->is_selected = pl_arena_alloc0 (arena, n_filters);
  prepared->selected_addresses = pl_arena_alloc0 (arena, sizeof (guint32 *) * n_filters);
  prepared->selected_positions = pl_arena_alloc0 (arena, sizeof (guint64 *) * n_filters);
  prepared->n_selected = pl_arena_new_array (arena, gsize, n_filters);
  for (guint a = 0; a < config->args->len; a++)
    if ((prepared->args[a] = pl_expression_evaluate (config->args->pdata[a], batch, error)) == NULL)
      return FALSE;
  for (guint f = 0; f < n_filters; f++)
    {
      prepared->selected[f] = pl_arena_new_array (arena, guint32, batch->n_rows);
      if (!pl_expression_select (config->filters->pdata[f], batch, prepared->selected[f], &prepared->n_selected[f],
                                 error))
        return FALSE;
    }
  if (config->reads_positions)
    {
      prepared->positions = pl_arena_new_array (arena, guint64, batch->n_rows);
      for (gsize i = 0; i < batch->n_rows; i++)
        prepared->positions[i] = pl_batch_position (batch, i);
    }
  return TRUE;
}

#define SCATTER_MIN ((gsize) 1 << 16) /* groups */
#define STRIDE_MAX 64  /* words: records of all partitions shall stay in the cache while they are written */
#define REPEATS_MAX 64 /* so many rows for one that met its group again */

/* The payload of a group of no rows. */
static void
init_payload (const PlGroupConfig *config, guint64 *payload)
{
  const guint32 address = 0;
  memset (payload, 0, config->n_payload * sizeof *payload);
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      if (use->call->aggregate->init != NULL)
        use->call->aggregate->init (use->call, (guint8 *) payload + use->offset, &address, 1);
    }
}

/* Goes over to a scattered table when hardly a row of late has met its group again, and back when too many would. */
static void
choose_table (PlGroupState *state)
{
  PlGroupTable *table = state->table;
  const PlGroupLookup *lookup = &state->lookup;
  if (table->scatter != NULL)
    {
      if (pl_group_scatter_repeats (table->scatter) || table->n_groups * table->stride > G_MAXUINT32 / 2)
        pl_group_state_unscatter (state);
      return;
    }
  if (table->n_groups < MAX (2 * state->n_groups_before, SCATTER_MIN / 2))
    return;
  const guint64 rows = lookup->n_rows - state->n_rows_before, groups = table->n_groups - state->n_groups_before;
  state->n_rows_before = lookup->n_rows;
  state->n_groups_before = table->n_groups;
  if (table->n_groups >= SCATTER_MIN && groups + rows / REPEATS_MAX >= rows && !state->was_scattered
      && table->stride <= STRIDE_MAX && state->config->order != PL_GROUPS_BY_APPEARANCE && !lookup->direct.enabled
      && !lookup->codes.enabled)
    {
      g_autofree guint64 *initial = g_new (guint64, state->config->n_payload + 1);
      init_payload (state->config, initial);
      pl_group_table_scatter (table, initial);
      state->n_groups = table->n_groups;
    }
}

static gboolean
find_groups (PlGroupState *state, PlBatch *batch, Prepared *prepared, GError **error)
{
  const PlGroupConfig *config = state->config;
  gsize n = batch->n_rows;
  guint32 *addresses = prepared->addresses = pl_arena_new_array (batch->arena, guint32, n);
  if (!pl_group_lookup_find (&state->lookup, batch, addresses, NULL, error))
    return FALSE;
  gsize known = state->n_groups;
  pl_group_state_extend (state);
  /* Positions rise within a worker: the row that made a group is its first here. */
  if (config->order == PL_GROUPS_BY_APPEARANCE && known < state->n_groups)
    for (gsize i = 0; i < n; i++)
      {
        guint64 *first = &state->first[addresses[i] / state->table->stride];
        *first = MIN (*first, pl_batch_position (batch, i));
      }
  return TRUE;
}

/* The addresses and positions of the rows a filter lets through, once a filter. */
static void
prepare_selected (Prepared *prepared, guint filter, PlArena *arena)
{
  gsize n = prepared->n_selected[filter];
  const guint32 *rows = prepared->selected[filter];
  if (prepared->is_selected[filter])
    return;
  prepared->is_selected[filter] = 1;
  if (prepared->positions != NULL)
    {
      guint64 *positions = prepared->selected_positions[filter] = pl_arena_new_array (arena, guint64, n);
      for (gsize i = 0; i < n; i++)
        positions[i] = prepared->positions[rows[i]];
    }
  if (prepared->addresses == NULL)
    return;
  guint32 *addresses = prepared->selected_addresses[filter] = pl_arena_new_array (arena, guint32, n);
  for (gsize i = 0; i < n; i++)
    addresses[i] = prepared->addresses[rows[i]];
}

/* Updates the calls that can be updated at once.
 * Returns: how many. What else is to be updated finds all records in the caches. */
static guint
update_joined (PlGroupState *state, const Prepared *prepared, gsize n)
{
  const PlGroupConfig *config = state->config;
  const PlGroupCall *owners = (const PlGroupCall *) (gpointer) config->owners->data;
  const PlAggregateCall *calls[PL_JOINED_MAX];
  PlColumn *args[PL_JOINED_MAX];
  const guint n_joined = prepared->addresses != NULL ? config->n_joined : 0;
  gboolean are_cold = state->lookup.are_cold;
  if (are_cold && n_joined < config->owners->len)
    {
      pl_group_table_fetch (state->table, prepared->addresses, n);
      are_cold = FALSE;
    }
  if (n_joined == 0)
    return 0;
  for (guint c = 0; c < n_joined; c++)
    {
      calls[c] = owners[c].call;
      args[c] = prepared->args[owners[c].args[0]];
    }
  if (calls[0]->aggregate->update_joined (calls, n_joined, pl_group_states (state, owners), prepared->addresses, n,
                                          args, are_cold))
    return n_joined;
  if (are_cold)
    pl_group_table_fetch (state->table, prepared->addresses, n);
  return 0;
}

gboolean
pl_group_state_consume (PlGroupState *state, PlBatch *batch, GError **error)
{
  const PlGroupConfig *config = state->config;
  Prepared prepared = {0};
  if (batch->n_rows == 0)
    return TRUE;
  if (!evaluate_args (config, batch, &prepared, error))
    return FALSE;
  if (config->keys->len > 0)
    {
      choose_table (state);
      if (!find_groups (state, batch, &prepared, error))
        return FALSE;
    }
  for (guint c = update_joined (state, &prepared, batch->n_rows); c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      const PlAggregateCall *call = use->call;
      PlColumn *args[G_N_ELEMENTS (use->args)] = {NULL};
      const guint32 *addresses = prepared.addresses, *rows = NULL;
      const guint64 *positions = prepared.positions;
      gsize n = batch->n_rows;
      for (guint a = 0; a < call->n_args; a++)
        args[a] = prepared.args[use->args[a]];
      if (use->filter >= 0)
        {
          prepare_selected (&prepared, (guint) use->filter, batch->arena);
          addresses = prepared.selected_addresses[use->filter];
          positions = prepared.selected_positions[use->filter];
          rows = prepared.selected[use->filter];
          n = prepared.n_selected[use->filter];
        }
      call->aggregate->update (call, pl_group_states (state, use), addresses, rows, n, args, positions);
    }
  return TRUE;
}
