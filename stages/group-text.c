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

/* Not where a page ends, so that what stands behind the text can be read. */
static inline gboolean
is_inside (const char *data, guint width)
{
  return ((guintptr) data & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - width;
}

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

/* Equal lengths make words between equal, too. */
static inline __attribute__ ((always_inline)) gboolean
is_key (const guint64 *key, Words words, const guint n_words)
{
  guint64 difference = key[0] ^ words.first;
  if (n_words > 1)
    difference |= key[1] ^ words.second;
  if (n_words > 2)
    difference |= key[3] ^ words.last;
  return difference == 0;
}

static inline __attribute__ ((always_inline)) gsize
find (const PlGroupTable *table, const PlColumn *column, gsize n, guint32 *groups, guint32 *missed, const guint n_words,
      const gboolean sliced)
{
  const guint64 *slots = table->slots, *records = table->records;
  const guint64 seed = table->layout->seed, *secrets = table->layout->secrets;
  const guint shift = table->shift, width = MIN (n_words * 8, 16);
  const gsize stride = table->stride;
  gsize n_missed = 0;
  for (gsize i = 0; i < n; i++)
    {
      const char *data;
      guint32 length;
      const gboolean present = text_at (column, i, sliced, &data, &length);
      missed[n_missed] = (guint32) i;
      if (G_UNLIKELY (!present || length - 1 >= width - 1 || !is_inside (data, width)))
        {
          n_missed++;
          continue;
        }
      const Words words = load_words (data, length, n_words);
      const guint64 hash = hash_words (secrets, seed, words, n_words);
      const guint64 *slot = slots + ((hash << 32) >> shift);
      while (G_UNLIKELY (*slot >> 32 != hash) && *slot != 0)
        slot++;
      /* A free slot's group is no group, but its key is never looked at. */
      const guint32 group = (guint32) *slot - 1;
      groups[i] = group;
      n_missed += *slot == 0 || !is_key (records + group * stride, words, n_words);
    }
  return n_missed;
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
pl_group_text_find (const PlGroupTable *table, const PlColumn *column, gsize n, guint32 *groups, guint32 *missed)
{
  SPECIALISE (find, table, column, n, groups, missed);
}

gboolean
pl_group_text_encode (const PlGroupTable *table, const PlColumn *column, gsize n, guint64 *rows, guint32 *hashes)
{
  SPECIALISE (encode, table->layout, column, n, rows, hashes);
}
