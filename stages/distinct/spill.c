/* See spill.h. */
#include "spill.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/sorting/in-order-spill.h"

#define STEP 1024 /* rows that are written at a time */

/* ---- by key ---- */

static void
set_row (PlSpillEntry *entry, const PlStore *store, guint64 row)
{
  const PlRecord *record = pl_store_record (store, row);
  entry->place = record->position;
  /* Rows of one position, which one row of the input was made into, stand side by side in one store. */
  entry->sub = row;
  entry->data = (const guint8 *) record;
  entry->data_length = record->n_words * (guint32) sizeof (guint64);
  entry->flag = TRUE;
}

static gboolean
put_rows (const PlDistinctState *state, const PlSortItem *items, GError **error)
{
  const guint64 n_groups = state->table->n_groups;
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 first = 0; first < n_groups; first += STEP)
    {
      const gsize n = MIN (n_groups - first, STEP);
      pl_arena_reset (arena);
      guint64 *ids = pl_arena_new_array (arena, guint64, n);
      for (gsize i = 0; i < n; i++)
        ids[i] = items[first + i].id;
      PlColumn **columns = pl_group_keys_of (&state->table, ids, n, arena);
      const PlText *keys = pl_sort_keys (columns, NULL, state->table->layout->n_fields, NULL, n, 0, arena);
      for (gsize i = 0; i < n; i++)
        {
          PlSpillEntry entry = {0};
          pl_spill_entry_key (&entry, keys[i].data, keys[i].length);
          set_row (&entry, state->store, state->rows[ids[i]]);
          if (!pl_spill_put (state->spill, &entry, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
pl_distinct_spill (PlDistinctState *state, GError **error)
{
  const guint64 n = state->table->n_groups;
  if (n == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  pl_leased_auto PlSortItem *items = pl_sort_items_new (n);
  for (guint64 group = 0; group < n; group++)
    items[group].id = group;
  pl_group_order_keys (&state->table, items, n, pl_parallel_serial ());
  const gboolean ok
      = pl_spill_begin (state->spill, error) && put_rows (state, items, error) && pl_spill_end (state->spill, error);
  pl_distinct_state_renew (state);
  return ok;
}

/* ---- one row of each key ---- */

/* An entry that outlives the step behind it. */
typedef struct
{
  PlSpillEntry entry;
  PlBuffer rest, data;
} Candidate;

static void
take_candidate (Candidate *candidate, const PlSpillEntry *entry)
{
  candidate->rest.length = candidate->data.length = 0;
  pl_buffer_append (&candidate->rest, entry->rest, entry->rest_length);
  pl_buffer_append (&candidate->data, entry->data, entry->data_length);
  candidate->entry = *entry;
  candidate->entry.rest = (const guint8 *) candidate->rest.data;
  candidate->entry.data = (const guint8 *) candidate->data.data;
}

static gboolean
take_rows (PlSpillMerge *merge, PlSpillSorter *sorter, gpointer data, GError **error)
{
  const PlDistinct *config = data;
  Candidate candidate = {{0}, PL_BUFFER_INIT, PL_BUFFER_INIT};
  const PlSpillEntry *entry;
  gboolean ok = TRUE, any = FALSE;
  while (ok && (entry = pl_spill_merge_peek (merge)) != NULL)
    {
      const gboolean is_same = any && pl_spill_same_key (entry, &candidate.entry);
      if (any && !is_same)
        ok = pl_in_order_put (sorter, &candidate.entry, 0, error);
      if (!is_same || config->last)
        take_candidate (&candidate, entry);
      any = TRUE;
      ok = ok && pl_spill_merge_step (merge, error);
    }
  ok = ok && (!any || pl_in_order_put (sorter, &candidate.entry, 0, error));
  pl_buffer_clear (&candidate.rest);
  pl_buffer_clear (&candidate.data);
  return ok;
}

/* ---- all of it ---- */

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  PlDistinctState *state = state_data;
  return pl_distinct_spill (state, error) ? g_steal_pointer (&state->spill) : NULL;
}

PlRows *
pl_distinct_rows_spilled (const PlDistinct *config, PlDistinctState *const *states, guint n_states,
                          PlParallel *parallel, GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, (gpointer const *) states, n_states, parallel, error);
  PlSpillOrder *order
      = spills != NULL ? pl_in_order_take (spills, take_rows, (gpointer) config, parallel, error) : NULL;
  const PlRowGroups *grouping = &config->grouping;
  return order != NULL ? pl_in_order_rows_spilled (grouping->schema, grouping->uses, order) : NULL;
}
