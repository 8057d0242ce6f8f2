/* See spill.h. */
#include "spill.h"
#include "../../pipeline/base/lease.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/keys/comparable.h"
#include "order.h"
#include "values.h"

#define STEP 1024 /* groups that are written at a time */
#define AHEAD 8   /* of them: states that are fetched ahead */

/* Bytes of a state, from which on its values go to disk one by one. */
#define MOST_BYTES ((guint64) 64 << 10)
#define LEAST_BYTES ((guint64) 64)
#define FEW_RUNS 32

/* A run on its way. */
typedef struct
{
  PlGroupState *state;
  guint64 most;          /* bytes of a state from which on its values go to disk one by one */
  PlValueTotals *totals; /* per owner: of the group at hand; size 0: its state is not as large */
  guint8 *empty;         /* a state of no rows, of any owner that grows: all zero */
  PlBuffer buffer;
} Spilling;

/* States become the smaller the more runs there are, because a group's are combined in memory. */
static guint64
most_bytes (const PlGroupState *state)
{
  const PlLease *lease = pl_lease_current ();
  const gint64 worth = lease != NULL && lease->all != NULL && lease->all->worth > 0 ? lease->all->worth : G_MAXINT64;
  const guint64 most = MIN ((guint64) worth / 64, MOST_BYTES) / (1 + pl_spill_runs (state->spill)->len / FEW_RUNS);
  return MAX (most, LEAST_BYTES);
}

/* Returns: whether some state of @group is large. */
static gboolean
measure_group (Spilling *spilling, const guint8 *payload)
{
  const GArray *owners = spilling->state->config->owners;
  gboolean any = FALSE;
  for (guint c = 0; c < owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (owners, PlGroupCall, c);
      const PlAggregateValues *values = use->call->aggregate->values;
      PlValueTotals totals = {0};
      if (values != NULL && values->measure != NULL)
        values->measure (use->call, payload + use->offset, &totals);
      spilling->totals[c] = totals.size > spilling->most ? totals : (PlValueTotals){0};
      any |= spilling->totals[c].size > 0;
    }
  return any;
}

/* The states of a group, and behind them of those that are large: the owner's number, and how much there is. */
static void
save_group (Spilling *spilling, const guint8 *payload)
{
  const GArray *owners = spilling->state->config->owners;
  const gboolean is_large = spilling->state->config->grows && measure_group (spilling, payload);
  spilling->buffer.length = 0;
  for (guint c = 0; c < owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (owners, PlGroupCall, c);
      const gboolean is_empty = is_large && spilling->totals[c].size > 0;
      use->call->aggregate->save (use->call, is_empty ? spilling->empty : payload + use->offset, &spilling->buffer);
    }
  for (guint c = 0; is_large && c < owners->len; c++)
    if (spilling->totals[c].size > 0)
      {
        pl_buffer_put_u32 (&spilling->buffer, c);
        pl_buffer_put_u64 (&spilling->buffer, spilling->totals[c].n);
        pl_buffer_put_u64 (&spilling->buffer, spilling->totals[c].bytes);
      }
}

static gboolean
put_group (Spilling *spilling, guint32 group, const PlText *key, GError **error)
{
  PlGroupState *state = spilling->state;
  guint8 *payload = (guint8 *) (pl_group_table_payloads (state->table) + group * state->table->stride);
  PlSpillEntry entry = {.place = state->first != NULL ? state->first[group] : 0};
  save_group (spilling, payload);
  pl_spill_entry_key (&entry, key->data, key->length);
  entry.data = (const guint8 *) spilling->buffer.data;
  entry.data_length = (guint32) spilling->buffer.length;
  gboolean ok = pl_spill_put (state->spill, &entry, error);
  for (guint c = 0; ok && state->config->grows && c < state->config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (state->config->owners, PlGroupCall, c);
      if (spilling->totals[c].size > 0)
        ok = pl_group_values_put (state->config, c, key, payload + use->offset, state->spill, error);
    }
  return ok;
}

static gboolean
put_groups (const PlGroupRows *rows, GError **error)
{
  PlGroupState *state = rows->states[0];
  g_autoptr (PlArena) arena = pl_arena_new ();
  g_autofree PlValueTotals *totals = g_new0 (PlValueTotals, rows->config->owners->len + 1);
  g_autofree guint8 *empty = g_malloc0 (rows->config->n_payload * PL_WORD + 1);
  Spilling spilling
      = {.state = state, .most = most_bytes (state), .totals = totals, .empty = empty, .buffer = PL_BUFFER_INIT};
  gboolean ok = TRUE;
  for (guint64 first = 0; first < rows->ids.n && ok; first += STEP)
    {
      const gsize n = MIN (rows->ids.n - first, STEP);
      pl_arena_reset (arena);
      const guint64 *ids = pl_group_rows_ids (rows, first, n, arena);
      PlColumn **columns = pl_group_keys_of (&state->table, ids, n, arena);
      const PlText *keys = pl_sort_keys (columns, NULL, rows->config->keys->len, NULL, n, 0, arena);
      for (gsize i = 0; i < n && ok; i++)
        {
          pl_group_prefetch (state->table, (guint32) ids[MIN (i + AHEAD, n - 1)]);
          ok = put_group (&spilling, (guint32) ids[i], &keys[i], error);
        }
    }
  pl_buffer_clear (&spilling.buffer);
  return ok;
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
  const gboolean ok
      = pl_spill_begin (state->spill, error) && put_groups (&rows, error) && pl_spill_end (state->spill, error);
  pl_group_ids_clear (&rows.ids);
  pl_group_state_renew (state);
  return ok;
}
