/* See sorter.h. */
#include "sorter.h"
#include "../base/lease.h"
#include "../memory/chunks.h"

#define MOST_BYTES ((gsize) 1 << 20) /* of entries, at least, that are put in order at once */

struct PlSpillSorter
{
  PlSpill *spill;
  PlChunk *chunks; /* what entries point to */
  GArray *entries; /* of PlSpillEntry */
  gsize bytes, most;
};

PlSpillSorter *
pl_spill_sorter_new (void)
{
  const PlLease *lease = pl_lease_current ();
  const gint64 worth = lease != NULL && lease->all != NULL ? lease->all->worth : 0;
  PlSpillSorter *sorter = g_new0 (PlSpillSorter, 1);
  sorter->spill = pl_spill_new ();
  sorter->entries = g_array_new (FALSE, FALSE, sizeof (PlSpillEntry));
  sorter->most = MAX ((gsize) worth, MOST_BYTES);
  return sorter;
}

void
pl_spill_sorter_free (PlSpillSorter *sorter)
{
  if (sorter == NULL)
    return;
  pl_spill_free (sorter->spill);
  pl_chunks_free (&sorter->chunks);
  g_array_unref (sorter->entries);
  g_free (sorter);
}

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  return pl_spill_compare (a, b);
}

static gboolean
put_run (PlSpillSorter *sorter, GError **error)
{
  gboolean ok = pl_spill_begin (sorter->spill, error);
  g_array_sort (sorter->entries, compare_entries);
  for (guint i = 0; ok && i < sorter->entries->len; i++)
    ok = pl_spill_put (sorter->spill, &g_array_index (sorter->entries, PlSpillEntry, i), error);
  ok = ok && pl_spill_end (sorter->spill, error);
  g_array_set_size (sorter->entries, 0);
  pl_chunks_free (&sorter->chunks);
  sorter->bytes = 0;
  return ok;
}

gboolean
pl_spill_sorter_put (PlSpillSorter *sorter, const PlSpillEntry *entry, GError **error)
{
  const gsize length = (gsize) entry->rest_length + entry->data_length;
  PlSpillEntry kept = *entry;
  guint8 *copy = pl_chunks_take (&sorter->chunks, length);
  if (entry->rest_length > 0)
    memcpy (copy, entry->rest, entry->rest_length);
  if (entry->data_length > 0)
    memcpy (copy + entry->rest_length, entry->data, entry->data_length);
  kept.rest = copy;
  kept.data = copy + entry->rest_length;
  g_array_append_val (sorter->entries, kept);
  sorter->bytes += length + sizeof kept;
  return sorter->bytes < sorter->most || put_run (sorter, error);
}

PlSpill *
pl_spill_sorter_end (PlSpillSorter *sorter, GError **error)
{
  PlSpill *spill = sorter->entries->len == 0 || put_run (sorter, error) ? g_steal_pointer (&sorter->spill) : NULL;
  pl_spill_sorter_free (sorter);
  return spill;
}
