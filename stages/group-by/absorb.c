/* group-by: one state takes in another at once, for the main process, which gets the states of its worker processes
 * piece by piece.
 *
 * Keys of the other are looked up like those of a batch; unlike in groups/merge.c they are copied, so that the other
 * can go. */
#include "absorb.h"
#include "../../pipeline/groups/find.h"
#include "../../pipeline/groups/table.h"

static void
combine_groups (PlGroupState *into, PlGroupState *from, const guint32 *groups, gsize first, gsize n)
{
  const PlGroupConfig *config = into->config;
  guint32 into_addresses[PL_BATCH_ROWS], from_addresses[PL_BATCH_ROWS];
  pl_group_addresses (into, groups, 0, n, into_addresses);
  pl_group_addresses (from, NULL, (guint32) first, n, from_addresses);
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      use->call->aggregate->combine (use->call, pl_group_states (into, use), into_addresses,
                                     pl_group_states (from, use), from_addresses, n);
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize i = 0; i < n; i++)
      into->first[groups[i]] = MIN (into->first[groups[i]], from->first[first + i]);
}

gboolean
pl_group_state_absorb (PlGroupState *into, PlGroupState *from)
{
  gsize n_groups = from->table->n_groups;
  guint32 groups[PL_BATCH_ROWS];
  if (n_groups + into->table->n_groups >= G_MAXUINT32)
    return FALSE;
  pl_group_table_unify ((PlGroupTable *[]){into->table, from->table}, 2, pl_parallel_serial ());
  if ((n_groups + into->table->n_groups) * into->table->stride > G_MAXUINT32)
    return FALSE;
  for (gsize first = 0, n; (n = pl_group_table_next (from->table, &first)) > 0; first += n)
    {
      pl_group_table_find_keys (into->table, from->table, first, n, groups);
      pl_group_state_extend (into);
      combine_groups (into, from, groups, first, n);
    }
  return TRUE;
}

void
pl_group_state_unscatter (PlGroupState *state)
{
  if (state->table->scatter == NULL)
    return;
  PlGroupState *fresh = pl_group_state_new (state->config);
  gboolean absorbed = pl_group_state_absorb (fresh, state);
  g_assert (absorbed);
  PlGroupState old = *state;
  *state = *fresh;
  *fresh = old;
  state->was_scattered = TRUE;
  pl_group_state_free (fresh);
}
