/* See state.h. */
#include "state.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/memory/leased.h"

static void
fill (PlDistinctState *state)
{
  const PlRowGroups *grouping = &state->config->grouping;
  state->table = pl_group_table_new (grouping->layout, 0);
  pl_group_lookup_init (&state->lookup, state->table, grouping->terms);
  state->store = pl_store_new (grouping->schema, grouping->uses);
}

static void
clear (PlDistinctState *state)
{
  pl_group_lookup_clear (&state->lookup);
  pl_group_table_free (state->table);
  pl_store_free (state->store);
  pl_leased_free (g_steal_pointer (&state->rows));
  state->capacity = 0;
}

PlDistinctState *
pl_distinct_state_new (const PlDistinct *config)
{
  PlDistinctState *state = g_new0 (PlDistinctState, 1);
  state->config = config;
  fill (state);
  return state;
}

void
pl_distinct_state_free (PlDistinctState *state)
{
  if (state == NULL)
    return;
  clear (state);
  pl_spill_free (state->spill);
  g_free (state);
}

void
pl_distinct_state_renew (PlDistinctState *state)
{
  clear (state);
  fill (state);
}
