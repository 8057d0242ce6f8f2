/* top-k: the first k rows of each group in a given order, without sorting the rest.
 *
 * A worker keeps a heap of k rows per group, the worst on top, and refuses most rows by comparing eight bytes of their
 * key with the worst one's. Those bounds stand one after the other, so that caches hold many of them, and a heap's
 * entries carry the same eight bytes, so that keys are looked at only where those tie. Rows are stored under the key
 *
 *   [ group key ][ rank key ][ length of the group key: u32 ]
 *
 * so that in the end one sort puts the candidates of all workers in order, and the first k of each group are the
 * result. */
#include "../../pipeline/memory/big-array.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/groups/row-groups.h"
#include "../clause.h"
#include "../../pipeline/sorting/items.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/rows/wire.h"

#define SWEEP_MIN 8192
#define TAIL sizeof (guint32)
#define AHEAD 12 /* rows that are fetched ahead */

typedef struct
{
  PlRowGroups grouping;
  GPtrArray *ranks; /* of PlTerm * */
  PlSortOrder *orders;
  guint64 k;
} TopConfig;

typedef struct
{
  guint64 prefix; /* first bytes of the rank key */
  guint64 row;    /* in the store */
} Entry;

/* A group's payload in the table. */
typedef struct
{
  Entry *entries; /* the worst first */
  guint32 n, capacity;
} Heap;

typedef struct
{
  PlGroupTable *table;
  PlGroupLookup lookup;
  PlStore *store;
  gsize n_heaps;   /* groups that have a bound */
  gsize capacity;  /* of bounds */
  guint64 *bounds; /* per group: the prefix of its worst entry; G_MAXUINT64 while there is room */
  PlArena *space;  /* for entries */
  guint64 n_live;  /* rows in heaps */
} TopState;

/* The rows of a batch on their way into the store. */
typedef struct
{
  guint64 first; /* number the first of them will have */
  PlText *keys;  /* whole keys, in order of acceptance */
  guint64 *positions;
  guint32 *rows; /* of the batch */
  gsize n;
} Pending;

/* ---- configuration ---- */

static void
top_config_free (gpointer data)
{
  TopConfig *config = data;
  pl_row_groups_clear (&config->grouping);
  g_ptr_array_unref (config->ranks);
  g_free (config->orders);
  g_free (config);
}

static gpointer
top_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  TopConfig *config = g_new0 (TopConfig, 1);
  PlPlace place = {settings, pl_settings_find (settings, "by"), 0, issues};
  pl_row_groups_init (&config->grouping, place.setting != NULL ? pl_clause_terms (&place, input, 0) : pl_terms_new (),
                      input, FALSE);
  place.setting = pl_settings_find (settings, "sort");
  config->ranks = pl_clause_terms (&place, input, PL_TERMS_ORDERED);
  config->orders = pl_terms_orders (config->ranks);
  if (config->ranks->len == 0 && pl_issues_n_errors (issues) == before)
    pl_issues_add (issues, settings, place.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "no order to rank rows by; write 'sort = column desc'");
  place.setting = pl_settings_find (settings, "k");
  pl_clause_count (&place, 1, &config->k);
  config->k = MIN (config->k, G_MAXUINT32);
  if (pl_issues_n_errors (issues) != before)
    {
      top_config_free (config);
      return NULL;
    }
  return config;
}

static void
top_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  TopConfig *config = data;
  pl_row_groups_require (&config->grouping, output_uses, input_uses);
  pl_terms_require (config->ranks, input_uses);
}

/* ---- one worker ---- */

static gpointer
top_state_new (gconstpointer data)
{
  const TopConfig *config = data;
  TopState *state = g_new0 (TopState, 1);
  state->table = pl_group_table_new (config->grouping.layout, sizeof (Heap) / sizeof (guint64));
  pl_group_lookup_init (&state->lookup, state->table, config->grouping.terms);
  state->store = pl_store_new (config->grouping.schema, config->grouping.uses);
  state->space = pl_arena_new ();
  return state;
}

static void
top_state_free (gpointer data)
{
  TopState *state = data;
  if (state == NULL)
    return;
  pl_arena_free (state->space);
  pl_big_free (state->bounds, state->capacity * sizeof *state->bounds);
  pl_group_lookup_clear (&state->lookup);
  pl_group_table_free (state->table);
  pl_store_free (state->store);
  g_free (state);
}

static inline Heap *
heap_of (const TopState *state, gsize group)
{
  return (Heap *) (gpointer) (pl_group_table_payloads (state->table) + group * state->table->stride);
}

static void
add_heaps (TopState *state)
{
  const gsize n = state->table->n_groups;
  if (n > state->capacity)
    {
      const gsize capacity = MAX (n, state->capacity * 2);
      state->bounds
          = pl_big_resize (state->bounds, state->capacity * sizeof *state->bounds, capacity * sizeof *state->bounds);
      state->capacity = capacity;
    }
  for (; state->n_heaps < n; state->n_heaps++)
    state->bounds[state->n_heaps] = G_MAXUINT64;
}

/* The rank part of a whole key. */
static const guint8 *
rank_of (const guint8 *key, gsize length, gsize *rank_length)
{
  guint32 group_length;
  memcpy (&group_length, key + length - TAIL, TAIL);
  *rank_length = length - TAIL - group_length;
  return key + group_length;
}

static const guint8 *
row_rank (const TopState *state, const Pending *pending, guint64 row, gsize *length, guint64 *position)
{
  if (row >= pending->first)
    {
      const PlText *key = &pending->keys[row - pending->first];
      *position = pending->positions[row - pending->first];
      return rank_of ((const guint8 *) key->data, key->length, length);
    }
  const PlRecord *record = pl_store_record (state->store, row);
  *position = record->position;
  return rank_of (pl_store_key (state->store, record), record->key_length, length);
}

/* The same for rows whose first bytes are equal. */
static gboolean
is_worse_in_full (const TopState *state, const Pending *pending, guint64 a, guint64 b)
{
  gsize a_length, b_length;
  guint64 a_position, b_position;
  const guint8 *x = row_rank (state, pending, a, &a_length, &a_position);
  const guint8 *y = row_rank (state, pending, b, &b_length, &b_position);
  int result = memcmp (x, y, MIN (a_length, b_length));
  return result > 0 || (result == 0 && a_position > b_position);
}

/* Whether @a ranks behind @b. */
static inline gboolean
is_worse (const TopState *state, const Pending *pending, const Entry *a, const Entry *b)
{
  return a->prefix != b->prefix ? a->prefix > b->prefix : is_worse_in_full (state, pending, a->row, b->row);
}

static void
sift_up (const TopState *state, const Pending *pending, Heap *heap, guint32 at)
{
  Entry *entries = heap->entries;
  while (at > 0 && is_worse (state, pending, &entries[at], &entries[(at - 1) / 2]))
    {
      Entry entry = entries[at];
      entries[at] = entries[(at - 1) / 2];
      at = (at - 1) / 2;
      entries[at] = entry;
    }
}

static void
sift_down (const TopState *state, const Pending *pending, Heap *heap)
{
  Entry *entries = heap->entries;
  for (guint64 at = 0;;)
    {
      guint64 child = 2 * at + 1;
      if (child >= heap->n)
        return;
      if (child + 1 < heap->n && is_worse (state, pending, &entries[child + 1], &entries[child]))
        child++;
      if (!is_worse (state, pending, &entries[child], &entries[at]))
        return;
      Entry entry = entries[at];
      entries[at] = entries[child];
      entries[child] = entry;
      at = child;
    }
}

/* Outgrown entries are left behind in the arena: together they take no more than those in use. */
static void
push (TopState *state, const Pending *pending, Heap *heap, Entry entry, guint64 k)
{
  if (heap->n == heap->capacity)
    {
      heap->capacity = (guint32) MIN (MAX ((guint64) heap->capacity * 2, 2), k);
      Entry *entries = pl_arena_new_array (state->space, Entry, heap->capacity);
      if (heap->n > 0)
        memcpy (entries, heap->entries, heap->n * sizeof *entries);
      heap->entries = entries;
    }
  heap->entries[heap->n] = entry;
  sift_up (state, pending, heap, heap->n++);
  state->n_live++;
}

static guint64
load_prefix (const guint8 *key, gsize length)
{
  guint64 prefix = 0;
  memcpy (&prefix, key, MIN (length, 8));
  return GUINT64_FROM_BE (prefix);
}

/* Offers the pending rows' last one, which is not counted yet. Returns: whether it stays. */
static gboolean
offer (const TopConfig *config, TopState *state, const Pending *pending, guint32 group)
{
  Heap *heap = heap_of (state, group);
  gsize length;
  guint64 position, row = pending->first + pending->n;
  const guint8 *rank = row_rank (state, pending, row, &length, &position);
  Entry entry = {load_prefix (rank, length), row};
  if (heap->n < config->k)
    push (state, pending, heap, entry, config->k);
  else if (is_worse (state, pending, &heap->entries[0], &entry))
    {
      heap->entries[0] = entry;
      sift_down (state, pending, heap);
    }
  else
    return FALSE;
  if (heap->n == config->k)
    state->bounds[group] = heap->entries[0].prefix;
  return TRUE;
}

/* Forgets rows that have left their heaps. */
static void
sweep (TopState *state)
{
  pl_leased_auto guint64 *live = pl_leased (g_new (guint64, MAX (state->n_live, 1)));
  guint64 n = 0;
  for (gsize group = 0; group < state->n_heaps; group++)
    {
      const Heap *heap = heap_of (state, group);
      for (guint32 i = 0; i < heap->n; i++)
        {
          live[n] = heap->entries[i].row;
          heap->entries[i].row = n++;
        }
    }
  pl_store_retain (state->store, live, n);
}

/* pl_sort_keys() of columns whose texts may stand in slices. */
static PlText *
sort_keys (PlColumn *const *columns, guint n_columns, const guint32 *rows, gsize n, PlArena *arena)
{
  gboolean are_sliced = FALSE;
  for (guint c = 0; c < n_columns; c++)
    are_sliced = are_sliced || (columns[c]->type.kind == PL_STRING && columns[c]->slices.data != NULL);
  if (!are_sliced)
    return pl_sort_keys (columns, NULL, n_columns, rows, n, 0, arena);
  PlColumn **gathered = pl_arena_new_array (arena, PlColumn *, n_columns);
  for (guint c = 0; c < n_columns; c++)
    gathered[c] = pl_column_gather (columns[c], rows, n, arena);
  return pl_sort_keys (gathered, NULL, n_columns, NULL, n, 0, arena);
}

/* Whole keys of the candidates: group key, rank key, length of the group key. */
static PlText *
whole_keys (const TopConfig *config, PlColumn *const *groups, PlColumn *const *ranks, const guint32 *rows, gsize n,
            PlArena *arena)
{
  PlText *group_keys = sort_keys (groups, config->grouping.terms->len, rows, n, arena);
  PlText *rank_keys = pl_sort_keys (ranks, config->orders, config->ranks->len, rows, n, 0, arena);
  for (gsize i = 0; i < n; i++)
    {
      guint32 group_length = group_keys[i].length, rank_length = rank_keys[i].length;
      char *key = pl_arena_alloc (arena, group_length + rank_length + TAIL);
      memcpy (key, group_keys[i].data, group_length);
      memcpy (key + group_length, rank_keys[i].data, rank_length);
      memcpy (key + group_length + rank_length, &group_length, TAIL);
      group_keys[i] = (PlText){key, (guint32) (group_length + rank_length + TAIL), 0};
    }
  return group_keys;
}

/* The rows whose first key bytes do not rule them out. Where those bytes are the whole rank, a tie does: the row in the
 * heap stands before this one. */
static gsize
find_candidates (const TopConfig *config, const TopState *state, const PlColumn *rank, const guint32 *groups, gsize n,
                 guint32 *candidates, PlArena *arena)
{
  guint64 *prefixes = pl_arena_new_array (arena, guint64, n);
  gboolean whole = pl_sort_key_prefixes (rank, &config->orders[0], n, prefixes, arena) && config->ranks->len == 1;
  gsize n_candidates = 0;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 bound = state->bounds[groups[i]];
      candidates[n_candidates] = (guint32) i;
      n_candidates += (prefixes[i] < bound) | (bound == G_MAXUINT64) | ((prefixes[i] == bound) & !whole);
    }
  for (gsize i = 0; i < n_candidates; i++)
    __builtin_prefetch (heap_of (state, groups[candidates[i]]), 1);
  for (gsize i = 0; i < n_candidates; i++)
    __builtin_prefetch (heap_of (state, groups[candidates[i]])->entries, 1);
  return n_candidates;
}

static gboolean
top_consume (gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  const TopConfig *config = data;
  TopState *state = state_data;
  PlArena *arena = batch->arena;
  gsize n = batch->n_rows;
  if (n == 0)
    return TRUE;
  PlColumn *const *columns, **ranks = pl_arena_new_array (arena, PlColumn *, config->ranks->len);
  if (!pl_terms_evaluate (config->ranks, batch, ranks, error))
    return FALSE;
  const guint32 *groups = pl_row_groups_find (&state->lookup, batch, &columns, error);
  if (groups == NULL)
    return FALSE;
  add_heaps (state);

  guint32 *candidates = pl_arena_new_array (arena, guint32, n);
  gsize n_candidates = find_candidates (config, state, ranks[0], groups, n, candidates, arena);
  PlText *keys = whole_keys (config, columns, ranks, candidates, n_candidates, arena);
  Pending pending = {.first = pl_store_n_rows (state->store), .keys = keys, .rows = candidates};
  pending.positions = pl_arena_new_array (arena, guint64, n_candidates);
  /* Accepted candidates close up in the arrays they came in. */
  for (gsize i = 0; i < n_candidates; i++)
    {
      guint32 row = candidates[i];
      keys[pending.n] = keys[i];
      pending.rows[pending.n] = row;
      pending.positions[pending.n] = pl_batch_position (batch, row);
      if (offer (config, state, &pending, groups[row]))
        pending.n++;
    }
  pl_row_groups_keep (state->store, batch, pending.rows, pending.n, keys);
  if (pl_store_n_rows (state->store) > SWEEP_MIN + 2 * state->n_live)
    sweep (state);
  return TRUE;
}

/* The candidates are all that is needed: in the end only their keys count. */
static void
top_save (G_GNUC_UNUSED gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  TopState *state = state_data;
  sweep (state);
  pl_store_save (state->store, buffer);
}

static gboolean
key_is_whole (const TopState *state, const PlRecord *record)
{
  guint32 group_length;
  if (record->key_length <= TAIL)
    return FALSE;
  memcpy (&group_length, pl_store_key (state->store, record) + record->key_length - TAIL, TAIL);
  return group_length < record->key_length - TAIL;
}

static gpointer
top_load (gconstpointer data, PlCursor *cursor)
{
  TopState *state = top_state_new (data);
  if (pl_store_load (state->store, cursor))
    {
      for (guint64 row = 0; row < pl_store_n_rows (state->store) && !cursor->failed; row++)
        cursor->failed = !key_is_whole (state, pl_store_record (state->store, row));
      if (!cursor->failed)
        return state;
    }
  top_state_free (state);
  return NULL;
}

/* ---- all workers ---- */

static gboolean
same_group (const PlRecord *a, const PlRecord *b, gsize key_offset)
{
  const guint8 *x = (const guint8 *) a + key_offset, *y = (const guint8 *) b + key_offset;
  guint32 x_length, y_length;
  memcpy (&x_length, x + a->key_length - TAIL, TAIL);
  memcpy (&y_length, y + b->key_length - TAIL, TAIL);
  return x_length == y_length && memcmp (x, y, x_length) == 0;
}

/* A loaded state has no heaps: it was swept before it was saved. */
static guint64
n_candidates_of (const TopState *state)
{
  return state->n_heaps > 0 ? state->n_live : pl_store_n_rows (state->store);
}

typedef struct
{
  TopState *const *states;
  PlSortItem **items; /* per state: where its own go */
} Collect;

/* The candidates of one state, straight from its heaps: what has left them since it was swept stays out. */
static void
collect_task (guint index, gpointer data)
{
  const Collect *collect = data;
  const TopState *state = collect->states[index];
  const guint64 *prefixes = pl_store_prefixes (state->store);
  PlSortItem *item = collect->items[index];
  for (gsize group = 0; group < state->n_heaps; group++)
    {
      const Heap *heap = heap_of (state, group);
      for (guint32 i = 0; i < heap->n; i++)
        {
          const guint64 row = heap->entries[i].row;
          *item++ = (PlSortItem){.prefix = prefixes[row], .record = pl_store_record (state->store, row)};
        }
    }
  for (guint64 row = 0; state->n_heaps == 0 && row < pl_store_n_rows (state->store); row++)
    *item++ = (PlSortItem){.prefix = prefixes[row], .record = pl_store_record (state->store, row)};
}

static PlSortItem *
collect_candidates (TopState *const *states, guint n_states, PlParallel *parallel, guint64 *n_items)
{
  guint64 n = 0;
  g_autofree PlSortItem **ends = g_new (PlSortItem *, n_states);
  for (guint s = 0; s < n_states; s++)
    n += n_candidates_of (states[s]);
  PlSortItem *items = pl_leased (g_new (PlSortItem, MAX (n, 1)));
  *n_items = n;
  n = 0;
  for (guint s = 0; s < n_states; s++)
    {
      ends[s] = items + n;
      n += n_candidates_of (states[s]);
    }
  Collect collect = {states, ends};
  parallel->run (parallel, n_states, collect_task, &collect);
  return items;
}

static PlRows *
top_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, G_GNUC_UNUSED GError **error)
{
  const TopConfig *config = data;
  guint64 n = 0, n_kept = 0, rank = 0;
  gsize key_offset = 0;
  const PlRecord *last = NULL;
  PlSortItem *items = collect_candidates ((TopState *const *) states, n_states, parallel, &n);
  PlStore **stores = g_new (PlStore *, n_states);
  for (guint s = 0; s < n_states; s++)
    {
      stores[s] = g_steal_pointer (&((TopState *) states[s])->store);
      key_offset = MAX (key_offset, pl_store_key_offset (stores[s]));
    }
  pl_sort_prefixed_records (items, n, key_offset, parallel);
  for (guint64 i = 0; i < n; i++)
    {
      __builtin_prefetch ((const guint8 *) items[MIN (i + AHEAD, n - 1)].record + key_offset);
      rank = i > 0 && same_group (last, items[i].record, key_offset) ? rank + 1 : 0;
      last = items[i].record;
      if (rank < config->k)
        items[n_kept++].record = last;
    }
  return pl_store_rows (config->grouping.schema, stores, n_states, pl_sort_records_of (items, 0, n_kept), n_kept);
}

static const PlKey top_keys[] = {
    {"by", "columns", NULL, "The groups: columns or expressions; without it, all rows are one group", FALSE},
    {"sort", "columns", NULL, "What rows are ranked by, best first: 'delay desc; route'", TRUE},
    {"k", "count", NULL, "How many rows to keep per group", TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_top_k = {
    .name = "top-k",
    .summary = "Keeps the first k rows per group in a given order",
    .description
    = "Rows are ranked within their group as `sort` would order them, and the first `k` are kept whole. Ties go to the "
      "row that stands first in the input. The output is ordered by the groups, then by rank. Memory goes by the "
      "number of groups times k, not by the size of the input.",
    .example = "[top-k two-largest]\nby = id6\nsort = v3 desc\nk = 2\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_LIMITED,
    .keys = top_keys,
    .configure = top_configure,
    .config_free = top_config_free,
    .require = top_require,
    .state_new = top_state_new,
    .state_free = top_state_free,
    .reduce = &(const PlReduceStage){.consume = top_consume, .save = top_save, .load = top_load, .finish = top_finish},
};
