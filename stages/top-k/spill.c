/* See spill.h. */
#include "spill.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/spill/window.h"
#include "candidates.h"

/* ---- to the disk ---- */

/* The key is a row's whole key without its tail. */
static gboolean
put_rows (const PlTopState *state, const PlSortItem *items, guint64 n, GError **error)
{
  const gsize key_offset = pl_store_key_offset (state->heaps.store);
  for (guint64 i = 0; i < n; i++)
    {
      const PlRecord *record = items[i].record;
      PlSpillEntry entry = {.place = record->position,
                            .sub = i,
                            .data = (const guint8 *) record,
                            .data_length = record->n_words * (guint32) sizeof (guint64),
                            .flag = TRUE};
      pl_spill_entry_key (&entry, (const guint8 *) record + key_offset, record->key_length - (guint32) PL_TOP_KEY_TAIL);
      if (!pl_spill_put (state->spill, &entry, error))
        return FALSE;
    }
  return TRUE;
}

/* Where all rows are one group: what comes from now on is wanted only where it ranks before the last one that is on
 * disk and wanted. */
static gboolean
find_cutoff (const PlTopState *state, guint64 *cutoff, GError **error)
{
  GPtrArray *spills = g_ptr_array_new ();
  g_auto (PlBuffer) rest = PL_BUFFER_INIT;
  PlSpillEntry entry;
  g_ptr_array_add (spills, state->spill);
  g_autoptr (PlSpillOrder) order = pl_spill_order_look (spills);
  if (state->config->grouping.terms->len > 0 || pl_spill_order_entries (order) < state->config->k)
    return TRUE;
  if (!pl_spill_order_nth (order, state->config->k - 1, &rest, &entry, error))
    return FALSE;
  *cutoff = entry.prefix;
  return TRUE;
}

gboolean
pl_top_spill (PlTopState *state, GError **error)
{
  guint64 n, cutoff = state->heaps.cutoff;
  pl_leased_auto PlSortItem *items = pl_top_candidates (&state, 1, pl_parallel_serial (), &n);
  if (n == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  const gboolean ok = pl_spill_begin (state->spill, error) && put_rows (state, items, n, error)
                      && pl_spill_end (state->spill, error) && find_cutoff (state, &cutoff, error);
  pl_top_state_renew (state);
  state->heaps.cutoff = cutoff;
  return ok;
}

/* ---- and back ---- */

typedef struct
{
  PlRows rows;
  guint64 k;
  PlSpillOrder *order;
  PlStore *store; /* empty: it knows the parts of records */
  gsize key_offset;
} SpilledRows;

/* A piece that is being read. */
typedef struct
{
  PlSpillMerge *merge;
  PlBuffer record; /* the last one */
  guint64 rank;    /* its rank in its group */
} Reading;

static void
reading_free (Reading *reading)
{
  pl_spill_merge_close (reading->merge);
  pl_buffer_clear (&reading->record);
  g_free (reading);
}

static void
set_record (Reading *reading, const PlSpillEntry *entry)
{
  reading->record.length = 0;
  pl_buffer_append (&reading->record, entry->data, entry->data_length);
}

/* A piece may begin anywhere in a group. */
static gboolean
find_rank (const SpilledRows *rows, Reading *reading, GError **error)
{
  const PlSpillEntry *entry = pl_spill_merge_peek (reading->merge);
  PlSpillEntry start = {0};
  guint64 before;
  guint32 length;
  if (entry == NULL)
    return TRUE;
  set_record (reading, entry);
  const guint8 *group = pl_top_group_of (entry->data, rows->key_offset, &length);
  /* Ranks stand behind the group's key, so nothing of the group is before it. */
  pl_spill_entry_key (&start, group, length);
  if (!pl_spill_order_count (rows->order, &start, &before, error))
    return FALSE;
  /* The first step makes it that of the first row. */
  reading->rank = pl_spill_merge_before (reading->merge) - before - 1;
  return TRUE;
}

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  PlSpillMerge *merge = pl_spill_merge_open (rows->order, piece->index, error);
  if (merge == NULL)
    return FALSE;
  Reading *reading = g_new (Reading, 1);
  *reading = (Reading){merge, PL_BUFFER_INIT, 0};
  piece->data = reading;
  if (find_rank (rows, reading, error))
    return TRUE;
  reading_free (reading);
  return FALSE;
}

static void
spilled_close (G_GNUC_UNUSED PlRows *self, PlPiece *piece)
{
  reading_free (piece->data);
}

/* Returns: whether the row of @entry, which comes next, is one of the first of its group. */
static gboolean
is_wanted (const SpilledRows *rows, Reading *reading, const PlSpillEntry *entry)
{
  if (pl_top_same_group (reading->record.data, entry->data, rows->key_offset))
    reading->rank++;
  else
    {
      set_record (reading, entry);
      reading->rank = 0;
    }
  return reading->rank < rows->k;
}

static gboolean
spilled_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  Reading *reading = piece->data;
  const PlRecord **records = pl_arena_new_array (batch->arena, const PlRecord *, n);
  const PlSpillEntry *entry;
  gsize n_rows = 0;
  for (gsize i = 0; i < n && (entry = pl_spill_merge_peek (reading->merge)) != NULL; i++)
    {
      if (is_wanted (rows, reading, entry))
        {
          const gsize room = MAX (entry->data_length, sizeof (PlRecord));
          records[n_rows++] = memcpy (pl_arena_alloc (batch->arena, room), entry->data, entry->data_length);
        }
      if (!pl_spill_merge_step (reading->merge, error))
        {
          batch->failed_row = 0;
          return FALSE;
        }
    }
  pl_store_gather (rows->store, records, n_rows, batch);
  piece->ended = pl_spill_merge_peek (reading->merge) == NULL;
  return TRUE;
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_spill_order_free (rows->order);
  pl_store_free (rows->store);
  pl_schema_unref (self->schema);
  g_free (rows);
}

static PlRows *
rows_new (const PlTop *config, PlSpillOrder *order)
{
  SpilledRows *rows = g_new0 (SpilledRows, 1);
  rows->rows = (PlRows){.schema = pl_schema_ref (config->grouping.schema),
                        .n_rows = PL_ROWS_UNKNOWN,
                        .n_pieces = pl_spill_order_pieces (order),
                        .open = spilled_open,
                        .next = spilled_next,
                        .close = spilled_close,
                        .free = spilled_free};
  rows->k = config->k;
  rows->order = order;
  rows->store = pl_store_new (config->grouping.schema, config->grouping.uses);
  rows->key_offset = pl_store_key_offset (rows->store);
  return &rows->rows;
}

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  PlTopState *state = state_data;
  return pl_top_spill (state, error) ? g_steal_pointer (&state->spill) : NULL;
}

PlRows *
pl_top_rows_spilled (const PlTop *config, PlTopState *const *states, guint n_states, PlParallel *parallel,
                     GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, (gpointer const *) states, n_states, parallel, error);
  g_autoptr (PlSpillOrder) order = spills != NULL ? pl_spill_order_new (spills, PL_SPILL_PIECE, NULL, error) : NULL;
  if (order == NULL)
    return NULL;
  /* Of one group only the first pieces have rows that are wanted. */
  if (config->grouping.terms->len == 0
      && !pl_spill_order_clip (order, 0, MIN (config->k, pl_spill_order_entries (order)), error))
    return NULL;
  return rows_new (config, g_steal_pointer (&order));
}
