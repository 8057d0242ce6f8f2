/* Lookup, specialised by the number of words in a key; see the header for the picture. */
#include "group-table.h"
#include "big-array.h"

#define SLOTS_MIN 1024
#define SPARE_MIN 64
#define CACHED ((gsize) 192 << 10) /* bytes of slots and keys up to which prefetching costs more than it saves */

static gsize
slot_bytes (const PlGroupTable *table)
{
  return (table->n_slots + table->n_spare) * sizeof (guint64);
}

static gsize
key_bytes (const PlGroupTable *table, gsize n)
{
  return n * table->layout->n_words * sizeof (guint64);
}

PlGroupTable *
pl_group_table_new (const PlKeyLayout *layout)
{
  PlGroupTable *table = g_new0 (PlGroupTable, 1);
  table->layout = layout;
  table->heap = pl_arena_new ();
  return table;
}

void
pl_group_table_free (PlGroupTable *table)
{
  if (table == NULL)
    return;
  pl_big_free (table->slots, slot_bytes (table));
  pl_big_free (table->keys, key_bytes (table, table->capacity));
  pl_arena_free (table->heap);
  g_free (table);
}

/* Moves all slots into new ones, from front to back: their homes come in nearly that order, too. */
static void
grow_slots (PlGroupTable *table, gsize n_slots, gsize n_spare)
{
  guint64 *old = table->slots;
  const gsize n_old = table->n_slots + table->n_spare, old_bytes = slot_bytes (table);
  guint shift = 64;
  while (n_slots >> (64 - shift) > 1)
    shift--;
  for (;; n_spare *= 2)
    {
      guint64 *slots = pl_big_new0 ((n_slots + n_spare) * sizeof *slots);
      gsize end = n_slots + n_spare - 1, i = 0, at;
      for (; i < n_old; i++)
        if (old[i] != 0)
          {
            for (at = (old[i] >> 32 << 32) >> shift; slots[at] != 0; at++)
              ;
            if (at == end)
              break;
            slots[at] = old[i];
          }
      table->slots = slots;
      table->n_slots = n_slots;
      table->n_spare = n_spare;
      table->shift = shift;
      if (i == n_old)
        break;
      /* Many equal hashes at the very end. */
      pl_big_free (slots, slot_bytes (table));
    }
  pl_big_free (old, old_bytes);
}

/* Room for the keys of @n more groups, and for their slots where the table is large. */
static void
reserve (PlGroupTable *table, gsize n, gboolean slots)
{
  gsize n_slots = MAX (table->n_slots, SLOTS_MIN);
  while (slots && (table->n_groups + n) * 3 > n_slots * 2)
    n_slots *= 2;
  if (n_slots != table->n_slots)
    grow_slots (table, n_slots, MAX (table->n_spare, SPARE_MIN));
  if (table->n_groups + n > table->capacity)
    {
      gsize capacity = MAX (table->capacity * 2, table->n_groups + n);
      table->keys = pl_big_resize (table->keys, key_bytes (table, table->capacity), key_bytes (table, capacity));
      table->capacity = capacity;
    }
}

/* Makes @row a group, whose slot is the free one at @at. Slots move when they have become too full. */
static guint32
add_group (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at)
{
  const PlKeyLayout *layout = table->layout;
  guint64 *key = table->keys + table->n_groups * layout->n_words;
  for (guint word = 0; word < layout->n_words; word++)
    key[word] = row[word];
  if (layout->n_strings > 0 && table->heap != NULL)
    for (guint f = 0; f < layout->n_fields; f++)
      {
        guint64 *words = key + layout->fields[f].word;
        if (layout->fields[f].type.kind == PL_STRING && pl_key_text_length (words) > PL_KEY_INLINE && words[1] != 0)
          words[1]
              = (guint64) (guintptr) pl_arena_copy (table->heap, pl_key_text_data (words), pl_key_text_length (words));
      }
  const guint32 group = (guint32) table->n_groups++;
  table->slots[at] = (guint64) hash << 32 | (group + 1);
  if (G_UNLIKELY (table->n_groups * 3 > table->n_slots * 2))
    grow_slots (table, table->n_slots * 2, table->n_spare);
  else if (G_UNLIKELY (at + 1 == table->n_slots + table->n_spare))
    grow_slots (table, table->n_slots, table->n_spare * 2);
  return group;
}

/* @n_words is a constant where this is inlined. */
static inline gboolean
equal (const PlKeyLayout *layout, const guint64 *a, const guint64 *b, guint n_words)
{
  guint64 difference = 0;
  for (guint word = 0; word < n_words; word++)
    difference |= a[word] ^ b[word];
  return G_LIKELY (difference == 0) || (layout->n_strings > 0 && pl_key_equal_slow (layout, a, b));
}

/* The group of @row, searched from slot @at on. */
static inline guint32
find_from (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at, guint n_words)
{
  for (;; at++)
    {
      const guint64 slot = table->slots[at];
      if (G_UNLIKELY (slot == 0))
        return add_group (table, row, hash, at);
      const guint32 group = (guint32) slot - 1;
      if (G_LIKELY (slot >> 32 == hash) && equal (table->layout, row, table->keys + group * (gsize) n_words, n_words))
        return group;
    }
}

static inline void
find_cached (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words)
{
  for (gsize i = 0; i < n; i++)
    groups[i] = find_from (table, rows + i * n_words, hashes[i], pl_group_table_home (table, hashes[i]), n_words);
}

/* Slots are prefetched, then keys; slots do not move meanwhile, because there is room for @n more. */
static inline void
find_far (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words)
{
  const guint64 *slots = table->slots;
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (&slots[pl_group_table_home (table, hashes[i])]);
  /* The first slot that is free or has the hash: @groups holds its distance from home until the last pass. */
  for (gsize i = 0; i < n; i++)
    {
      const gsize home = pl_group_table_home (table, hashes[i]);
      gsize at = home;
      while (slots[at] != 0 && slots[at] >> 32 != hashes[i])
        at++;
      if (slots[at] != 0)
        __builtin_prefetch (table->keys + ((guint32) slots[at] - 1) * (gsize) n_words);
      groups[i] = (guint32) (at - home);
    }
  for (gsize i = 0; i < n; i++)
    groups[i]
        = find_from (table, rows + i * n_words, hashes[i], pl_group_table_home (table, hashes[i]) + groups[i], n_words);
}

void
pl_group_table_find (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  const guint n_words = table->layout->n_words;
  const gboolean cached = slot_bytes (table) + key_bytes (table, table->n_groups) <= CACHED;
  g_assert (n <= PL_BATCH_ROWS);
  reserve (table, n, !cached);
#define FIND(words)                                                                                                    \
  case words:                                                                                                          \
    if (cached)                                                                                                        \
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
      if (cached)
        find_cached (table, rows, hashes, n, groups, n_words);
      else
        find_far (table, rows, hashes, n, groups, n_words);
    }
#undef FIND
}

void
pl_group_table_save (const PlGroupTable *table, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, table->n_groups);
  for (gsize group = 0; group < table->n_groups; group++)
    pl_key_save (table->layout, pl_group_table_key (table, group), buffer);
}

gboolean
pl_group_table_load (PlGroupTable *table, PlCursor *cursor)
{
  const PlKeyLayout *layout = table->layout;
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
      pl_group_table_find (table, rows, hashes, n, groups);
      /* Saved keys are distinct; anything else is not a saved table. */
      if (table->n_groups != before + n)
        cursor->failed = TRUE;
    }
  table->heap = heap;
  return !cursor->failed;
}
