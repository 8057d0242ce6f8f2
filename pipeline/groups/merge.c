/* Sorting costs next to nothing, because slots already stand nearly in the order of their hashes; keys are looked at
 * only where hashes are equal. Of scattered tables a part is a partition, whose groups are sorted here, and may meet
 * each other. */
#include "merge.h"
#include "../memory/big-array.h"
#include "../memory/leased.h"
#include "../keys/encode.h"
#include "../keys/row.h"

#define PART_SIZE 8192 /* slots of a part, about: they stay in the cache */
#define MAX_PART_BITS 14
#define AHEAD 12
#define PAIRS 4096

typedef struct
{
  guint64 slot; /* as in the table */
  guint32 source;
} Entry;

typedef struct
{
  guint32 owner, source, into, from;
} Pair;

typedef struct
{
  PlGroupTable *const *sources;
  guint n_sources;
  guint part_bits;
  PlGroupMet met;
  gpointer data;
  PlGroupIds *ids; /* a piece a part; starts hold their lengths until all are ready */
  guint64 room;    /* atomic: ids that are spoken for */
} Merge;

/* One part on its way. */
typedef struct
{
  const Merge *merge;
  Entry *entries, *spare;
  gsize n, capacity;
  gsize *ends; /* per source: where its entries end */
  guint64 *ids;
  gsize n_ids;
  Pair *pairs, *sorted;
  gsize n_pairs;
} Part;

static inline const guint64 *
key_of (const Merge *merge, guint64 id)
{
  return pl_group_table_key (merge->sources[id >> 32], (guint32) id);
}

/* ---- the slots of a part, in order ---- */

static void
reserve_entries (Part *part, gsize n)
{
  if (part->n + n <= part->capacity)
    return;
  part->capacity = MAX (2 * part->capacity, part->n + n);
  part->entries = pl_leased_resize (part->entries, part->capacity * sizeof *part->entries);
}

/* Entries of one scattered source by hash: put where the next bits of their hashes say, as many as make neighbours few,
 * and then in order. Those of one hash, which may be many, are not moved any more. */
static void
sort_entries (Part *part, gsize start)
{
  const gsize n = part->n - start;
  const guint rest = 32 - part->merge->part_bits;
  guint bits = 1;
  while (bits < rest && n >> bits > 1)
    bits++;
  const guint shift = 32 + rest - bits;
  const guint64 mask = (G_GUINT64_CONSTANT (1) << bits) - 1;
  Entry *entries = part->entries + start;
  pl_leased_auto Entry *copy = pl_leased (g_memdup2 (entries, n * sizeof *entries));
  g_autofree guint32 *next = g_new0 (guint32, mask + 2);
  for (gsize i = 0; i < n; i++)
    next[(copy[i].slot >> shift & mask) + 1]++;
  for (guint64 bucket = 0; bucket < mask; bucket++)
    next[bucket + 1] += next[bucket];
  for (gsize i = 0; i < n; i++)
    entries[next[copy[i].slot >> shift & mask]++] = copy[i];
  for (gsize i = 1; i < n; i++)
    {
      const Entry entry = entries[i];
      gsize to = i;
      for (; to > 0 && entries[to - 1].slot >> 32 > entry.slot >> 32; to--)
        entries[to] = entries[to - 1];
      entries[to] = entry;
    }
}

/* Takes all groups of the partition, and hashes their keys again: that costs less than keeping the hashes. */
static void
collect_scattered (Part *part, guint source, guint index)
{
  const PlGroupTable *table = part->merge->sources[source];
  const PlGroupScatter *scatter = table->scatter;
  const guint n_words = table->layout->n_words;
  const gsize start = part->n;
  g_autofree guint64 *keys = g_new (guint64, PL_SCATTER_CHUNK * MAX (n_words, 1));
  guint32 hashes[PL_SCATTER_CHUNK];
  for (guint32 link = scatter->end[index] / PL_SCATTER_CHUNK; link != 0;
       link = g_array_index (scatter->chunks, PlScatterChunk, link - 1).older)
    {
      const gsize first = (gsize) (link - 1) * PL_SCATTER_CHUNK;
      const gsize n = pl_group_scatter_chunk_end (scatter, link - 1) - first;
      for (gsize i = 0; i < n; i++)
        memcpy (keys + i * n_words, pl_group_table_key (table, first + i), n_words * sizeof *keys);
      pl_keys_hash (table->layout, keys, n, hashes);
      reserve_entries (part, n);
      for (gsize i = 0; i < n; i++)
        part->entries[part->n++] = (Entry){(guint64) hashes[i] << 32 | (first + i + 1), source};
    }
  if (part->n > start)
    sort_entries (part, start);
}

/* Takes the slots of @source whose hashes are in @first … @last. Those of other parts may stand between them. */
static void
collect_source (Part *part, guint source, guint32 first, guint32 last)
{
  const PlGroupTable *table = part->merge->sources[source];
  const gsize n_slots = table->n_slots + table->n_spare;
  if (n_slots == 0)
    return;
  const gsize home = pl_group_table_home (table, first), last_home = pl_group_table_home (table, last);
  gsize start = part->n;
  for (gsize at = home; at < n_slots && (at <= last_home || table->slots[at] != 0); at++)
    {
      const guint64 slot = table->slots[at];
      const guint32 hash = (guint32) (slot >> 32);
      if (slot == 0 || hash < first || hash > last)
        continue;
      reserve_entries (part, 1);
      gsize to = part->n++;
      for (; to > start && part->entries[to - 1].slot > slot; to--)
        part->entries[to] = part->entries[to - 1];
      part->entries[to] = (Entry){slot, source};
    }
}

static void
merge_runs (const Entry *a, const Entry *a_end, const Entry *b, const Entry *b_end, Entry *to)
{
  while (a < a_end && b < b_end)
    *to++ = a->slot >> 32 <= b->slot >> 32 ? *a++ : *b++;
  while (a < a_end)
    *to++ = *a++;
  while (b < b_end)
    *to++ = *b++;
}

/* All sources' entries by hash, those of one hash by source: neighbouring runs are merged until one is left. */
static void
sort_part (Part *part)
{
  guint n_runs = part->merge->n_sources;
  if (n_runs > 1)
    part->spare = pl_leased (g_new (Entry, MAX (part->n, 1)));
  for (; n_runs > 1; n_runs = (n_runs + 1) / 2)
    {
      for (guint run = 0; run < n_runs; run += 2)
        {
          gsize start = run == 0 ? 0 : part->ends[run - 1], middle = part->ends[run];
          gsize end = run + 1 < n_runs ? part->ends[run + 1] : middle;
          merge_runs (part->entries + start, part->entries + middle, part->entries + middle, part->entries + end,
                      part->spare + start);
        }
      for (guint run = 0; run < n_runs; run += 2)
        part->ends[run / 2] = part->ends[MIN (run + 1, n_runs - 1)];
      Entry *sorted = part->spare;
      part->spare = part->entries;
      part->entries = sorted;
    }
}

/* ---- groups that met ---- */

/* Hands the pairs over, those of the same two sources together. */
static void
flush_pairs (Part *part)
{
  const guint n_sources = part->merge->n_sources;
  guint32 into[PAIRS], from[PAIRS];
  g_autofree gsize *next = g_new0 (gsize, n_sources + 1);
  for (gsize i = 0; i < part->n_pairs; i++)
    next[part->pairs[i].source + 1]++;
  for (guint s = 0; s < n_sources; s++)
    next[s + 1] += next[s];
  for (gsize i = 0; i < part->n_pairs; i++)
    part->sorted[next[part->pairs[i].source]++] = part->pairs[i];
  for (gsize i = 0, n; i < part->n_pairs; i += n)
    {
      const Pair *pair = &part->sorted[i];
      for (n = 0; i + n < part->n_pairs && pair[n].source == pair->source && pair[n].owner == pair->owner; n++)
        {
          into[n] = pair[n].into;
          from[n] = pair[n].from;
        }
      part->merge->met (pair->owner, pair->source, into, from, n, part->merge->data);
    }
  part->n_pairs = 0;
}

static void
add_pair (Part *part, guint64 owner, guint64 id)
{
  if (part->n_pairs == PAIRS)
    flush_pairs (part);
  part->pairs[part->n_pairs++] = (Pair){(guint32) (owner >> 32), (guint32) (id >> 32), (guint32) owner, (guint32) id};
}

/* Entries of one hash: each either is a group seen in an earlier source, or a new one, which takes its place by its
 * key. */
static void
unite_hash (Part *part, const Entry *entries, gsize n)
{
  const PlKeyLayout *layout = part->merge->sources[0]->layout;
  const gsize first = part->n_ids;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 id = (guint64) entries[i].source << 32 | ((guint32) entries[i].slot - 1);
      const guint64 *key = key_of (part->merge, id);
      gsize at = first;
      int order = 1;
      while (at < part->n_ids && (order = pl_key_order (layout, key, key_of (part->merge, part->ids[at]))) > 0)
        at++;
      if (at < part->n_ids && order == 0)
        {
          add_pair (part, part->ids[at], id);
          continue;
        }
      memmove (part->ids + at + 1, part->ids + at, (part->n_ids - at) * sizeof *part->ids);
      part->ids[at] = id;
      part->n_ids++;
    }
}

static void
unite_part (Part *part)
{
  const Entry *entries = part->entries;
  for (gsize i = 0, n; i < part->n; i += n)
    {
      const gsize ahead = i + AHEAD;
      if (ahead + 1 < part->n
          && (entries[ahead].slot >> 32 == entries[ahead + 1].slot >> 32
              || entries[ahead].slot >> 32 == entries[ahead - 1].slot >> 32))
        for (gsize next = ahead; next < ahead + 2; next++)
          __builtin_prefetch (
              key_of (part->merge, (guint64) entries[next].source << 32 | ((guint32) entries[next].slot - 1)));
      for (n = 1; i + n < part->n && entries[i + n].slot >> 32 == entries[i].slot >> 32; n++)
        ;
      if (G_LIKELY (n == 1))
        part->ids[part->n_ids++] = (guint64) entries[i].source << 32 | ((guint32) entries[i].slot - 1);
      else
        unite_hash (part, entries + i, n);
    }
  if (part->n_pairs > 0)
    flush_pairs (part);
}

static void
merge_task (guint index, gpointer data)
{
  Merge *merge = data;
  Part part = {.merge = merge};
  const guint64 width = G_GUINT64_CONSTANT (1) << (32 - merge->part_bits);
  part.ends = g_new (gsize, merge->n_sources);
  for (guint s = 0; s < merge->n_sources; s++)
    {
      if (merge->sources[s]->scatter != NULL)
        collect_scattered (&part, s, index);
      else
        collect_source (&part, s, (guint32) (index * width), (guint32) ((index + 1) * width - 1));
      part.ends[s] = part.n;
    }
  sort_part (&part);
  const guint64 offset = __atomic_fetch_add (&merge->room, part.n, __ATOMIC_RELAXED);
  part.ids = merge->ids->all + offset;
  if (merge->n_sources > 1 || merge->sources[0]->scatter != NULL)
    {
      part.pairs = pl_leased (g_new (Pair, PAIRS));
      part.sorted = pl_leased (g_new (Pair, PAIRS));
    }
  unite_part (&part);
  merge->ids->offsets[index] = offset;
  merge->ids->starts[index] = part.n_ids;
  pl_leased_free (part.pairs);
  pl_leased_free (part.sorted);
  pl_leased_free (part.entries);
  pl_leased_free (part.spare);
  g_free (part.ends);
}

void
pl_group_merge (PlGroupTable *const *sources, guint n_sources, PlGroupMet met, gpointer data, PlParallel *parallel,
                PlGroupIds *ids)
{
  Merge merge = {.sources = sources, .n_sources = n_sources, .met = met, .data = data, .ids = ids};
  guint64 n_slots = 0;
  gboolean scattered = FALSE;
  for (guint s = 0; s < n_sources; s++)
    {
      n_slots += sources[s]->n_groups;
      scattered |= sources[s]->scatter != NULL;
    }
  while (merge.part_bits < MAX_PART_BITS && n_slots >> merge.part_bits > PART_SIZE)
    merge.part_bits++;
  if (scattered)
    merge.part_bits = PL_SCATTER_BITS;
  *ids = (PlGroupIds){.n_pieces = 1u << merge.part_bits, .bytes = n_slots * sizeof *ids->all};
  ids->starts = g_new (guint64, ids->n_pieces + 1);
  ids->offsets = g_new (guint64, ids->n_pieces);
  ids->all = pl_big_resize (NULL, 0, ids->bytes);
  parallel->run (parallel, ids->n_pieces, merge_task, &merge);
  for (guint p = 0; p < ids->n_pieces; p++)
    {
      const guint64 length = ids->starts[p];
      ids->starts[p] = ids->n;
      ids->n += length;
    }
  ids->starts[ids->n_pieces] = ids->n;
}

void
pl_group_ids_get (const PlGroupIds *ids, guint64 first, gsize n, guint64 *to)
{
  guint low = 0, high = ids->n_pieces;
  /* The last piece that starts at or before @first. */
  while (high - low > 1)
    {
      const guint middle = low + (high - low) / 2;
      if (ids->starts[middle] <= first)
        low = middle;
      else
        high = middle;
    }
  for (gsize count; n > 0; n -= count, first += count, to += count, low++)
    {
      count = (gsize) MIN (n, ids->starts[low + 1] - first);
      memcpy (to, ids->all + ids->offsets[low] + (first - ids->starts[low]), count * sizeof *to);
    }
}

guint64 *
pl_group_ids_join (PlGroupIds *ids)
{
  ids->n_pieces = 1;
  ids->offsets[0] = 0;
  ids->starts[1] = ids->n;
  return ids->all;
}

void
pl_group_ids_clear (PlGroupIds *ids)
{
  pl_big_free (ids->all, ids->bytes);
  g_free (ids->starts);
  g_free (ids->offsets);
  *ids = (PlGroupIds){0};
}
