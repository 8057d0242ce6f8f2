/* Sample, scatter, radix:
 *
 *   splitters from a sample ─► every worker scatters its share into buckets ─► every bucket sorted by itself
 *
 * Within a bucket, eight bytes of key at a time go through a least-significant-digit radix sort, which leaves out the
 * bytes that all items share; items that are still equal go on with the bytes behind what they have in common. The
 * order is total (position or id breaks ties), so that it does not depend on the number of workers or buckets. */
#include "items.h"
#include "radix.h"
#include "../base/memory.h"
#include "../keys/prefix.h"
#include "../memory/huge.h"
#include "../memory/leased.h"
#include <string.h>
#include <sys/mman.h>

#define SMALL 24           /* insertion sort up to here */
#define PARALLEL_MIN 32768 /* fewer items are sorted by one worker */
#define SAMPLE 1024
#define MAX_BUCKETS 256
#define MAX_DEPTH 200

/* What a comparison needs to know. */
typedef struct
{
  gsize key_offset; /* 0: items have no records; ties go by id */
} Order;

static inline const guint8 *
key_of (const Order *order, const PlSortItem *item)
{
  return (const guint8 *) item->record + order->key_offset;
}

static inline int
compare_keys (const Order *order, const PlSortItem *a, const PlSortItem *b)
{
  if (order->key_offset == 0)
    return a->id < b->id ? -1 : a->id > b->id;
  int result = memcmp (key_of (order, a), key_of (order, b), MIN (a->record->key_length, b->record->key_length));
  if (result != 0)
    return result;
  return a->record->position < b->record->position ? -1 : a->record->position > b->record->position;
}

static inline int
compare_items (const Order *order, const PlSortItem *a, const PlSortItem *b)
{
  if (a->prefix != b->prefix)
    return a->prefix < b->prefix ? -1 : 1;
  return compare_keys (order, a, b);
}

static int
compare_items_callback (gconstpointer a, gconstpointer b, gpointer order)
{
  return compare_items (order, a, b);
}

static void
insertion_sort (const Order *order, PlSortItem *items, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      PlSortItem item = items[i];
      gsize k = i;
      for (; k > 0 && compare_items (order, &item, &items[k - 1]) < 0; k--)
        items[k] = items[k - 1];
      items[k] = item;
    }
}

/* How many bytes from @skip on all keys have in common. */
static gsize
common_length (const Order *order, const PlSortItem *items, gsize n, gsize skip)
{
  const guint8 *first = key_of (order, &items[0]) + skip;
  gsize common = items[0].record->key_length - skip;
  for (gsize i = 1; i < n && common > 0; i++)
    {
      const guint8 *key = key_of (order, &items[i]) + skip;
      gsize k = 0, limit = MIN (common, items[i].record->key_length - skip);
      while (k < limit && key[k] == first[k])
        k++;
      common = k;
    }
  return common;
}

static void sort_bucket (const Order *order, PlSortItem *items, PlSortItem *scratch, gsize n, gsize skip, guint depth);

/* Items whose keys agree up to @skip, which is behind the prefix they were sorted by. */
static void
sort_equals (const Order *order, PlSortItem *items, PlSortItem *scratch, gsize n, gsize skip, guint depth)
{
  if (order->key_offset == 0)
    {
      const guint64 prefix = items[0].prefix;
      for (gsize i = 0; i < n; i++)
        items[i].prefix = items[i].id;
      pl_sort_radix (items, scratch, n);
      for (gsize i = 0; i < n; i++)
        items[i].prefix = prefix;
      return;
    }
  if (depth > MAX_DEPTH)
    {
      g_qsort_with_data (items, (gint) n, sizeof *items, compare_items_callback, (gpointer) order);
      return;
    }
  if (items[0].record->key_length > skip)
    skip += common_length (order, items, n, skip);
  if (items[0].record->key_length <= skip)
    {
      for (gsize i = 0; i < n; i++)
        items[i].prefix = items[i].record->position;
      pl_sort_radix (items, scratch, n);
      return;
    }
  for (gsize i = 0; i < n; i++)
    items[i].prefix = pl_key_prefix_behind (key_of (order, &items[i]), items[i].record->key_length, skip);
  sort_bucket (order, items, scratch, n, skip, depth + 1);
}

/* Prefixes hold the bytes from @skip on; the bytes before are equal. */
static void
sort_bucket (const Order *order, PlSortItem *items, PlSortItem *scratch, gsize n, gsize skip, guint depth)
{
  if (n <= SMALL)
    {
      insertion_sort (order, items, n);
      return;
    }
  pl_sort_radix (items, scratch, n);
  for (gsize first = 0; first < n;)
    {
      gsize end = first + 1;
      while (end < n && items[end].prefix == items[first].prefix)
        end++;
      if (end - first > SMALL)
        sort_equals (order, items + first, scratch + first, end - first, skip + 8, depth);
      else if (end - first > 1)
        insertion_sort (order, items + first, end - first);
      first = end;
    }
}

/* The shared part of a parallel sort. */
typedef struct
{
  Order order;
  gsize skip;
  PlSortItem *items, *scratch;
  guint8 *bucket_of; /* per item */
  guint64 n;
  guint n_parts, n_buckets;
  PlSortItem splitters[MAX_BUCKETS];
  guint64 (*offsets)[MAX_BUCKETS]; /* per part: where its items of each bucket go */
  guint64 starts[MAX_BUCKETS + 1];
} Job;

static guint64
part_start (const Job *job, guint part)
{
  return (guint64) ((PlUint128) job->n * part / job->n_parts);
}

static void
count_task (guint part, gpointer data)
{
  Job *job = data;
  guint64 *counts = job->offsets[part];
  memset (counts, 0, sizeof job->offsets[part]);
  const guint64 end = part_start (job, part + 1);
  for (guint64 i = part_start (job, part); i < end; i++)
    {
      guint low = 0, high = job->n_buckets - 1;
      while (low < high)
        {
          guint middle = (low + high) / 2;
          if (compare_items (&job->order, &job->items[i], &job->splitters[middle]) < 0)
            high = middle;
          else
            low = middle + 1;
        }
      job->bucket_of[i] = (guint8) low;
      counts[low]++;
    }
}

static void
scatter_task (guint part, gpointer data)
{
  Job *job = data;
  guint64 *offsets = job->offsets[part];
  const guint64 end = part_start (job, part + 1);
  for (guint64 i = part_start (job, part); i < end; i++)
    job->scratch[offsets[job->bucket_of[i]]++] = job->items[i];
}

static void
bucket_task (guint bucket, gpointer data)
{
  Job *job = data;
  guint64 start = job->starts[bucket], n = job->starts[bucket + 1] - start;
  if (n == 0)
    return;
  sort_bucket (&job->order, job->scratch + start, job->items + start, n, job->skip, 0);
  memcpy (job->items + start, job->scratch + start, n * sizeof (PlSortItem));
}

static void
choose_splitters (Job *job)
{
  PlSortItem sample[SAMPLE];
  for (guint i = 0; i < SAMPLE; i++)
    sample[i] = job->items[(guint64) ((PlUint128) job->n * i / SAMPLE)];
  g_qsort_with_data (sample, SAMPLE, sizeof *sample, compare_items_callback, &job->order);
  for (guint i = 0; i + 1 < job->n_buckets; i++)
    job->splitters[i] = sample[(i + 1) * SAMPLE / job->n_buckets];
}

static void
sort_parallel (Job *job, PlParallel *parallel)
{
  job->n_parts = parallel->n_workers * 2;
  job->n_buckets = CLAMP (parallel->n_workers * 4, 8, MAX_BUCKETS);
  job->bucket_of = pl_leased (g_malloc (job->n));
  job->offsets = g_malloc (sizeof *job->offsets * job->n_parts);
  choose_splitters (job);
  parallel->run (parallel, job->n_parts, count_task, job);
  guint64 sum = 0;
  for (guint bucket = 0; bucket < job->n_buckets; bucket++)
    {
      job->starts[bucket] = sum;
      for (guint part = 0; part < job->n_parts; part++)
        {
          guint64 next = sum + job->offsets[part][bucket];
          job->offsets[part][bucket] = sum;
          sum = next;
        }
    }
  job->starts[job->n_buckets] = sum;
  parallel->run (parallel, job->n_parts, scatter_task, job);
  parallel->run (parallel, job->n_buckets, bucket_task, job);
  pl_leased_free (job->bucket_of);
  g_free (job->offsets);
}

PlSortItem *
pl_sort_items_new (guint64 n)
{
  if (n > G_MAXSIZE / 2 / sizeof (PlSortItem))
    pl_no_memory (G_MAXSIZE);
  return pl_leased (pl_huge_new (n * sizeof (PlSortItem)));
}

static void
sort_all (PlSortItem *items, guint64 n, Order order, gsize skip, PlParallel *parallel)
{
  if (n < 2)
    return;
  pl_leased_auto PlSortItem *scratch = pl_sort_items_new (n);
  if (n < PARALLEL_MIN || parallel->n_workers < 2)
    {
      sort_bucket (&order, items, scratch, n, skip, 0);
      return;
    }
  g_autofree Job *job = g_new0 (Job, 1);
  *job = (Job){.order = order, .skip = skip, .items = items, .scratch = scratch, .n = n};
  sort_parallel (job, parallel);
}

void
pl_sort_prefixes (PlSortItem *items, guint64 n, PlParallel *parallel)
{
  guint64 i = 1;
  while (i < n && items[i - 1].prefix < items[i].prefix)
    i++;
  /* Rows of one worker often are in order: then there is no need of as much memory again. */
  if (i >= n)
    return;
  sort_all (items, n, (Order){0}, 0, parallel);
}

/* Reading the keys for the first time: what they have in common, then the bytes behind that. */
typedef struct
{
  Order order;
  PlSortItem *items;
  guint64 n;
  guint n_parts;
  gsize skip;
  gsize *common;
} Load;

static void
common_task (guint part, gpointer data)
{
  Load *load = data;
  guint64 start = load->n * part / load->n_parts, end = load->n * (part + 1) / load->n_parts;
  load->common[part] = load->items[0].record->key_length;
  if (start == end)
    return;
  /* Against the first item of all, so that the parts' answers can be put together. */
  PlSortItem pair[2] = {load->items[0], load->items[start]};
  gsize own = common_length (&load->order, load->items + start, end - start, 0);
  load->common[part] = MIN (own, common_length (&load->order, pair, 2, 0));
}

static void
load_task (guint part, gpointer data)
{
  Load *load = data;
  const guint64 end = load->n * (part + 1) / load->n_parts;
  for (guint64 i = load->n * part / load->n_parts; i < end; i++)
    {
      PlSortItem *item = &load->items[i];
      item->prefix = pl_key_prefix_behind (key_of (&load->order, item), item->record->key_length, load->skip);
    }
}

void
pl_sort_records (PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel)
{
  if (n < 2)
    return;
  Load load = {.order = {key_offset}, .items = items, .n = n};
  load.n_parts = n < PARALLEL_MIN ? 1 : parallel->n_workers * 4;
  load.common = g_new (gsize, load.n_parts);
  parallel->run (parallel, load.n_parts, common_task, &load);
  load.skip = items[0].record->key_length;
  for (guint part = 0; part < load.n_parts; part++)
    load.skip = MIN (load.skip, load.common[part]);
  g_free (load.common);
  parallel->run (parallel, load.n_parts, load_task, &load);
  sort_all (items, n, load.order, load.skip, parallel);
}

void
pl_sort_prefixed_records (PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel)
{
  guint64 different = 0;
  for (guint64 i = 1; i < n; i++)
    different |= items[i].prefix ^ items[0].prefix;
  /* Keys that start alike are read again from where they part. */
  if (different >> 32 == 0)
    pl_sort_records (items, n, key_offset, parallel);
  else
    sort_all (items, n, (Order){key_offset}, 0, parallel);
}

const PlRecord **
pl_sort_records_of (PlSortItem *items, guint64 first, guint64 n)
{
  const PlRecord **records = (const PlRecord **) items;
  for (guint64 i = 0; i < n; i++)
    records[i] = items[first + i].record;
  return pl_leased_resize (records, MAX (n, 1) * sizeof *records);
}
