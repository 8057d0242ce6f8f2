/* Sorted rows as batches. Lines are copied side by side, which brings them into the cache, and stay lines: where nobody
 * looks at their fields, nobody looks for them. Where records are among the rows, all become texts. */
#include "sorted-rows.h"
#include "../memory/leased.h"
#include <stdlib.h>
#include "lines.h"
#include "key-pieces.h"
#include "../rows/gather.h"

#define AHEAD 24 /* lines that are fetched ahead */

typedef struct
{
  PlRows rows;
  PlSortReading reading;
  guint64 *addresses;
  PlSortRuns **runs;
  guint n_runs;
} SortedRows;

static inline void
fetch (guint64 address)
{
  const char *line = (const char *) (guintptr) (address & PL_SORT_ADDRESS);
  __builtin_prefetch (line);
  __builtin_prefetch (line + 64);
}

/* Whether the rows are lines alone, few enough bytes for 32-bit ends; @size: of all, line feeds and all. */
static gboolean
are_lines (const guint64 *addresses, gsize n, gsize *size)
{
  guint64 records = 0;
  gsize length;
  *size = n;
  for (gsize i = 0; i < n; i++)
    {
      records |= addresses[i] & PL_SORT_IS_RECORD;
      if (records != 0)
        return FALSE;
      pl_sort_line (addresses[i], &length);
      *size += length;
    }
  return *size < G_MAXUINT32;
}

static PlLines *
copy_lines (const PlSortReading *reading, const guint64 *addresses, gsize n, gsize size, PlArena *arena)
{
  char *data = pl_arena_alloc (arena, size), *out = data;
  guint32 *ends = pl_arena_new_array (arena, guint32, n + 1);
  PlLines *lines = pl_arena_new_array (arena, PlLines, 1);
  *lines = (PlLines){.data = data, .ends = ends, .n = n, .n_fields = reading->n_fields};
  *ends++ = G_MAXUINT32;
  for (gsize i = 0; i < n; i++)
    {
      gsize length;
      fetch (addresses[MIN (i + AHEAD, n - 1)]);
      const char *line = pl_sort_line (addresses[i], &length);
      out = pl_copy_short (out, line, length);
      ends[i] = (guint32) (out - data);
      *out++ = '\n';
    }
  return lines;
}

static void
set_lines (const PlSortReading *reading, PlLines *lines, PlBatch *batch)
{
  for (guint f = 0; f < reading->n_fields; f++)
    {
      PlColumn *column = pl_arena_new_array (batch->arena, PlColumn, 1);
      *column = (PlColumn){.type = batch->schema->fields[reading->fields[f]].type, .raw = f + 1};
      column->slices = (PlSlices){.data = lines->data, .lines = lines, .field = f};
      batch->columns[reading->fields[f]] = column;
    }
}

static void
set_texts (PlColumn *column, PlText *texts)
{
  if (column->type.kind == PL_STRING)
    column->texts = texts;
  else
    column->lexical = texts;
}

/* The fields of lines as texts; rows that are records are left out. */
static void
split_lines (const PlSortReading *reading, const guint64 *addresses, gsize n, PlBatch *batch)
{
  for (guint f = 0; f < reading->n_fields; f++)
    {
      PlColumn *column = pl_arena_alloc0 (batch->arena, sizeof (PlColumn));
      PlText *texts = pl_arena_new_array (batch->arena, PlText, n);
      column->type = batch->schema->fields[reading->fields[f]].type;
      pl_sort_fields (addresses, n, f, texts);
      set_texts (column, texts);
      pl_column_add_nulls (column, batch->arena, n);
      for (gsize i = 0; i < n; i++)
        column->nulls[i] = texts[i].length == 0;
      batch->columns[reading->fields[f]] = column;
    }
}

/* Rows @which[0 .. n) of @into are those of @from, of which only texts are wanted, as of all rows that could be
 * lines. */
static void
merge_records (const PlSortReading *reading, const PlBatch *from, const guint32 *which, gsize n, PlBatch *into)
{
  for (guint f = 0; f < reading->n_fields; f++)
    {
      const PlColumn *column = from->columns[reading->fields[f]];
      PlColumn *to = into->columns[reading->fields[f]];
      const PlText *texts = pl_sort_texts (column, n, into->arena);
      for (gsize i = 0; i < n; i++)
        {
          (to->type.kind == PL_STRING ? to->texts : to->lexical)[which[i]] = texts[i];
          to->nulls[which[i]] = pl_column_is_null (column, i);
        }
    }
}

static void
read_mixed (const PlSortReading *reading, const guint64 *addresses, gsize n, PlBatch *batch)
{
  const PlRecord **records = pl_arena_new_array (batch->arena, const PlRecord *, n);
  guint32 *which = pl_arena_new_array (batch->arena, guint32, n);
  gsize n_records = 0;
  for (gsize i = 0; i < n; i++)
    if (addresses[i] & PL_SORT_IS_RECORD)
      {
        which[n_records] = (guint32) i;
        records[n_records++] = pl_sort_record (addresses[i]);
      }
  if (n_records == n)
    {
      pl_store_gather (reading->store, records, n, batch);
      return;
    }
  split_lines (reading, addresses, n, batch);
  if (n_records == 0)
    return;
  PlBatch others;
  pl_batch_init (&others, batch->schema, batch->arena);
  pl_store_gather (reading->store, records, n_records, &others);
  merge_records (reading, &others, which, n_records, batch);
}

void
pl_sort_read (const PlSortReading *reading, const guint64 *addresses, gsize n, PlBatch *batch)
{
  gsize size;
  batch->n_rows = n;
  if (are_lines (addresses, n, &size))
    set_lines (reading, copy_lines (reading, addresses, n, size, batch->arena), batch);
  else
    read_mixed (reading, addresses, n, batch);
}

static gboolean
sorted_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const SortedRows *rows = (const SortedRows *) self;
  guint64 first;
  n = pl_piece_advance (piece, self->n_rows, n, &first);
  pl_sort_read (&rows->reading, rows->addresses + first, n, batch);
  return TRUE;
}

static void
sorted_free (PlRows *self)
{
  SortedRows *rows = (SortedRows *) self;
  for (guint i = 0; i < rows->n_runs; i++)
    pl_sort_runs_free (rows->runs[i]);
  g_free (rows->runs);
  pl_leased_free (rows->addresses);
  g_free (rows->reading.fields);
  pl_schema_unref (self->schema);
  g_free (rows);
}

PlRows *
pl_sort_rows (const PlSortShape *shape, PlSortRuns **runs, guint n_runs, guint64 *addresses, guint64 n_rows)
{
  SortedRows *rows = g_new0 (SortedRows, 1);
  rows->rows = (PlRows){
      .schema = pl_schema_ref (shape->schema),
      .n_rows = n_rows,
      .n_pieces = pl_rows_pieces (n_rows),
      .next = sorted_next,
      .free = sorted_free,
  };
  rows->reading.n_fields = shape->n_fields;
  rows->reading.fields = g_memdup2 (shape->fields, shape->n_fields * sizeof *shape->fields);
  rows->addresses = addresses;
  rows->runs = runs;
  rows->n_runs = n_runs;
  for (guint i = 0; i < n_runs && rows->reading.store == NULL; i++)
    rows->reading.store = pl_sort_runs_store (runs[i]);
  return &rows->rows;
}
