/* The right input: a worker keeps the rows whose columns are taken, each with the group of its key. Where memory is low
 * they go to disk, and the index that they become says so (disk.h). */
#include "build.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/base/lease.h"
#include "../../pipeline/groups/keyed-rows.h"
#include "../../pipeline/keys/terms.h"
#include "config.h"
#include "index.h"
#include "sides.h"

typedef struct
{
  PlJoin *join; /* (unowned) */
  PlKeyedRows rows;
  PlSpill *spill; /* (nullable): rows that are on disk; */
  PlSpill *loose; /* (nullable): those that have no key */
} BuildState;

/* ---- configuration ---- */

/* What is kept of a row: what is wanted of it, and where keys must be unique, its place. */
static void
build_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  PlJoin *join = ((PlJoinPart *) data)->join;
  const guint n = join->right->n_fields;
  g_clear_pointer (&join->stored, pl_schema_unref);
  g_free (join->uses);
  join->stored = pl_schema_new ();
  join->uses = g_new0 (guint8, n + 3);
  for (guint i = 0; i < n; i++)
    {
      pl_schema_add_like (join->stored, join->right->fields[i].name, &join->right->fields[i]);
      join->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i];
    }
  if (join->is_unique[1])
    {
      pl_schema_add (join->stored, "", PL_TYPE (PL_STRING));
      pl_schema_add (join->stored, "", PL_TYPE (PL_STRING));
      join->uses[n] = join->uses[n + 1] = PL_USE_VALUE;
    }
  pl_terms_require (join->keys[1], input_uses);
}

/* ---- one worker ---- */

static gpointer
build_state_new (gconstpointer data)
{
  BuildState *state = g_new0 (BuildState, 1);
  state->join = ((const PlJoinPart *) data)->join;
  pl_keyed_rows_init (&state->rows, state->join->layout, pl_join_store (state->join));
  return state;
}

static void
build_state_free (gpointer data)
{
  BuildState *state = data;
  if (state == NULL)
    return;
  pl_keyed_rows_clear (&state->rows);
  pl_spill_free (state->spill);
  pl_spill_free (state->loose);
  g_free (state);
}

/* Which rows are kept: those that can be found, or that go on alone; none where only keys matter. Returns: how many. */
static gsize
choose_rows (const PlJoin *join, const guint32 *groups, gsize n, guint32 *kept)
{
  const gboolean keeps_all = pl_join_has_rest (join) || join->how == PL_JOIN_CROSS;
  gsize n_kept = 0;
  if (pl_join_is_test (join) && !join->is_unique[1])
    return 0;
  for (gsize i = 0; i < n; i++)
    {
      kept[n_kept] = (guint32) i;
      n_kept += groups[i] != PL_NO_GROUP || keeps_all;
    }
  return n_kept;
}

static gboolean
keep_rows (BuildState *state, PlBatch *batch, const guint32 *groups, GError **error)
{
  const PlJoin *join = state->join;
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows + 1);
  const gsize n_kept = choose_rows (join, groups, batch->n_rows, kept);
  PlBatch stored;
  if (n_kept == 0)
    return TRUE;
  pl_batch_copy (&stored, batch);
  pl_batch_settle (&stored);
  if (join->is_unique[1] && !pl_join_add_places (join, 1, &stored, batch, join->stored, error))
    return FALSE;
  pl_keyed_rows_append (&state->rows, &stored, kept, n_kept, groups);
  return TRUE;
}

static gboolean
build_consume (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  BuildState *state = state_data;
  const PlJoin *join = state->join;
  guint32 *groups = pl_arena_new_array (batch->arena, guint32, batch->n_rows + 1);
  if (batch->n_rows == 0)
    return TRUE;
  memset (groups, 0xff, batch->n_rows * sizeof *groups);
  if (join->how != PL_JOIN_CROSS)
    {
      guint8 *usable;
      PlColumn **keys = pl_join_keys (join, 1, batch, &usable, error);
      if (keys == NULL)
        return FALSE;
      if (!pl_keyed_rows_has_room (&state->rows, batch->n_rows))
        return pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
      pl_keyed_rows_find (&state->rows, keys, usable, batch->n_rows, groups, batch->arena);
    }
  return keep_rows (state, batch, groups, error);
}

static void
build_save (G_GNUC_UNUSED gconstpointer data, gpointer state, PlBuffer *buffer)
{
  pl_keyed_rows_save (&((BuildState *) state)->rows, buffer);
}

static gpointer
build_load (gconstpointer data, PlCursor *cursor)
{
  BuildState *state = build_state_new (data);
  if (pl_keyed_rows_load (&state->rows, cursor))
    return state;
  build_state_free (state);
  return NULL;
}

static gboolean
build_merge (G_GNUC_UNUSED gconstpointer data, gpointer into, gpointer from)
{
  return pl_keyed_rows_merge (&((BuildState *) into)->rows, &((BuildState *) from)->rows);
}

/* ---- to the disk ---- */

static gboolean
build_spill (G_GNUC_UNUSED gconstpointer data, gpointer state_data, GError **error)
{
  BuildState *state = state_data;
  const gboolean ok = pl_join_spill (&state->rows, PL_JOIN_ROWS, &state->spill, error)
                      && pl_join_spill_loose (&state->rows, TRUE, &state->loose, error);
  pl_keyed_rows_clear (&state->rows);
  pl_keyed_rows_init (&state->rows, state->join->layout, pl_join_store (state->join));
  return ok;
}

static gboolean
has_spilled (const BuildState *state)
{
  return state->spill != NULL || state->loose != NULL;
}

/* Whether the copies that worker processes would get do not fit into half of what there is for these: together they
 * have half as much as the main process (pl_run_room()). */
static gboolean
is_too_large (const PlJoin *join)
{
  const PlLease *lease = pl_lease_current ();
  if (join->n_copies == 0 || lease == NULL || lease->all == NULL || lease->all->low <= 0)
    return FALSE;
  const gint64 room = lease->all->low / 2 * 5;
  return __atomic_load_n (&lease->held, __ATOMIC_RELAXED) > room / 4 / (gint64) join->n_copies;
}

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  BuildState *state = state_data;
  return build_spill (NULL, state, error) ? g_steal_pointer (&state->spill) : NULL;
}

/* All of it goes to disk. */
static PlRows *
finish_spilled (PlJoin *join, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  GPtrArray *rows = pl_spill_rest (spill_rest, states, n_states, parallel, error);
  if (rows == NULL)
    return NULL;
  GPtrArray *loose = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  for (guint s = 0; s < n_states; s++)
    if (((BuildState *) states[s])->loose != NULL)
      g_ptr_array_add (loose, g_steal_pointer (&((BuildState *) states[s])->loose));
  /* Of a cross join no row has a key, and all of them are asked. */
  const gboolean is_cross = join->how == PL_JOIN_CROSS;
  return pl_join_index_on_disk (join, is_cross ? loose : rows, is_cross ? rows : loose, parallel, error);
}

/* ---- all workers ---- */

static PlRows *
build_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  PlJoin *join = ((const PlJoinPart *) data)->join;
  gboolean is_on_disk = is_too_large (join);
  for (guint s = 0; s < n_states; s++)
    is_on_disk |= has_spilled (states[s]);
  if (is_on_disk)
    return finish_spilled (join, states, n_states, parallel, error);
  g_autofree PlKeyedRows *sides = g_new (PlKeyedRows, n_states);
  for (guint s = 0; s < n_states; s++)
    {
      BuildState *state = states[s];
      sides[s] = state->rows;
      state->rows = (PlKeyedRows){0};
    }
  PlRows *index = pl_join_index_new (join, sides, n_states, parallel, error);
  for (guint s = 0; s < n_states; s++)
    pl_keyed_rows_clear (&sides[s]);
  return index;
}

const PlStage pl_stage_join_build = {
    .name = "join",
    .summary = "Keeps the rows of the right input for a join",
    .takes_slices = TRUE,
    .rows = PL_ROWS_ASKED,
    .config_free = pl_join_part_free,
    .require = build_require,
    .state_new = build_state_new,
    .state_free = build_state_free,
    .reduce = &(const PlReduceStage){.consume = build_consume,
                                     .spill = build_spill,
                                     .save = build_save,
                                     .load = build_load,
                                     .merge = build_merge,
                                     .finish = build_finish},
};
