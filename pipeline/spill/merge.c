/* See merge.h. */
#include "merge.h"
#include "../base/error.h"
#include "../base/lease.h"
#include "merge-private.h"

#define MOST_RUNS 1024

/* A run, read from the bound of a piece to that of the next one. */
typedef struct
{
  PlSpillCache *cache;
  const PlSpillEntry *end; /* (nullable): the first one that is not read any more */
  guint next, last;        /* the chunk to be read next, and the one behind those that are */
  PlSpillLoaded *loaded;   /* (nullable): the chunk at hand */
  gsize offset;
  gboolean is_done;
  guint64 before; /* entries of the run that come before the bound */
  PlSpillEntry entry;
} Reader;

struct PlSpillMerge
{
  Reader *readers;
  guint n;
  guint *losers; /* of each match; the winner of all at 0 */
  guint64 before;
};

/* ---- pieces ---- */

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  return pl_spill_compare (a, b);
}

GArray *
pl_spill_order_sample (const PlSpillOrder *order, guint64 *bytes)
{
  GArray *firsts = g_array_new (FALSE, FALSE, sizeof (PlSpillEntry));
  *bytes = 0;
  for (guint r = 0; r < order->runs->len; r++)
    {
      const PlSpillRun *run = order->runs->pdata[r];
      for (guint c = 0; c < run->chunks->len; c++)
        {
          const PlSpillChunk *chunk = &g_array_index (run->chunks, PlSpillChunk, c);
          g_array_append_val (firsts, chunk->first);
          *bytes += chunk->length;
        }
    }
  g_array_sort (firsts, compare_entries);
  return firsts;
}

void
pl_spill_cut_place (PlSpillEntry *bound)
{
  bound->place = bound->sub = 0;
}

static void
choose_bounds (PlSpillOrder *order, guint64 piece_bytes, PlSpillCut cut)
{
  guint64 bytes;
  g_autoptr (GArray) firsts = pl_spill_order_sample (order, &bytes);
  const guint64 n_pieces = MIN (bytes / MAX (piece_bytes, 1) + 1, firsts->len);
  for (guint64 p = 1; p < n_pieces; p++)
    {
      PlSpillEntry bound = g_array_index (firsts, PlSpillEntry, p * firsts->len / n_pieces);
      if (cut != NULL)
        cut (&bound);
      const PlSpillEntry *before
          = order->bounds->len > 0 ? &g_array_index (order->bounds, PlSpillEntry, order->bounds->len - 1) : NULL;
      if (before == NULL || pl_spill_compare (before, &bound) < 0)
        g_array_append_val (order->bounds, bound);
    }
}

static PlSpillOrder *
order_alloc (GPtrArray *spills, GPtrArray *runs)
{
  PlSpillOrder *order = g_new (PlSpillOrder, 1);
  *order = (PlSpillOrder){.spills = spills, .runs = runs, .bounds = g_array_new (FALSE, FALSE, sizeof (PlSpillEntry))};
  for (guint r = 0; r < runs->len; r++)
    order->n += ((const PlSpillRun *) runs->pdata[r])->n;
  order->caches = g_new (PlSpillCache, runs->len + 1);
  for (guint r = 0; r < runs->len; r++)
    pl_spill_cache_init (&order->caches[r], runs->pdata[r]);
  return order;
}

void
pl_spill_order_free (PlSpillOrder *order)
{
  if (order == NULL)
    return;
  for (guint r = 0; r < order->runs->len; r++)
    pl_spill_cache_clear (&order->caches[r]);
  g_free (order->caches);
  g_free (order->start);
  g_free (order->end);
  g_array_unref (order->bounds);
  g_ptr_array_unref (order->runs);
  g_ptr_array_unref (order->spills);
  g_free (order);
}

guint64
pl_spill_order_pieces (const PlSpillOrder *order)
{
  return order->n > 0 ? order->bounds->len + 1 : 0;
}

guint64
pl_spill_order_entries (const PlSpillOrder *order)
{
  return order->n;
}

/* ---- one run ---- */

guint
pl_spill_chunks_before (const PlSpillRun *run, const PlSpillEntry *bound)
{
  guint low = 0, high = run->chunks->len;
  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      if (pl_spill_compare (&g_array_index (run->chunks, PlSpillChunk, middle).first, bound) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
reader_clear (Reader *reader)
{
  if (reader->loaded != NULL)
    pl_spill_cache_let_go (reader->cache, g_steal_pointer (&reader->loaded));
}

static gboolean
reader_next_chunk (Reader *reader, GError **error)
{
  reader_clear (reader);
  reader->is_done = reader->next == reader->last;
  if (reader->is_done)
    return TRUE;
  reader->loaded = pl_spill_cache_get (reader->cache, reader->next++, error);
  reader->offset = 0;
  reader->entry = (PlSpillEntry){0};
  return reader->loaded != NULL;
}

static gboolean
reader_step (Reader *reader, GError **error)
{
  if ((reader->loaded == NULL || reader->offset == reader->loaded->length)
      && (!reader_next_chunk (reader, error) || reader->is_done))
    return reader->is_done;
  if (!pl_spill_entry_get (&reader->entry, reader->loaded->bytes, reader->loaded->length, &reader->offset))
    {
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "what has been spilled cannot be read");
      return FALSE;
    }
  reader->is_done = reader->end != NULL && pl_spill_compare (&reader->entry, reader->end) >= 0;
  return TRUE;
}

static gboolean
reader_open (Reader *reader, PlSpillCache *cache, const PlSpillEntry *start, const PlSpillEntry *end, GError **error)
{
  const PlSpillRun *run = cache->run;
  *reader = (Reader){
      .cache = cache, .end = end, .last = end != NULL ? pl_spill_chunks_before (run, end) : run->chunks->len};
  /* The chunk before the first one that begins behind the start may have it. */
  if (start != NULL)
    reader->next = MAX (pl_spill_chunks_before (run, start), 1) - 1;
  reader->next = MIN (reader->next, reader->last);
  reader->before = pl_spill_entries_before (run, reader->next);
  for (;; reader->before++)
    {
      if (!reader_step (reader, error))
        return FALSE;
      if (reader->is_done || start == NULL || pl_spill_compare (&reader->entry, start) >= 0)
        return TRUE;
    }
}

/* ---- all of them ---- */

/* Whether reader @a's entry comes before that of @b. */
static inline gboolean
is_before (const PlSpillMerge *merge, guint a, guint b)
{
  const Reader *x = &merge->readers[a], *y = &merge->readers[b];
  if (x->is_done || y->is_done)
    return !x->is_done || (y->is_done && a < b);
  const gint order = pl_spill_compare (&x->entry, &y->entry);
  return order < 0 || (order == 0 && a < b);
}

/* Reader @winner goes up its matches as far as it wins. */
static void
play (PlSpillMerge *merge, guint winner)
{
  for (guint match = (winner + merge->n) / 2; match > 0; match /= 2)
    if (is_before (merge, merge->losers[match], winner))
      {
        const guint loser = winner;
        winner = merge->losers[match];
        merge->losers[match] = loser;
      }
  merge->losers[0] = winner;
}

/* The first round: reader r stands at node n + r of the tree; each node's loser stays there. */
static void
seed (PlSpillMerge *merge)
{
  g_autofree guint *winners = g_new (guint, 2 * (gsize) merge->n);
  for (guint r = 0; r < merge->n; r++)
    winners[merge->n + r] = r;
  for (guint match = merge->n - 1; match > 0; match--)
    {
      const guint a = winners[2 * match], b = winners[2 * match + 1];
      const gboolean first = is_before (merge, a, b);
      winners[match] = first ? a : b;
      merge->losers[match] = first ? b : a;
    }
  merge->losers[0] = merge->n > 1 ? winners[1] : 0;
}

PlSpillMerge *
pl_spill_merge_between (const PlSpillOrder *order, const PlSpillEntry *start, const PlSpillEntry *end, GError **error)
{
  PlSpillMerge *merge = g_new0 (PlSpillMerge, 1);
  merge->readers = g_new0 (Reader, order->runs->len);
  for (guint r = 0; r < order->runs->len; r++)
    {
      Reader *reader = &merge->readers[merge->n++];
      if (!reader_open (reader, &order->caches[r], start, end, error))
        {
          pl_spill_merge_close (merge);
          return NULL;
        }
      merge->before += reader->before;
      if (reader->is_done)
        {
          reader_clear (reader);
          merge->n--;
        }
    }
  merge->losers = g_new (guint, merge->n + 1);
  if (merge->n > 0)
    seed (merge);
  return merge;
}

PlSpillMerge *
pl_spill_merge_open (const PlSpillOrder *order, guint64 index, GError **error)
{
  const GArray *bounds = order->bounds;
  return pl_spill_merge_between (order, index > 0 ? &g_array_index (bounds, PlSpillEntry, index - 1) : order->start,
                                 index < bounds->len ? &g_array_index (bounds, PlSpillEntry, index) : order->end,
                                 error);
}

guint64
pl_spill_merge_before (const PlSpillMerge *merge)
{
  return merge->before;
}

void
pl_spill_merge_close (PlSpillMerge *merge)
{
  if (merge == NULL)
    return;
  for (guint r = 0; r < merge->n; r++)
    reader_clear (&merge->readers[r]);
  g_free (merge->readers);
  g_free (merge->losers);
  g_free (merge);
}

const PlSpillEntry *
pl_spill_merge_peek (const PlSpillMerge *merge)
{
  if (merge->n == 0)
    return NULL;
  const Reader *reader = &merge->readers[merge->losers[0]];
  return reader->is_done ? NULL : &reader->entry;
}

gboolean
pl_spill_merge_step (PlSpillMerge *merge, GError **error)
{
  const guint winner = merge->losers[0];
  if (!reader_step (&merge->readers[winner], error))
    return FALSE;
  play (merge, winner);
  return TRUE;
}

/* ---- too many runs ---- */

/* Runs that are read at once: their chunks, those that are cached and one for each worker, may take a third of what
 * there is room for. */
static guint
most_runs (void)
{
  const PlLease *lease = pl_lease_current ();
  const gint64 low = lease != NULL && lease->all != NULL ? lease->all->low : 0;
  const gint64 room = low > 0 ? low / 2 * 5 : G_MAXINT64;
  const gint64 n_chunks = PL_SPILL_CACHED + (low > 0 ? lease->all->n_states : 0);
  return (guint) CLAMP (room / 3 / (n_chunks * PL_SPILL_CHUNK), 2, MOST_RUNS);
}

static gint
compare_sizes (gconstpointer a, gconstpointer b)
{
  const guint64 x = (*(PlSpillRun *const *) a)->n, y = (*(PlSpillRun *const *) b)->n;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Makes one run of @runs. */
static gboolean
merge_into (PlSpill *spill, GPtrArray *runs, GError **error)
{
  g_autoptr (PlSpillOrder) order = order_alloc (g_ptr_array_new (), g_ptr_array_ref (runs));
  g_autoptr (PlSpillMerge) merge = pl_spill_merge_open (order, 0, error);
  const PlSpillEntry *entry;
  if (merge == NULL || !pl_spill_begin (spill, error))
    return FALSE;
  while ((entry = pl_spill_merge_peek (merge)) != NULL)
    if (!pl_spill_put (spill, entry, error) || !pl_spill_merge_step (merge, error))
      return FALSE;
  return pl_spill_end (spill, error);
}

/* Merges the smallest of @runs into ones of a new file of @spills until they are few enough. */
static gboolean
merge_small (GPtrArray *spills, GPtrArray *runs, GError **error)
{
  const guint most = most_runs ();
  PlSpill *spill = NULL;
  while (runs->len > most)
    {
      const guint n = MIN (most, runs->len - most + 1);
      g_autoptr (GPtrArray) small = g_ptr_array_new ();
      if (spill == NULL)
        g_ptr_array_add (spills, spill = pl_spill_new ());
      g_ptr_array_sort (runs, compare_sizes);
      for (guint i = 0; i < n; i++)
        g_ptr_array_add (small, g_ptr_array_steal_index (runs, runs->len - 1));
      if (!merge_into (spill, small, error))
        return FALSE;
      const GPtrArray *merged = pl_spill_runs (spill);
      g_ptr_array_add (runs, merged->pdata[merged->len - 1]);
    }
  return TRUE;
}

static GPtrArray *
runs_of (const GPtrArray *spills)
{
  GPtrArray *all = g_ptr_array_new ();
  for (guint s = 0; s < spills->len; s++)
    {
      const GPtrArray *runs = pl_spill_runs (spills->pdata[s]);
      for (guint r = 0; r < runs->len; r++)
        g_ptr_array_add (all, runs->pdata[r]);
    }
  return all;
}

PlSpillOrder *
pl_spill_order_look (GPtrArray *spills)
{
  return order_alloc (spills, runs_of (spills));
}

PlSpillOrder *
pl_spill_order_new (GPtrArray *spills, guint64 piece_bytes, PlSpillCut cut, GError **error)
{
  GPtrArray *all = runs_of (spills);
  if (!merge_small (spills, all, error))
    {
      g_ptr_array_unref (all);
      g_ptr_array_unref (spills);
      return NULL;
    }
  PlSpillOrder *order = order_alloc (spills, all);
  choose_bounds (order, piece_bytes, cut);
  return order;
}
