/* See keys.h. */
#include "keys.h"
#include "../../pipeline/base/error.h"
#include "answer.h"
#include "index.h"
#include "sides.h"

typedef struct
{
  const PlJoin *join;
  PlSchema *nothing; /* of rows of which only the position is kept */
  PlKeyedRows rows;
  PlSpill *spill; /* (nullable) */
} KeysState;

static gpointer
keys_state_new (gconstpointer data)
{
  KeysState *state = g_new0 (KeysState, 1);
  state->join = ((const PlJoinPart *) data)->join;
  state->nothing = pl_schema_new ();
  pl_keyed_rows_init (&state->rows, state->join->layout, pl_store_new (state->nothing, NULL));
  return state;
}

static void
keys_state_free (gpointer data)
{
  KeysState *state = data;
  if (state == NULL)
    return;
  pl_keyed_rows_clear (&state->rows);
  pl_spill_free (state->spill);
  pl_schema_unref (state->nothing);
  g_free (state);
}

static gboolean
keys_consume (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  KeysState *state = state_data;
  guint8 *usable;
  gsize n_kept = 0;
  PlBatch positions;
  if (batch->n_rows == 0)
    return TRUE;
  PlColumn **keys = pl_join_keys (state->join, 0, batch, &usable, error);
  if (keys == NULL)
    return FALSE;
  if (!pl_keyed_rows_has_room (&state->rows, batch->n_rows))
    return pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
  guint32 *groups = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows + 1);
  pl_keyed_rows_find (&state->rows, keys, usable, batch->n_rows, groups, batch->arena);
  for (gsize i = 0; i < batch->n_rows; i++)
    {
      kept[n_kept] = (guint32) i;
      n_kept += usable[i] != 0;
    }
  pl_batch_copy (&positions, batch);
  positions.schema = state->nothing;
  pl_keyed_rows_append (&state->rows, &positions, kept, n_kept, groups);
  return TRUE;
}

static gboolean
keys_spill (G_GNUC_UNUSED gconstpointer data, gpointer state_data, GError **error)
{
  KeysState *state = state_data;
  const gboolean ok = pl_join_spill (&state->rows, PL_JOIN_POSITIONS, &state->spill, error);
  pl_keyed_rows_clear (&state->rows);
  pl_keyed_rows_init (&state->rows, state->join->layout, pl_store_new (state->nothing, NULL));
  return ok;
}

static PlSpill *
spill_rest (gpointer state, GError **error)
{
  return keys_spill (NULL, state, error) ? g_steal_pointer (&((KeysState *) state)->spill) : NULL;
}

gboolean
pl_join_keys_answer (PlRows *rows, gpointer const *states, guint n_states, guint64 bound, const GError *failure,
                     PlParallel *parallel, GError **error)
{
  PlJoinDisk *disk = pl_join_index (rows)->disk;
  pl_join_disk_forget (disk);
  g_autoptr (GPtrArray) lefts = pl_spill_rest (spill_rest, states, n_states, parallel, error);
  if (lefts == NULL || !pl_join_disk_answer (disk, lefts, parallel, error))
    return FALSE;
  disk->bound = bound;
  disk->failure = failure != NULL ? g_error_copy (failure) : NULL;
  return TRUE;
}

const PlStage pl_stage_join_keys = {
    .name = "join",
    .summary = "Gathers the keys of the left input for a join",
    .takes_slices = TRUE,
    .rows = PL_ROWS_ASKED,
    .state_new = keys_state_new,
    .state_free = keys_state_free,
    .reduce = &(const PlReduceStage){.consume = keys_consume, .spill = keys_spill},
};
