/* One pass over short texts: see group-text.h. */
#include "group-text.h"
#include "group-encode.h"

gboolean
pl_group_text_serves (const PlGroupTable *table)
{
  const PlKeyLayout *layout = table->layout;
  return table->n_groups > 0 && layout->n_fields == 1 && layout->fields[0].type.kind == PL_STRING
         && layout->n_null_words == 0;
}

/* The text of row @i; %FALSE when it is null. @sliced is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
text_at (const PlColumn *column, gsize i, const gboolean sliced, const char **data, guint32 *length)
{
  if (sliced)
    {
      const guint32 *edges = column->slices.edges + i * column->slices.stride;
      const guint32 start = edges[0] + 1;
      *data = column->slices.data + start;
      *length = edges[1] - start;
      return *length > 0;
    }
  *data = column->texts[i].data;
  *length = column->texts[i].length;
  return column->nulls == NULL || !column->nulls[i];
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
      if (text_at (column, rows[i], sliced, &data, &length))
        longest = MAX (longest, length);
    }
  return longest;
}

/* Not where a page ends, so that what stands behind the text can be read. */
static inline gboolean
is_inside (const char *data, guint width)
{
  return ((guintptr) data & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - width;
}

/* ---- the index ---- */

/* As many records, and keys of as many words, as the caches hold. */
#define GROUPS_MAX ((gsize) 1 << 14)
#define PLACES_MIN ((gsize) 1 << 12)
#define PROBES 4
#define AHEAD 16 /* rows */

#define FACTOR G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

/* Of a key of @n_words, which is a constant where this is inlined. High bits of words reach the high bits of the product, which count. */
static inline __attribute__ ((always_inline)) gsize
first_place (const guint64 *words, const guint n_words, gsize mask)
{
  guint64 hash;
  if (n_words == 1)
    hash = words[0];
  else if (n_words == 2)
    hash = words[0] + words[1] * FACTOR;
  else
    {
      const PlKeyPair *pairs = (const PlKeyPair *) words, sum = pairs[0] + pairs[1];
      hash = sum[0] + sum[1] * FACTOR;
    }
  return (hash * FACTOR >> 44) & mask;
}

static gsize
place_of_key (const guint64 *key, guint n_words, gsize mask)
{
  return n_words == 1   ? first_place (key, 1, mask)
         : n_words == 2 ? first_place (key, 2, mask)
                        : first_place (key, 4, mask);
}

/* Group 0 has the first place of its own, though it looks free. */
static inline gboolean
is_free (const PlGroupText *text, const guint32 *place)
{
  return *place == 0 && place != text->first_group;
}

void
pl_group_text_clear (PlGroupText *text)
{
  g_free (text->places);
  *text = (PlGroupText){0};
}

/* So many that a first place nearly always is the right one, as long as the caches have them. */
static gsize
places_for (gsize n_groups)
{
  return n_groups * (n_groups <= 1024 ? 16 : 4);
}

/* An empty index with room for @n_groups. */
static void
make_room (PlGroupText *text, const PlGroupTable *table, gsize n_groups)
{
  gsize n_places = PLACES_MIN;
  while (n_places < places_for (n_groups))
    n_places *= 2;
  g_free (text->places);
  *text = (PlGroupText){
      .places = g_new0 (guint32, n_places + PROBES),
      .n_places = n_places,
      .n_words = table->layout->n_words,
  };
}

gboolean
pl_group_text_learn (PlGroupText *text, const PlGroupTable *table)
{
  const guint n_words = table->layout->n_words;
  if (table->n_groups > GROUPS_MAX)
    return FALSE;
  if (text->n_words != n_words || text->n_places < places_for (table->n_groups))
    make_room (text, table, table->n_groups);
  /* Where there is no free place near, the group stays with the table. */
  for (; text->n_groups < table->n_groups; text->n_groups++)
    {
      const guint64 *key = pl_group_table_key (table, text->n_groups);
      guint32 *place = text->places + place_of_key (key, n_words, text->n_places - 1);
      if (text->n_groups == 0)
        text->first_group = place;
      for (guint probe = 0; probe < PROBES; probe++)
        if (is_free (text, &place[probe]))
          {
            place[probe] = (guint32) (text->n_groups * table->stride);
            break;
          }
    }
  return TRUE;
}

/* Keys of 32 bytes go through vectors of two words. */
static inline __attribute__ ((always_inline)) gboolean
is_key (const guint64 *key, const guint64 *words, const guint n_words)
{
  if (n_words == 1)
    return key[0] == words[0];
  if (n_words == 2)
    return ((key[0] ^ words[0]) | (key[1] ^ words[1])) == 0;
  const PlKeyPair *a = (const PlKeyPair *) key, *b = (const PlKeyPair *) words;
  const PlKeyPair difference = (a[0] ^ b[0]) | (a[1] ^ b[1]);
  return (difference[0] | difference[1]) == 0;
}

/* The key of a text of 1 to 8 * @n_words - 1 bytes, as pl_keys_encode() writes it. */
static inline __attribute__ ((always_inline)) void
load_key (const char *data, guint32 length, guint64 *words, const guint n_words)
{
  if (n_words < 4)
    {
      pl_key_load_masked (data, length, words, n_words);
      words[n_words - 1] |= (guint64) length << 56;
      return;
    }
  const PlKeyPair *mask = (const PlKeyPair *) pl_key_masks[length];
  PlKeyPair *pairs = (PlKeyPair *) words;
  pairs[0] = pl_key_load16 (data) & mask[0];
  pairs[1] = (pl_key_load16 (data + 16) & mask[1]) | mask[2];
}

/* The rare rest of a search: behind the first place. Returns: 0 when there is no such key. */
static G_GNUC_NO_INLINE guint32
find_further (const PlGroupText *text, const PlGroupTable *table, const guint32 *first, const guint64 *words)
{
  for (guint probe = 1; probe < PROBES && !is_free (text, &first[probe - 1]); probe++)
    if (is_key (table->records + first[probe], words, text->n_words))
      return first[probe];
  return 0;
}

/* Whether a text can be looked at as a key of the index: neither empty nor long. */
static inline __attribute__ ((always_inline)) gboolean
is_short (const char *data, guint32 length, const guint width, const gboolean sliced)
{
  return G_LIKELY (length - 1 < width - 1 && (sliced || is_inside (data, width)));
}

/* The same from the text: keys that had to be had in memory would cost every row. */
static G_GNUC_NO_INLINE guint32
find_again (const PlGroupText *text, const PlGroupTable *table, const guint32 *first, const char *data, guint32 length)
{
  guint64 words[4];
  load_key (data, length, words, text->n_words);
  return find_further (text, table, first, words);
}

/* Where everything is in the caches. */
static inline __attribute__ ((always_inline)) gsize
find_near (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n, guint32 *places,
           guint32 *missed, const guint n_words, const gboolean sliced)
{
  const guint64 *records = table->records;
  const guint32 *index = text->places;
  const gsize mask = text->n_places - 1;
  gsize n_missed = 0;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      if (G_UNLIKELY (!text_at (column, i, sliced, &data, &length) || !is_short (data, length, n_words * 8, sliced)))
        {
          missed[n_missed++] = (guint32) i;
          continue;
        }
      guint64 words[4];
      load_key (data, length, words, n_words);
      const guint32 *first = index + first_place (words, n_words, mask);
      places[i] = *first;
      if (G_LIKELY (is_key (records + *first, words, n_words)))
        continue;
      places[i] = find_again (text, table, first, data, length);
      if (places[i] == 0)
        missed[n_missed++] = (guint32) i;
    }
  return n_missed;
}

/* Rows on their way: their keys, and where their groups are expected, whose records are being fetched meanwhile. */
typedef struct
{
  guint64 words[AHEAD][4];
  const guint32 *first[AHEAD];
} Ahead;

/* Rows [@start, @start + @n). What the index cannot have gets words that are no key's. */
static inline __attribute__ ((always_inline)) void
look_ahead (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize start, gsize n,
            Ahead *ahead, const guint n_words, const gboolean sliced)
{
  const guint32 *index = text->places;
  const gsize mask = text->n_places - 1;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      guint64 *words = ahead->words[i];
      if (G_LIKELY (text_at (column, start + i, sliced, &data, &length)
                    && is_short (data, length, n_words * 8, sliced)))
        load_key (data, length, words, n_words);
      else
        memset (words, 0x80, sizeof ahead->words[i]);
      ahead->first[i] = index + first_place (words, n_words, mask);
      __builtin_prefetch (table->records + *ahead->first[i], 1);
    }
}

/* Where records come from afar. */
static inline __attribute__ ((always_inline)) gsize
find_far (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n, guint32 *places,
          guint32 *missed, const guint n_words, const gboolean sliced)
{
  gsize n_missed = 0;
  for (gsize start = 0; start < n; start += AHEAD)
    {
      Ahead ahead;
      const gsize end = MIN (n - start, AHEAD);
      look_ahead (text, table, column, start, end, &ahead, n_words, sliced);
      for (gsize i = 0; i < end; i++)
        {
          const guint64 *words = ahead.words[i];
          places[start + i] = *ahead.first[i];
          if (G_LIKELY (is_key (table->records + *ahead.first[i], words, n_words)))
            continue;
          places[start + i] = find_further (text, table, ahead.first[i], words);
          if (places[start + i] == 0)
            missed[n_missed++] = (guint32) (start + i);
        }
    }
  return n_missed;
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
      if (G_UNLIKELY (!text_at (column, i, sliced, &data, &length)))
        {
          words.last = (guint64) PL_KEY_NULL_TEXT << 56;
          words.first = n_words == 1 ? words.last : 0;
          words.second = n_words == 2 ? words.last : 0;
        }
      else if (G_UNLIKELY (length >= width))
        return FALSE;
      else
        {
          if (G_UNLIKELY (!is_inside (data, width)))
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

/* The width of the layout and the form of the texts as constants. */
#define SPECIALISE(function, ...)                                                                                      \
  do                                                                                                                   \
    {                                                                                                                  \
      const gboolean sliced = column->slices.data != NULL;                                                             \
      switch (table->layout->n_words)                                                                                  \
        {                                                                                                              \
        case 1:                                                                                                        \
          return sliced ? function (__VA_ARGS__, 1, TRUE) : function (__VA_ARGS__, 1, FALSE);                          \
        case 2:                                                                                                        \
          return sliced ? function (__VA_ARGS__, 2, TRUE) : function (__VA_ARGS__, 2, FALSE);                          \
        default:                                                                                                       \
          return sliced ? function (__VA_ARGS__, 4, TRUE) : function (__VA_ARGS__, 4, FALSE);                          \
        }                                                                                                              \
    }                                                                                                                  \
  while (0)

gsize
pl_group_text_find (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                    guint32 *places, guint32 *missed)
{
  if (pl_group_table_is_cached (table))
    SPECIALISE (find_near, text, table, column, n, places, missed);
  SPECIALISE (find_far, text, table, column, n, places, missed);
}

gboolean
pl_group_text_encode (const PlGroupTable *table, const PlColumn *column, gsize n, guint64 *rows, guint32 *hashes)
{
  SPECIALISE (encode, table->layout, column, n, rows, hashes);
}
