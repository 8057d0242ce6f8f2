/* A worker's part of group-by: the table of its groups and one array of states per aggregate. Without keys all rows are
 * group 0. */
#include "state.h"
#include "../../pipeline/memory/big-array.h"
#include "../../pipeline/keys/encode.h"
#include "../../pipeline/groups/find.h"
#include "../../pipeline/groups/table.h"

/* @layout: where keys start from. */
static PlGroupState *
state_new (const PlGroupConfig *config, const PlKeyLayout *layout)
{
  PlGroupState *state = g_new0 (PlGroupState, 1);
  state->config = config;
  state->table = pl_group_table_new (layout, config->n_payload);
  pl_group_lookup_init (&state->lookup, state->table, config->keys);
  if (config->keys->len == 0)
    {
      /* The empty key, so that merging needs no case of its own. */
      guint32 hash, group;
      guint64 row = 0;
      pl_keys_hash (layout, &row, 1, &hash);
      pl_group_table_find_rows (state->table, &row, &hash, 1, &group);
      pl_group_state_extend (state);
    }
  return state;
}

PlGroupState *
pl_group_state_new (const PlGroupConfig *config)
{
  return state_new (config, config->layout);
}

void
pl_group_addresses (const PlGroupState *state, const guint32 *groups, guint32 first, gsize n, guint32 *addresses)
{
  const guint32 stride = (guint32) state->table->stride;
  for (gsize i = 0; i < n; i++)
    addresses[i] = (groups != NULL ? groups[i] : first + (guint32) i) * stride;
}

void
pl_group_state_free (PlGroupState *state)
{
  if (state == NULL)
    return;
  const PlGroupConfig *config = state->config;
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      guint32 addresses[PL_BATCH_ROWS];
      for (gsize first = 0, n; first < state->n_groups && use->call->aggregate->clear != NULL; first += n)
        {
          n = MIN (pl_group_table_next (state->table, &first), state->n_groups - MIN (first, state->n_groups));
          pl_group_addresses (state, NULL, (guint32) first, n, addresses);
          use->call->aggregate->clear (use->call, pl_group_states (state, use), addresses, n);
        }
    }
  pl_spill_free (state->spill);
  pl_big_free (state->first, state->capacity * sizeof *state->first);
  pl_group_lookup_clear (&state->lookup);
  pl_group_table_free (state->table);
  g_free (state);
}

void
pl_group_state_renew (PlGroupState *state)
{
  PlGroupState *fresh = state_new (state->config, state->table->layout);
  const PlGroupState old = *state;
  *state = *fresh;
  *fresh = old;
  state->spill = g_steal_pointer (&fresh->spill);
  pl_group_state_free (fresh);
}

void
pl_group_state_extend (PlGroupState *state)
{
  const PlGroupConfig *config = state->config;
  const gsize n = state->table->n_groups, old = state->n_groups;
  if (n == old)
    return;
  /* Records of scattered tables begin as what their states begin with. */
  for (guint c = 0; c < config->owners->len && state->table->scatter == NULL; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      guint32 addresses[256];
      for (gsize first = old, count; first < n && use->call->aggregate->init != NULL; first += count)
        {
          count = MIN (n - first, G_N_ELEMENTS (addresses));
          pl_group_addresses (state, NULL, (guint32) first, count, addresses);
          use->call->aggregate->init (use->call, pl_group_states (state, use), addresses, count);
        }
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    {
      if (n > state->capacity)
        {
          const gsize capacity = MAX (n, state->capacity * 2);
          state->first
              = pl_big_resize (state->first, state->capacity * sizeof *state->first, capacity * sizeof *state->first);
          state->capacity = capacity;
        }
      for (gsize group = old; group < n; group++)
        state->first[group] = G_MAXUINT64;
    }
  state->n_groups = n;
}

/* A saved state: its keys, then per group the first position and every aggregate's state. */
void
pl_group_state_save (const PlGroupState *state, PlBuffer *buffer)
{
  const PlGroupConfig *config = state->config;
  const gsize bytes = state->table->stride * PL_WORD;
  if (config->keys->len > 0)
    pl_group_table_save (state->table, buffer);
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize group = 0; group < state->n_groups; group++)
      pl_buffer_put_u64 (buffer, state->first[group]);
  for (guint c = 0; c < config->owners->len && state->n_groups > 0; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      const guint8 *states = pl_group_states (state, use);
      for (gsize group = 0; group < state->n_groups; group++)
        use->call->aggregate->save (use->call, states + group * bytes, buffer);
    }
}

gboolean
pl_group_state_load (PlGroupState *state, PlCursor *cursor)
{
  const PlGroupConfig *config = state->config;
  if (config->keys->len > 0 && !pl_group_table_load (state->table, cursor))
    return FALSE;
  const gsize bytes = state->table->stride * PL_WORD;
  pl_group_state_extend (state);
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize group = 0; group < state->n_groups; group++)
      state->first[group] = pl_cursor_get_u64 (cursor);
  /* A table without groups has no memory. */
  for (guint c = 0; c < config->owners->len && state->n_groups > 0; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      guint8 *states = pl_group_states (state, use);
      for (gsize group = 0; group < state->n_groups; group++)
        if (!use->call->aggregate->load (use->call, states + group * bytes, cursor) || cursor->failed)
          {
            cursor->failed = TRUE;
            return FALSE;
          }
    }
  return TRUE;
}
