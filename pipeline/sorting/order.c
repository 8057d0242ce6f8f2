/* Splitters from a sample cut all runs, each a sorted list, into parts of the order; the pieces of a part are put
 * together and sorted where they are in cache. Pieces come in the order of the input and sorting is stable, so that
 * position never has to be looked at.
 *
 * Where prefixes are equal, keys are looked at eight bytes deeper, or are made whole, for these rows alone: what stands
 * before the line, then the texts in it. Where a sample says that this is so for many rows, and all keys begin with the
 * same bytes ("id00000…"), prefixes are made of the eight bytes behind these first, run by run, in place. */
#include "order.h"
#include "../base/lease.h"
#include "../base/memory.h"
#include "../memory/huge.h"
#include "../memory/leased.h"
#include <stdlib.h>
#include <sys/mman.h>
#include "key-pieces.h"
#include "radix.h"

#define PART_ROWS 16384 /* twice that, as items, is what a core's cache holds */
#define MAX_PARTS 256
#define MAX_EDGES (4 << 20)
#define SAMPLES 32 /* a part */
#define KEY_OFFSET sizeof (PlRecord)
#define EXPAND_ROWS 1024 /* at a time, as each takes some hundred bytes */
#define FEW 4096         /* rows whose keys are made whole without a thought */
#define MANY 65536       /* or, while there is room for as much, */
#define WHOLE_BYTES 96   /* which a row takes then, about */
#define SMALL 24         /* rows that are sorted by comparing them */
#define DEEP 512         /* bytes of keys behind which they are made whole, however many there are */
#define MOST_SHARED 256  /* bytes that all keys begin with, beyond which nobody looks */

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
  guint64 *prefixes; /* (nullable): where they are wanted, too: then they stay what they are */
  gsize shared;      /* bytes that all keys begin with and prefixes have not */
  guint moved;       /* bytes that the prefixes are being moved by */
  gboolean goes_on;  /* atomic: whether any key has more behind them then */
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

/* Chooses parts. Returns: whether rows whose prefixes are equal are many. */
static gboolean
choose_parts (Order *order)
{
  g_free (order->splitters);
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

/* Replaces @items by records with what of their keys the prefix has not; each has the item's address in front of it. */
static void
expand (const Order *order, PlSortItem *items, gsize n, PlArena *records, PlArena *scratch)
{
  for (gsize first = 0; first < n; first += EXPAND_ROWS)
    {
      const gsize end = MIN (first + EXPAND_ROWS, n);
      pl_arena_reset (scratch);
      guint64 *addresses = pl_arena_new_array (scratch, guint64, end - first);
      for (gsize i = first; i < end; i++)
        addresses[i - first] = items[i].id;
      const PlText *tails = pl_sort_key_tails (order->shape, addresses, end - first, scratch);
      for (gsize i = first; i < end; i++)
        {
          PlText pieces[2];
          pl_sort_key_pieces (order->shape, order->key_offset, items[i].id, tails != NULL ? &tails[i - first] : NULL,
                              pieces);
          const gsize length = pieces[0].length + pieces[1].length;
          guint64 *memory = pl_arena_alloc (records, sizeof (guint64) + sizeof (PlRecord) + length);
          PlRecord *record = (PlRecord *) (memory + 1);
          char *key = (char *) (record + 1);
          memory[0] = items[i].id;
          *record = (PlRecord){.position = i, .key_length = (guint32) length};
          memcpy (key, pieces[0].data, pieces[0].length);
          memcpy (key + pieces[0].length, pieces[1].data, pieces[1].length);
          items[i].record = record;
        }
    }
}

static inline guint64
expanded_address (const PlSortItem *item)
{
  return ((const guint64 *) (const void *) item->record)[-1];
}

/* A part that is being sorted. */
typedef struct
{
  const Order *order;
  PlSortItem *spare; /* as many as items are sorted at once */
  PlArena *records, *scratch;
} Part;

/* Moves the prefix of each key by @moved bytes, 1 to 8: it gets as many of those behind @skip others. Returns: whether
 * any key goes on behind them. */
static gboolean
look_deeper (const Order *order, PlSortItem *items, gsize n, gsize skip, guint moved, PlArena *scratch)
{
  gboolean goes_on = FALSE;
  for (gsize first = 0; first < n; first += EXPAND_ROWS)
    {
      const gsize count = MIN (n - first, EXPAND_ROWS);
      pl_arena_reset (scratch);
      guint64 *addresses = pl_arena_new_array (scratch, guint64, count);
      for (gsize i = 0; i < count; i++)
        addresses[i] = items[first + i].id;
      const PlText *tails = pl_sort_key_tails (order->shape, addresses, count, scratch);
      for (gsize i = 0; i < count; i++)
        {
          PlText pieces[2];
          pl_sort_key_pieces (order->shape, order->key_offset, addresses[i], tails != NULL ? &tails[i] : NULL, pieces);
          const guint64 next = pl_sort_key_look (pieces, skip);
          const guint64 before = moved < 8 ? items[first + i].prefix << 8 * moved : 0;
          items[first + i].prefix = before | next >> (64 - 8 * moved);
          goes_on |= (gsize) pieces[0].length + pieces[1].length > skip + moved;
        }
    }
  return goes_on;
}

static gint
compare_records (const PlRecord *a, const PlRecord *b)
{
  const gint order = memcmp (a + 1, b + 1, MIN (a->key_length, b->key_length));
  return order != 0 ? order : a->position < b->position ? -1 : 1;
}

/* By the keys of the records. */
static void
insert_records (PlSortItem *items, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      const PlSortItem item = items[i];
      gsize k = i;
      for (; k > 0 && compare_records (item.record, items[k - 1].record) < 0; k--)
        items[k] = items[k - 1];
      items[k] = item;
    }
}

static void sort_equals (const Part *part, PlSortItem *items, gsize n, gsize skip);

/* Puts @items, which have one prefix and are in the order of the input, into that of their keys behind the first @skip
 * bytes of what the prefix has not. Many are looked at eight bytes deeper, which takes no memory; few have their keys
 * made whole. */
static void
sort_equal (const Part *part, PlSortItem *items, gsize n, gsize skip)
{
  const guint64 prefix = items[0].prefix;
  if (n < FEW || skip >= DEEP || (n < MANY && pl_lease_has_room (n * WHOLE_BYTES)))
    {
      pl_arena_reset (part->records);
      expand (part->order, items, n, part->records, part->scratch);
      if (n <= SMALL)
        insert_records (items, n);
      else
        pl_sort_records (items, n, KEY_OFFSET, pl_parallel_serial ());
      for (gsize i = 0; i < n; i++)
        items[i].id = expanded_address (&items[i]);
    }
  else
    {
      const gboolean goes_on = look_deeper (part->order, items, n, skip, 8, part->scratch);
      pl_sort_radix (items, part->spare, n);
      if (goes_on)
        sort_equals (part, items, n, skip + sizeof (guint64));
    }
  for (gsize i = 0; i < n; i++)
    items[i].prefix = prefix;
}

static void
sort_equals (const Part *part, PlSortItem *items, gsize n, gsize skip)
{
  for (gsize first = 0; first < n;)
    {
      gsize end = first + 1;
      while (end < n && items[end].prefix == items[first].prefix)
        end++;
      if (end - first > 1)
        sort_equal (part, items + first, end - first, skip);
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
    sort_equals (&(Part){order, items + n, records, scratch}, items, n, order->shared);
  for (gsize i = 0; i < n; i++)
    order->addresses[start + i] = items[i].id;
  for (gsize i = 0; order->prefixes != NULL && i < n; i++)
    order->prefixes[start + i] = items[i].prefix;
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

/* Some of the runs. */
static void
move_task (guint task, gpointer data)
{
  Order *order = data;
  const guint end = (guint) ((guint64) order->n_runs * (task + 1) / order->n_tasks);
  g_autoptr (PlArena) scratch = pl_arena_new ();
  pl_leased_auto PlSortItem *spare = NULL;
  guint32 n_spare = 0;
  for (guint r = (guint) ((guint64) order->n_runs * task / order->n_tasks); r < end; r++)
    {
      const PlSortRun *run = &order->runs[r];
      if (run->n > n_spare)
        spare = pl_leased_resize (spare, (n_spare = run->n) * sizeof *spare);
      if (look_deeper (order, run->items, run->n, order->shared, order->moved, scratch))
        __atomic_store_n (&order->goes_on, TRUE, __ATOMIC_RELAXED);
      pl_sort_radix (run->items, spare, run->n);
    }
}

/* How many bytes all prefixes begin with: those of a run lie between its first and its last one. */
static guint
count_shared (const Order *order)
{
  guint64 least = G_MAXUINT64, most = 0;
  for (guint r = 0; r < order->n_runs; r++)
    {
      least = MIN (least, order->runs[r].items[0].prefix);
      most = MAX (most, order->runs[r].items[order->runs[r].n - 1].prefix);
    }
  return least == most ? 8 : (guint) __builtin_clzll (least ^ most) / 8;
}

/* Makes prefixes say more, where too many are equal. What is behind the bytes that all keys share compares like the
 * whole keys, and rows whose new prefixes are equal had equal ones before: so runs stay in the order of the input. */
static void
move_prefixes (Order *order, PlParallel *parallel)
{
  order->n_tasks = MIN (order->n_runs, parallel->n_workers * 4);
  while (order->shared < MOST_SHARED && (order->moved = count_shared (order)) > 0)
    {
      order->goes_on = FALSE;
      parallel->run (parallel, order->n_tasks, move_task, order);
      order->shared += order->moved;
      if (!choose_parts (order) || !order->goes_on)
        return;
    }
}

guint64 *
pl_sort_order (const PlSortShape *shape, PlSortRuns *const *runs, guint n_runs, PlParallel *parallel, guint64 *n_rows,
               guint64 **prefixes)
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
  if (prefixes != NULL)
    *prefixes = order.prefixes = big_new (order.n, sizeof (guint64));
  *n_rows = order.n;
  if (order.n > 0)
    {
      if (choose_parts (&order) && prefixes == NULL && shape->n_terms == shape->n_head)
        move_prefixes (&order, parallel);
      sort_by_parts (&order, parallel);
      g_free (order.splitters);
    }
  for (guint s = 0; s < n_runs; s++)
    pl_sort_runs_forget (runs[s]);
  return order.addresses;
}
