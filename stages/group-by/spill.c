/* See spill.h. */
#include "spill.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/keys/comparable.h"
#include "order.h"

#define STEP 1024 /* groups that are written at a time */

static void
save_group (const PlGroupState *state, gsize group, PlBuffer *buffer)
{
  const gsize bytes = state->table->stride * PL_WORD;
  buffer->length = 0;
  for (guint c = 0; c < state->config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (state->config->owners, PlGroupCall, c);
      use->call->aggregate->save (use->call, pl_group_states (state, use) + group * bytes, buffer);
    }
}

static gboolean
put_groups (const PlGroupRows *rows, PlSpill *spill, GError **error)
{
  const PlGroupState *state = rows->states[0];
  g_autoptr (PlArena) arena = pl_arena_new ();
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  for (guint64 first = 0; first < rows->ids.n; first += STEP)
    {
      const gsize n = MIN (rows->ids.n - first, STEP);
      pl_arena_reset (arena);
      const guint64 *ids = pl_group_rows_ids (rows, first, n, arena);
      PlColumn **columns = pl_group_keys_of (&state->table, ids, n, arena);
      const PlText *keys = pl_sort_keys (columns, NULL, rows->config->keys->len, NULL, n, 0, arena);
      for (gsize i = 0; i < n; i++)
        {
          PlSpillEntry entry = {0};
          save_group (state, (guint32) ids[i], &buffer);
          pl_spill_entry_key (&entry, keys[i].data, keys[i].length);
          entry.place = state->first != NULL ? state->first[(guint32) ids[i]] : 0;
          entry.data = (const guint8 *) buffer.data;
          entry.data_length = (guint32) buffer.length;
          if (!pl_spill_put (spill, &entry, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
pl_group_state_spill (PlGroupState *state, GError **error)
{
  PlGroupRows rows = {.config = state->config, .states = &state, .n_states = 1};
  if (state->table->n_groups == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  pl_group_rows_merge (&rows, pl_parallel_serial ());
  pl_group_rows_order_keys (&rows, pl_parallel_serial ());
  const gboolean ok = pl_spill_begin (state->spill, error) && put_groups (&rows, state->spill, error)
                      && pl_spill_end (state->spill, error);
  pl_group_ids_clear (&rows.ids);
  pl_group_state_renew (state);
  return ok;
}
