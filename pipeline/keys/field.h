/* One field of a row of key words: how values that are no plain numbers are written. */
#pragma once
#include "layout.h"
#include "../table/type.h"

G_BEGIN_DECLS

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);

/* Reading behind a text's end, in the same page, is done on purpose. */
#define PL_KEY_READS_BEYOND __attribute__ ((no_sanitize ("address", "thread")))
#define PL_KEY_PAGE 4096u

#define PL_KEY_NULL_BOOL 2
#define PL_KEY_NULL_FLOAT G_GUINT64_CONSTANT (0x7ff8000000000001) /* a NaN that no value is encoded as */

/* The two ends of a text of more than PL_KEY_INLINE bytes: [ length | 4 bytes ] … [ pointer | 0xff ]. */
#define PL_KEY_NULL_TEXT 0xfe
#define PL_KEY_LONG_TEXT 0xff

static inline gboolean
pl_key_is_long (const PlKeyField *field, const guint64 *row)
{
  return field->type.kind == PL_STRING && ((const guint8 *) row)[field->offset + field->width - 1] == PL_KEY_LONG_TEXT;
}

static inline guint32
pl_key_long_length (const PlKeyField *field, const guint64 *row)
{
  return (guint32) row[field->offset / 8];
}

static inline const char *
pl_key_long_data (const PlKeyField *field, const guint64 *row)
{
  return (const char *) (guintptr) (row[(field->offset + field->width) / 8 - 1] & ~((guint64) 0xff << 56));
}

/* Of ints of 1, 2 or 4 bytes the smallest value means null. */
static inline gint64
pl_key_narrow_null (guint width)
{
  return -(G_GINT64_CONSTANT (1) << (8 * width - 1));
}

static inline gboolean
pl_key_fits_narrow (gint64 value, guint width)
{
  const gint64 null = pl_key_narrow_null (width);
  return (guint64) value - (guint64) null - 1 < (guint64) (-2 * null) - 1;
}

static inline void
pl_key_set_long (const PlKeyField *field, guint64 *row, const char *data)
{
  /* Addresses of processes have at most 56 bits. */
  row[(field->offset + field->width) / 8 - 1] = (guint64) (guintptr) data | (guint64) PL_KEY_LONG_TEXT << 56;
}

typedef guint64 PlLooseWord __attribute__ ((aligned (1), may_alias));

/* Row n: ones where the first n of 32 bytes are, and behind them a key of 32 bytes whose text has n bytes, but for the
 * text. */
#define PL_KEY_ONES(n) ((n) <= 0 ? 0 : (n) >= 8 ? G_MAXUINT64 : G_MAXUINT64 >> (-8 * (n) &63))
#define PL_KEY_MASK(n)                                                                                                 \
  {                                                                                                                    \
    PL_KEY_ONES (n), PL_KEY_ONES ((n) -8), PL_KEY_ONES ((n) -16), PL_KEY_ONES ((n) -24), 0, 0, 0, (guint64) (n) << 56  \
  }
#define PL_KEY_MASKS(n) PL_KEY_MASK (n), PL_KEY_MASK (n + 1), PL_KEY_MASK (n + 2), PL_KEY_MASK (n + 3)
static const guint64 pl_key_masks[32][8] __attribute__ ((aligned (32))) = {
    PL_KEY_MASKS (0),  PL_KEY_MASKS (4),  PL_KEY_MASKS (8),  PL_KEY_MASKS (12),
    PL_KEY_MASKS (16), PL_KEY_MASKS (20), PL_KEY_MASKS (24), PL_KEY_MASKS (28),
};

/* Never inlined by force: that would take the attribute away. */
static inline PL_KEY_READS_BEYOND guint64
pl_key_load8 (const char *data)
{
  return *(const PlLooseWord *) data;
}

/* A text of less than 8 * @n_words bytes, which may be read that far, cut to its length by a mask. */
static inline __attribute__ ((always_inline)) void
pl_key_load_masked (const char *data, guint32 length, guint64 *words, const guint n_words)
{
  const guint64 *mask = pl_key_masks[length];
  for (guint word = 0; word < n_words; word++)
    words[word] = pl_key_load8 (data + 8 * word) & mask[word];
}

/* Two words at a time. */
typedef guint64 PlKeyPair __attribute__ ((vector_size (16), aligned (8), may_alias));
typedef guint64 PlLoosePair __attribute__ ((vector_size (16), aligned (1), may_alias));

static inline PL_KEY_READS_BEYOND PlKeyPair
pl_key_load16 (const char *data)
{
  return *(const PlLoosePair *) data;
}

/* Nulls are no texts. */
static inline gboolean
pl_key_texts_are_plain (const PlColumn *column, gsize n)
{
  guint32 flags = PL_TEXT_PLAIN;
  G_STATIC_ASSERT (PL_TEXT_PLAIN == TRUE);
  for (gsize i = 0; i < n; i++)
    flags &= column->texts[i].flags | (column->nulls != NULL ? column->nulls[i] : 0);
  return flags != 0;
}

#define PL_KEY_FACTOR G_GUINT64_CONSTANT (0xd6e8feb86659fd93)

/* One multiplication that mixes. */
static inline guint64
pl_key_mix (guint64 a, guint64 b)
{
  PlUint128 product = (PlUint128) a * b;
  return (guint64) product ^ (guint64) (product >> 64);
}

/* The hash of a key from what its words came to. */
static inline guint32
pl_key_hash_end (guint64 hash)
{
  return (guint32) (pl_key_mix (hash, PL_KEY_FACTOR) >> 32);
}

G_END_DECLS
