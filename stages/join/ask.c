/* The left input: each row asks the index for those of the right one with its key.
 *
 * Rows become batches of the output in their order, each row's matches in the order of the right input. The rows that
 * are made of one stand in one batch, or begin one where they are too many (PlMapStage.expand). */
#include "ask.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/expression/widen.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/sorting/in-order.h"
#include "index.h"
#include "unique.h"

typedef struct
{
  const PlJoin *join;
  const PlJoinIndex *index; /* NULL in a state that has been loaded */
  PlGroupAsker asker;
  guint8 *found;     /* (nullable): a bit a group: where it matters whether somebody has found it */
  gsize n_bytes;     /* of it */
  PlKeyedRows *left; /* (nullable): keys of the left input, with their places: where they must be unique */
} AskState;

/* ---- the state ---- */

gpointer
pl_join_ask_new (const PlJoin *join)
{
  static const guint8 uses[] = {PL_USE_VALUE, PL_USE_VALUE};
  AskState *state = g_new0 (AskState, 1);
  state->join = join;
  if (!join->is_unique[0])
    return state;
  state->left = g_new0 (PlKeyedRows, 1);
  pl_keyed_rows_init (state->left, join->layout, pl_store_new (join->places, uses));
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
  g_free (state);
}

static void
ask_attach (gpointer data, PlRows *rows)
{
  AskState *state = data;
  const PlJoinIndex *index = state->index = pl_join_index (rows);
  if (index->keys != NULL)
    pl_group_asker_init (&state->asker, index->keys);
  if (!pl_join_has_rest (state->join))
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

/* Whether the keys that have asked so far are unique, those of earlier segments among them. */
static gboolean
check_left (const PlJoinIndex *index, PlParallel *parallel, GError **error)
{
  const PlKeyedRows *left = index->left;
  guint64 n_items;
  pl_leased_auto PlSortItem *items = pl_in_order_all (&left->store, 1, &n_items, parallel);
  const PlJoinRows rows = {left->table->n_groups, &left->store, &left->groups, items, n_items, index->join->places};
  return pl_join_check_unique (index->join, 0, &rows, error);
}

static gboolean
ask_leave (gpointer const *states, guint n_states, PlRows *rows, PlParallel *parallel, GError **error)
{
  PlJoinIndex *index = pl_join_index (rows);
  for (guint s = 0; s < n_states; s++)
    {
      AskState *state = states[s];
      for (gsize i = 0; i < MIN (state->n_bytes, index->n_groups / 8 + 1); i++)
        index->found[i] |= state->found[i];
      if (state->left == NULL)
        continue;
      if (index->left == NULL)
        index->left = g_steal_pointer (&state->left);
      else if (!pl_keyed_rows_merge (index->left, state->left))
        {
          g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "[%s]: " PL_TOO_MANY_GROUPS, index->join->name);
          return FALSE;
        }
    }
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
  PlColumn **keys = pl_join_keys (state->join, 0, batch, &usable, error);
  if (keys == NULL || (state->left != NULL && !note_keys (state, batch, keys, usable, error)))
    return NULL;
  pl_group_asker_find (&state->asker, keys, usable, batch->n_rows, groups, batch->arena);
  note_found (state, groups, batch->n_rows);
  return groups;
}

/* ---- the output ---- */

/* A batch of the output while it is put together. */
typedef struct
{
  AskState *state;
  PlBatch *batch;
  PlColumn **left; /* of the output, for all rows of the batch */
  PlEmit *emit;
  guint32 *rows;            /* of the batch, */
  const PlRecord **records; /* and what stands beside each */
  gsize n;
} Output;

/* Whether the keys that share a column with those of the right input are still the same in its type. */
static gboolean
check_wide (const PlJoin *join, PlBatch *batch, GError **error)
{
  PlMisfit misfit = {.row = G_MAXSIZE};
  if (join->how == PL_JOIN_RIGHT)
    return TRUE; /* Rows of the left input go on only beside one of the right, whose key is the same. */
  for (guint i = 0; i < join->left->n_fields; i++)
    if (join->filled[i] >= 0 && batch->columns[i] != NULL)
      pl_widen_seek (&misfit, batch, batch->columns[i], &join->left->fields[i], join->output->fields[i].type,
                     join->asks_uses[i]);
  return pl_widen_fail (batch, &misfit, error);
}

/* The left input's columns as they are in the output; NULL with an error. */
static PlColumn **
widen_left (const PlJoin *join, PlBatch *batch, GError **error)
{
  const guint n = join->left->n_fields;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, n + 1);
  if (!check_wide (join, batch, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      PlColumn *column = batch->columns[i];
      columns[i] = column;
      if (column == NULL || join->asks_uses[i] == PL_USE_NONE || join->filled[i] < 0)
        continue;
      columns[i] = pl_widen_column (column, join->output->fields[i].type, batch->n_rows, batch->arena);
      if (columns[i] != column && (join->asks_uses[i] & PL_USE_TEXT) && columns[i]->type.kind != PL_STRING
          && columns[i]->lexical == NULL)
        columns[i] = pl_widen_print (columns[i], column, batch->n_rows, batch->arena);
    }
  return columns;
}

/* Whether the output's rows are those of the batch, one for one. */
static gboolean
is_whole (const Output *output)
{
  guint32 difference = 0;
  if (output->n != output->batch->n_rows)
    return FALSE;
  for (gsize i = 0; i < output->n; i++)
    difference |= output->rows[i] ^ (guint32) i;
  return difference == 0;
}

static gboolean
give (Output *output)
{
  const PlJoin *join = output->state->join;
  const guint n_left = join->left->n_fields;
  PlArena *arena = output->emit->arena;
  PlBatch out;
  if (output->n == 0)
    return TRUE;
  const gboolean whole = is_whole (output);
  pl_batch_grow (&out, output->batch, join->output, output->rows, output->n, arena);
  for (guint i = 0; i < n_left; i++)
    if (output->left[i] != NULL && join->asks_uses[i] != PL_USE_NONE)
      out.columns[i] = whole ? output->left[i] : pl_column_gather (output->left[i], output->rows, output->n, arena);
  if (join->n_taken > 0)
    {
      PlBatch right;
      pl_batch_init (&right, join->stored, arena);
      pl_store_gather (output->state->index->nulls, output->records, output->n, &right);
      for (guint i = 0; i < join->n_taken; i++)
        out.columns[n_left + i] = right.columns[join->taken[i]];
    }
  output->n = 0;
  return output->emit->give (output->emit, &out);
}

/* Adds a row beside each of @n records. */
static gboolean
add_row (Output *output, guint32 row, const PlRecord *const *records, guint64 n)
{
  if (n > PL_BATCH_ROWS - output->n && !give (output))
    return FALSE;
  for (guint64 at = 0; at < n;)
    {
      const gsize part = MIN (n - at, PL_BATCH_ROWS - output->n);
      for (gsize i = 0; i < part; i++)
        {
          output->rows[output->n + i] = row;
          output->records[output->n + i] = records[at + i];
        }
      output->n += part;
      at += part;
      if (at < n && !give (output))
        return FALSE;
    }
  return TRUE;
}

/* Rows that go on once or not at all. */
static gboolean
give_tested (Output *output, const guint32 *groups)
{
  const gboolean wanted = output->state->join->how == PL_JOIN_SEMI;
  for (gsize i = 0; i < output->batch->n_rows; i++)
    {
      output->rows[output->n] = (guint32) i;
      output->n += (groups[i] != PL_NO_GROUP) == wanted;
    }
  return give (output);
}

static gboolean
give_matches (Output *output, const guint32 *groups)
{
  const PlJoinIndex *index = output->state->index;
  const PlGroupedRows *grouped = &index->grouped;
  const gboolean keeps_left = output->state->join->how == PL_JOIN_LEFT || output->state->join->how == PL_JOIN_FULL;
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
      if (!add_row (output, (guint32) i, records, n))
        return FALSE;
    }
  return give (output);
}

gboolean
pl_join_ask (const PlJoin *join, gpointer data, PlBatch *batch, PlEmit *emit, GError **error)
{
  AskState *state = data;
  if (batch->n_rows == 0)
    return TRUE;
  const guint32 *groups = find_groups (state, batch, error);
  PlColumn **left = groups != NULL ? widen_left (join, batch, error) : NULL;
  if (left == NULL)
    return FALSE;
  Output output = {.state = state, .batch = batch, .left = left, .emit = emit};
  output.rows = pl_arena_new_array (batch->arena, guint32, PL_BATCH_ROWS + 1);
  output.records = pl_arena_new_array (batch->arena, const PlRecord *, PL_BATCH_ROWS);
  return pl_join_is_test (join) ? give_tested (&output, groups) : give_matches (&output, groups);
}
