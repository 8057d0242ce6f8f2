/* Runs as bytes. Saved, a run is its items, then their lines in the same order. */
#include "runs-wire.h"
#include "../rows/wire.h"
#include "runs-private.h"
#include <string.h>

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
      size += length + 1 + (runs->shape->rests ? pl_sort_rest_size (rest) : 0);
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
          start = line - pl_sort_rest_size (rest);
        }
      pl_buffer_append (buffer, start, (gsize) (line - start) + length + 1);
    }
}

void
pl_sort_runs_save (PlSortRuns *runs, PlBuffer *buffer)
{
  pl_sort_runs_close_open (runs);
  pl_buffer_put_u8 (buffer, runs->store != NULL);
  if (runs->store != NULL)
    pl_store_save (runs->store, buffer);
  pl_buffer_put_u8 (buffer, runs->has_rests != FALSE);
  pl_buffer_put_u64 (buffer, runs->list->len);
  for (guint r = 0; r < runs->list->len; r++)
    save_run (runs, &g_array_index (runs->list, PlSortRun, r), buffer);
}

/* The lines of @items, whose lengths stand in for their addresses; FALSE when they are not @size bytes together. */
static gboolean
address_lines (const PlSortRuns *runs, PlSortRun *run, const char *bytes, guint64 size)
{
  /* Forwards, a rest is found from the line behind it: so from the last one back. */
  guint64 left = size;
  for (guint32 i = run->n; i-- > 0;)
    {
      gsize rest = 0, length = (gsize) run->items[i].id;
      if (length >= left || bytes[left - 1] != '\n' || memchr (bytes + left - 1 - length, '\n', length) != NULL)
        return FALSE;
      left -= length + 1;
      run->items[i].id = pl_sort_line_address (bytes + left, length);
      if (!runs->shape->rests)
        continue;
      if (left < 1 || ((guint8) bytes[left - 1] == PL_SORT_LONG_REST && left < 1 + sizeof (guint32)))
        return FALSE;
      pl_sort_rest (bytes + left, &rest);
      if (pl_sort_rest_size (rest) > left)
        return FALSE;
      left -= pl_sort_rest_size (rest);
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
  run.items = pl_chunks_take (&runs->items, run.n * sizeof (PlSortItem));
  for (guint32 i = 0; i < run.n; i++)
    {
      guint64 prefix = pl_cursor_get_u64 (cursor), number = pl_cursor_get_u64 (cursor);
      if (!run.are_lines && number >= n_records)
        return FALSE;
      run.items[i] = (PlSortItem){.prefix = prefix, .id = run.are_lines ? number : PL_SORT_IS_RECORD | number};
    }
  g_array_append_val (runs->list, run);
  if (!run.are_lines)
    return size == 0;
  const void *bytes = pl_cursor_get_raw (cursor, size);
  if (bytes == NULL)
    return FALSE;
  char *lines = memcpy (pl_chunks_take (&runs->lines, size), bytes, size);
  g_array_index (runs->list, PlSortRun, runs->list->len - 1).start = lines;
  return address_lines (runs, &run, lines, size);
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
