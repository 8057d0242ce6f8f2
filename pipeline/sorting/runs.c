/* Adding rows, and where they are kept. Lines and items come from chunks that only grow; a run's items stand side by
 * side, so that it goes on as long as rows follow each other and there is room. Saved, a run is its items, their lines
 * in the same order. */
#include "runs.h"
#include "../base/lease.h"
#include "../base/memory.h"
#include "../memory/leased.h"
#include <stdlib.h>
#include <sys/mman.h>
#include "lines.h"
#include "radix.h"

typedef struct Chunk Chunk;

struct Chunk
{
  Chunk *next;
  gsize size, used;
};

#define CHUNK_HEADER 64
#define CHUNK_MIN ((gsize) 64 << 10)
#define CHUNK_MAX ((gsize) 4 << 20)
#define HUGE_PAGE ((gsize) 2 << 20)
#define RUN_MAX 16384 /* items that are sorted in cache */
#define LONG_REST 255

struct PlSortRuns
{
  const PlSortShape *shape;
  GArray *list; /* of PlSortRun; the last one may be open */
  gboolean open;
  guint64 next_position; /* of a row that would go on with the open run */
  Chunk *lines, *items;
  PlSortItem *scratch;
  gsize scratch_size;
  PlStore *store; /* NULL before the first record */
  gboolean has_rests;
};

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

static void
chunks_free (Chunk **chunks)
{
  while (*chunks != NULL)
    {
      Chunk *next = (*chunks)->next;
      pl_lease_give ((*chunks)->size);
      free (*chunks);
      *chunks = next;
    }
}

void
pl_sort_runs_forget (PlSortRuns *runs)
{
  chunks_free (&runs->items);
  pl_leased_free (g_steal_pointer (&runs->scratch));
  runs->scratch_size = 0;
  g_array_set_size (runs->list, 0);
  if (runs->store != NULL)
    pl_store_forget_order (runs->store);
}

void
pl_sort_runs_free (PlSortRuns *runs)
{
  if (runs == NULL)
    return;
  pl_sort_runs_forget (runs);
  chunks_free (&runs->lines);
  g_array_unref (runs->list);
  pl_store_free (runs->store);
  g_free (runs);
}

/* @size bytes of the first chunk, or of a new one. */
static gpointer
take (Chunk **chunks, gsize size)
{
  Chunk *chunk = *chunks;
  if (chunk == NULL || chunk->size - chunk->used < size)
    {
      gsize wanted = chunk == NULL ? CHUNK_MIN : MIN (chunk->size * 2, CHUNK_MAX);
      while (wanted < size + CHUNK_HEADER)
        wanted *= 2;
      Chunk *fresh = aligned_alloc (wanted >= HUGE_PAGE ? HUGE_PAGE : 64, wanted);
      if (fresh == NULL)
        pl_no_memory (wanted);
      pl_lease_take (wanted);
      if (wanted >= HUGE_PAGE)
        madvise (fresh, wanted, MADV_HUGEPAGE);
      *fresh = (Chunk){chunk, wanted, CHUNK_HEADER};
      *chunks = chunk = fresh;
    }
  gpointer place = (guint8 *) chunk + chunk->used;
  chunk->used += size;
  return place;
}

static void
close_run (PlSortRuns *runs)
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

/* Room for the items of @n rows from @position on: behind those of the open run, or of a new one. */
static PlSortItem *
add_items (PlSortRuns *runs, guint64 position, gsize n, gboolean are_lines)
{
  PlSortRun *run = runs->open ? &g_array_index (runs->list, PlSortRun, runs->list->len - 1) : NULL;
  const gsize size = n * sizeof (PlSortItem);
  if (run != NULL && run->are_lines == are_lines && position == runs->next_position && run->n + n <= RUN_MAX
      && runs->items->size - runs->items->used >= size)
    {
      take (&runs->items, size);
      run->n += (guint32) n;
      return run->items + run->n - n;
    }
  close_run (runs);
  PlSortRun fresh = {position, take (&runs->items, size), (guint32) n, are_lines};
  g_array_append_val (runs->list, fresh);
  runs->open = TRUE;
  return fresh.items;
}

static inline guint64
key_prefix (const PlText *key)
{
  guint64 prefix = 0;
  memcpy (&prefix, key->data, MIN (key->length, 8));
  return GUINT64_FROM_BE (prefix);
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
    keys.prefixes[i] = key_prefix (&keys.heads[i]);
  return keys;
}

static inline gsize
rest_of (const Keys *keys, gsize row)
{
  return keys->heads[row].length > 8 ? keys->heads[row].length - 8 : 0;
}

static inline gsize
rest_size (gsize length)
{
  return length + 1 + (length >= LONG_REST ? sizeof (guint32) : 0);
}

static char *
put_rest (char *out, const char *data, gsize length)
{
  const guint32 long_length = (guint32) length;
  memcpy (out, data, length);
  out += length;
  if (length >= LONG_REST)
    {
      memcpy (out, &long_length, sizeof long_length);
      out += sizeof long_length;
    }
  *out++ = (char) MIN (length, LONG_REST);
  return out;
}

const guint8 *
pl_sort_rest (const char *line, gsize *length)
{
  const guint8 *end = (const guint8 *) line - 1;
  guint32 long_length;
  *length = *end;
  if (*length == LONG_REST)
    {
      end -= sizeof long_length;
      memcpy (&long_length, end, sizeof long_length);
      *length = long_length;
    }
  return end - *length;
}

static inline guint64
line_place (const char *line, gsize length)
{
  return (guint64) (guintptr) line | MIN (length, PL_SORT_LONG_LINE) << PL_SORT_LENGTH_SHIFT;
}

static void
add_lines (PlSortRuns *runs, const PlBatch *batch, const PlSortLines *lines, const Keys *keys)
{
  const gsize n = batch->n_rows;
  gsize size = n;
  for (gsize i = 0; i < n; i++)
    size += lines->lengths[i];
  for (gsize i = 0; runs->shape->rests && i < n; i++)
    size += rest_size (rest_of (keys, i));
  char *out = take (&runs->lines, size);
  g_assert ((guint64) (guintptr) (out + size) <= PL_SORT_ADDRESS);
  PlSortItem *items = add_items (runs, pl_batch_position (batch, 0), n, TRUE);
  for (gsize i = 0; i < n; i++)
    {
      if (runs->shape->rests)
        {
          gsize length = rest_of (keys, i);
          runs->has_rests |= length > 0;
          out = put_rest (out, keys->heads[i].data + 8, length);
        }
      items[i] = (PlSortItem){.prefix = keys->prefixes[i], .id = line_place (out, lines->lengths[i])};
      out = pl_sort_lines_put (lines, i, out);
    }
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
  PlSortItem *items = add_items (runs, pl_batch_position (batch, 0), batch->n_rows, FALSE);
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

const GArray *
pl_sort_runs_close (PlSortRuns *runs)
{
  close_run (runs);
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

/* A run: position, number of rows, kind, the size of all lines; then a prefix and a length (of a record: its number)
 * each; then the lines. */
static void
save_run (const PlSortRuns *runs, const PlSortRun *run, PlBuffer *buffer)
{
  gsize size = 0, length, rest = 0;
  for (guint32 i = 0; run->are_lines && i < run->n; i++)
    {
      const char *line = pl_sort_line (run->items[i].id, &length);
      if (runs->shape->rests)
        pl_sort_rest (line, &rest);
      size += length + 1 + (runs->shape->rests ? rest_size (rest) : 0);
    }
  pl_buffer_put_u64 (buffer, run->position);
  pl_buffer_put_u32 (buffer, run->n);
  pl_buffer_put_u8 (buffer, run->are_lines != FALSE);
  pl_buffer_put_u64 (buffer, size);
  for (guint32 i = 0; i < run->n; i++)
    {
      length = (gsize) (run->items[i].id & PL_SORT_ADDRESS);
      if (run->are_lines)
        pl_sort_line (run->items[i].id, &length);
      pl_buffer_put_u64 (buffer, run->items[i].prefix);
      pl_buffer_put_u64 (buffer, length);
    }
  for (guint32 i = 0; run->are_lines && i < run->n; i++)
    {
      const char *line = pl_sort_line (run->items[i].id, &length), *start = line;
      if (runs->shape->rests)
        {
          start = (const char *) pl_sort_rest (line, &rest);
          start = line - rest_size (rest);
        }
      pl_buffer_append (buffer, start, (gsize) (line - start) + length + 1);
    }
}

void
pl_sort_runs_save (PlSortRuns *runs, PlBuffer *buffer)
{
  close_run (runs);
  pl_buffer_put_u8 (buffer, runs->store != NULL);
  if (runs->store != NULL)
    pl_store_save (runs->store, buffer);
  pl_buffer_put_u8 (buffer, runs->has_rests != FALSE);
  pl_buffer_put_u64 (buffer, runs->list->len);
  for (guint r = 0; r < runs->list->len; r++)
    save_run (runs, &g_array_index (runs->list, PlSortRun, r), buffer);
}

/* The lines of @items, whose lengths stand in for their places; FALSE when they are not @size bytes together. */
static gboolean
place_lines (const PlSortRuns *runs, PlSortRun *run, const char *bytes, guint64 size)
{
  /* Forwards, a rest is found from the line behind it: so from the last one back. */
  guint64 left = size;
  for (guint32 i = run->n; i-- > 0;)
    {
      gsize rest = 0, length = (gsize) run->items[i].id;
      if (length >= left || bytes[left - 1] != '\n' || memchr (bytes + left - 1 - length, '\n', length) != NULL)
        return FALSE;
      left -= length + 1;
      run->items[i].id = line_place (bytes + left, length);
      if (!runs->shape->rests)
        continue;
      if (left < 1 || ((guint8) bytes[left - 1] == LONG_REST && left < 1 + sizeof (guint32)))
        return FALSE;
      pl_sort_rest (bytes + left, &rest);
      if (rest_size (rest) > left)
        return FALSE;
      left -= rest_size (rest);
    }
  return left == 0;
}

static gboolean
load_run (PlSortRuns *runs, PlCursor *cursor)
{
  PlSortRun run = {.position = pl_cursor_get_u64 (cursor), .n = pl_cursor_get_u32 (cursor)};
  run.are_lines = pl_cursor_get_u8 (cursor) != 0;
  const guint64 size = pl_cursor_get_u64 (cursor), left = cursor->length - cursor->offset;
  const guint64 n_records = runs->store != NULL ? pl_store_n_rows (runs->store) : 0;
  if (cursor->failed || run.n == 0 || run.n > left / 16 || size > left - (guint64) run.n * 16
      || (run.are_lines && !runs->shape->lines))
    return FALSE;
  run.items = take (&runs->items, run.n * sizeof (PlSortItem));
  for (guint32 i = 0; i < run.n; i++)
    {
      guint64 prefix = pl_cursor_get_u64 (cursor), place = pl_cursor_get_u64 (cursor);
      if (!run.are_lines && place >= n_records)
        return FALSE;
      run.items[i] = (PlSortItem){.prefix = prefix, .id = run.are_lines ? place : PL_SORT_IS_RECORD | place};
    }
  g_array_append_val (runs->list, run);
  if (!run.are_lines)
    return size == 0;
  const void *bytes = pl_cursor_get_raw (cursor, size);
  return bytes != NULL && place_lines (runs, &run, memcpy (take (&runs->lines, size), bytes, size), size);
}

gboolean
pl_sort_runs_load (PlSortRuns *runs, PlCursor *cursor)
{
  gboolean ok = TRUE;
  if (pl_cursor_get_u8 (cursor) != 0)
    {
      runs->store = pl_store_new (runs->shape->schema, runs->shape->uses);
      ok = pl_store_load (runs->store, cursor);
    }
  runs->has_rests = pl_cursor_get_u8 (cursor) != 0;
  guint64 n = pl_cursor_get_u64 (cursor);
  for (guint64 r = 0; ok && r < n && !cursor->failed; r++)
    ok = load_run (runs, cursor);
  cursor->failed |= !ok;
  return !cursor->failed;
}
