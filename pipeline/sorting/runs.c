/* Adding rows, and where they are kept. Lines and items come from chunks that only grow; a run's items stand side by
 * side, so that it goes on as long as rows follow each other and there is room. */
#include "runs.h"
#include "runs-private.h"
#include "../keys/prefix.h"
#include "../memory/leased.h"
#include <stdlib.h>
#include "lines.h"
#include "radix.h"

#define RUN_MAX 16384 /* items that are sorted in cache */

/* The keys of a batch. */
typedef struct
{
  guint64 *prefixes;
  PlText *heads; /* NULL: prefixes are all of them */
} Keys;

PlSortRuns *
pl_sort_runs_new (const PlSortShape *shape)
{
  PlSortRuns *runs = g_new0 (PlSortRuns, 1);
  runs->shape = shape;
  runs->list = g_array_new (FALSE, FALSE, sizeof (PlSortRun));
  return runs;
}

void
pl_sort_runs_forget (PlSortRuns *runs)
{
  pl_chunks_free (&runs->items);
  pl_leased_free (g_steal_pointer (&runs->scratch));
  runs->scratch_size = 0;
  g_array_set_size (runs->list, 0);
  if (runs->store != NULL)
    pl_store_forget_order (runs->store);
}

void
pl_sort_runs_empty (PlSortRuns *runs)
{
  pl_sort_runs_forget (runs);
  pl_chunks_free (&runs->lines);
  g_clear_pointer (&runs->store, pl_store_free);
  runs->open = FALSE;
  runs->has_rests = FALSE;
}

void
pl_sort_runs_free (PlSortRuns *runs)
{
  if (runs == NULL)
    return;
  pl_sort_runs_empty (runs);
  g_array_unref (runs->list);
  g_free (runs);
}

gsize
pl_sort_runs_bytes (const PlSortRuns *runs)
{
  return pl_chunks_bytes (runs->lines) + pl_chunks_bytes (runs->items)
         + (runs->store != NULL ? pl_store_bytes (runs->store) : 0);
}

void
pl_sort_runs_close_open (PlSortRuns *runs)
{
  if (!runs->open)
    return;
  const PlSortRun *run = &g_array_index (runs->list, PlSortRun, runs->list->len - 1);
  runs->open = FALSE;
  if (runs->scratch_size < run->n)
    {
      pl_leased_free (runs->scratch);
      runs->scratch_size = MAX (run->n, 2 * runs->scratch_size);
      runs->scratch = pl_leased_resize (NULL, runs->scratch_size * sizeof *runs->scratch);
    }
  pl_sort_radix (run->items, runs->scratch, run->n);
}

/* Room for the items of @n rows from @position on: behind those of the open run, or of a new one. @start: of lines. */
static PlSortItem *
add_items (PlSortRuns *runs, guint64 position, gsize n, const char *start)
{
  const gboolean are_lines = start != NULL;
  PlSortRun *run = runs->open ? &g_array_index (runs->list, PlSortRun, runs->list->len - 1) : NULL;
  const gsize size = n * sizeof (PlSortItem);
  if (run != NULL && run->are_lines == are_lines && (!are_lines || start == runs->lines_end)
      && position == runs->next_position && run->n + n <= RUN_MAX && runs->items->size - runs->items->used >= size)
    {
      pl_chunks_take (&runs->items, size);
      run->n += (guint32) n;
      return run->items + run->n - n;
    }
  pl_sort_runs_close_open (runs);
  PlSortRun fresh = {position, pl_chunks_take (&runs->items, size), (guint32) n, are_lines, start};
  g_array_append_val (runs->list, fresh);
  runs->open = TRUE;
  return fresh.items;
}

static Keys
make_keys (const PlSortShape *shape, const PlBatch *batch, PlColumn *const *columns)
{
  const gsize n = batch->n_rows;
  Keys keys = {pl_arena_new_array (batch->arena, guint64, n), NULL};
  if (!shape->rests)
    {
      pl_sort_key_prefixes (columns[0], shape->orders, n, keys.prefixes, batch->arena);
      return keys;
    }
  keys.heads = pl_sort_keys (columns, shape->orders, shape->n_head, NULL, n, 0, batch->arena);
  for (gsize i = 0; i < n; i++)
    keys.prefixes[i] = pl_key_prefix (keys.heads[i].data, keys.heads[i].length);
  return keys;
}

static inline gsize
rest_of (const Keys *keys, gsize row)
{
  return keys->heads[row].length > 8 ? keys->heads[row].length - 8 : 0;
}

static char *
put_rest (char *out, const char *data, gsize length)
{
  const guint32 long_length = (guint32) length;
  memcpy (out, data, length);
  out += length;
  if (length >= PL_SORT_LONG_REST)
    {
      memcpy (out, &long_length, sizeof long_length);
      out += sizeof long_length;
    }
  *out++ = (char) MIN (length, PL_SORT_LONG_REST);
  return out;
}

const guint8 *
pl_sort_rest (const char *line, gsize *length)
{
  const guint8 *end = (const guint8 *) line - 1;
  guint32 long_length;
  *length = *end;
  if (*length == PL_SORT_LONG_REST)
    {
      end -= sizeof long_length;
      memcpy (&long_length, end, sizeof long_length);
      *length = long_length;
    }
  return end - *length;
}

static void
add_lines (PlSortRuns *runs, const PlBatch *batch, const PlSortLines *lines, const Keys *keys)
{
  const gsize n = batch->n_rows;
  gsize size = n;
  for (gsize i = 0; i < n; i++)
    size += lines->lengths[i];
  for (gsize i = 0; runs->shape->rests && i < n; i++)
    size += pl_sort_rest_size (rest_of (keys, i));
  char *out = pl_chunks_take (&runs->lines, size);
  g_assert ((guint64) (guintptr) (out + size) <= PL_SORT_ADDRESS);
  PlSortItem *items = add_items (runs, pl_batch_position (batch, 0), n, out);
  for (gsize i = 0; i < n; i++)
    {
      if (runs->shape->rests)
        {
          gsize length = rest_of (keys, i);
          runs->has_rests |= length > 0;
          out = put_rest (out, keys->heads[i].data + 8, length);
        }
      items[i] = (PlSortItem){.prefix = keys->prefixes[i], .id = pl_sort_line_address (out, lines->lengths[i])};
      out = pl_sort_lines_put (lines, i, out);
    }
  runs->lines_end = out;
}

/* What of each row's key is not in its prefix. */
static PlText *
keys_behind (const PlSortShape *shape, const PlBatch *batch, PlColumn *const *columns, const Keys *keys)
{
  const gsize n = batch->n_rows;
  PlText *texts = pl_sort_keys (columns, shape->orders, shape->n_terms, NULL, n, 0, batch->arena);
  const PlText *heads = keys->heads != NULL
                            ? keys->heads
                            : pl_sort_keys (columns, shape->orders, shape->n_head, NULL, n, 0, batch->arena);
  for (gsize i = 0; i < n; i++)
    {
      guint32 skip = MIN (heads[i].length, 8);
      texts[i].data += skip;
      texts[i].length -= skip;
    }
  return texts;
}

static void
add_records (PlSortRuns *runs, const PlBatch *batch, PlColumn *const *columns, const Keys *keys)
{
  const PlSortShape *shape = runs->shape;
  if (runs->store == NULL)
    runs->store = pl_store_new (shape->schema, shape->uses);
  guint64 row = pl_store_n_rows (runs->store);
  pl_store_append (runs->store, batch, NULL, batch->n_rows, keys_behind (shape, batch, columns, keys));
  PlSortItem *items = add_items (runs, pl_batch_position (batch, 0), batch->n_rows, NULL);
  for (gsize i = 0; i < batch->n_rows; i++)
    items[i] = (PlSortItem){.prefix = keys->prefixes[i], .id = PL_SORT_IS_RECORD | row++};
}

void
pl_sort_runs_add (PlSortRuns *runs, PlBatch *batch, PlColumn *const *columns)
{
  PlSortLines lines;
  if (batch->n_rows == 0)
    return;
  Keys keys = make_keys (runs->shape, batch, columns);
  if (runs->shape->lines && pl_sort_lines_plan (&lines, runs->shape, batch))
    add_lines (runs, batch, &lines, &keys);
  else
    {
      pl_batch_settle (batch);
      add_records (runs, batch, columns, &keys);
    }
  runs->next_position = pl_batch_position (batch, batch->n_rows - 1) + 1;
}

/* Behind those that are there, of which the first one is being filled. */
static void
add_chunks (PlChunk **into, PlChunk **from)
{
  PlChunk **end = into;
  while (*end != NULL)
    end = &(*end)->next;
  *end = g_steal_pointer (from);
}

void
pl_sort_runs_merge (PlSortRuns *into, PlSortRuns *from)
{
  const guint64 n_records = into->store != NULL ? pl_store_n_rows (into->store) : 0;
  pl_sort_runs_close_open (into);
  pl_sort_runs_close_open (from);
  for (guint r = 0; r < from->list->len; r++)
    {
      const PlSortRun *run = &g_array_index (from->list, PlSortRun, r);
      for (guint32 i = 0; !run->are_lines && i < run->n; i++)
        run->items[i].id += n_records;
      g_array_append_val (into->list, *run);
    }
  if (into->store == NULL)
    into->store = g_steal_pointer (&from->store);
  else if (from->store != NULL)
    pl_store_add (into->store, from->store);
  into->has_rests |= from->has_rests;
  add_chunks (&into->lines, &from->lines);
  add_chunks (&into->items, &from->items);
  pl_sort_runs_empty (from);
}

const GArray *
pl_sort_runs_close (PlSortRuns *runs)
{
  pl_sort_runs_close_open (runs);
  for (guint r = 0; r < runs->list->len; r++)
    {
      PlSortRun *run = &g_array_index (runs->list, PlSortRun, r);
      for (guint32 i = 0; !run->are_lines && i < run->n; i++)
        {
          guint64 row = run->items[i].id & PL_SORT_ADDRESS;
          guint64 address = (guint64) (guintptr) pl_store_record (runs->store, row);
          g_assert (address <= PL_SORT_ADDRESS);
          run->items[i].id = PL_SORT_IS_RECORD | address;
        }
    }
  return runs->list;
}

const PlStore *
pl_sort_runs_store (const PlSortRuns *runs)
{
  return runs->store;
}

gboolean
pl_sort_runs_has_rests (const PlSortRuns *runs)
{
  return runs->has_rests;
}
