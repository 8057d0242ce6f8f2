/* See key-pieces.h. */
#include "key-pieces.h"
#include "../keys/prefix.h"
#include <string.h>

void
pl_sort_fields (const guint64 *addresses, gsize n, guint field, PlText *texts)
{
  for (gsize i = 0; i < n; i++)
    {
      gsize length;
      texts[i] = (PlText){.data = "", .flags = PL_TEXT_PLAIN};
      if (addresses[i] & PL_SORT_IS_RECORD)
        continue;
      const char *at = pl_sort_line (addresses[i], &length), *end = at + length;
      for (guint f = 0; f < field; f++)
        at = (const char *) rawmemchr (at, ',') + 1;
      const char *comma = memchr (at, ',', (gsize) (end - at));
      texts[i].data = at;
      texts[i].length = (guint32) ((comma != NULL ? comma : end) - at);
    }
}

const PlText *
pl_sort_key_tails (const PlSortShape *shape, const guint64 *addresses, gsize n, PlArena *arena)
{
  const guint n_tail = shape->n_terms - shape->n_head;
  if (n_tail == 0)
    return NULL;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_tail);
  for (guint t = 0; t < n_tail; t++)
    {
      columns[t] = pl_column_new (arena, PL_TYPE (PL_STRING), n);
      pl_sort_fields (addresses, n, shape->tail[t], columns[t]->texts);
      pl_column_add_nulls (columns[t], arena, n);
      for (gsize i = 0; i < n; i++)
        columns[t]->nulls[i] = columns[t]->texts[i].length == 0;
    }
  return pl_sort_keys (columns, shape->orders + shape->n_head, n_tail, NULL, n, 0, arena);
}

void
pl_sort_key_pieces (const PlSortShape *shape, gsize key_offset, guint64 address, const PlText *tail, PlText pieces[2])
{
  pieces[0] = pieces[1] = (PlText){.data = ""};
  if (address & PL_SORT_IS_RECORD)
    {
      const PlRecord *record = pl_sort_record (address);
      pieces[0].length = record->key_length;
      pieces[0].data = (const char *) record + key_offset;
      return;
    }
  gsize length;
  const char *line = pl_sort_line (address, &length);
  if (shape->rests)
    {
      pieces[0].data = (const char *) pl_sort_rest (line, &length);
      pieces[0].length = (guint32) length;
    }
  if (tail != NULL)
    pieces[1] = *tail;
}

guint64
pl_sort_key_look (const PlText pieces[2], gsize skip)
{
  char bytes[8] = {0};
  gsize n = 0;
  if (skip + sizeof bytes <= pieces[0].length)
    return pl_key_prefix (pieces[0].data + skip, sizeof bytes);
  for (guint p = 0; p < 2; p++)
    {
      const gsize length = pieces[p].length, start = MIN (skip, length), count = MIN (length - start, sizeof bytes - n);
      memcpy (bytes + n, pieces[p].data + start, count);
      n += count;
      skip -= start;
    }
  return pl_key_prefix (bytes, sizeof bytes);
}
