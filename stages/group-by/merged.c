/* The groups of all workers, put together: which groups are the same is found by ranges of hashes, all at once. Nothing
 * is moved: a group stays in the state of the first worker that has it, and the others' are combined into it. */
#include "merged.h"
#include "../../pipeline/groups/table.h"

#define STEP 512 /* groups that are combined at once: they stay in the cache */

static void
combine_groups (guint owner_index, guint source_index, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  PlGroupRows *rows = data;
  const PlGroupConfig *config = rows->config;
  PlGroupState *owner = rows->states[owner_index], *source = rows->states[source_index];
  guint32 into_addresses[STEP], from_addresses[STEP];
  for (gsize start = 0, count; start < n; start += count)
    {
      count = MIN (n - start, STEP);
      for (gsize i = start; i < start + count; i++)
        {
          pl_group_prefetch (owner->table, into[i]);
          pl_group_prefetch (source->table, from[i]);
        }
      pl_group_addresses (owner, into + start, 0, count, into_addresses);
      pl_group_addresses (source, from + start, 0, count, from_addresses);
      for (guint c = 0; c < config->owners->len; c++)
        {
          const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
          use->call->aggregate->combine (use->call, pl_group_states (owner, use), into_addresses,
                                         pl_group_states (source, use), from_addresses, count);
        }
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize i = 0; i < n; i++)
      owner->first[into[i]] = MIN (owner->first[into[i]], source->first[from[i]]);
}

PlGroupTable **
pl_group_rows_tables (const PlGroupRows *rows)
{
  PlGroupTable **tables = g_new (PlGroupTable *, rows->n_states);
  for (guint s = 0; s < rows->n_states; s++)
    tables[s] = rows->states[s]->table;
  return tables;
}

void
pl_group_rows_merge (PlGroupRows *rows, PlParallel *parallel)
{
  guint n_used = 0;
  /* States that saw nothing, out of the way. */
  for (guint s = 0; s < rows->n_states; s++)
    if (rows->states[s]->table->n_groups == 0)
      pl_group_state_free (rows->states[s]);
    else
      rows->states[n_used++] = rows->states[s];
  rows->n_states = n_used;
  if (n_used == 0)
    return;
  g_autofree PlGroupTable **tables = pl_group_rows_tables (rows);
  pl_group_table_unify (tables, n_used, parallel);
  pl_group_merge (tables, n_used, combine_groups, rows, parallel, &rows->ids);
}
