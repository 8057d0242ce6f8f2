/* See candidates.h. */
#include "candidates.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/compact.h"

#define AHEAD 12 /* rows that are fetched ahead */
#define TIDY_MIN 8192

typedef struct
{
  PlTopState *const *states;
  PlSortItem **items; /* per state: where its own go */
} Listing;

static PlSortItem *
list_bag (const PlStore *bag, PlSortItem *item)
{
  const guint64 *prefixes = pl_store_prefixes (bag);
  for (guint64 row = 0; row < pl_store_n_rows (bag); row++)
    *item++ = (PlSortItem){.prefix = prefixes[row], .record = pl_store_record (bag, row)};
  return item;
}

static void
list_task (guint index, gpointer data)
{
  const Listing *listing = data;
  const PlTopState *state = listing->states[index];
  PlSortItem *behind = pl_top_heaps_list (&state->heaps, listing->items[index]);
  if (state->bag != NULL)
    list_bag (state->bag, behind);
}

/* Puts @items in order and keeps the first of each group, closed up. Returns: how many. */
static guint64
choose (const PlTop *config, PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel)
{
  guint64 n_kept = 0, rank = 0;
  const PlRecord *last = NULL;
  pl_sort_prefixed_records (items, n, key_offset, parallel);
  for (guint64 i = 0; i < n; i++)
    {
      __builtin_prefetch ((const guint8 *) items[MIN (i + AHEAD, n - 1)].record + key_offset);
      rank = i > 0 && pl_top_same_group (last, items[i].record, key_offset) ? rank + 1 : 0;
      last = items[i].record;
      if (rank < config->k)
        items[n_kept++] = items[i];
    }
  return n_kept;
}

PlSortItem *
pl_top_candidates (PlTopState *const *states, guint n_states, PlParallel *parallel, guint64 *n)
{
  g_autofree PlSortItem **starts = g_new (PlSortItem *, n_states);
  guint64 n_items = 0;
  for (guint s = 0; s < n_states; s++)
    n_items += states[s]->heaps.n_live + (states[s]->bag != NULL ? pl_store_n_rows (states[s]->bag) : 0);
  PlSortItem *items = pl_leased (g_new (PlSortItem, MAX (n_items, 1))), *start = items;
  for (guint s = 0; s < n_states; s++)
    {
      starts[s] = start;
      start += states[s]->heaps.n_live + (states[s]->bag != NULL ? pl_store_n_rows (states[s]->bag) : 0);
    }
  Listing listing = {states, starts};
  parallel->run (parallel, n_states, list_task, &listing);
  *n = choose (states[0]->config, items, n_items, pl_store_key_offset (states[0]->heaps.store), parallel);
  return items;
}

/* Orders items by where their records stand; their ids are left as they are. */
static void
order_by_address (PlSortItem *items, guint64 n)
{
  for (guint64 i = 0; i < n; i++)
    items[i].prefix = (guint64) (guintptr) items[i].record;
  pl_sort_prefixes (items, n, pl_parallel_serial ());
}

/* Forgets rows of the bag that are behind others of their group. */
static void
tidy_bag (PlTopState *state)
{
  PlStore *bag = state->bag;
  const guint64 n = pl_store_n_rows (bag);
  pl_leased_auto PlSortItem *kept = pl_leased (g_new (PlSortItem, MAX (n, 1)));
  pl_leased_auto PlSortItem *rows = pl_leased (g_new (PlSortItem, MAX (n, 1)));
  pl_leased_auto guint8 *alive = pl_leased_new0 (n + 1);
  list_bag (bag, kept);
  const guint64 n_kept = choose (state->config, kept, n, pl_store_key_offset (bag), pl_parallel_serial ());
  order_by_address (kept, n_kept);
  for (guint64 row = 0; row < n; row++)
    rows[row] = (PlSortItem){.prefix = (guint64) (guintptr) pl_store_record (bag, row), .id = row};
  pl_sort_prefixes (rows, n, pl_parallel_serial ());
  for (guint64 i = 0, row = 0; i < n_kept; i++)
    {
      while (rows[row].prefix != kept[i].prefix)
        row++;
      alive[rows[row].id] = TRUE;
    }
  pl_store_compact (bag, alive);
  state->bag_tidied = n_kept;
}

void
pl_top_bag_add (PlTopState *into, PlTopState *from)
{
  PlStore *bag = pl_top_state_bag (into);
  pl_top_heaps_tidy (&from->heaps, TRUE);
  if (pl_store_n_rows (from->heaps.store) > 0)
    pl_store_add (bag, from->heaps.store);
  if (from->bag != NULL && pl_store_n_rows (from->bag) > 0)
    pl_store_add (bag, from->bag);
  if (pl_store_n_rows (bag) > TIDY_MIN + 2 * into->bag_tidied)
    tidy_bag (into);
}
