/* Grouping keys as rows of 64-bit words: equal keys are equal words, so that comparing and hashing need no types.
 *
 *   [ null bits ] [ decimals, floats, aligned texts ] [ text, its length in the last byte ] [ ints | dates | bools ]
 *   [ zeros ]
 *
 * A layout is as narrow as the values seen so far allow, because memory is what many groups cost: ints of 1, 2, 4 or 8
 * bytes, texts of little more than the longest, null bits only where nulls of 8 bytes have been met. A value that does
 * not fit makes the layout grow (pl_key_layout_fit()), and keys in the old one are written anew. So the layout that all
 * keys come to depends on the set of them alone. A key of one column has whole words: aligned texts of 8, 16 or 32
 * bytes, ints of 4 or 8.
 *
 * Null is a key of its own, every NaN the same, -0.0 is 0.0. The one exception to "equal words" are texts of more than
 * 31 bytes, which are pointed to and compared where they are. */
#pragma once
#include "../base/buffer.h"
#include "../table/batch.h"
#include "../table/type.h"

G_BEGIN_DECLS

#define PL_KEY_INLINE 31 /* the longest text that a key can hold */
#define PL_KEY_SECRETS 8

typedef struct
{
  PlType type;
  guint8 width;    /* bytes */
  guint8 aligned;  /* stands in words of its own; texts: so that it can be a pointer */
  guint8 nullable; /* a null was met that may need a bit */
  guint8 plain;    /* texts: each is PL_TEXT_PLAIN, as far as is known */
  guint offset;    /* bytes */
  gint null_bit;   /* -1: none */
} PlKeyField;

typedef struct
{
  guint n_fields;
  PlKeyField *fields;
  guint n_words;
  guint n_null_words;              /* at the start */
  gboolean has_gaps;               /* bytes that belong to no field: they are zero */
  gboolean has_long;               /* texts that are pointed to have been met */
  guint64 seed;                    /* of the hashes: the process's secret, unless pl_key_layout_fix_seed() */
  guint64 secrets[PL_KEY_SECRETS]; /* of the hashes, made from the seed */
  guint *text_ends;                /* per word: 1 + the text field whose last word it is; 0: none */
} PlKeyLayout;

/** pl_key_layout_new: Returns: (transfer full): the narrowest. */
PlKeyLayout *pl_key_layout_new (const PlType *types, guint n_types);
/** pl_key_layout_fix_seed: hashes of every run are the same: where they are seen. */
void pl_key_layout_fix_seed (PlKeyLayout *layout);
PlKeyLayout *pl_key_layout_copy (const PlKeyLayout *layout);
void pl_key_layout_free (PlKeyLayout *layout);
/** pl_key_layout_fit: widens @layout so that the values of @columns fit. */
void pl_key_layout_fit (PlKeyLayout *layout, PlColumn *const *columns, gsize n);
/** pl_key_layout_hold: clears @held (one a row) where a value of @columns does not fit @layout: no key in it has such
 * a value. */
void pl_key_layout_hold (const PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint8 *held);
/** pl_key_layout_join: widens @layout so that everything fits that @other can hold. */
void pl_key_layout_join (PlKeyLayout *layout, const PlKeyLayout *other);
/** pl_key_layout_equal: whether both write keys in the same way. */
gboolean pl_key_layout_equal (const PlKeyLayout *a, const PlKeyLayout *b);
void pl_key_layout_save (const PlKeyLayout *layout, PlBuffer *buffer);
/** pl_key_layout_load: into the layout of the same types. */
gboolean pl_key_layout_load (PlKeyLayout *layout, PlCursor *cursor);

G_END_DECLS
