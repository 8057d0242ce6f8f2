/* See spill.h. */
#include "spill.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/keys/comparable-decode.h"
#include "../../pipeline/keys/prefix.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/spill/merge.h"
#include "order.h"
#include "rows.h"

#define STEP 1024                        /* groups that are written at a time */
#define GATHERED_BYTES ((gsize) 4 << 20) /* of states, from which on no more groups are read at once */

gboolean
pl_group_can_spill (const PlGroupConfig *config)
{
  return config->order == PL_GROUPS_BY_KEY && config->keys->len > 0;
}

/* ---- to the disk ---- */

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
  pl_group_rows_order (&rows, pl_parallel_serial ());
  const gboolean ok = pl_spill_begin (state->spill, error) && put_groups (&rows, state->spill, error)
                      && pl_spill_end (state->spill, error);
  pl_group_ids_clear (&rows.ids);
  pl_group_state_renew (state);
  return ok;
}

/* ---- and back ---- */

typedef struct
{
  PlRows rows;
  const PlGroupConfig *config;
  PlSpillOrder *order;
} SpilledRows;

/* A group of one run. */
typedef struct
{
  PlText key, states;
  guint layer; /* how many runs before this one have the same key */
} Item;

/* A piece that is being read. */
typedef struct
{
  const PlGroupConfig *config;
  PlSpillMerge *merge;
  PlArena *arena;
  GArray *items;  /* of Item: the groups at hand */
  PlRows *groups; /* (nullable): the same as rows */
  PlPiece piece;  /* of these */
} Reading;

static PlText
keep (const guint8 *head, gsize n_head, const guint8 *data, gsize n, PlArena *arena)
{
  char *copy = pl_arena_alloc (arena, n_head + n + 1);
  if (n_head > 0)
    memcpy (copy, head, n_head);
  if (n > 0)
    memcpy (copy + n_head, data, n);
  return (PlText){.data = copy, .length = (guint32) (n_head + n)};
}

static Item
item_of (const PlSpillEntry *entry, guint layer, PlArena *arena)
{
  guint8 prefix[sizeof entry->prefix];
  pl_key_prefix_put (entry->prefix, prefix);
  return (Item){keep (prefix, sizeof prefix, entry->rest, entry->rest_length, arena),
                keep (NULL, 0, entry->data, entry->data_length, arena), layer};
}

/* Takes groups, all that there are of each key. Returns: how many layers they have; 0: there are none, or @error. */
static guint
take_items (Reading *reading, GError **error)
{
  const PlSpillEntry *entry;
  gsize n_keys = 0, bytes = 0;
  guint n_layers = 0;
  PlText last = {0};
  pl_arena_reset (reading->arena);
  g_array_set_size (reading->items, 0);
  while ((entry = pl_spill_merge_peek (reading->merge)) != NULL)
    {
      Item item = item_of (entry, 0, reading->arena);
      const gboolean is_same
          = n_keys > 0 && item.key.length == last.length && memcmp (item.key.data, last.data, last.length) == 0;
      if (!is_same && (n_keys == PL_BATCH_ROWS || bytes >= GATHERED_BYTES))
        return n_layers;
      if (is_same)
        item.layer = g_array_index (reading->items, Item, reading->items->len - 1).layer + 1;
      n_keys += !is_same;
      bytes += item.states.length;
      last = item.key;
      n_layers = MAX (n_layers, item.layer + 1);
      g_array_append_val (reading->items, item);
      if (!pl_spill_merge_step (reading->merge, error))
        return 0;
    }
  return n_layers;
}

static gboolean
load_group (PlGroupState *state, gsize group, const PlText *states)
{
  const gsize bytes = state->table->stride * PL_WORD;
  PlCursor cursor = {(const guint8 *) states->data, states->length, 0, FALSE};
  for (guint c = 0; c < state->config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (state->config->owners, PlGroupCall, c);
      if (!use->call->aggregate->load (use->call, pl_group_states (state, use) + group * bytes, &cursor)
          || cursor.failed)
        return FALSE;
    }
  return cursor.offset == cursor.length;
}

/* The groups of one layer: no two of them have the same key. Returns: (nullable): %NULL where they cannot be read. */
static PlGroupState *
make_state (const Reading *reading, guint layer)
{
  const PlGroupConfig *config = reading->config;
  PlArena *arena = reading->arena;
  PlText *keys = pl_arena_new_array (arena, PlText, PL_BATCH_ROWS),
         *states = pl_arena_new_array (arena, PlText, PL_BATCH_ROWS);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, config->keys->len);
  guint32 groups[PL_BATCH_ROWS];
  gsize n = 0;
  for (guint i = 0; i < reading->items->len; i++)
    {
      const Item *item = &g_array_index (reading->items, Item, i);
      if (item->layer != layer)
        continue;
      keys[n] = item->key;
      states[n++] = item->states;
    }
  for (guint k = 0; k < config->keys->len; k++)
    columns[k] = pl_column_new (arena, pl_expression_type (((PlTerm *) config->keys->pdata[k])->expression), n);
  if (!pl_sort_keys_decode (keys, n, columns, config->keys->len, arena))
    return NULL;
  PlGroupState *state = pl_group_state_new (config);
  pl_group_table_find (state->table, columns, n, groups, arena);
  pl_group_state_extend (state);
  gboolean ok = state->table->n_groups == n;
  for (gsize i = 0; ok && i < n; i++)
    ok = load_group (state, groups[i], &states[i]);
  if (!ok)
    g_clear_pointer (&state, pl_group_state_free);
  return state;
}

/* Makes the next groups ready. Returns: %FALSE with @error. */
static gboolean
gather (Reading *reading, GError **error)
{
  GError *failure = NULL;
  const guint n_layers = take_items (reading, &failure);
  PlGroupState **states = g_new0 (PlGroupState *, n_layers + 1);
  g_clear_pointer (&reading->groups, pl_rows_free);
  for (guint l = 0; l < n_layers && failure == NULL; l++)
    if ((states[l] = make_state (reading, l)) == NULL)
      failure = g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "groups that have been spilled cannot be read");
  if (failure == NULL)
    {
      reading->groups = pl_group_rows_new (reading->config, states, n_layers, pl_parallel_serial ());
      return reading->groups->n_pieces == 0 || pl_piece_open (reading->groups, 0, &reading->piece, error);
    }
  for (guint l = 0; l < n_layers; l++)
    pl_group_state_free (states[l]);
  g_free (states);
  g_propagate_error (error, failure);
  return FALSE;
}

static void
reading_free (Reading *reading)
{
  pl_spill_merge_close (reading->merge);
  g_clear_pointer (&reading->groups, pl_rows_free);
  g_array_unref (reading->items);
  pl_arena_free (reading->arena);
  g_free (reading);
}

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  PlSpillMerge *merge = pl_spill_merge_open (rows->order, piece->index, error);
  if (merge == NULL)
    return FALSE;
  Reading *reading = g_new0 (Reading, 1);
  *reading = (Reading){rows->config, merge, pl_arena_new (), g_array_new (FALSE, FALSE, sizeof (Item)), NULL, {0}};
  piece->data = reading;
  return TRUE;
}

static void
spilled_close (G_GNUC_UNUSED PlRows *self, PlPiece *piece)
{
  reading_free (piece->data);
}

static gboolean
spilled_next (G_GNUC_UNUSED PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  Reading *reading = piece->data;
  if ((reading->groups == NULL || reading->piece.ended) && !gather (reading, error))
    {
      batch->failed_row = 0;
      return FALSE;
    }
  if (reading->groups->n_pieces > 0 && !pl_piece_next (reading->groups, &reading->piece, n, batch, error))
    return FALSE;
  reading->piece.ended |= reading->groups->n_pieces == 0;
  piece->ended = reading->piece.ended && pl_spill_merge_peek (reading->merge) == NULL;
  return TRUE;
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_spill_order_free (rows->order);
  pl_schema_unref (self->schema);
  g_free (rows);
}

static PlRows *
rows_new (const PlGroupConfig *config, PlSpillOrder *order)
{
  SpilledRows *rows = g_new0 (SpilledRows, 1);
  rows->rows = (PlRows){.schema = pl_schema_ref (config->output),
                        .n_rows = PL_ROWS_UNKNOWN,
                        .n_pieces = pl_spill_order_pieces (order),
                        .open = spilled_open,
                        .next = spilled_next,
                        .close = spilled_close,
                        .free = spilled_free};
  rows->config = config;
  rows->order = order;
  return &rows->rows;
}

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  PlGroupState *state = state_data;
  return pl_group_state_spill (state, error) ? g_steal_pointer (&state->spill) : NULL;
}

PlRows *
pl_group_rows_spilled (const PlGroupConfig *config, PlGroupState *const *states, guint n_states, PlParallel *parallel,
                       GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, (gpointer const *) states, n_states, parallel, error);
  PlSpillOrder *order = spills != NULL ? pl_spill_order_new (spills, PL_SPILL_PIECE, TRUE, error) : NULL;
  return order != NULL ? rows_new (config, order) : NULL;
}
