/* Reads groups as rows: aggregates are finalised when their rows are read, on whichever worker reads them. */
#include "rows.h"
#include "merged.h"
#include "order.h"
#include "results.h"
#include "../../pipeline/keys/decode.h"

#define AHEAD 8 /* rows that keys are fetched ahead */

static void
pick_groups (const PlGroupRows *rows, const guint64 *ids, gsize n, PlArena *arena, PlGroupPicked *picked)
{
  gsize *next = pl_arena_alloc0 (arena, (rows->n_states + 1) * sizeof *next);
  guint32 *addresses = pl_arena_new_array (arena, guint32, n), *batch_rows = pl_arena_new_array (arena, guint32, n);
  guint32 *order = rows->n_states > 1 ? pl_arena_new_array (arena, guint32, n) : NULL;
  guint8 **payloads = pl_arena_new_array (arena, guint8 *, rows->n_states);
  for (guint s = 0; s < rows->n_states; s++)
    payloads[s] = (guint8 *) pl_group_table_payloads (rows->states[s]->table);
  for (gsize i = 0; i < n; i++)
    next[(ids[i] >> 32) + 1]++;
  for (guint s = 0; s < rows->n_states; s++)
    next[s + 1] += next[s];
  for (gsize i = 0; i < n; i++)
    {
      const gsize at = next[ids[i] >> 32]++;
      addresses[at] = (guint32) (ids[i] * rows->states[ids[i] >> 32]->table->stride);
      batch_rows[at] = (guint32) i;
      if (order != NULL)
        order[i] = (guint32) at;
    }
  *picked = (PlGroupPicked){.n = n,
                            .n_arrays = rows->n_states,
                            .payloads = payloads,
                            .addresses = addresses,
                            .rows = batch_rows,
                            .order = order,
                            .ends = next};
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

static gboolean
group_rows_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  PlGroupRows *rows = (PlGroupRows *) self;
  const guint n_keys = rows->config->keys->len;
  PlArena *arena = batch->arena;
  PlGroupPicked picked;
  guint64 first;
  n = pl_piece_advance (piece, rows->ids.n, n, &first);
  const guint64 *ids = pl_group_rows_ids (rows, first, n, arena);
  pick_groups (rows, ids, n, arena, &picked);
  const guint64 **keys = n_keys > 0 ? copy_keys (rows, ids, n, arena) : NULL;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_keys);
  for (guint k = 0; k < n_keys; k++)
    columns[k] = pl_keys_decode (pl_group_rows_layout (rows), k, keys, n, arena);
  picked.keys = columns;
  return pl_group_results_put (rows->config, &picked, batch, error);
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
      .next = group_rows_next,
      .free = group_rows_free,
  };
  return &rows->rows;
}
