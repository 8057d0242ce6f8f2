/* The left input: each row asks the index for those of the right one with its key.
 *
 * Rows become batches of the output in their order, each row's matches in the order of the right input. The rows that
 * are made of one stand in one batch, or begin one where they are too many (PlMapStage.expand). */
#include "ask.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/sorting/in-order.h"
#include "answers.h"
#include "index.h"
#include "output.h"
#include "sides.h"
#include "unique.h"

typedef struct
{
  const PlJoin *join;
  const PlJoinIndex *index; /* NULL in a state that has been loaded */
  PlGroupAsker asker;
  guint8 *found;         /* (nullable): a bit a group: where it matters whether somebody has found it */
  gsize n_bytes;         /* of it */
  PlKeyedRows *left;     /* (nullable): keys of the left input, with their places: where they must be unique; */
  PlSpill *spill;        /* (nullable): those that are on disk */
  PlJoinAnswers answers; /* where the index is on disk */
} AskState;

/* ---- the state ---- */

static PlStore *
store_of_places (const PlJoin *join)
{
  static const guint8 uses[] = {PL_USE_VALUE, PL_USE_VALUE};
  return pl_store_new (join->places, uses);
}

gpointer
pl_join_ask_new (const PlJoin *join)
{
  AskState *state = g_new0 (AskState, 1);
  state->join = join;
  if (!join->is_unique[0])
    return state;
  state->left = g_new0 (PlKeyedRows, 1);
  pl_keyed_rows_init (state->left, join->layout, store_of_places (join));
  return state;
}

void
pl_join_ask_free (gpointer data)
{
  AskState *state = data;
  if (state == NULL)
    return;
  pl_group_asker_clear (&state->asker);
  pl_leased_free (state->found);
  if (state->left != NULL)
    pl_keyed_rows_clear (state->left);
  g_free (state->left);
  pl_spill_free (state->spill);
  pl_join_answers_clear (&state->answers);
  g_free (state);
}

static void
ask_attach (gpointer data, PlRows *rows)
{
  AskState *state = data;
  const PlJoinIndex *index = state->index = pl_join_index (rows);
  if (index->keys != NULL)
    pl_group_asker_init (&state->asker, index->keys);
  if (index->disk != NULL)
    pl_join_answers_init (&state->answers, index->disk, index->null);
  if (index->disk != NULL || !pl_join_has_rest (state->join))
    return;
  state->n_bytes = index->n_groups / 8 + 1;
  state->found = pl_leased_new0 (state->n_bytes);
}

/* ---- what is noted ---- */

static void
ask_merge (gpointer into_data, gconstpointer from_data)
{
  AskState *into = into_data;
  const AskState *from = from_data;
  for (gsize i = 0; i < MIN (into->n_bytes, from->n_bytes); i++)
    into->found[i] |= from->found[i];
  if (into->left != NULL)
    pl_keyed_rows_merge (into->left, from->left);
}

static void
ask_save (gconstpointer data, PlBuffer *buffer)
{
  const AskState *state = data;
  pl_buffer_put_u64 (buffer, state->n_bytes);
  if (state->n_bytes > 0)
    pl_buffer_append (buffer, state->found, state->n_bytes);
  if (state->left != NULL)
    pl_keyed_rows_save (state->left, buffer);
}

static gpointer
ask_load (gconstpointer data, PlCursor *cursor)
{
  AskState *state = pl_join_ask_new (((const PlJoinPart *) data)->join);
  const guint64 n_bytes = pl_cursor_get_u64 (cursor);
  const void *found = n_bytes > 0 ? pl_cursor_get_raw (cursor, n_bytes) : NULL;
  if (found != NULL)
    {
      state->n_bytes = n_bytes;
      state->found = pl_leased_new0 (n_bytes);
      memcpy (state->found, found, n_bytes);
    }
  if (!cursor->failed && (state->left == NULL || pl_keyed_rows_load (state->left, cursor)))
    return state;
  pl_join_ask_free (state);
  return NULL;
}

static gboolean
ask_spill (gpointer data, GError **error)
{
  AskState *state = data;
  if (state->left == NULL)
    return TRUE;
  const gboolean ok = pl_join_spill (state->left, PL_JOIN_ROWS, &state->spill, error);
  pl_keyed_rows_clear (state->left);
  pl_keyed_rows_init (state->left, state->join->layout, store_of_places (state->join));
  return ok;
}

/* Whether the keys that have asked so far are unique, those of earlier segments among them. */
static gboolean
check_left (const PlJoinIndex *index, PlParallel *parallel, GError **error)
{
  const PlKeyedRows *left = index->left;
  guint64 n_items;
  pl_leased_auto PlSortItem *items = pl_in_order_all (&left->store, 1, &n_items, parallel);
  const PlJoinRows rows = {left->table->n_groups, &left->store, &left->groups, items, n_items};
  return pl_join_check_unique (index->join, 0, &rows, error);
}

/* Puts the keys of @state to those that have asked before it. */
static gboolean
leave_left (PlJoinIndex *index, AskState *state, GError **error)
{
  if (index->left == NULL)
    index->left = g_steal_pointer (&state->left);
  else if (!pl_keyed_rows_merge (index->left, state->left))
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "[%s]: " PL_TOO_MANY_GROUPS, index->join->name);
      return FALSE;
    }
  return TRUE;
}

static PlSpill *
spill_rest (gpointer state, GError **error)
{
  return ask_spill (state, error) ? g_steal_pointer (&((AskState *) state)->spill) : NULL;
}

/* The same where some are on disk: all of them go there. */
static gboolean
leave_left_spilled (PlJoinIndex *index, gpointer const *states, guint n_states, PlParallel *parallel, GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, states, n_states, parallel, error);
  if (spills == NULL)
    return FALSE;
  if (index->lefts == NULL)
    index->lefts = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  g_ptr_array_extend_and_steal (index->lefts, spills);
  if (index->left != NULL)
    {
      PlSpill *spill = NULL;
      const gboolean ok = pl_join_spill (index->left, PL_JOIN_ROWS, &spill, error);
      pl_keyed_rows_clear (index->left);
      g_clear_pointer (&index->left, g_free);
      if (spill != NULL)
        g_ptr_array_add (index->lefts, spill);
      if (!ok)
        return FALSE;
    }
  return pl_join_check_unique_spilled (index->join, 0, index->lefts, parallel, error);
}

static gboolean
ask_leave (gpointer const *states, guint n_states, PlRows *rows, PlParallel *parallel, GError **error)
{
  PlJoinIndex *index = pl_join_index (rows);
  gboolean is_on_disk = index->lefts != NULL;
  for (guint s = 0; s < n_states; s++)
    {
      const AskState *state = states[s];
      for (gsize i = 0; i < MIN (state->n_bytes, index->n_groups / 8 + 1); i++)
        index->found[i] |= state->found[i];
      is_on_disk |= state->spill != NULL;
    }
  if (!index->join->is_unique[0])
    return TRUE;
  if (is_on_disk)
    return leave_left_spilled (index, states, n_states, parallel, error);
  for (guint s = 0; s < n_states; s++)
    if (!leave_left (index, states[s], error))
      return FALSE;
  return index->left == NULL || check_left (index, parallel, error);
}

static gboolean
ask_takes_notes (gconstpointer data)
{
  const PlJoin *join = ((const PlJoinPart *) data)->join;
  return pl_join_has_rest (join) || join->is_unique[0];
}

const PlAskStage pl_join_asking = {.attach = ask_attach,
                                   .takes_notes = ask_takes_notes,
                                   .leave = ask_leave,
                                   .spill = ask_spill,
                                   .save = ask_save,
                                   .load = ask_load,
                                   .merge = ask_merge};

/* Keeps the keys of the left input's rows, each with its place. */
static gboolean
note_keys (AskState *state, PlBatch *batch, PlColumn *const *keys, const guint8 *usable, GError **error)
{
  guint32 *groups = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows + 1);
  gsize n_kept = 0;
  PlBatch places;
  if (!pl_keyed_rows_has_room (state->left, batch->n_rows))
    return pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
  pl_keyed_rows_find (state->left, keys, usable, batch->n_rows, groups, batch->arena);
  for (gsize i = 0; i < batch->n_rows; i++)
    {
      kept[n_kept] = (guint32) i;
      n_kept += usable[i] != 0;
    }
  pl_batch_copy (&places, batch);
  if (!pl_join_add_places (state->join, 0, &places, batch, state->join->places, error))
    return FALSE;
  pl_keyed_rows_append (state->left, &places, kept, n_kept, groups);
  return TRUE;
}

static void
note_found (AskState *state, const guint32 *groups, gsize n)
{
  for (gsize i = 0; i < n && state->found != NULL; i++)
    if (groups[i] != PL_NO_GROUP)
      state->found[groups[i] >> 3] |= (guint8) (1 << (groups[i] & 7));
}

/* The keys of all rows, noted where they must be unique; NULL with an error. */
static PlColumn **
find_keys (AskState *state, PlBatch *batch, guint8 **usable, GError **error)
{
  PlColumn **keys = pl_join_keys (state->join, 0, batch, usable, error);
  return keys == NULL || (state->left != NULL && !note_keys (state, batch, keys, *usable, error)) ? NULL : keys;
}

/* The group of each row; NULL with an error. */
static guint32 *
find_groups (AskState *state, PlBatch *batch, GError **error)
{
  const PlJoinIndex *index = state->index;
  guint32 *groups = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  guint8 *usable;
  if (index->keys == NULL)
    {
      memset (groups, index->n_groups > 0 ? 0 : 0xff, batch->n_rows * sizeof *groups);
      return groups;
    }
  PlColumn **keys = find_keys (state, batch, &usable, error);
  if (keys == NULL)
    return NULL;
  pl_group_asker_find (&state->asker, keys, usable, batch->n_rows, groups, batch->arena);
  note_found (state, groups, batch->n_rows);
  return groups;
}

/* ---- the output ---- */

/* Rows that go on once or not at all. */
static gboolean
give_tested (PlJoinOutput *output, const guint32 *groups)
{
  const gboolean wanted = output->join->how == PL_JOIN_SEMI;
  for (gsize i = 0; i < output->batch->n_rows; i++)
    {
      output->rows[output->n] = (guint32) i;
      output->n += (groups[i] != PL_NO_GROUP) == wanted;
    }
  return pl_join_output_give (output);
}

static gboolean
give_matches (PlJoinOutput *output, const PlJoinIndex *index, const guint32 *groups)
{
  const PlGroupedRows *grouped = &index->grouped;
  const gboolean keeps_left = output->join->how == PL_JOIN_LEFT || output->join->how == PL_JOIN_FULL;
  for (gsize i = 0; i < output->batch->n_rows; i++)
    {
      const PlRecord *const *records = &index->null;
      guint64 n = keeps_left;
      if (groups[i] != PL_NO_GROUP)
        {
          const guint64 start = pl_grouped_rows_start (grouped, groups[i]);
          n = pl_grouped_rows_start (grouped, (guint64) groups[i] + 1) - start;
          records = grouped->records + start;
        }
      if (!pl_join_output_add (output, (guint32) i, records, n))
        return FALSE;
    }
  return pl_join_output_give (output);
}

/* The same of rows that have been answered before. */
static gboolean
ask_disk (AskState *state, PlBatch *batch, PlEmit *emit, GError **error)
{
  const PlJoinIndex *index = state->index;
  PlJoinOutput output;
  guint8 *usable;
  if (pl_join_disk_wants_keys (index->disk) && find_keys (state, batch, &usable, error) == NULL)
    return FALSE;
  return pl_join_output_init (&output, state->join, index->nulls, batch, emit, error)
         && pl_join_answers_check (&state->answers, batch, error)
         && pl_join_answers_give (&state->answers, &output, error);
}

gboolean
pl_join_ask (const PlJoin *join, gpointer data, PlBatch *batch, PlEmit *emit, GError **error)
{
  AskState *state = data;
  const PlJoinIndex *index = state->index;
  PlJoinOutput output;
  if (batch->n_rows == 0)
    return TRUE;
  if (index->disk != NULL)
    return ask_disk (state, batch, emit, error);
  const guint32 *groups = find_groups (state, batch, error);
  if (groups == NULL || !pl_join_output_init (&output, join, index->nulls, batch, emit, error))
    return FALSE;
  return pl_join_is_test (join) ? give_tested (&output, groups) : give_matches (&output, index, groups);
}
