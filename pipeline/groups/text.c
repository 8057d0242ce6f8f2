/* One pass over short texts: see text.h. */
#include "text.h"
#include "text-private.h"
#include "../memory/leased.h"

gboolean
pl_group_text_serves (const PlGroupTable *table)
{
  const PlKeyLayout *layout = table->layout;
  return table->n_groups > 0 && layout->n_fields == 1 && layout->fields[0].type.kind == PL_STRING
         && layout->n_null_words == 0;
}

guint32
pl_group_text_longest (const PlColumn *column, const guint32 *rows, gsize n)
{
  const gboolean sliced = column->slices.data != NULL;
  guint32 longest = 0;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      if (pl_text_at (column, rows[i], sliced, &data, &length))
        longest = MAX (longest, length);
    }
  return longest;
}

/* ---- the index ---- */

/* As many records, and keys of as many words, as the caches hold. */
#define GROUPS_MAX ((gsize) 1 << 14)
#define SLOTS_MIN ((gsize) 1 << 12)

void
pl_group_text_clear (PlGroupText *text)
{
  pl_leased_free (text->slots);
  *text = (PlGroupText){0};
}

/* So many that a first slot nearly always is the right one, as long as the caches have them. */
static gsize
slots_for (gsize n_groups)
{
  return n_groups * (n_groups <= 1024 ? 32 : 4);
}

/* An empty index with room for @n_groups. */
static void
make_room (PlGroupText *text, const PlGroupTable *table, gsize n_groups)
{
  gsize n_slots = SLOTS_MIN;
  while (n_slots < slots_for (n_groups))
    n_slots *= 2;
  pl_leased_free (text->slots);
  *text = (PlGroupText){
      .slots = pl_leased_new0 ((n_slots + PL_TEXT_PROBES) * sizeof (guint32)),
      .n_slots = n_slots,
      .shift = 64 - (guint) __builtin_ctzll (n_slots),
      .n_words = table->layout->n_words,
      .stride = table->stride,
  };
}

gboolean
pl_group_text_learn (PlGroupText *text, const PlGroupTable *table)
{
  const guint n_words = table->layout->n_words;
  if (table->n_groups > GROUPS_MAX)
    return FALSE;
  if (text->n_words != n_words || text->stride != table->stride || text->n_slots < slots_for (table->n_groups))
    make_room (text, table, table->n_groups);
  /* Where there is no free slot near, the group stays with the table. */
  for (; text->n_groups < table->n_groups; text->n_groups++)
    {
      const guint64 *key = pl_group_table_key (table, text->n_groups);
      guint32 *slot = pl_text_slot_of (text, key);
      if (text->n_groups == 0)
        text->first_group = slot;
      for (guint probe = 0; probe < PL_TEXT_PROBES; probe++)
        if (pl_text_is_free (text, &slot[probe]))
          {
            slot[probe] = (guint32) (text->n_groups * table->stride);
            break;
          }
    }
  return TRUE;
}

/* ---- keys and hashes for the table ---- */

/* A text of up to 15 bytes in a layout of 8, 16 or 32: what can be other than zero. */
typedef struct
{
  guint64 first, second, last; /* 8: only `first`; 16: the first two; 32: words 0, 1 and 3 */
} Words;

/* @n_words is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) Words
load_words (const char *data, guint32 length, const guint n_words)
{
  guint64 loaded[2] = {0, 0};
  pl_key_load_masked (data, length, loaded, MIN (n_words, 2));
  const guint64 mark = (guint64) length << 56;
  return (Words){loaded[0] | (n_words == 1 ? mark : 0), loaded[1] | (n_words == 2 ? mark : 0), mark};
}

/* As pl_keys_hash() does it. */
static inline __attribute__ ((always_inline)) guint32
hash_words (const guint64 *secrets, guint64 seed, Words words, const guint n_words)
{
  guint64 hash = seed + pl_key_mix (words.first ^ secrets[0], (n_words > 1 ? words.second : 0) ^ secrets[1]);
  if (n_words > 2)
    hash += pl_key_mix (secrets[2], words.last ^ secrets[3]);
  return pl_key_hash_end (hash);
}

static inline __attribute__ ((always_inline)) gboolean
encode (const PlKeyLayout *layout, const PlColumn *column, gsize n, guint64 *rows, guint32 *hashes, const guint n_words,
        const gboolean sliced)
{
  const guint64 seed = layout->seed, *secrets = layout->secrets;
  const guint width = MIN (n_words * 8, 16);
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      char copy[16] = {0};
      guint64 *key = rows + i * n_words;
      Words words = {0};
      if (G_UNLIKELY (!pl_text_at (column, i, sliced, &data, &length)))
        {
          words.last = (guint64) PL_KEY_NULL_TEXT << 56;
          words.first = n_words == 1 ? words.last : 0;
          words.second = n_words == 2 ? words.last : 0;
        }
      else if (G_UNLIKELY (length >= width))
        return FALSE;
      else
        {
          if (G_UNLIKELY (!pl_text_is_inside (data, width)))
            data = memcpy (copy, data, length);
          words = load_words (data, length, n_words);
        }
      key[0] = words.first;
      if (n_words > 1)
        key[1] = words.second;
      if (n_words > 2)
        {
          key[2] = 0;
          key[3] = words.last;
        }
      hashes[i] = hash_words (secrets, seed, words, n_words);
    }
  return TRUE;
}

gboolean
pl_group_text_encode (const PlGroupTable *table, const PlColumn *column, gsize n, guint64 *rows, guint32 *hashes)
{
  const PlKeyLayout *layout = table->layout;
  const gboolean sliced = column->slices.data != NULL;
  PlKeyField *field = &layout->fields[0];
  /* Slices are plain. */
  if (!sliced)
    field->plain = field->plain && pl_key_texts_are_plain (column, n);
  switch (layout->n_words)
    {
    case 1:
      return sliced ? encode (layout, column, n, rows, hashes, 1, TRUE)
                    : encode (layout, column, n, rows, hashes, 1, FALSE);
    case 2:
      return sliced ? encode (layout, column, n, rows, hashes, 2, TRUE)
                    : encode (layout, column, n, rows, hashes, 2, FALSE);
    default:
      return sliced ? encode (layout, column, n, rows, hashes, 4, TRUE)
                    : encode (layout, column, n, rows, hashes, 4, FALSE);
    }
}
