/* A worker refuses most rows by comparing eight bytes of their key with the worst one's of their group. Those bounds
 * stand one after the other, so that caches hold many of them, and a heap's entries carry the same eight bytes, so that
 * keys are looked at only where those tie. What leaves a heap stays in the store until many have left. */
#include "heaps.h"
#include "../../pipeline/keys/prefix.h"
#include "../../pipeline/memory/big-array.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/compact.h"

#define TIDY_MIN 8192
#define TAIL PL_TOP_KEY_TAIL

void
pl_top_heaps_init (PlTopHeaps *heaps, PlGroupTable *table, PlStore *store, guint64 k)
{
  *heaps = (PlTopHeaps){.k = k, .table = table, .store = store, .space = pl_arena_new (), .cutoff = G_MAXUINT64};
}

void
pl_top_heaps_clear (PlTopHeaps *heaps)
{
  pl_arena_free (heaps->space);
  pl_big_free (heaps->bounds, heaps->capacity * sizeof *heaps->bounds);
  pl_store_free (heaps->store);
}

/* ---- keys ---- */

PlText
pl_top_key (PlText group, PlText rank, PlArena *arena)
{
  const gsize length = group.length + rank.length;
  char *key = pl_arena_alloc (arena, length + TAIL);
  memcpy (key, group.data, group.length);
  memcpy (key + group.length, rank.data, rank.length);
  memcpy (key + length, &group.length, TAIL);
  return (PlText){key, (guint32) (length + TAIL), 0};
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

static gboolean
key_is_whole (const PlStore *store, const PlRecord *record)
{
  guint32 group_length;
  if (record->key_length <= TAIL)
    return FALSE;
  memcpy (&group_length, pl_store_key (store, record) + record->key_length - TAIL, TAIL);
  return group_length < record->key_length - TAIL;
}

gboolean
pl_top_keys_are_whole (const PlStore *store)
{
  for (guint64 row = 0; row < pl_store_n_rows (store); row++)
    if (!key_is_whole (store, pl_store_record (store, row)))
      return FALSE;
  return TRUE;
}

const guint8 *
pl_top_group_of (gconstpointer record, gsize key_offset, guint32 *length)
{
  PlRecord head;
  memcpy (&head, record, sizeof head);
  const guint8 *key = (const guint8 *) record + key_offset;
  memcpy (length, key + head.key_length - TAIL, TAIL);
  return key;
}

gboolean
pl_top_same_group (gconstpointer a, gconstpointer b, gsize key_offset)
{
  guint32 a_length, b_length;
  const guint8 *x = pl_top_group_of (a, key_offset, &a_length), *y = pl_top_group_of (b, key_offset, &b_length);
  return a_length == b_length && memcmp (x, y, a_length) == 0;
}

/* ---- heaps ---- */

static inline PlTopHeap *
heap_of (const PlTopHeaps *heaps, gsize group)
{
  return (PlTopHeap *) (gpointer) (pl_group_table_payloads (heaps->table) + group * heaps->table->stride);
}

static void
add_heaps (PlTopHeaps *heaps)
{
  const gsize n = heaps->table->n_groups;
  if (n > heaps->capacity)
    {
      const gsize capacity = MAX (n, heaps->capacity * 2);
      heaps->bounds
          = pl_big_resize (heaps->bounds, heaps->capacity * sizeof *heaps->bounds, capacity * sizeof *heaps->bounds);
      heaps->capacity = capacity;
    }
  for (; heaps->n_heaps < n; heaps->n_heaps++)
    heaps->bounds[heaps->n_heaps] = heaps->cutoff;
}

static const guint8 *
row_rank (const PlTopHeaps *heaps, const PlTopRows *rows, guint64 row, gsize *length, guint64 *position)
{
  if (row >= rows->first)
    {
      const PlText *key = &rows->keys[row - rows->first];
      *position = rows->positions[row - rows->first];
      return rank_of ((const guint8 *) key->data, key->length, length);
    }
  const PlRecord *record = pl_store_record (heaps->store, row);
  *position = record->position;
  return rank_of (pl_store_key (heaps->store, record), record->key_length, length);
}

/* The same for rows whose first bytes are equal. */
static gboolean
is_worse_in_full (const PlTopHeaps *heaps, const PlTopRows *rows, guint64 a, guint64 b)
{
  gsize a_length, b_length;
  guint64 a_position, b_position;
  const guint8 *x = row_rank (heaps, rows, a, &a_length, &a_position);
  const guint8 *y = row_rank (heaps, rows, b, &b_length, &b_position);
  int result = memcmp (x, y, MIN (a_length, b_length));
  return result > 0 || (result == 0 && a_position > b_position);
}

/* Whether @a ranks behind @b. */
static inline gboolean
is_worse (const PlTopHeaps *heaps, const PlTopRows *rows, const PlTopEntry *a, const PlTopEntry *b)
{
  return a->prefix != b->prefix ? a->prefix > b->prefix : is_worse_in_full (heaps, rows, a->row, b->row);
}

static void
sift_up (const PlTopHeaps *heaps, const PlTopRows *rows, PlTopHeap *heap, guint32 at)
{
  PlTopEntry *entries = heap->entries;
  while (at > 0 && is_worse (heaps, rows, &entries[at], &entries[(at - 1) / 2]))
    {
      PlTopEntry entry = entries[at];
      entries[at] = entries[(at - 1) / 2];
      at = (at - 1) / 2;
      entries[at] = entry;
    }
}

static void
sift_down (const PlTopHeaps *heaps, const PlTopRows *rows, PlTopHeap *heap)
{
  PlTopEntry *entries = heap->entries;
  for (guint64 at = 0;;)
    {
      guint64 child = 2 * at + 1;
      if (child >= heap->n)
        return;
      if (child + 1 < heap->n && is_worse (heaps, rows, &entries[child + 1], &entries[child]))
        child++;
      if (!is_worse (heaps, rows, &entries[child], &entries[at]))
        return;
      PlTopEntry entry = entries[at];
      entries[at] = entries[child];
      entries[child] = entry;
      at = child;
    }
}

/* Outgrown entries are left behind in the arena: together they take no more than those in use. */
static void
push (PlTopHeaps *heaps, const PlTopRows *rows, PlTopHeap *heap, PlTopEntry entry)
{
  if (heap->n == heap->capacity)
    {
      heap->capacity = (guint32) MIN (MAX ((guint64) heap->capacity * 2, 2), heaps->k);
      PlTopEntry *entries = pl_arena_new_array (heaps->space, PlTopEntry, heap->capacity);
      if (heap->n > 0)
        memcpy (entries, heap->entries, heap->n * sizeof *entries);
      heap->entries = entries;
    }
  heap->entries[heap->n] = entry;
  sift_up (heaps, rows, heap, heap->n++);
  heaps->n_live++;
}

/* Offers the rows' last one, which is not counted yet. Returns: whether it stays. */
static gboolean
offer (PlTopHeaps *heaps, const PlTopRows *rows, guint32 group)
{
  PlTopHeap *heap = heap_of (heaps, group);
  gsize length;
  guint64 position, row = rows->first + rows->n;
  const guint8 *rank = row_rank (heaps, rows, row, &length, &position);
  PlTopEntry entry = {pl_key_prefix (rank, length), row};
  if (heap->n < heaps->k)
    push (heaps, rows, heap, entry);
  else if (is_worse (heaps, rows, &heap->entries[0], &entry))
    {
      heap->entries[0] = entry;
      sift_down (heaps, rows, heap);
    }
  else
    return FALSE;
  if (heap->n == heaps->k)
    heaps->bounds[group] = heap->entries[0].prefix;
  return TRUE;
}

gsize
pl_top_heaps_find (PlTopHeaps *heaps, const guint64 *prefixes, gboolean is_whole, const guint32 *groups, gsize n,
                   guint32 *candidates)
{
  gsize n_candidates = 0;
  add_heaps (heaps);
  for (gsize i = 0; i < n; i++)
    {
      const guint64 bound = heaps->bounds[groups[i]];
      candidates[n_candidates] = (guint32) i;
      n_candidates += (prefixes[i] < bound) | (bound == G_MAXUINT64) | ((prefixes[i] == bound) & !is_whole);
    }
  for (gsize i = 0; i < n_candidates; i++)
    __builtin_prefetch (heap_of (heaps, groups[candidates[i]]), 1);
  for (gsize i = 0; i < n_candidates; i++)
    __builtin_prefetch (heap_of (heaps, groups[candidates[i]])->entries, 1);
  return n_candidates;
}

void
pl_top_heaps_offer (PlTopHeaps *heaps, PlTopRows *rows, const guint32 *groups)
{
  const gsize n = rows->n;
  rows->n = 0;
  for (gsize i = 0; i < n; i++)
    {
      const guint32 row = rows->rows[i];
      rows->keys[rows->n] = rows->keys[i];
      rows->positions[rows->n] = rows->positions[i];
      rows->rows[rows->n] = row;
      if (offer (heaps, rows, groups[row]))
        rows->n++;
    }
}

void
pl_top_heaps_tidy (PlTopHeaps *heaps, gboolean all)
{
  if (heaps->n_heaps == 0 || (!all && pl_store_n_rows (heaps->store) <= TIDY_MIN + 2 * heaps->n_live))
    return;
  pl_leased_auto guint64 *live = pl_leased (g_new (guint64, MAX (heaps->n_live, 1)));
  guint64 n = 0;
  for (gsize group = 0; group < heaps->n_heaps; group++)
    {
      const PlTopHeap *heap = heap_of (heaps, group);
      for (guint32 i = 0; i < heap->n; i++)
        {
          live[n] = heap->entries[i].row;
          heap->entries[i].row = n++;
        }
    }
  pl_store_retain (heaps->store, live, n);
}

void
pl_top_heaps_shrink (PlTopHeaps *heaps)
{
  const guint64 n_stored = pl_store_n_rows (heaps->store);
  if (n_stored == heaps->n_live)
    return;
  pl_leased_auto guint8 *alive = pl_leased_new0 (n_stored + 1);
  pl_leased_auto guint64 *numbers = pl_leased (g_new (guint64, n_stored + 1));
  guint64 n = 0;
  for (gsize group = 0; group < heaps->n_heaps; group++)
    for (guint32 i = 0; i < heap_of (heaps, group)->n; i++)
      alive[heap_of (heaps, group)->entries[i].row] = TRUE;
  for (guint64 row = 0; row < n_stored; row++)
    {
      numbers[row] = n;
      n += alive[row];
    }
  pl_store_compact (heaps->store, alive);
  for (gsize group = 0; group < heaps->n_heaps; group++)
    for (guint32 i = 0; i < heap_of (heaps, group)->n; i++)
      heap_of (heaps, group)->entries[i].row = numbers[heap_of (heaps, group)->entries[i].row];
}

PlSortItem *
pl_top_heaps_list (const PlTopHeaps *heaps, PlSortItem *item)
{
  const guint64 *prefixes = pl_store_prefixes (heaps->store);
  for (gsize group = 0; group < heaps->n_heaps; group++)
    {
      const PlTopHeap *heap = heap_of (heaps, group);
      for (guint32 i = 0; i < heap->n; i++)
        {
          const guint64 row = heap->entries[i].row;
          *item++ = (PlSortItem){.prefix = prefixes[row], .record = pl_store_record (heaps->store, row)};
        }
    }
  return item;
}
