/* See spill.h. */
#include "spill.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/sorting/in-order-spill.h"
#include "../../pipeline/sorting/in-order.h"

#define STEP 1024 /* groups whose keys are made at a time */

/* ---- by key ---- */

/* The rows of each group, one group behind the other in the order of keys, each group's as they came. */
typedef struct
{
  guint32 *groups; /* in that order */
  guint64 *ends;   /* of the i-th one: behind its last row */
  guint64 *rows;
} GroupedRows;

/* Returns: (transfer full): leased: the groups in the order of their keys. */
static guint32 *
order_groups (const PlNumberState *state)
{
  const guint64 n = state->table->n_groups;
  guint32 *groups = pl_leased (g_new (guint32, n + 1));
  pl_leased_auto PlSortItem *items = pl_sort_items_new (n);
  for (guint64 group = 0; group < n; group++)
    items[group].id = group;
  pl_group_order_keys (&state->table, items, n, pl_parallel_serial ());
  for (guint64 i = 0; i < n; i++)
    groups[i] = (guint32) items[i].id;
  return groups;
}

/* The state may be as large as there is room for: what is needed beside it is kept small. */
static void
group_rows (const PlNumberState *state, GroupedRows *grouped)
{
  const guint64 n_groups = state->table->n_groups, n = pl_store_n_rows (state->store);
  grouped->groups = order_groups (state);
  pl_leased_auto guint32 *ranks = pl_leased (g_new (guint32, n_groups + 1));
  pl_leased_auto guint64 *in_order = pl_in_order_is (state->store) ? NULL : pl_in_order_first (state->store, n);
  grouped->ends = pl_leased_new0 ((n_groups + 1) * sizeof *grouped->ends);
  grouped->rows = pl_leased (g_new (guint64, n + 1));
  for (guint64 i = 0; i < n_groups; i++)
    ranks[grouped->groups[i]] = (guint32) i;
  /* Each one's start stands where its end is going to be once its rows are there. */
  for (guint64 row = 0; row < n; row++)
    grouped->ends[ranks[state->groups[row]] + 1]++;
  for (guint64 i = 0; i < n_groups; i++)
    grouped->ends[i + 1] += grouped->ends[i];
  for (guint64 i = 0; i < n; i++)
    {
      const guint64 row = in_order != NULL ? in_order[i] : i;
      grouped->rows[grouped->ends[ranks[state->groups[row]]]++] = row;
    }
}

static gboolean
put_group (const PlNumberState *state, PlText key, const guint64 *rows, guint64 n, GError **error)
{
  PlSpillEntry entry = {.flag = TRUE};
  pl_spill_entry_key (&entry, key.data, key.length);
  for (guint64 i = 0; i < n; i++)
    {
      const PlRecord *record = pl_store_record (state->store, rows[i]);
      entry.place = record->position;
      /* Rows of one position, which one row of the input was made into, stand side by side in one store. */
      entry.sub = rows[i];
      entry.data = (const guint8 *) record;
      entry.data_length = record->n_words * (guint32) sizeof (guint64);
      if (!pl_spill_put (state->spill, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_groups (const PlNumberState *state, const GroupedRows *grouped, GError **error)
{
  const guint64 n_groups = state->table->n_groups;
  g_autoptr (PlArena) arena = pl_arena_new ();
  guint64 start = 0;
  for (guint64 first = 0; first < n_groups; first += STEP)
    {
      const gsize n = MIN (n_groups - first, STEP);
      pl_arena_reset (arena);
      guint64 *ids = pl_arena_new_array (arena, guint64, n);
      for (gsize i = 0; i < n; i++)
        ids[i] = grouped->groups[first + i];
      PlColumn **columns = pl_group_keys_of (&state->table, ids, n, arena);
      const PlText *keys = pl_sort_keys (columns, NULL, state->table->layout->n_fields, NULL, n, 0, arena);
      for (gsize i = 0; i < n; i++)
        {
          const guint64 end = grouped->ends[first + i];
          if (!put_group (state, keys[i], grouped->rows + start, end - start, error))
            return FALSE;
          start = end;
        }
    }
  return TRUE;
}

static gboolean
spill_by_key (PlNumberState *state, GError **error)
{
  GroupedRows grouped;
  group_rows (state, &grouped);
  const gboolean ok = pl_spill_begin (state->spill, error) && put_groups (state, &grouped, error)
                      && pl_spill_end (state->spill, error);
  pl_leased_free (grouped.groups);
  pl_leased_free (grouped.ends);
  pl_leased_free (grouped.rows);
  return ok;
}

gboolean
pl_number_spill (PlNumberState *state, GError **error)
{
  if (pl_store_n_rows (state->store) == 0)
    return TRUE;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  const gboolean ok = pl_numbering_has_groups (state->config)
                          ? spill_by_key (state, error)
                          : pl_in_order_spill (state->store, NULL, state->spill, error);
  state->n_spilled += pl_store_n_rows (state->store);
  pl_number_state_renew (state);
  return ok;
}

/* ---- rows are counted ---- */

/* The key of the entries at hand, and how many of them there have been. */
typedef struct
{
  PlSpillEntry key;
  PlBuffer rest;
  guint64 n;
} Count;

static void
count_entry (Count *count, const PlSpillEntry *entry)
{
  if (count->n > 0 && pl_spill_same_key (entry, &count->key))
    {
      count->n++;
      return;
    }
  count->rest.length = 0;
  pl_buffer_append (&count->rest, entry->rest, entry->rest_length);
  count->key = *entry;
  count->key.rest = (const guint8 *) count->rest.data;
  count->n = 1;
}

/* Raises *@most, which several threads do, to @n. */
static void
raise_most (guint64 *most, guint64 n)
{
  guint64 known = __atomic_load_n (most, __ATOMIC_RELAXED);
  while (n > known && !__atomic_compare_exchange_n (most, &known, n, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    ;
}

/* A row's note is how many of its key stand before it. */
static gboolean
take_rows (PlSpillMerge *merge, PlSpillSorter *sorter, gpointer most_of_all, GError **error)
{
  Count count = {{0}, PL_BUFFER_INIT, 0};
  const PlSpillEntry *entry;
  guint64 most = 0;
  gboolean ok = TRUE;
  while (ok && (entry = pl_spill_merge_peek (merge)) != NULL)
    {
      count_entry (&count, entry);
      most = MAX (most, count.n);
      ok = pl_in_order_put (sorter, entry, count.n - 1, error) && pl_spill_merge_step (merge, error);
    }
  pl_buffer_clear (&count.rest);
  raise_most (most_of_all, most);
  return ok;
}

/* ---- and back ---- */

typedef struct
{
  PlRows rows;
  PlRows *kept;
  const PlNumbering *config;
} SpilledRows;

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  return pl_piece_open (((SpilledRows *) self)->kept, piece->index, piece, error);
}

static void
spilled_close (PlRows *self, PlPiece *piece)
{
  pl_piece_close (((SpilledRows *) self)->kept, piece);
}

static gboolean
spilled_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const SpilledRows *rows = (const SpilledRows *) self;
  const guint n_fields = self->schema->n_fields - 1;
  const guint64 first = piece->next;
  guint64 *notes = pl_arena_new_array (batch->arena, guint64, n);
  PlBatch wide;
  pl_batch_init (&wide, rows->kept->schema, batch->arena);
  if (!pl_in_order_next (rows->kept, piece, n, &wide, notes, error))
    {
      batch->failed_row = wide.failed_row;
      return FALSE;
    }
  pl_sourced_split (&wide, batch);
  PlColumn *column = batch->columns[n_fields] = pl_column_new (batch->arena, PL_TYPE (PL_INT), wide.n_rows);
  const gboolean has_groups = pl_numbering_has_groups (rows->config);
  for (gsize i = 0; i < wide.n_rows; i++)
    column->ints[i] = (gint64) ((guint64) rows->config->start + (has_groups ? notes[i] : first + i));
  return TRUE;
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_rows_free (rows->kept);
  pl_schema_unref (self->schema);
  g_free (rows);
}

static PlRows *
rows_new (const PlNumbering *config, PlSpillOrder *order)
{
  const PlSourced *sourced = &config->sourced;
  SpilledRows *rows = g_new0 (SpilledRows, 1);
  rows->rows = (PlRows){.schema = pl_schema_ref (config->output),
                        .n_rows = pl_spill_order_entries (order),
                        .pieces_vary = TRUE,
                        .n_pieces = pl_spill_order_pieces (order),
                        .open = spilled_open,
                        .next = spilled_next,
                        .close = spilled_close,
                        .free = spilled_free};
  rows->kept = pl_in_order_rows_spilled (sourced->stored, sourced->uses, order);
  rows->config = config;
  return &rows->rows;
}

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  PlNumberState *state = state_data;
  return pl_number_spill (state, error) ? g_steal_pointer (&state->spill) : NULL;
}

PlRows *
pl_number_rows_spilled (const PlNumbering *config, PlNumberState *const *states, guint n_states, PlParallel *parallel,
                        GError **error)
{
  guint64 n = 0, most = 0;
  for (guint s = 0; s < n_states; s++)
    n += states[s]->n_rows;
  GPtrArray *spills = pl_spill_rest (spill_rest, (gpointer const *) states, n_states, parallel, error);
  if (spills == NULL)
    return NULL;
  const gboolean has_groups = pl_numbering_has_groups (config);
  g_autoptr (PlSpillOrder) order = has_groups ? pl_in_order_take (spills, take_rows, &most, parallel, error)
                                              : pl_spill_order_new (spills, PL_SPILL_PIECE, NULL, error);
  if (order == NULL || !pl_numbers_fit (config, has_groups ? most : n, error))
    return NULL;
  return rows_new (config, g_steal_pointer (&order));
}
