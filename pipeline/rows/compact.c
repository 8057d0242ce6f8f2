/* Moves records towards the first chunk: see compact.h. Rows stand in the order of chunks, the oldest of which is the
 * last of the list, and in each from its start on. So a record never moves behind where it has been. */
#include "compact.h"
#include "../memory/leased.h"
#include "store-private.h"

static PlChunk *
reverse (PlChunk *chunks)
{
  PlChunk *reversed = NULL;
  while (chunks != NULL)
    {
      PlChunk *next = chunks->next;
      chunks->next = reversed;
      reversed = chunks;
      chunks = next;
    }
  return reversed;
}

/* Gives back the part of the index that has become too large. */
static void
trim_index (PlStore *store)
{
  const guint64 wanted = MAX (store->n_records + store->n_records / 8, 1024);
  if (wanted >= store->capacity)
    return;
  store->capacity = wanted;
  store->records = pl_leased_resize ((gpointer) store->records, wanted * sizeof *store->records);
  if (store->prefixes != NULL)
    store->prefixes = pl_leased_resize (store->prefixes, wanted * sizeof *store->prefixes);
}

/* Moves rows [first, n_records) that are alive (%NULL: all are) to where they belong, over all others.
 * Returns: the last chunk that is in use. */
static PlChunk *
move_rows (PlStore *store, const guint8 *alive, guint64 first, PlChunk *oldest)
{
  const guint64 n = store->n_records;
  PlChunk *chunk = oldest;
  for (PlChunk *each = oldest; each != NULL; each = each->next)
    each->used = PL_CHUNK_HEADER;
  store->n_records = 0;
  for (guint64 i = first; i < n; i++)
    {
      if (alive != NULL && !alive[i])
        continue;
      const PlRecord *record = store->records[i];
      const gsize size = pl_store_record_size (record);
      while (!pl_chunk_has (chunk, size))
        chunk = chunk->next;
      const guint64 row = store->n_records++;
      store->records[row] = memmove ((guint8 *) chunk + chunk->used, record, size);
      if (store->prefixes != NULL)
        store->prefixes[row] = store->prefixes[i];
      chunk->used += size;
    }
  return chunk;
}

static void
compact (PlStore *store, const guint8 *alive, guint64 first)
{
  pl_chunks_free (&store->spare);
  PlChunk *oldest = reverse (store->chunks);
  if (oldest == NULL)
    return;
  PlChunk *last = move_rows (store, alive, first, oldest);
  pl_chunks_free (&last->next);
  store->chunks = reverse (oldest);
  trim_index (store);
}

void
pl_store_compact (PlStore *store, const guint8 *alive)
{
  compact (store, alive, 0);
}

void
pl_store_keep_last (PlStore *store, guint64 n)
{
  if (n < store->n_records)
    compact (store, NULL, store->n_records - n);
}
