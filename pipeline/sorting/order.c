/* Splitters from a sample cut all runs, each a sorted list, into parts of the order; the pieces of a part are put
 * together and sorted where they are in cache. Pieces come in the order of the input and sorting is stable, so that
 * position never has to be looked at.
 *
 * Where prefixes are equal, keys are made whole, for these rows alone: what stands before the line, then the texts in
 * it. When a sample says that this is so for many rows, it is done for all of them first, and the general sorter
 * (items.h) gets records. */
#include "order.h"
#include "../base/memory.h"
#include "../keys/prefix.h"
#include "../memory/huge.h"
#include "../memory/leased.h"
#include <stdlib.h>
#include <sys/mman.h>
#include "radix.h"

#define PART_ROWS 16384 /* twice that, as items, is what a core's cache holds */
#define MAX_PARTS 256
#define MAX_EDGES (4 << 20)
#define SAMPLES 32 /* a part */
#define KEY_OFFSET sizeof (PlRecord)
#define EXPAND_ROWS 1024 /* at a time, as each takes some hundred bytes */

typedef struct
{
  const PlSortShape *shape;
  gboolean keys;    /* whether rows with equal prefixes can differ */
  gsize key_offset; /* of records */
  PlSortRun *runs;  /* by position */
  guint n_runs;
  guint64 n;
  guint n_parts;
  guint64 *splitters; /* the first prefix of each part but the first */
  guint32 *edges;     /* a run: n_parts + 1 indices into it */
  guint64 *starts;    /* a part: of its rows in the order; one more for the end */
  guint64 *addresses;
  PlSortItem *items; /* of all rows, while keys are made whole for all of them */
  guint64 *firsts;   /* a run: of its rows among all */
  PlArena **arenas;  /* a task */
  guint n_tasks;
} Order;

static gint
compare_runs (gconstpointer a, gconstpointer b)
{
  const guint64 x = ((const PlSortRun *) a)->position, y = ((const PlSortRun *) b)->position;
  return x < y ? -1 : x > y;
}

static gint
compare_prefixes (gconstpointer a, gconstpointer b)
{
  const guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;
  return x < y ? -1 : x > y;
}

/* On huge pages where that pays. */
static gpointer
big_new (gsize n, gsize width)
{
  if (n > G_MAXSSIZE / 2 / width)
    pl_no_memory (G_MAXSIZE);
  return pl_leased (pl_huge_new (n * width));
}

/* Every @step-th prefix of all rows, sorted. */
static guint64 *
take_sample (const Order *order, gsize n_samples)
{
  guint64 *sample = g_new (guint64, n_samples);
  guint64 first = 0;
  guint r = 0;
  for (gsize s = 0; s < n_samples; s++)
    {
      guint64 row = (guint64) ((PlUint128) order->n * s / n_samples);
      for (; row - first >= order->runs[r].n; r++)
        first += order->runs[r].n;
      sample[s] = order->runs[r].items[row - first].prefix;
    }
  qsort (sample, n_samples, sizeof *sample, compare_prefixes);
  return sample;
}

/* Chooses parts. Returns: whether so many prefixes are equal that keys are better made whole for all rows. */
static gboolean
choose_parts (Order *order)
{
  order->n_parts = (guint) MIN (order->n / PART_ROWS + 1, MIN (MAX_PARTS, MAX_EDGES / order->n_runs + 1));
  const gsize n_samples = (gsize) MIN (order->n, (guint64) order->n_parts * SAMPLES);
  g_autofree guint64 *sample = take_sample (order, n_samples);
  gsize equal = 0;
  for (gsize s = 1; s < n_samples; s++)
    equal += sample[s] == sample[s - 1];
  order->splitters = g_new (guint64, order->n_parts);
  for (guint p = 0; p + 1 < order->n_parts; p++)
    order->splitters[p] = sample[(p + 1) * n_samples / order->n_parts];
  return order->keys && equal > n_samples / 8;
}

/* Where the parts begin in some of the runs. */
static void
edges_task (guint task, gpointer data)
{
  Order *order = data;
  const guint end = (guint) ((guint64) order->n_runs * (task + 1) / order->n_tasks);
  for (guint r = (guint) ((guint64) order->n_runs * task / order->n_tasks); r < end; r++)
    {
      const PlSortRun *run = &order->runs[r];
      guint32 *edges = order->edges + (gsize) r * (order->n_parts + 1), i = 0;
      edges[0] = 0;
      for (guint p = 0; p + 1 < order->n_parts; p++)
        {
          while (i < run->n && run->items[i].prefix < order->splitters[p])
            i++;
          edges[p + 1] = i;
        }
      edges[order->n_parts] = run->n;
    }
}

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

/* The keys of the terms that are texts of lines, for some @items. */
static const PlText *
tail_keys (const PlSortShape *shape, const PlSortItem *items, gsize n, PlArena *arena)
{
  const guint n_tail = shape->n_terms - shape->n_head;
  if (n_tail == 0)
    return NULL;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_tail);
  guint64 *addresses = pl_arena_new_array (arena, guint64, n);
  for (gsize i = 0; i < n; i++)
    addresses[i] = items[i].id;
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

/* What of a row's key is behind the prefix, in two pieces. */
static void
key_pieces (const Order *order, const PlSortItem *item, const PlText *tail, PlText pieces[2])
{
  pieces[0] = pieces[1] = (PlText){.data = ""};
  if (item->id & PL_SORT_IS_RECORD)
    {
      const PlRecord *record = pl_sort_record (item->id);
      pieces[0].length = record->key_length;
      pieces[0].data = (const char *) record + order->key_offset;
      return;
    }
  gsize length;
  const char *line = pl_sort_line (item->id, &length);
  if (order->shape->rests)
    {
      pieces[0].data = (const char *) pl_sort_rest (line, &length);
      pieces[0].length = (guint32) length;
    }
  if (tail != NULL)
    pieces[1] = *tail;
}

/* Replaces @items by records with whole keys; each has the item's address in front of it. @with_prefix: as the start of
 * the key. */
static void
expand (const Order *order, PlSortItem *items, gsize n, guint64 position, gboolean with_prefix, PlArena *records,
        PlArena *scratch)
{
  const gsize head = with_prefix ? sizeof (guint64) : 0;
  for (gsize first = 0; first < n; first += EXPAND_ROWS)
    {
      const gsize end = MIN (first + EXPAND_ROWS, n);
      pl_arena_reset (scratch);
      const PlText *tails = tail_keys (order->shape, items + first, end - first, scratch);
      for (gsize i = first; i < end; i++)
        {
          PlText pieces[2];
          key_pieces (order, &items[i], tails != NULL ? &tails[i - first] : NULL, pieces);
          const gsize length = head + pieces[0].length + pieces[1].length;
          guint64 *memory = pl_arena_alloc (records, sizeof (guint64) + sizeof (PlRecord) + length);
          PlRecord *record = (PlRecord *) (memory + 1);
          char *key = (char *) (record + 1);
          memory[0] = items[i].id;
          *record = (PlRecord){.position = position + i, .key_length = (guint32) length};
          if (with_prefix)
            pl_key_prefix_put (items[i].prefix, key);
          memcpy (key + head, pieces[0].data, pieces[0].length);
          memcpy (key + head + pieces[0].length, pieces[1].data, pieces[1].length);
          items[i].record = record;
        }
    }
}

static inline guint64
expanded_address (const PlSortItem *item)
{
  return ((const guint64 *) (const void *) item->record)[-1];
}

/* Puts groups of @items with the same prefix, which are in the order of the input, into that of their whole keys. */
static void
sort_equals (const Order *order, PlSortItem *items, gsize n, PlArena *records, PlArena *scratch)
{
  for (gsize first = 0; first < n;)
    {
      gsize end = first + 1;
      while (end < n && items[end].prefix == items[first].prefix)
        end++;
      if (end - first > 1)
        {
          pl_arena_reset (records);
          expand (order, items + first, end - first, 0, FALSE, records, scratch);
          pl_sort_records (items + first, end - first, KEY_OFFSET, pl_parallel_serial ());
          for (gsize i = first; i < end; i++)
            items[i].id = expanded_address (&items[i]);
        }
      first = end;
    }
}

static void
part_task (guint part, gpointer data)
{
  Order *order = data;
  const guint64 start = order->starts[part];
  const gsize n = (gsize) (order->starts[part + 1] - start);
  pl_leased_auto PlSortItem *items = pl_leased (g_new (PlSortItem, MAX (2 * n, 1)));
  g_autoptr (PlArena) records = pl_arena_new ();
  g_autoptr (PlArena) scratch = pl_arena_new ();
  PlSortItem *at = items;
  for (guint r = 0; r < order->n_runs; r++)
    {
      const guint32 *edges = order->edges + (gsize) r * (order->n_parts + 1) + part;
      memcpy (at, order->runs[r].items + edges[0], (edges[1] - edges[0]) * sizeof *at);
      at += edges[1] - edges[0];
    }
  pl_sort_radix (items, items + n, n);
  if (order->keys)
    sort_equals (order, items, n, records, scratch);
  for (gsize i = 0; i < n; i++)
    order->addresses[start + i] = items[i].id;
}

static void
sort_by_parts (Order *order, PlParallel *parallel)
{
  order->n_tasks = MIN (order->n_runs, parallel->n_workers * 4);
  order->edges = pl_leased (g_new (guint32, (gsize) order->n_runs * (order->n_parts + 1)));
  parallel->run (parallel, order->n_tasks, edges_task, order);
  order->starts = g_new0 (guint64, order->n_parts + 1);
  for (guint r = 0; r < order->n_runs; r++)
    for (guint p = 1; p <= order->n_parts; p++)
      order->starts[p] += order->edges[(gsize) r * (order->n_parts + 1) + p];
  parallel->run (parallel, order->n_parts, part_task, order);
  pl_leased_free (order->edges);
  g_free (order->starts);
}

static void
expand_task (guint task, gpointer data)
{
  Order *order = data;
  g_autoptr (PlArena) scratch = pl_arena_new ();
  const guint end = (guint) ((guint64) order->n_runs * (task + 1) / order->n_tasks);
  for (guint r = (guint) ((guint64) order->n_runs * task / order->n_tasks); r < end; r++)
    {
      PlSortItem *items = order->items + order->firsts[r];
      memcpy (items, order->runs[r].items, order->runs[r].n * sizeof *items);
      expand (order, items, order->runs[r].n, order->firsts[r], TRUE, order->arenas[task], scratch);
    }
}

static void
sort_whole_keys (Order *order, PlParallel *parallel)
{
  order->n_tasks = MIN (order->n_runs, parallel->n_workers * 4);
  order->items = big_new (order->n, sizeof (PlSortItem));
  order->firsts = g_new (guint64, order->n_runs);
  order->arenas = g_new (PlArena *, order->n_tasks);
  for (guint t = 0; t < order->n_tasks; t++)
    order->arenas[t] = pl_arena_new ();
  for (guint64 r = 0, first = 0; r < order->n_runs; first += order->runs[r++].n)
    order->firsts[r] = first;
  parallel->run (parallel, order->n_tasks, expand_task, order);
  pl_sort_prefixed_records (order->items, order->n, KEY_OFFSET, parallel);
  for (guint64 i = 0; i < order->n; i++)
    order->addresses[i] = expanded_address (&order->items[i]);
  for (guint t = 0; t < order->n_tasks; t++)
    pl_arena_free (order->arenas[t]);
  g_free (order->arenas);
  g_free (order->firsts);
  pl_leased_free (order->items);
}

guint64 *
pl_sort_order (const PlSortShape *shape, PlSortRuns *const *runs, guint n_runs, PlParallel *parallel, guint64 *n_rows)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (PlSortRun));
  Order order = {.shape = shape, .keys = shape->n_terms > shape->n_head};
  for (guint s = 0; s < n_runs; s++)
    {
      const GArray *own = pl_sort_runs_close (runs[s]);
      const PlStore *store = pl_sort_runs_store (runs[s]);
      if (own->len > 0)
        g_array_append_vals (list, own->data, own->len);
      if (store != NULL)
        order.key_offset = pl_store_key_offset (store);
      order.keys |= pl_sort_runs_has_rests (runs[s]) || store != NULL;
    }
  g_array_sort (list, compare_runs);
  order.runs = (PlSortRun *) (void *) list->data;
  order.n_runs = list->len;
  for (guint r = 0; r < order.n_runs; r++)
    order.n += order.runs[r].n;
  order.addresses = big_new (order.n, sizeof (guint64));
  *n_rows = order.n;
  if (order.n > 0)
    {
      if (choose_parts (&order))
        sort_whole_keys (&order, parallel);
      else
        sort_by_parts (&order, parallel);
      g_free (order.splitters);
    }
  for (guint s = 0; s < n_runs; s++)
    pl_sort_runs_forget (runs[s]);
  return order.addresses;
}
