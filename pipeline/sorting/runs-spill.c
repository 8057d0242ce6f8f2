/* See runs-spill.h. */
#include "runs-spill.h"
#include "../memory/leased.h"
#include "key-pieces.h"
#include "order.h"
#include "runs-private.h"
#include "sorted-rows.h"
#include <stdlib.h>

#define STEP 1024 /* rows whose keys are made at a time */

/* Where the lines of a run stand in memory. */
typedef struct
{
  const char *start;
  guint64 position;
} Region;

typedef struct
{
  const PlSortShape *shape;
  PlSpill *spill;
  GArray *regions; /* of Region, by start */
  gsize key_offset;
  PlBuffer key;
} Spilling;

/* ---- to the disk ---- */

static gint
compare_regions (gconstpointer a, gconstpointer b)
{
  const char *x = ((const Region *) a)->start, *y = ((const Region *) b)->start;
  return x < y ? -1 : x > y;
}

static GArray *
find_regions (PlSortRuns *runs)
{
  const GArray *list = runs->list;
  GArray *regions = g_array_new (FALSE, FALSE, sizeof (Region));
  pl_sort_runs_close_open (runs);
  for (guint r = 0; r < list->len; r++)
    {
      const PlSortRun *run = &g_array_index (list, PlSortRun, r);
      const Region region = {run->start, run->position};
      if (run->are_lines)
        g_array_append_val (regions, region);
    }
  g_array_sort (regions, compare_regions);
  return regions;
}

/* The last region that starts at or before @line. */
static const Region *
region_of (const GArray *regions, const char *line)
{
  guint low = 0, high = regions->len;
  while (high - low > 1)
    {
      const guint middle = low + (high - low) / 2;
      if (g_array_index (regions, Region, middle).start <= line)
        low = middle;
      else
        high = middle;
    }
  return &g_array_index (regions, Region, low);
}

static void
set_key (Spilling *spilling, const PlText pieces[2], PlSpillEntry *entry)
{
  entry->rest = (const guint8 *) pieces[0].data;
  entry->rest_length = pieces[0].length;
  if (pieces[1].length == 0)
    return;
  spilling->key.length = 0;
  pl_buffer_append (&spilling->key, pieces[0].data, pieces[0].length);
  pl_buffer_append (&spilling->key, pieces[1].data, pieces[1].length);
  entry->rest = (const guint8 *) spilling->key.data;
  entry->rest_length = (guint32) spilling->key.length;
}

static void
set_row (const Spilling *spilling, guint64 address, PlSpillEntry *entry)
{
  entry->flag = (address & PL_SORT_IS_RECORD) != 0;
  if (entry->flag)
    {
      const PlRecord *record = pl_sort_record (address);
      entry->place = record->position;
      entry->data = (const guint8 *) record;
      entry->data_length = record->n_words * (guint32) sizeof (guint64);
      return;
    }
  gsize length;
  const char *line = pl_sort_line (address, &length);
  const Region *region = region_of (spilling->regions, line);
  entry->place = region->position;
  entry->sub = (guint64) (line - region->start);
  entry->data = (const guint8 *) line;
  entry->data_length = (guint32) length;
}

static gboolean
put_rows (Spilling *spilling, const guint64 *addresses, const guint64 *prefixes, guint64 n, GError **error)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 first = 0; first < n; first += STEP)
    {
      const gsize count = MIN (n - first, STEP);
      pl_arena_reset (arena);
      const PlText *tails = pl_sort_key_tails (spilling->shape, addresses + first, count, arena);
      for (gsize i = 0; i < count; i++)
        {
          PlSpillEntry entry = {.prefix = prefixes[first + i]};
          PlText pieces[2];
          pl_sort_key_pieces (spilling->shape, spilling->key_offset, addresses[first + i],
                              tails != NULL ? &tails[i] : NULL, pieces);
          set_key (spilling, pieces, &entry);
          set_row (spilling, addresses[first + i], &entry);
          if (!pl_spill_put (spilling->spill, &entry, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
pl_sort_runs_spill (PlSortRuns *runs, PlSpill *spill, GError **error)
{
  const PlSortShape *shape = runs->shape;
  const PlStore *store = runs->store;
  Spilling spilling
      = {shape, spill, find_regions (runs), store != NULL ? pl_store_key_offset (store) : 0, PL_BUFFER_INIT};
  guint64 n;
  pl_leased_auto guint64 *prefixes = NULL;
  pl_leased_auto guint64 *addresses = pl_sort_order (shape, &runs, 1, pl_parallel_serial (), &n, &prefixes);
  const gboolean ok = pl_spill_begin (spill, error) && put_rows (&spilling, addresses, prefixes, n, error)
                      && pl_spill_end (spill, error);
  g_array_unref (spilling.regions);
  pl_buffer_clear (&spilling.key);
  pl_sort_runs_empty (runs);
  return ok;
}

/* ---- and back ---- */

typedef struct
{
  PlRows rows;
  PlSpillOrder *order;
  PlSortReading reading;
  PlStore *store; /* empty: it knows the parts of records */
} SpilledRows;

static gboolean
spilled_open (PlRows *self, PlPiece *piece, GError **error)
{
  piece->data = pl_spill_merge_open (((SpilledRows *) self)->order, piece->index, error);
  return piece->data != NULL;
}

static void
spilled_close (G_GNUC_UNUSED PlRows *self, PlPiece *piece)
{
  pl_spill_merge_close (piece->data);
}

/* A copy of the entry's row, as its address. */
static guint64
copy_row (const PlSpillEntry *entry, PlArena *arena)
{
  const gsize length = entry->data_length;
  if (entry->flag)
    return PL_SORT_IS_RECORD
           | (guint64) (guintptr) memcpy (pl_arena_alloc (arena, MAX (length, sizeof (PlRecord))), entry->data, length);
  char *line = pl_arena_alloc (arena, length + 1);
  memcpy (line, entry->data, length);
  line[length] = '\n';
  return pl_sort_line_address (line, length);
}

static gboolean
spilled_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  SpilledRows *rows = (SpilledRows *) self;
  PlSpillMerge *merge = piece->data;
  guint64 *addresses = pl_arena_new_array (batch->arena, guint64, n);
  const PlSpillEntry *entry;
  gsize n_rows = 0;
  for (; n_rows < n && (entry = pl_spill_merge_peek (merge)) != NULL; n_rows++)
    {
      addresses[n_rows] = copy_row (entry, batch->arena);
      if (!pl_spill_merge_step (merge, error))
        {
          batch->failed_row = 0;
          return FALSE;
        }
    }
  piece->ended = pl_spill_merge_peek (merge) == NULL;
  pl_sort_read (&rows->reading, addresses, n_rows, batch);
  return TRUE;
}

static void
spilled_free (PlRows *self)
{
  SpilledRows *rows = (SpilledRows *) self;
  pl_spill_order_free (rows->order);
  pl_store_free (rows->store);
  g_free (rows->reading.fields);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_sort_rows_spilled (const PlSortShape *shape, PlSpillOrder *order)
{
  SpilledRows *rows = g_new0 (SpilledRows, 1);
  rows->rows = (PlRows){.schema = pl_schema_ref (shape->schema),
                        .n_rows = pl_spill_order_entries (order),
                        .pieces_vary = TRUE,
                        .n_pieces = pl_spill_order_pieces (order),
                        .open = spilled_open,
                        .next = spilled_next,
                        .close = spilled_close,
                        .free = spilled_free};
  rows->order = order;
  rows->store = pl_store_new (shape->schema, shape->uses);
  rows->reading = (PlSortReading){shape->n_fields, g_memdup2 (shape->fields, shape->n_fields * sizeof *shape->fields),
                                  rows->store};
  return &rows->rows;
}
