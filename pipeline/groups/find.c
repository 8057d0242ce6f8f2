/* Lookup, specialised by the number of words in a key; see table.h for the picture. */
#include "find.h"
#include "../keys/encode.h"
#include "../keys/row.h"

#define LINE 8          /* words of a cache line */
#define AHEAD 32        /* rows that records are fetched ahead */
#define PREFETCH_MAX 32 /* words of a record */

/* Makes @row a group, whose slot is the free one at @at; there is room for its record. */
static inline guint32
add_group (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at, guint n_words)
{
  guint64 *record = table->records + table->n_groups * table->stride;
  for (guint word = 0; word < n_words; word++)
    record[word] = row[word];
  const guint32 group = (guint32) table->n_groups++;
  table->slots[at] = (guint64) hash << 32 | (group + 1);
  if (G_UNLIKELY (table->layout->has_long || pl_group_slots_are_full (table->n_groups, table->n_slots)
                  || at + 1 == table->n_slots + table->n_spare))
    pl_group_table_complete (table, group, at);
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

/* The group of @row, searched from slot @at on. @adds: a new one is made where there is none; else it is PL_NO_GROUP,
 * and the table stays as it is. A constant where this is inlined, as in what follows. */
static inline __attribute__ ((always_inline)) guint32
find_from (PlGroupTable *table, const guint64 *row, guint32 hash, gsize at, guint n_words, const gboolean adds)
{
  for (;; at++)
    {
      const guint64 slot = table->slots[at];
      if (G_UNLIKELY (slot == 0))
        return adds ? add_group (table, row, hash, at, n_words) : PL_NO_GROUP;
      const guint32 group = (guint32) slot - 1;
      if (G_LIKELY (slot >> 32 == hash) && equal (table->layout, row, pl_group_table_key (table, group), n_words))
        return group;
    }
}

static inline __attribute__ ((always_inline)) void
find_cached (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words,
             const gboolean adds)
{
  for (gsize i = 0; i < n; i++)
    groups[i] = find_from (table, rows + i * n_words, hashes[i], pl_group_table_home (table, hashes[i]), n_words, adds);
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
static inline __attribute__ ((always_inline)) void
find_far (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups, guint n_words,
          const gboolean adds)
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
      groups[i] = find_from (table, rows + i * n_words, hashes[i], at, n_words, adds);
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
      pl_group_table_reserve (table, PL_SCATTER_CHUNK, FALSE);
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

/* ---- looking up batches ---- */

/* @adds is a constant where this is inlined, and so is the number of words in most cases. */
static inline __attribute__ ((always_inline)) void
find_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups,
           const gboolean adds)
{
  const guint n_words = table->layout->n_words;
  const gboolean cached = pl_group_table_is_cached (table);
  if (adds)
    pl_group_table_reserve (table, n, !cached);
#define FIND(words)                                                                                                    \
  case words:                                                                                                          \
    if (cached)                                                                                                        \
      find_cached (table, rows, hashes, n, groups, words, adds);                                                       \
    else                                                                                                               \
      find_far (table, rows, hashes, n, groups, words, adds);                                                          \
    break

  switch (n_words)
    {
      FIND (1);
      FIND (2);
      FIND (3);
      FIND (4);
    default:
      if (cached)
        find_cached (table, rows, hashes, n, groups, n_words, adds);
      else
        find_far (table, rows, hashes, n, groups, n_words, adds);
    }
#undef FIND
}

static void
scatter_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  switch (table->layout->n_words)
    {
    case 1:
      find_scattered (table, rows, hashes, n, groups, 1);
      break;
    case 2:
      find_scattered (table, rows, hashes, n, groups, 2);
      break;
    case 3:
      find_scattered (table, rows, hashes, n, groups, 3);
      break;
    case 4:
      find_scattered (table, rows, hashes, n, groups, 4);
      break;
    default:
      find_scattered (table, rows, hashes, n, groups, table->layout->n_words);
    }
}

void
pl_group_table_find_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  g_assert (n <= PL_BATCH_ROWS);
  if (table->scatter != NULL)
    scatter_rows (table, rows, hashes, n, groups);
  else
    find_rows (table, rows, hashes, n, groups, TRUE);
}

void
pl_group_table_seek_rows (const PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n,
                          guint32 *groups)
{
  g_assert (table->scatter == NULL);
  if (table->n_groups > 0)
    find_rows ((PlGroupTable *) table, rows, hashes, n, groups, FALSE);
  else
    memset (groups, 0xff, n * sizeof *groups);
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

/* A record each: no two groups become one. */
void
pl_group_table_scatter_rows (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups)
{
  const guint n_words = table->layout->n_words;
  for (gsize i = 0; i < n; i++)
    {
      groups[i] = new_record (table, hashes[i]);
      memcpy (table->records + groups[i] * table->stride, rows + i * n_words, n_words * sizeof *rows);
    }
}
