/* group-by: one state takes in another at once, for the main process, which gets the states of its worker processes piece by piece.
 *
 * Keys of the other are looked up like those of a batch; unlike in group-merge.c they are copied, so that the other can go. */
#include "group-by.h"

static void
combine_groups (PlGroupState *into, PlGroupState *from, const guint32 *groups, gsize first, gsize n)
{
  const PlGroupConfig *config = into->config;
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      call->aggregate->combine (call, into->states[c], groups, from->states[c] + first * call->state_size, NULL, n);
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize i = 0; i < n; i++)
      into->first[groups[i]] = MIN (into->first[groups[i]], from->first[first + i]);
}

gboolean
pl_group_state_absorb (PlGroupState *into, PlGroupState *from)
{
  gsize n_groups = from->table->n_groups;
  guint32 hashes[PL_BATCH_ROWS], groups[PL_BATCH_ROWS];
  if (n_groups + into->table->n_groups >= G_MAXUINT32)
    return FALSE;
  for (gsize first = 0, n; first < n_groups; first += n)
    {
      const guint64 *keys = pl_group_table_key (from->table, first);
      n = MIN (n_groups - first, PL_BATCH_ROWS);
      pl_keys_hash (into->config->layout, keys, n, hashes);
      pl_group_table_find (into->table, keys, hashes, n, groups);
      pl_group_state_extend (into);
      combine_groups (into, from, groups, first, n);
    }
  return TRUE;
}
