/* See window.h. */
#include "window.h"
#include "merge-private.h"

/* Entries before @bound, but for those of chunks in which it may stand: these count as all (@most), or not at all. */
static guint64
count_roughly (const PlSpillOrder *order, const PlSpillEntry *bound, gboolean most)
{
  guint64 n = 0;
  for (guint r = 0; r < order->runs->len; r++)
    {
      const PlSpillRun *run = order->runs->pdata[r];
      const guint chunks = pl_spill_chunks_before (run, bound);
      n += pl_spill_entries_before (run, most || chunks == 0 ? chunks : chunks - 1);
    }
  return n;
}

/* Returns: how many of @firsts, in a row from the first one on, have no more than @n entries before them. */
static guint
search (const PlSpillOrder *order, const GArray *firsts, guint64 n, gboolean most)
{
  guint low = 0, high = firsts->len;
  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      if (count_roughly (order, &g_array_index (firsts, PlSpillEntry, middle), most) <= n)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* @merge: whose first entry may be before the wanted one. */
static gboolean
walk (PlSpillMerge *merge, guint64 n, PlBuffer *rest, PlSpillEntry *entry, GError **error)
{
  const PlSpillEntry *found;
  for (guint64 before = pl_spill_merge_before (merge); before < n; before++)
    if (!pl_spill_merge_step (merge, error))
      return FALSE;
  found = pl_spill_merge_peek (merge);
  g_assert (found != NULL);
  rest->length = 0;
  pl_buffer_append (rest, found->rest, found->rest_length);
  *entry = *found;
  entry->rest = (const guint8 *) rest->data;
  entry->data = NULL;
  entry->data_length = 0;
  return TRUE;
}

gboolean
pl_spill_order_nth (const PlSpillOrder *order, guint64 n, PlBuffer *rest, PlSpillEntry *entry, GError **error)
{
  guint64 bytes;
  g_autoptr (GArray) firsts = pl_spill_order_sample (order, &bytes);
  /* No entry stands before the first one of all. */
  const guint start = search (order, firsts, n, TRUE) - 1, end = search (order, firsts, n, FALSE);
  g_autoptr (PlSpillMerge) merge
      = pl_spill_merge_between (order, &g_array_index (firsts, PlSpillEntry, start),
                                end < firsts->len ? &g_array_index (firsts, PlSpillEntry, end) : NULL, error);
  return merge != NULL && walk (merge, n, rest, entry, error);
}

gboolean
pl_spill_order_count (const PlSpillOrder *order, const PlSpillEntry *bound, guint64 *n, GError **error)
{
  g_autoptr (PlSpillMerge) merge = pl_spill_merge_between (order, bound, bound, error);
  if (merge == NULL)
    return FALSE;
  *n = pl_spill_merge_before (merge);
  return TRUE;
}

/* Returns: (transfer full) (nullable): entry @n as a bound, in one piece of memory; %NULL with @error. */
static PlSpillEntry *
make_bound (const PlSpillOrder *order, guint64 n, GError **error)
{
  g_auto (PlBuffer) rest = PL_BUFFER_INIT;
  PlSpillEntry entry;
  if (!pl_spill_order_nth (order, n, &rest, &entry, error))
    return NULL;
  PlSpillEntry *bound = g_malloc (sizeof *bound + entry.rest_length);
  *bound = entry;
  bound->rest = memcpy (bound + 1, entry.rest_length > 0 ? entry.rest : (const guint8 *) "", entry.rest_length);
  return bound;
}

static void
drop_bounds (PlSpillOrder *order)
{
  for (guint b = order->bounds->len; b-- > 0;)
    {
      const PlSpillEntry *bound = &g_array_index (order->bounds, PlSpillEntry, b);
      if ((order->start != NULL && pl_spill_compare (bound, order->start) <= 0)
          || (order->end != NULL && pl_spill_compare (bound, order->end) >= 0))
        g_array_remove_index (order->bounds, b);
    }
}

gboolean
pl_spill_order_clip (PlSpillOrder *order, guint64 first, guint64 n, GError **error)
{
  g_assert (order->start == NULL && order->end == NULL && first <= order->n && n <= order->n - first);
  if (n > 0 && first > 0 && (order->start = make_bound (order, first, error)) == NULL)
    return FALSE;
  if (n > 0 && first + n < order->n && (order->end = make_bound (order, first + n, error)) == NULL)
    return FALSE;
  order->n = n;
  drop_bounds (order);
  return TRUE;
}
