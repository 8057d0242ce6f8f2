/* Lookup in three passes over a batch; see the header for the picture. */
#include "group-table.h"
#include "big-array.h"

#define SLOTS_MIN 4096

PlGroupTable *
pl_group_table_new (const PlKeyLayout *layout, gboolean borrow)
{
  PlGroupTable *table = g_new0 (PlGroupTable, 1);
  table->layout = layout;
  table->heap = borrow ? NULL : pl_arena_new ();
  return table;
}

void
pl_group_table_free (PlGroupTable *table)
{
  if (table == NULL)
    return;
  free (table->slots);
  free (table->keys);
  pl_arena_free (table->heap);
  g_free (table);
}

static void
grow_slots (PlGroupTable *table, gsize n_slots)
{
  guint64 *slots = pl_big_resize (NULL, 0, n_slots * sizeof *slots);
  const gsize mask = n_slots - 1;
  memset (slots, 0, n_slots * sizeof *slots);
  for (gsize i = 0; i < table->n_slots; i++)
    if (table->slots[i] != 0)
      {
        gsize at = (table->slots[i] >> 32) & mask;
        while (slots[at] != 0)
          at = (at + 1) & mask;
        slots[at] = table->slots[i];
      }
  free (table->slots);
  table->slots = slots;
  table->n_slots = n_slots;
}

/* Room for @n more groups. */
static void
reserve (PlGroupTable *table, gsize n)
{
  gsize n_slots = MAX (table->n_slots, SLOTS_MIN);
  while ((table->n_groups + n) * 3 > n_slots * 2)
    n_slots *= 2;
  if (n_slots != table->n_slots)
    grow_slots (table, n_slots);
  if (table->n_groups + n > table->capacity)
    {
      gsize row = table->layout->n_words * sizeof (guint64);
      gsize capacity = MAX (table->capacity * 2, table->n_groups + n);
      table->keys = pl_big_resize (table->keys, table->n_groups * row, capacity * row);
      table->capacity = capacity;
    }
}

static guint32
add_group (PlGroupTable *table, const guint64 *row)
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
  return (guint32) table->n_groups++;
}

void
pl_group_table_find (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  const PlKeyLayout *layout = table->layout;
  g_assert (n <= PL_BATCH_ROWS);
  reserve (table, n);
  guint64 *slots = table->slots;
  const gsize mask = table->n_slots - 1;
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (&slots[hashes[i] & mask]);
  /* The first slot that is free or has the hash: @groups holds its distance from home until the last pass. */
  for (gsize i = 0; i < n; i++)
    {
      gsize home = hashes[i] & mask, at = home;
      while (slots[at] != 0 && slots[at] >> 32 != hashes[i])
        at = (at + 1) & mask;
      if (slots[at] != 0)
        __builtin_prefetch (table->keys + ((guint32) slots[at] - 1) * (gsize) layout->n_words);
      groups[i] = (guint32) (at - home);
    }
  for (gsize i = 0; i < n; i++)
    {
      const guint64 *row = rows + i * layout->n_words;
      gsize at = ((hashes[i] & mask) + groups[i]) & mask;
      for (;; at = (at + 1) & mask)
        {
          guint64 slot = slots[at];
          if (slot == 0)
            {
              groups[i] = add_group (table, row);
              slots[at] = (guint64) hashes[i] << 32 | (groups[i] + 1);
              break;
            }
          guint32 group = (guint32) slot - 1;
          if (slot >> 32 == hashes[i] && pl_key_equal (layout, row, pl_group_table_key (table, group)))
            {
              groups[i] = group;
              break;
            }
        }
    }
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
