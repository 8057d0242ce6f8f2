/* Reads groups as rows: aggregates are finalised when their rows are read, on whichever worker reads them. */
#include "rows.h"
#include "merged.h"
#include "order.h"
#include "../../pipeline/base/show.h"
#include "../../pipeline/keys/decode.h"
#include "../../pipeline/table/print.h"
#include "../../pipeline/expression/evaluate.h"

#define AHEAD 8 /* rows that keys are fetched ahead */

/* Of a key in a message. */
#define SHOWN_BYTES 40

/* The groups of a batch, those of one state together. */
typedef struct
{
  const guint64 *ids;
  gsize n;
  guint32 *addresses; /* state by state */
  guint32 *rows;      /* … and which rows of the batch they are */
  guint32 *order;     /* per row: where it is among @addresses; NULL: all are of one state, in order */
  gsize *ends;        /* per state */
} Picked;

static void
pick_groups (const PlGroupRows *rows, const guint64 *ids, gsize n, PlArena *arena, Picked *picked)
{
  gsize *next = pl_arena_alloc0 (arena, (rows->n_states + 1) * sizeof *next);
  *picked = (Picked){.ids = ids, .n = n, .ends = next};
  picked->addresses = pl_arena_new_array (arena, guint32, n);
  picked->rows = pl_arena_new_array (arena, guint32, n);
  picked->order = rows->n_states > 1 ? pl_arena_new_array (arena, guint32, n) : NULL;
  for (gsize i = 0; i < n; i++)
    next[(ids[i] >> 32) + 1]++;
  for (guint s = 0; s < rows->n_states; s++)
    next[s + 1] += next[s];
  for (gsize i = 0; i < n; i++)
    {
      const gsize at = next[ids[i] >> 32]++;
      picked->addresses[at] = (guint32) (ids[i] * rows->states[ids[i] >> 32]->table->stride);
      picked->rows[at] = (guint32) i;
      if (picked->order != NULL)
        picked->order[i] = (guint32) at;
    }
}

/* Returns: (transfer full): which group row @row of @batch is of, its keys being known. */
static char *
name_group (const PlGroupConfig *config, const PlBatch *batch, gsize row)
{
  g_autoptr (GString) name = g_string_new (config->keys->len > 0 ? "the group " : NULL);
  for (guint k = 0; k < config->keys->len; k++)
    {
      g_auto (PlBuffer) text = PL_BUFFER_INIT;
      const PlColumn *key = batch->columns[k];
      pl_print_value (&text, key, row);
      g_autofree char *shown = pl_show_some (text.data, text.length, SHOWN_BYTES);
      g_string_append_printf (name, "%s%s = %s", k > 0 ? ", " : "", config->output->fields[k].name,
                              pl_column_is_null (key, row) ? "null" : shown);
    }
  g_string_append_printf (name, "%s%s", config->keys->len > 0 ? " of " : "", config->label);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* Finalises one aggregate, state by state; of several failures the first row's counts. */
static PlColumn *
finalize_call (PlGroupRows *rows, guint index, const Picked *picked, PlBatch *batch, GError **error)
{
  const PlGroupCall *use = &g_array_index (rows->config->calls, PlGroupCall, index);
  const PlAggregateCall *call = use->call;
  const gsize width = pl_type_width (call->result);
  PlColumn *column = pl_column_new (batch->arena, call->result, picked->n);
  GError *first = NULL;
  gsize failed_row = G_MAXSIZE, start = 0;
  pl_column_add_nulls (column, batch->arena, picked->n);
  for (guint s = 0; s < rows->n_states; s++)
    {
      guint8 *states = pl_group_states (rows->states[s], use);
      const guint32 *addresses = picked->addresses + start;
      const gsize n = picked->ends[s] - start;
      gsize failed = 0;
      GError *own = NULL;
      PlColumn part = *column;
      part.nulls += start;
      if (part.values != NULL)
        part.values = (guint8 *) part.values + start * width;
      if (n > 0 && !call->aggregate->finalize (call, states, addresses, n, &part, batch->arena, &failed, &own))
        {
          const gsize row = picked->rows[start + failed];
          GError *later = row < failed_row ? first : own;
          first = row < failed_row ? own : first;
          failed_row = MIN (failed_row, row);
          g_clear_error (&later);
        }
      start = picked->ends[s];
    }
  if (first == NULL)
    return picked->order == NULL ? column : pl_column_gather (column, picked->order, picked->n, batch->arena);
  g_autofree char *name = name_group (rows->config, batch, failed_row);
  pl_batch_fail (batch, failed_row, error, first->domain, first->code, "%s: %s", name, first->message);
  g_error_free (first);
  return NULL;
}

/* Copies of the keys, one after the other: they come from all over the memory and are read field by field. */
static const guint64 **
copy_keys (const PlGroupRows *rows, const guint64 *ids, gsize n, PlArena *arena)
{
  const guint n_words = pl_group_rows_layout (rows)->n_words;
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  guint64 *copies = pl_arena_new_array (arena, guint64, n * MAX (n_words, 1));
  for (gsize i = 0; i < n; i++)
    {
      const guint64 ahead = ids[MIN (i + AHEAD, n - 1)], *key = pl_group_rows_key (rows, ids[i]);
      pl_group_prefetch (rows->states[ahead >> 32]->table, (guint32) ahead);
      guint64 *copy = copies + i * n_words;
      for (guint word = 0; word < n_words; word++)
        copy[word] = key[word];
      keys[i] = copy;
    }
  return keys;
}

/* Fills @batch with the groups @ids: the output columns, and behind them, where its schema has them, every aggregate's
 * own. */
static gboolean
read_groups (PlGroupRows *rows, const guint64 *ids, gsize n, PlBatch *batch, GError **error)
{
  const PlGroupConfig *config = rows->config;
  const guint n_keys = config->keys->len;
  const gboolean hidden = batch->schema != config->output;
  PlBatch inner = *batch;
  inner.schema = config->inner;
  inner.n_rows = batch->n_rows = n;
  inner.columns = pl_arena_new_array (batch->arena, PlColumn *, config->inner->n_fields);
  Picked picked;
  pick_groups (rows, ids, n, batch->arena, &picked);
  const guint64 **keys = n_keys > 0 ? copy_keys (rows, ids, n, batch->arena) : NULL;
  for (guint k = 0; k < n_keys; k++)
    batch->columns[k] = inner.columns[k] = pl_keys_decode (pl_group_rows_layout (rows), k, keys, n, batch->arena);
  for (guint c = 0; c < config->calls->len; c++)
    {
      PlColumn *column = finalize_call (rows, c, &picked, batch, error);
      if (column == NULL)
        return FALSE;
      inner.columns[n_keys + c] = column;
      if (hidden)
        batch->columns[config->output->n_fields + c] = column;
    }
  for (guint o = 0; o < config->outputs->len; o++)
    {
      PlColumn *column = pl_expression_evaluate (config->outputs->pdata[o], &inner, error);
      if (column == NULL)
        {
          batch->failed_row = inner.failed_row;
          return FALSE;
        }
      batch->columns[n_keys + o] = inner.columns[n_keys + config->calls->len + o] = column;
    }
  return TRUE;
}

static gboolean
group_rows_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  PlGroupRows *rows = (PlGroupRows *) self;
  guint64 first;
  n = pl_piece_advance (piece, rows->ids.n, n, &first);
  return read_groups (rows, pl_group_rows_ids (rows, first, n, batch->arena), n, batch, error);
}

/* Groups are finalised for the condition, those that do not meet it, too. */
static gboolean
group_rows_next_having (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  PlGroupRows *rows = (PlGroupRows *) self;
  PlBatch shown;
  gsize n_kept = 0;
  guint64 first;
  n = pl_piece_advance (piece, rows->ids.n, n, &first);
  pl_batch_init (&shown, rows->config->shown, batch->arena);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, n);
  if (!read_groups (rows, pl_group_rows_ids (rows, first, n, batch->arena), n, &shown, error)
      || !pl_expression_select (rows->config->having, &shown, kept, &n_kept, error))
    {
      batch->failed_row = shown.failed_row;
      return FALSE;
    }
  memcpy (batch->columns, shown.columns, self->schema->n_fields * sizeof *batch->columns);
  batch->n_rows = n;
  if (n_kept < n)
    pl_batch_select (batch, kept, n_kept);
  batch->offsets = NULL;
  return TRUE;
}

static void
group_rows_free (PlRows *self)
{
  PlGroupRows *rows = (PlGroupRows *) self;
  for (guint s = 0; s < rows->n_states; s++)
    pl_group_state_free (rows->states[s]);
  g_free (rows->states);
  pl_group_ids_clear (&rows->ids);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_group_rows_new (const PlGroupConfig *config, PlGroupState **states, guint n_states, PlParallel *parallel)
{
  PlGroupRows *rows = g_new0 (PlGroupRows, 1);
  rows->config = config;
  rows->states = states;
  rows->n_states = n_states;
  pl_group_rows_merge (rows, parallel);
  pl_group_rows_order (rows, parallel);
  rows->rows = (PlRows){
      .schema = pl_schema_ref (config->output),
      .n_rows = config->having == NULL ? rows->ids.n : PL_ROWS_UNKNOWN,
      .n_pieces = pl_rows_pieces (rows->ids.n),
      .next = config->having == NULL ? group_rows_next : group_rows_next_having,
      .free = group_rows_free,
  };
  return &rows->rows;
}
