/* Lookup, specialised by the number of words in a key; see the header for the picture. */
#include "table.h"
#include "../memory/big-array.h"
#include "../keys/decode.h"
#include "../keys/encode.h"
#include "../keys/row.h"

#define SLOTS_MIN 1024
#define SLOTS_SPARSE ((gsize) 1 << 20)
#define SPARE_MIN 64
#define LINE 8                     /* words of a cache line */
#define AHEAD 32                   /* rows that records are fetched ahead */
#define PREFETCH_MAX 32            /* words of a record */
#define CACHED ((gsize) 192 << 10) /* bytes of slots and records up to which prefetching costs more than it saves */
#define RECORDS_CACHED ((gsize) 256 << 10) /* the same of records alone */
#define ALIGNED_MAX ((gsize) 1 << 27)      /* words of records that may be moved apart */

static gsize
slot_bytes (const PlGroupTable *table)
{
  return (table->n_slots + table->n_spare) * sizeof (guint64);
}

static gsize
record_bytes (const PlGroupTable *table, gsize n)
{
  return n * table->stride * sizeof (guint64);
}

PlGroupTable *
pl_group_table_new (const PlKeyLayout *layout, gsize n_payload)
{
  PlGroupTable *table = g_new0 (PlGroupTable, 1);
  table->layout = pl_key_layout_copy (layout);
  table->n_payload = n_payload;
  table->stride = layout->n_words + n_payload;
  table->heap = pl_arena_new ();
  return table;
}

void
pl_group_table_free (PlGroupTable *table)
{
  if (table == NULL)
    return;
  pl_big_free (table->slots, slot_bytes (table));
  pl_big_free (table->records, record_bytes (table, table->capacity));
  pl_arena_free (table->heap);
  pl_group_scatter_free (table->scatter);
  pl_key_layout_free (table->layout);
  g_free (table);
}

/* The first free slot for @hash. */
static inline gsize
free_slot (const PlGroupTable *table, guint32 hash)
{
  gsize at = pl_group_table_home (table, hash);
  while (table->slots[at] != 0)
    at++;
  return at;
}

/* Makes room behind the slots, without a change of homes: many equal hashes are at the very end. */
static void
add_spare (PlGroupTable *table)
{
  const gsize old_bytes = slot_bytes (table);
  table->n_spare *= 2;
  const gsize bytes = slot_bytes (table);
  table->slots = pl_big_resize (table->slots, old_bytes, bytes);
  /* Mappings are zero behind what was used of them. */
  if (bytes < PL_BIG)
    memset ((guint8 *) table->slots + old_bytes, 0, bytes - old_bytes);
}

/* Puts @slots where they belong, in their order; a table's last slot stays free. */
static inline void
put_slots (PlGroupTable *table, const guint64 *slots, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const gsize at = free_slot (table, (guint32) (slots[i] >> 32));
      table->slots[at] = slots[i];
      if (G_UNLIKELY (at + 1 == table->n_slots + table->n_spare))
        add_spare (table);
    }
}

/* Slots move within their memory, which was made larger: runs without a gap, from the last one to the first. A slot's
 * new home is never before the start of its run, so no run is overwritten that has not been moved. */
static void
spread_slots (PlGroupTable *table, gsize n_old)
{
  g_autofree guint64 *run = NULL;
  gsize capacity = 0, start;
  for (gsize end = n_old; end > 0; end = start)
    {
      start = end;
      while (start > 0 && table->slots[start - 1] != 0)
        start--;
      const gsize n = end - start;
      if (n == 0)
        {
          start--;
          continue;
        }
      if (n > capacity)
        run = g_renew (guint64, run, capacity = 2 * n);
      memcpy (run, table->slots + start, n * sizeof *run);
      memset (table->slots + start, 0, n * sizeof *run);
      put_slots (table, run, n);
    }
}

/* More homes. Large tables grow where they stand, as fresh memory costs more than the slots' moves. */
static void
grow_slots (PlGroupTable *table, gsize n_slots)
{
  guint64 *old = table->slots;
  const gsize n_old = old != NULL ? table->n_slots + table->n_spare : 0, old_bytes = n_old * sizeof *old;
  table->n_slots = n_slots;
  table->n_spare = MAX (table->n_spare, SPARE_MIN);
  for (table->shift = 64; n_slots >> (64 - table->shift) > 1;)
    table->shift--;
  if (old_bytes >= PL_BIG)
    {
      table->slots = pl_big_resize (old, old_bytes, slot_bytes (table));
      spread_slots (table, n_old);
      return;
    }
  table->slots = pl_big_new0 (slot_bytes (table));
  for (gsize i = 0; i < n_old; i++)
    if (old[i] != 0)
      put_slots (table, old + i, 1);
  pl_big_free (old, old_bytes);
}

/* Small tables are kept half empty: a search that ends where it starts is a branch that is foreseen. Large ones are
 * kept small. */
static inline gboolean
is_full (gsize n_groups, gsize n_slots)
{
  return n_slots <= SLOTS_SPARSE ? n_groups * 2 > n_slots : n_groups * 3 > n_slots * 2;
}

gboolean
pl_group_table_is_far (const PlGroupTable *table)
{
  return record_bytes (table, table->n_groups) > RECORDS_CACHED;
}

gboolean
pl_group_table_is_cached (const PlGroupTable *table)
{
  return slot_bytes (table) + record_bytes (table, table->n_groups) <= CACHED;
}

/* Makes the records' memory larger. What is not in use is zero, as mappings are anyway. */
static void
resize_records (PlGroupTable *table, gsize stride, gsize capacity)
{
  const gsize old_bytes = record_bytes (table, table->capacity);
  table->stride = stride;
  table->capacity = capacity;
  const gsize bytes = record_bytes (table, capacity);
  table->records = pl_big_resize (table->records, old_bytes, bytes);
  if (bytes < PL_BIG)
    memset ((guint8 *) table->records + old_bytes, 0, bytes - old_bytes);
}

/* Room for the records of @n more groups, and for their slots where the table is large. */
static void
reserve (PlGroupTable *table, gsize n, gboolean slots)
{
  gsize n_slots = MAX (table->n_slots, SLOTS_MIN);
  while (slots && is_full (table->n_groups + n, n_slots))
    n_slots *= 2;
  if (n_slots != table->n_slots)
    grow_slots (table, n_slots);
  if (table->n_groups + n > table->capacity)
    resize_records (table, table->stride, MAX (table->capacity * 2, table->n_groups + n));
}

/* What is seldom to be done for the new @group, whose slot is at @at: slots move when they have become too full. */
static void
settle_group (PlGroupTable *table, guint32 group, gsize at)
{
  if (table->layout->has_long && table->heap != NULL)
    pl_key_keep (table->layout, table->records + group * table->stride, table->heap);
  if (is_full (table->n_groups, table->n_slots))
    grow_slots (table, table->n_slots * 2);
  else if (at + 1 == table->n_slots + table->n_spare)
    add_spare (table);
}

/* Makes @row a group, whose slot is the free one at @at; there is room for its record. */
static inline guint32
add_group (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at, guint n_words)
{
  guint64 *record = table->records + table->n_groups * table->stride;
  for (guint word = 0; word < n_words; word++)
    record[word] = row[word];
  const guint32 group = (guint32) table->n_groups++;
  table->slots[at] = (guint64) hash << 32 | (group + 1);
  if (G_UNLIKELY (table->layout->has_long || is_full (table->n_groups, table->n_slots)
                  || at + 1 == table->n_slots + table->n_spare))
    settle_group (table, group, at);
  return group;
}

/* @n_words is a constant where this is inlined. */
static inline gboolean
equal (const PlKeyLayout *layout, const guint64 *a, const guint64 *b, guint n_words)
{
  guint64 difference = 0;
  for (guint word = 0; word < n_words; word++)
    difference |= a[word] ^ b[word];
  return G_LIKELY (difference == 0) || (layout->has_long && pl_key_equal_slow (layout, a, b));
}

/* The group of @row, searched from slot @at on. */
static inline guint32
find_from (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at, guint n_words)
{
  for (;; at++)
    {
      const guint64 slot = table->slots[at];
      if (G_UNLIKELY (slot == 0))
        return add_group (table, row, hash, at, n_words);
      const guint32 group = (guint32) slot - 1;
      if (G_LIKELY (slot >> 32 == hash) && equal (table->layout, row, pl_group_table_key (table, group), n_words))
        return group;
    }
}

static inline void
find_cached (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words)
{
  for (gsize i = 0; i < n; i++)
    groups[i] = find_from (table, rows + i * n_words, hashes[i], pl_group_table_home (table, hashes[i]), n_words);
}

static inline __attribute__ ((always_inline)) void
fetch_slot (const PlGroupTable *table, guint32 hash)
{
  __builtin_prefetch (&table->slots[pl_group_table_home (table, hash)]);
}

/* Fetches the record that is likely to be that of @hash, all of it: the user will need it.
 * Returns: how far from its home the slot is that says so. */
static inline __attribute__ ((always_inline)) guint32
fetch_record (const PlGroupTable *table, guint32 hash)
{
  const guint64 *home = &table->slots[pl_group_table_home (table, hash)], *slot = home;
  while (*slot != 0 && *slot >> 32 != hash)
    slot++;
  if (*slot != 0)
    {
      const guint64 *record = pl_group_table_key (table, (guint32) *slot - 1);
      const gsize last = MIN (table->stride, PREFETCH_MAX) - 1;
      for (gsize word = 0; word < last; word += LINE)
        __builtin_prefetch (record + word);
      __builtin_prefetch (record + last);
    }
  return (guint32) (slot - home);
}

/* Slots are prefetched 2 * AHEAD rows before they are needed, records AHEAD rows before: row by row, because a
 * processor waits for some twenty lines at once, and drops what a loop of nothing but prefetches asks for beyond them.
 * Slots do not move meanwhile: there is room for @n more. */
static inline void
find_far (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words)
{
  for (gsize i = 0; i < MIN (2 * AHEAD, n); i++)
    fetch_slot (table, hashes[i]);
  /* Until its turn, a row has there how far its slot is from home. */
  for (gsize i = 0; i < MIN (AHEAD, n); i++)
    groups[i] = fetch_record (table, hashes[i]);
  for (gsize i = 0; i < n; i++)
    {
      if (i + 2 * AHEAD < n)
        fetch_slot (table, hashes[i + 2 * AHEAD]);
      if (i + AHEAD < n)
        groups[i + AHEAD] = fetch_record (table, hashes[i + AHEAD]);
      const gsize at = pl_group_table_home (table, hashes[i]) + groups[i];
      groups[i] = find_from (table, rows + i * n_words, hashes[i], at, n_words);
    }
}

/* ---- scattered tables ---- */

/* A record for a row of @hash, without a key yet. */
static inline guint32
new_record (PlGroupTable *table, guint32 hash)
{
  PlGroupScatter *scatter = table->scatter;
  const guint part = pl_group_scatter_part (hash);
  if (G_UNLIKELY (scatter->next[part] == scatter->end[part]))
    {
      reserve (table, PL_SCATTER_CHUNK, FALSE);
      pl_group_scatter_add_chunk (scatter, part);
      table->n_groups += PL_SCATTER_CHUNK;
    }
  if (G_UNLIKELY (pl_group_scatter_is_sampled (scatter, hash)))
    pl_group_scatter_count (scatter, hash);
  return scatter->next[part]++;
}

/* @n_words is a constant where this is inlined. */
static inline guint32
scatter_row (PlGroupTable *table, const guint64 *row, guint32 hash, guint n_words)
{
  guint64 *recent = pl_group_scatter_recent (table->scatter, hash);
  const guint32 known = (guint32) *recent - 1;
  if (G_UNLIKELY (*recent >> 32 == hash && *recent != 0)
      && equal (table->layout, row, pl_group_table_key (table, known), n_words))
    return known;
  const guint32 group = new_record (table, hash);
  guint64 *record = table->records + group * table->stride;
  for (guint word = 0; word < n_words; word++)
    record[word] = row[word];
  for (gsize word = 0; word < table->n_payload; word++)
    record[n_words + word] = table->scatter->initial[word];
  if (table->layout->has_long && table->heap != NULL)
    pl_key_keep (table->layout, record, table->heap);
  *recent = (guint64) hash << 32 | (group + 1);
  return group;
}

static inline void
find_scattered (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups,
                guint n_words)
{
  for (gsize i = 0; i < n; i++)
    groups[i] = scatter_row (table, rows + i * n_words, hashes[i], n_words);
}

gsize
pl_group_table_next (const PlGroupTable *table, gsize *first)
{
  while (table->scatter != NULL && *first < table->n_groups)
    {
      const guint chunk = (guint) (*first / PL_SCATTER_CHUNK);
      const gsize end = pl_group_scatter_chunk_end (table->scatter, chunk);
      if (*first < end)
        return end - *first;
      *first = ((gsize) chunk + 1) * PL_SCATTER_CHUNK;
    }
  return MIN (table->n_groups - *first, PL_BATCH_ROWS);
}

/* ---- looking up batches ---- */

void
pl_group_table_find_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  const guint n_words = table->layout->n_words;
  const gboolean scattered = table->scatter != NULL, cached = pl_group_table_is_cached (table);
  g_assert (n <= PL_BATCH_ROWS);
  if (!scattered)
    reserve (table, n, !cached);
#define FIND(words)                                                                                                    \
  case words:                                                                                                          \
    if (scattered)                                                                                                     \
      find_scattered (table, rows, hashes, n, groups, words);                                                          \
    else if (cached)                                                                                                   \
      find_cached (table, rows, hashes, n, groups, words);                                                             \
    else                                                                                                               \
      find_far (table, rows, hashes, n, groups, words);                                                                \
    break

  switch (n_words)
    {
      FIND (1);
      FIND (2);
      FIND (3);
      FIND (4);
    default:
      if (scattered)
        find_scattered (table, rows, hashes, n, groups, n_words);
      else if (cached)
        find_cached (table, rows, hashes, n, groups, n_words);
      else
        find_far (table, rows, hashes, n, groups, n_words);
    }
#undef FIND
}

void
pl_group_table_find_keys (PlGroupTable *table, const PlGroupTable *other, gsize first, gsize n, guint32 *groups)
{
  const guint n_words = table->layout->n_words;
  g_autofree guint64 *rows = g_new (guint64, n * MAX (n_words, 1));
  g_autofree guint32 *hashes = g_new (guint32, n);
  g_assert (pl_key_layout_equal (table->layout, other->layout));
  for (gsize i = 0; i < n; i++)
    memcpy (rows + i * n_words, pl_group_table_key (other, first + i), n_words * sizeof *rows);
  pl_keys_hash (table->layout, rows, n, hashes);
  pl_group_table_find_rows (table, rows, hashes, n, groups);
}

/* ---- growing keys ---- */

/* The keys of groups [first, first + n) in the layout of @fresh, which holds them. */
static void
write_keys (PlGroupTable *fresh, const PlGroupTable *table, gsize first, gsize n, guint64 *rows, PlArena *arena)
{
  const guint n_fields = table->layout->n_fields;
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_fields);
  for (gsize i = 0; i < n; i++)
    keys[i] = pl_group_table_key (table, first + i);
  for (guint f = 0; f < n_fields; f++)
    columns[f] = pl_keys_decode (table->layout, f, keys, n, arena);
  gboolean fits = pl_keys_encode (fresh->layout, columns, n, rows);
  g_assert (fits);
}

/* A record each: no two groups become one. */
static void
scatter_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  const guint n_words = table->layout->n_words;
  for (gsize i = 0; i < n; i++)
    {
      groups[i] = new_record (table, hashes[i]);
      memcpy (table->records + groups[i] * table->stride, rows + i * n_words, n_words * sizeof *rows);
    }
}

/* Writes all keys anew, in @layout, which holds them, into the empty table @fresh, which becomes @table. Groups keep
 * their numbers, unless it is scattered. */
static void
write_anew (PlGroupTable *table, PlGroupTable *fresh)
{
  const PlKeyLayout *layout = fresh->layout;
  g_autoptr (PlArena) arena = pl_arena_new ();
  guint32 *hashes = g_new (guint32, PL_BATCH_ROWS), *groups = g_new (guint32, PL_BATCH_ROWS);
  guint64 *rows = g_new (guint64, PL_BATCH_ROWS * MAX (layout->n_words, 1));
  pl_arena_free (g_steal_pointer (&fresh->heap));
  reserve (fresh, table->n_groups, fresh->scatter == NULL);
  for (gsize first = 0, n; (n = pl_group_table_next (table, &first)) > 0; first += n)
    {
      pl_arena_reset (arena);
      write_keys (fresh, table, first, n, rows, arena);
      pl_keys_hash (layout, rows, n, hashes);
      if (fresh->scatter != NULL)
        scatter_rows (fresh, rows, hashes, n, groups);
      else
        pl_group_table_find_rows (fresh, rows, hashes, n, groups);
      for (gsize i = 0; i < n; i++)
        memcpy (fresh->records + groups[i] * fresh->stride + layout->n_words,
                pl_group_table_key (table, first + i) + table->layout->n_words, table->n_payload * sizeof (guint64));
    }
  fresh->heap = g_steal_pointer (&table->heap);
  PlGroupTable old = *table;
  *table = *fresh;
  *fresh = old;
  pl_group_table_free (fresh);
  g_free (hashes);
  g_free (groups);
  g_free (rows);
}

static void
change_layout (PlGroupTable *table, const PlKeyLayout *layout)
{
  PlGroupTable *fresh = pl_group_table_new (layout, table->n_payload);
  if (table->scatter != NULL)
    fresh->scatter = pl_group_scatter_new (table->scatter->initial, table->n_payload);
  write_anew (table, fresh);
}

void
pl_group_table_scatter (PlGroupTable *table, const guint64 *initial)
{
  PlGroupTable *fresh = pl_group_table_new (table->layout, table->n_payload);
  fresh->scatter = pl_group_scatter_new (initial, table->n_payload);
  write_anew (table, fresh);
}

void
pl_group_table_find (PlGroupTable *table, PlColumn *const *columns, gsize n, guint32 *groups, PlArena *arena)
{
  guint64 *rows = pl_arena_new_array (arena, guint64, n * MAX (table->layout->n_words, 1));
  guint32 *hashes = pl_arena_new_array (arena, guint32, n);
  while (!pl_keys_encode (table->layout, columns, n, rows))
    {
      PlKeyLayout *wider = pl_key_layout_copy (table->layout);
      pl_key_layout_fit (wider, columns, n);
      change_layout (table, wider);
      pl_key_layout_free (wider);
      rows = pl_arena_new_array (arena, guint64, n * table->layout->n_words);
    }
  pl_keys_hash (table->layout, rows, n, hashes);
  pl_group_table_find_rows (table, rows, hashes, n, groups);
}

PlColumn *
pl_group_table_find_rest (PlGroupTable *table, const PlColumn *column, const guint32 *missed, gsize n_missed,
                          guint32 *groups, guint32 **found, PlArena *arena)
{
  if (n_missed == 0)
    return NULL;
  PlColumn *rest = pl_column_gather (column, missed, n_missed, arena);
  *found = pl_arena_new_array (arena, guint32, n_missed);
  pl_group_table_find (table, &rest, n_missed, *found, arena);
  for (gsize i = 0; i < n_missed; i++)
    groups[missed[i]] = (*found)[i];
  return rest;
}

void
pl_group_table_fetch (const PlGroupTable *table, const guint32 *places, gsize n)
{
  const gsize last = MIN (table->stride, PREFETCH_MAX) - 1;
  const gboolean aligned = LINE % table->stride == 0;
  for (gsize i = 0; i < n; i++)
    {
      const volatile guint64 *record = table->records + places[i];
      for (gsize word = 0; word < last; word += LINE)
        (void) record[word];
      if (!aligned)
        (void) record[last];
    }
}

void
pl_group_table_align (PlGroupTable *table)
{
  const gsize old = table->stride, capacity = table->capacity;
  gsize stride = MAX (old, 1);
  while (stride < LINE && LINE % stride != 0)
    stride++;
  if (table->scatter != NULL || stride == old || 3 * stride > 4 * old || !pl_group_table_is_far (table)
      || capacity * stride > ALIGNED_MAX)
    return;
  resize_records (table, stride, capacity);
  for (gsize group = table->n_groups - 1; group > 0; group--)
    memmove (table->records + group * stride, table->records + group * old, old * sizeof (guint64));
}

typedef struct
{
  PlGroupTable *const *tables;
  const PlKeyLayout *layout;
} Unify;

static void
unify_task (guint index, gpointer data)
{
  const Unify *unify = data;
  PlGroupTable *table = unify->tables[index];
  if (!pl_key_layout_equal (table->layout, unify->layout))
    change_layout (table, unify->layout);
  else
    pl_key_layout_join (table->layout, unify->layout);
}

void
pl_group_table_unify (PlGroupTable *const *tables, guint n_tables, PlParallel *parallel)
{
  PlKeyLayout *layout = pl_key_layout_copy (tables[0]->layout);
  for (guint t = 1; t < n_tables; t++)
    pl_key_layout_join (layout, tables[t]->layout);
  Unify unify = {tables, layout};
  parallel->run (parallel, n_tables, unify_task, &unify);
  pl_key_layout_free (layout);
}

/* ---- the wire ---- */

void
pl_group_table_save (const PlGroupTable *table, PlBuffer *buffer)
{
  pl_key_layout_save (table->layout, buffer);
  pl_buffer_put_u64 (buffer, table->n_groups);
  for (gsize group = 0; group < table->n_groups; group++)
    pl_key_save (table->layout, pl_group_table_key (table, group), buffer);
}

gboolean
pl_group_table_load (PlGroupTable *table, PlCursor *cursor)
{
  const PlKeyLayout *layout = table->layout;
  if (!pl_key_layout_load (table->layout, cursor))
    return FALSE;
  table->stride = layout->n_words + table->n_payload;
  guint64 n_groups = pl_cursor_get_u64 (cursor);
  g_autofree guint64 *rows = g_new (guint64, PL_BATCH_ROWS * MAX (layout->n_words, 1));
  g_autofree guint32 *hashes = g_new (guint32, PL_BATCH_ROWS), *groups = g_new (guint32, PL_BATCH_ROWS);
  PlArena *heap = g_steal_pointer (&table->heap);
  while (!cursor->failed && table->n_groups < n_groups)
    {
      gsize before = table->n_groups, n = MIN (n_groups - before, PL_BATCH_ROWS);
      for (gsize i = 0; i < n && !cursor->failed; i++)
        if (!pl_key_load (layout, rows + i * layout->n_words, heap, cursor))
          cursor->failed = TRUE;
      if (cursor->failed)
        break;
      pl_keys_hash (layout, rows, n, hashes);
      pl_group_table_find_rows (table, rows, hashes, n, groups);
      /* Saved keys are distinct; anything else is not a saved table. */
      if (table->n_groups != before + n)
        cursor->failed = TRUE;
    }
  table->heap = heap;
  return !cursor->failed;
}
