/* See spilled.h. */
#include "spilled.h"
#include "gather.h"
#include "placed.h"
#include "results.h"
#include "spill.h"
#include "values.h"

typedef struct
{
  PlRows rows;
  const PlGroupConfig *config;
  PlKeyLayout *layout; /* to which the keys of all groups have come */
  PlSpillOrder *order;
} SpilledRows;

/* A piece that is being read. */
typedef struct
{
  PlGroupGather *gather;
  const PlGathered *groups; /* (nullable): at hand */
  gsize next;               /* of these */
} Reading;

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  PlSpillMerge *merge = pl_spill_merge_open (rows->order, piece->index, error);
  if (merge == NULL)
    return FALSE;
  Reading *reading = g_new0 (Reading, 1);
  reading->gather = pl_group_gather_new (rows->config, rows->layout, merge, rows->config->order != PL_GROUPS_BY_KEY);
  piece->data = reading;
  return TRUE;
}

static void
spilled_close (G_GNUC_UNUSED PlRows *self, PlPiece *piece)
{
  Reading *reading = piece->data;
  pl_group_gather_free (reading->gather);
  g_free (reading);
}

/* The next @n of the groups at hand. */
static gboolean
put_groups (const PlGroupConfig *config, const Reading *reading, gsize n, PlBatch *batch, GError **error)
{
  const PlGathered *groups = reading->groups;
  guint32 *rows = pl_arena_new_array (batch->arena, guint32, n);
  guint8 *payloads = groups->payloads;
  for (gsize i = 0; i < n; i++)
    rows[i] = (guint32) i;
  PlColumn **known;
  batch->failed_row = 0;
  if (!pl_group_gather_known (reading->gather, &known, batch->arena, error))
    return FALSE;
  const PlGroupPicked picked = {.n = n,
                                .n_arrays = 1,
                                .payloads = &payloads,
                                .addresses = groups->addresses + reading->next,
                                .rows = rows,
                                .ends = &n,
                                .known = known,
                                .keys = pl_group_gather_keys (reading->gather, reading->next, n, batch->arena, error)};
  return picked.keys != NULL && pl_group_results_put (config, &picked, batch, error);
}

static gboolean
spilled_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const PlGroupConfig *config = ((const SpilledRows *) self)->config;
  Reading *reading = piece->data;
  if (reading->groups == NULL || reading->next == reading->groups->n)
    {
      reading->groups = pl_group_gather_next (reading->gather, error);
      reading->next = 0;
      batch->failed_row = 0;
      if (reading->groups == NULL)
        return FALSE;
    }
  n = MIN (n, reading->groups->n - reading->next);
  if (!put_groups (config, reading, n, batch, error))
    return FALSE;
  reading->next += n;
  piece->ended = reading->next == reading->groups->n && pl_group_gather_is_done (reading->gather);
  return TRUE;
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_spill_order_free (rows->order);
  pl_key_layout_free (rows->layout);
  pl_schema_unref (self->schema);
  g_free (rows);
}

/* @layout, @order: (transfer full) */
static PlRows *
rows_new (const PlGroupConfig *config, PlKeyLayout *layout, PlSpillOrder *order)
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
  rows->layout = layout;
  rows->order = order;
  return &rows->rows;
}

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  PlGroupState *state = state_data;
  return pl_group_state_spill (state, error) ? g_steal_pointer (&state->spill) : NULL;
}

/* The layout that all keys have come to: tables keep theirs when they are emptied. */
static PlKeyLayout *
join_layouts (PlGroupState *const *states, guint n_states)
{
  PlKeyLayout *layout = pl_key_layout_copy (states[0]->table->layout);
  for (guint s = 1; s < n_states; s++)
    pl_key_layout_join (layout, states[s]->table->layout);
  return layout;
}

PlRows *
pl_group_rows_spilled (const PlGroupConfig *config, PlGroupState *const *states, guint n_states, PlParallel *parallel,
                       GError **error)
{
  const gboolean by_key = config->order == PL_GROUPS_BY_KEY;
  GPtrArray *spills = pl_spill_rest (spill_rest, (gpointer const *) states, n_states, parallel, error);
  PlSpillOrder *order = spills != NULL ? pl_spill_order_new (spills, by_key ? PL_SPILL_PIECE : PL_GROUP_TASK_BYTES,
                                                             pl_group_values_cut, error)
                                       : NULL;
  if (order == NULL)
    return NULL;
  PlKeyLayout *layout = join_layouts (states, n_states);
  if (!by_key)
    {
      PlSpillOrder *by_place = pl_group_order_by_place (config, layout, order, parallel, error);
      pl_spill_order_free (order);
      order = by_place;
    }
  if (order != NULL)
    return rows_new (config, layout, order);
  pl_key_layout_free (layout);
  return NULL;
}
