/* See state.h. */
#include "state.h"
#include "../../pipeline/groups/table.h"

static PlStore *
store_new (const PlTopState *state)
{
  const PlRowGroups *grouping = &state->config->grouping;
  return pl_store_new (grouping->schema, grouping->uses);
}

static void
fill (PlTopState *state)
{
  const PlRowGroups *grouping = &state->config->grouping;
  state->table = pl_group_table_new (grouping->layout, sizeof (PlTopHeap) / sizeof (guint64));
  pl_group_lookup_init (&state->lookup, state->table, grouping->terms);
  pl_top_heaps_init (&state->heaps, state->table, store_new (state), state->config->k);
}

static void
clear (PlTopState *state)
{
  pl_top_heaps_clear (&state->heaps);
  pl_group_lookup_clear (&state->lookup);
  pl_group_table_free (state->table);
  pl_store_free (g_steal_pointer (&state->bag));
  state->bag_tidied = 0;
}

PlTopState *
pl_top_state_new (const PlTop *config)
{
  PlTopState *state = g_new0 (PlTopState, 1);
  state->config = config;
  fill (state);
  return state;
}

void
pl_top_state_free (PlTopState *state)
{
  if (state == NULL)
    return;
  clear (state);
  pl_spill_free (state->spill);
  g_free (state);
}

void
pl_top_state_renew (PlTopState *state)
{
  clear (state);
  fill (state);
}

PlStore *
pl_top_state_bag (PlTopState *state)
{
  if (state->bag == NULL)
    state->bag = store_new (state);
  return state->bag;
}
