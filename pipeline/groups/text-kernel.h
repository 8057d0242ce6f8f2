/* The loops of text-find.c, once for every kind of processor: included with KERNEL_TARGET and KERNEL_NAME(). Keys of
 * one and of two words are in general registers, keys of four in vectors. @n_words and @sliced are constants where
 * these are inlined. */

#define KERNEL_INLINE static inline KERNEL_TARGET __attribute__ ((always_inline))
#define Key KERNEL_NAME (Key)
#define Ahead KERNEL_NAME (Ahead)

typedef union
{
  guint64 words[2];
  KERNEL_NAME (Vector) vector;
} Key;

/* Of a text of 1 to 8 * @n_words - 1 bytes, as pl_keys_encode() writes it. */
KERNEL_INLINE void
KERNEL_NAME (load_key) (Key *key, const char *data, guint32 length, const guint n_words)
{
  if (n_words == 4)
    key->vector = KERNEL_NAME (load_vector) (data, pl_key_masks[length]);
  else
    {
      pl_key_load_masked (data, length, key->words, n_words);
      key->words[n_words - 1] |= (guint64) length << 56;
    }
}

KERNEL_INLINE gsize
KERNEL_NAME (first_slot) (const Key *key, const guint n_words, guint shift)
{
  if (n_words == 4)
    return KERNEL_NAME (first_slot_of_vector) (&key->vector, shift);
  return pl_text_first_slot (key->words[0], n_words == 2 ? key->words[1] : 0, shift);
}

/* Returns: 0 or 1. */
KERNEL_INLINE guint64
KERNEL_NAME (is_other) (const guint64 *words, const Key *key, const guint n_words)
{
  if (n_words == 4)
    return KERNEL_NAME (is_other_vector) (words, &key->vector);
  return ((words[0] ^ key->words[0]) | (n_words == 2 ? words[1] ^ key->words[1] : 0)) != 0;
}

/* Where everything is in the caches, for keys in registers. There is no call in this loop, which would cost it its
 * registers. */
KERNEL_INLINE gsize
KERNEL_NAME (find_near) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                         guint32 *addresses, guint32 *missed, const guint n_words, const gboolean sliced)
{
  const guint64 *records = table->records;
  const guint32 *index = text->slots;
  const guint shift = text->shift;
  gsize n_missed = 0;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      if (G_UNLIKELY (!pl_text_at (column, i, sliced, &data, &length) || !is_short (data, length, n_words * 8, sliced)))
        {
          missed[n_missed++] = (guint32) i;
          continue;
        }
      Key key;
      KERNEL_NAME (load_key) (&key, data, length, n_words);
      const guint32 address = addresses[i] = index[KERNEL_NAME (first_slot) (&key, n_words, shift)];
      if (G_UNLIKELY (KERNEL_NAME (is_other) (records + address, &key, n_words)))
        missed[n_missed++] = (guint32) i;
    }
  return n_missed;
}

/* Rows [@start, @start + @n), 64 at most, of keys that are vectors.
 * Returns: a bit for each, the last row's the lowest: its key is not where it is expected. Two loops, because from a
 * text to its record is so long a way that no processor has enough rows on it at once; in neither is a branch that
 * waits for what is found. */
KERNEL_INLINE guint64
KERNEL_NAME (find_some) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize start,
                         gsize n, guint32 *addresses, const gboolean sliced)
{
  const guint64 *records = table->records;
  const guint32 *index = text->slots;
  const guint shift = text->shift;
  Key keys[64];
  addresses += start;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      if (G_LIKELY (pl_text_at (column, start + i, sliced, &data, &length) && is_short (data, length, 32, sliced)))
        KERNEL_NAME (load_key) (&keys[i], data, length, 4);
      else
        memset (&keys[i], 0x80, sizeof keys[i]);
      addresses[i] = index[KERNEL_NAME (first_slot) (&keys[i], 4, shift)];
    }
  guint64 others = 0;
  _Pragma ("GCC unroll 4") for (gsize i = 0; i < n; i++) others
      = 2 * others + KERNEL_NAME (is_other) (records + addresses[i], &keys[i], 4);
  return others;
}

KERNEL_INLINE gsize
KERNEL_NAME (find_near_vectors) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                                 guint32 *addresses, guint32 *missed, const gboolean sliced)
{
  gsize n_missed = 0;
  for (gsize start = 0; start < n; start += 64)
    {
      const gsize some = MIN (n - start, 64);
      guint64 others = KERNEL_NAME (find_some) (text, table, column, start, some, addresses, sliced);
      for (; others != 0; n_missed++)
        {
          const guint highest = 63 - (guint) __builtin_clzll (others);
          missed[n_missed] = (guint32) (start + some - 1 - highest);
          others ^= G_GUINT64_CONSTANT (1) << highest;
        }
    }
  return n_missed;
}

/* Rows on their way: their keys, and where their groups are expected, whose records are being fetched meanwhile. */
typedef struct
{
  Key keys[AHEAD];
  const guint32 *first[AHEAD];
} Ahead;

/* Rows [@start, @start + @n). What the index cannot have gets words that are no key's. */
KERNEL_INLINE void
KERNEL_NAME (look_ahead) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize start,
                          gsize n, Ahead *ahead, const guint n_words, const gboolean sliced)
{
  const guint32 *index = text->slots;
  const guint shift = text->shift;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      if (G_LIKELY (pl_text_at (column, start + i, sliced, &data, &length)
                    && is_short (data, length, n_words * 8, sliced)))
        KERNEL_NAME (load_key) (&ahead->keys[i], data, length, n_words);
      else
        memset (&ahead->keys[i], 0x80, sizeof ahead->keys[i]);
      ahead->first[i] = index + KERNEL_NAME (first_slot) (&ahead->keys[i], n_words, shift);
      __builtin_prefetch (table->records + *ahead->first[i], 1);
    }
}

/* Where records come from afar. */
KERNEL_INLINE gsize
KERNEL_NAME (find_far) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                        guint32 *addresses, guint32 *missed, const guint n_words, const gboolean sliced)
{
  gsize n_missed = 0;
  for (gsize start = 0; start < n; start += AHEAD)
    {
      Ahead ahead;
      const gsize end = MIN (n - start, AHEAD);
      KERNEL_NAME (look_ahead) (text, table, column, start, end, &ahead, n_words, sliced);
      for (gsize i = 0; i < end; i++)
        {
          addresses[start + i] = *ahead.first[i];
          if (G_UNLIKELY (KERNEL_NAME (is_other) (table->records + *ahead.first[i], &ahead.keys[i], n_words)))
            missed[n_missed++] = (guint32) (start + i);
        }
    }
  return n_missed;
}

#define KERNEL_CASE(words)                                                                                             \
  if (n_words == words && near && sliced)                                                                              \
    return KERNEL_NAME (find_near) (text, table, column, n, addresses, missed, words, TRUE);                           \
  if (n_words == words && near)                                                                                        \
    return KERNEL_NAME (find_near) (text, table, column, n, addresses, missed, words, FALSE);                          \
  if (n_words == words && sliced)                                                                                      \
    return KERNEL_NAME (find_far) (text, table, column, n, addresses, missed, words, TRUE);                            \
  if (n_words == words)                                                                                                \
    return KERNEL_NAME (find_far) (text, table, column, n, addresses, missed, words, FALSE);

/* Rows whose key is not at its first place are missed here. */
static KERNEL_TARGET gsize
KERNEL_NAME (find_first) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                          guint32 *addresses, guint32 *missed)
{
  const gboolean near = pl_group_table_is_cached (table), sliced = column->slices.data != NULL;
  const guint n_words = table->layout->n_words;
  if (n_words == 4 && near)
    return sliced ? KERNEL_NAME (find_near_vectors) (text, table, column, n, addresses, missed, TRUE)
                  : KERNEL_NAME (find_near_vectors) (text, table, column, n, addresses, missed, FALSE);
  KERNEL_CASE (1)
  KERNEL_CASE (2)
  KERNEL_CASE (4)
  g_assert_not_reached ();
}

static gsize
KERNEL_NAME (find) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                    guint32 *addresses, guint32 *missed)
{
  const gsize n_missed = KERNEL_NAME (find_first) (text, table, column, n, addresses, missed);
  return find_missed (text, table, column, addresses, missed, n_missed);
}

#undef KERNEL_CASE
#undef KERNEL_INLINE
#undef KERNEL_TARGET
#undef KERNEL_NAME
#undef Key
#undef Ahead
