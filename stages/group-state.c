/* A worker's part of group-by: the table of its groups and one array of states per aggregate.
 *
 * A batch goes through column-wise: arguments and conditions are evaluated once each, keys are looked up together, then each
 * aggregate takes the whole batch with its group numbers. Without keys there is no table: all rows are group 0. */
#include "group-by.h"
#include "big-array.h"

#define STATES_CACHED ((gsize) 256 << 10) /* bytes of one call's states that the caches hold anyway */

PlGroupState *
pl_group_state_new (const PlGroupConfig *config)
{
  PlGroupState *state = g_new0 (PlGroupState, 1);
  state->config = config;
  state->table = pl_group_table_new (config->layout);
  pl_group_direct_init (&state->direct, config->layout);
  state->states = g_new0 (guint8 *, MAX (config->calls->len, 1));
  if (config->keys->len == 0)
    {
      /* The empty key, so that merging needs no case of its own. */
      guint32 hash, group;
      guint64 row = 0;
      pl_keys_hash (config->layout, &row, 1, &hash);
      pl_group_table_find (state->table, &row, &hash, 1, &group);
      pl_group_state_extend (state);
    }
  return state;
}

static gsize
first_bytes (const PlGroupState *state, gsize capacity)
{
  return state->config->order == PL_GROUPS_BY_APPEARANCE ? capacity * sizeof (guint64) : 0;
}

void
pl_group_state_free (PlGroupState *state)
{
  if (state == NULL)
    return;
  const PlGroupConfig *config = state->config;
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      if (state->states[c] != NULL && call->aggregate->clear != NULL)
        call->aggregate->clear (call, state->states[c], 0, state->n_groups);
      pl_big_free (g_steal_pointer (&state->states[c]), state->capacity * call->state_size);
    }
  pl_big_free (g_steal_pointer (&state->first), first_bytes (state, state->capacity));
  g_free (state->states);
  pl_group_direct_clear (&state->direct);
  pl_group_table_free (state->table);
  g_free (state);
}

void
pl_group_state_extend (PlGroupState *state)
{
  const PlGroupConfig *config = state->config;
  gsize n = state->table->n_groups, old = state->n_groups;
  if (n == old)
    return;
  gsize capacity = state->capacity;
  if (n > capacity)
    capacity = MAX (n, capacity * 2);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      if (capacity != state->capacity)
        state->states[c]
            = pl_big_resize (state->states[c], state->capacity * call->state_size, capacity * call->state_size);
      call->aggregate->init (call, state->states[c], old, n - old);
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    {
      if (capacity != state->capacity)
        state->first
            = pl_big_resize (state->first, first_bytes (state, state->capacity), first_bytes (state, capacity));
      for (gsize group = old; group < n; group++)
        state->first[group] = G_MAXUINT64;
    }
  state->capacity = capacity;
  state->n_groups = n;
}

/* What one batch gives the aggregates. */
typedef struct
{
  PlColumn **args;
  guint32 **selected; /* per filter: the rows for which it is true */
  gsize *n_selected;
  guint32 **selected_groups;
  guint64 **selected_positions;
  guint64 *positions;
  guint32 *groups; /* NULL without keys */
} Prepared;

static gboolean
evaluate_args (const PlGroupConfig *config, PlBatch *batch, Prepared *prepared, GError **error)
{
  guint n_filters = config->filters->len;
  PlArena *arena = batch->arena;
  prepared->args = pl_arena_new_array (arena, PlColumn *, config->args->len);
  prepared->selected = pl_arena_new_array (arena, guint32 *, n_filters);
  prepared->selected_groups = pl_arena_alloc0 (arena, sizeof (guint32 *) * n_filters);
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
  prepared->positions = pl_arena_new_array (arena, guint64, batch->n_rows);
  for (gsize i = 0; i < batch->n_rows; i++)
    prepared->positions[i] = pl_batch_position (batch, i);
  return TRUE;
}

static void
look_up (PlGroupState *state, PlColumn *const *keys, gsize n, guint32 *groups, PlArena *arena)
{
  const PlKeyLayout *layout = state->config->layout;
  guint64 *rows = pl_arena_new_array (arena, guint64, n * MAX (layout->n_words, 1));
  guint32 *hashes = pl_arena_new_array (arena, guint32, n);
  pl_keys_encode (layout, keys, n, rows);
  pl_keys_hash (layout, rows, n, hashes);
  pl_group_table_find (state->table, rows, hashes, n, groups);
}

/* Only the rows that the short cut does not know are looked up. */
static void
look_up_directly (PlGroupState *state, PlColumn *key, gsize n, guint32 *groups, PlArena *arena)
{
  guint32 *missed = pl_arena_new_array (arena, guint32, n);
  gsize n_missed = pl_group_direct_find (&state->direct, key, n, groups, missed);
  if (n_missed == 0)
    return;
  PlColumn *rest = pl_column_gather (key, missed, n_missed, arena);
  guint32 *found = pl_arena_new_array (arena, guint32, n_missed);
  look_up (state, &rest, n_missed, found, arena);
  for (gsize i = 0; i < n_missed; i++)
    groups[missed[i]] = found[i];
  pl_group_direct_learn (&state->direct, rest, n_missed, found, state->table->n_groups);
}

static gboolean
find_groups (PlGroupState *state, PlBatch *batch, Prepared *prepared, GError **error)
{
  const PlGroupConfig *config = state->config;
  PlArena *arena = batch->arena;
  gsize n = batch->n_rows;
  if (state->table->n_groups + n >= G_MAXUINT32)
    return pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
  PlColumn **keys = pl_arena_new_array (arena, PlColumn *, config->keys->len);
  if (!pl_terms_evaluate (config->keys, batch, keys, error))
    return FALSE;
  prepared->groups = pl_arena_new_array (arena, guint32, n);
  if (state->direct.enabled)
    look_up_directly (state, keys[0], n, prepared->groups, arena);
  else
    look_up (state, keys, n, prepared->groups, arena);
  gsize known = state->n_groups;
  pl_group_state_extend (state);
  /* Positions rise within a worker: the row that made a group is its first here. */
  if (config->order == PL_GROUPS_BY_APPEARANCE && known < state->n_groups)
    for (gsize i = 0; i < n; i++)
      if (prepared->positions[i] < state->first[prepared->groups[i]])
        state->first[prepared->groups[i]] = prepared->positions[i];
  return TRUE;
}

/* The groups and positions of the rows a filter lets through, once a filter. */
static void
prepare_selected (Prepared *prepared, guint filter, PlArena *arena)
{
  gsize n = prepared->n_selected[filter];
  const guint32 *rows = prepared->selected[filter];
  if (prepared->selected_positions[filter] != NULL)
    return;
  guint64 *positions = prepared->selected_positions[filter] = pl_arena_new_array (arena, guint64, n);
  for (gsize i = 0; i < n; i++)
    positions[i] = prepared->positions[rows[i]];
  if (prepared->groups == NULL)
    return;
  guint32 *groups = prepared->selected_groups[filter] = pl_arena_new_array (arena, guint32, n);
  for (gsize i = 0; i < n; i++)
    groups[i] = prepared->groups[rows[i]];
}

/* The states that an update is about to touch, where they are too many for the caches: the misses overlap here. */
static void
prefetch_states (const PlGroupState *state, const PlAggregateCall *call, const guint8 *states, const guint32 *groups,
                 gsize n)
{
  if (state->n_groups * call->state_size <= STATES_CACHED)
    return;
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (states + groups[i] * call->state_size, 1);
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
  if (config->keys->len > 0 && !find_groups (state, batch, &prepared, error))
    return FALSE;
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->calls, PlGroupCall, c);
      const PlAggregateCall *call = use->call;
      PlColumn *args[G_N_ELEMENTS (use->args)] = {NULL};
      const guint32 *groups = prepared.groups, *rows = NULL;
      const guint64 *positions = prepared.positions;
      gsize n = batch->n_rows;
      for (guint a = 0; a < call->n_args; a++)
        args[a] = prepared.args[use->args[a]];
      if (use->filter >= 0)
        {
          prepare_selected (&prepared, (guint) use->filter, batch->arena);
          groups = prepared.selected_groups[use->filter];
          positions = prepared.selected_positions[use->filter];
          rows = prepared.selected[use->filter];
          n = prepared.n_selected[use->filter];
        }
      GError *own = NULL;
      prefetch_states (state, call, state->states[c], groups, n);
      if (!call->aggregate->update (call, state->states[c], groups, rows, n, args, positions, &own))
        {
          /* Aggregates do not say which row it was; the batch's first is the place that can be named. */
          pl_batch_fail (batch, 0, error, own->domain, own->code, "%s", own->message);
          g_error_free (own);
          return FALSE;
        }
    }
  return TRUE;
}

/* A saved state: its keys, then per group the first position and every aggregate's state. */
void
pl_group_state_save (const PlGroupState *state, PlBuffer *buffer)
{
  const PlGroupConfig *config = state->config;
  if (config->keys->len > 0)
    pl_group_table_save (state->table, buffer);
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize group = 0; group < state->n_groups; group++)
      pl_buffer_put_u64 (buffer, state->first[group]);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      for (gsize group = 0; group < state->n_groups; group++)
        call->aggregate->save (call, state->states[c] + group * call->state_size, buffer);
    }
}

gboolean
pl_group_state_load (PlGroupState *state, PlCursor *cursor)
{
  const PlGroupConfig *config = state->config;
  if (config->keys->len > 0 && !pl_group_table_load (state->table, cursor))
    return FALSE;
  pl_group_state_extend (state);
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize group = 0; group < state->n_groups; group++)
      state->first[group] = pl_cursor_get_u64 (cursor);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      for (gsize group = 0; group < state->n_groups; group++)
        if (!call->aggregate->load (call, state->states[c] + group * call->state_size, cursor) || cursor->failed)
          {
            cursor->failed = TRUE;
            return FALSE;
          }
    }
  return TRUE;
}
