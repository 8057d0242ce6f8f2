/* Grouping keys as rows of 64-bit words: equal keys are equal words, so that comparing and hashing need no types.
 *
 *   [ null bits ] [ int ] [ length | 4 bytes ][ 8 bytes, or a pointer to all of a text of more than 12 ] …
 *
 * Null is a key of its own, every NaN the same, -0.0 is 0.0. The one exception to "equal words" are long texts,
 * which are compared where they are. */
#pragma once
#include "../pipeline/base/buffer.h"
#include "../pipeline/table/batch.h"

G_BEGIN_DECLS

#define PL_KEY_INLINE 12

typedef struct
{
  PlType type;
  guint word;    /* its first */
  gint null_bit; /* -1: null has a word of its own */
} PlKeyField;

typedef struct
{
  guint n_fields;
  PlKeyField *fields;
  guint n_words;
  guint n_null_words; /* at the start */
  guint n_strings;
  guint8 *is_pointer; /* per word: the second of a string */
  guint64 seed;       /* of the hashes: the process's secret, unless pl_key_layout_fix_seed() */
} PlKeyLayout;

PlKeyLayout *pl_key_layout_new (const PlType *types, guint n_types);
/** pl_key_layout_fix_seed: hashes of every run are the same: where they are seen. */
void pl_key_layout_fix_seed (PlKeyLayout *layout);
void pl_key_layout_free (PlKeyLayout *layout);
/** pl_keys_encode: @rows: room for @n * n_words words; long texts are pointed to, not copied. */
void pl_keys_encode (const PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint64 *rows);
/** pl_keys_hash: one 32-bit hash a row. */
void pl_keys_hash (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes);
/** pl_keys_decode: Returns: (transfer none): field @field of @rows[0 .. n) as a column; short texts point into the rows. */
PlColumn *pl_keys_decode (const PlKeyLayout *layout, guint field, const guint64 *const *rows, gsize n, PlArena *arena);
/* The wire form of one row. pl_key_load() takes long texts into @heap. */
void pl_key_save (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer);
gboolean pl_key_load (const PlKeyLayout *layout, guint64 *row, PlArena *heap, PlCursor *cursor);

/* The two words of a string are a text of this form. */
static inline guint32
pl_key_text_length (const guint64 *words)
{
  return (guint32) words[0];
}

static inline const char *
pl_key_text_data (const guint64 *words)
{
  return pl_key_text_length (words) <= PL_KEY_INLINE ? (const char *) words + 4 : (const char *) (guintptr) words[1];
}

/** pl_key_order: Returns: <0, 0, >0: an order of the keys themselves, of no meaning but the same wherever they stand. */
int pl_key_order (const PlKeyLayout *layout, const guint64 *a, const guint64 *b);
/** pl_key_equal_slow: for rows whose words differ. */
gboolean pl_key_equal_slow (const PlKeyLayout *layout, const guint64 *a, const guint64 *b);

static inline gboolean
pl_key_equal (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  guint64 difference = 0;
  for (guint word = 0; word < layout->n_words; word++)
    difference |= a[word] ^ b[word];
  if (G_LIKELY (difference == 0))
    return TRUE;
  return layout->n_strings > 0 && pl_key_equal_slow (layout, a, b);
}

G_END_DECLS
