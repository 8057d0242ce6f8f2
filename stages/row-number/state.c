/* See state.h. */
#include "state.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/memory/big-array.h"

static void
fill (PlNumberState *state)
{
  const PlRowGroups *grouping = &state->config->grouping;
  state->table = pl_group_table_new (grouping->layout, 0);
  pl_group_lookup_init (&state->lookup, state->table, grouping->terms);
  state->store = pl_sourced_store (&state->config->sourced);
}

static void
clear (PlNumberState *state)
{
  pl_group_lookup_clear (&state->lookup);
  pl_group_table_free (state->table);
  pl_store_free (state->store);
  pl_big_free (g_steal_pointer (&state->groups), state->capacity * sizeof *state->groups);
  state->capacity = 0;
}

PlNumberState *
pl_number_state_new (const PlNumbering *config)
{
  PlNumberState *state = g_new0 (PlNumberState, 1);
  state->config = config;
  fill (state);
  return state;
}

void
pl_number_state_free (PlNumberState *state)
{
  if (state == NULL)
    return;
  clear (state);
  pl_spill_free (state->spill);
  g_free (state);
}

void
pl_number_state_renew (PlNumberState *state)
{
  clear (state);
  fill (state);
}

gboolean
pl_numbers_fit (const PlNumbering *config, guint64 most, GError **error)
{
  if (most == 0 || config->start <= 0 || most - 1 <= (guint64) (G_MAXINT64 - config->start))
    return TRUE;
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
               "%" G_GUINT64_FORMAT " rows numbered from %" G_GINT64_FORMAT
               " on pass 9223372036854775807, the greatest int; choose a lower 'start'",
               most, config->start);
  return FALSE;
}
