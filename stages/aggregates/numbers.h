/* The numbers of one group, kept exactly and compactly: what medians, quantiles and products are computed from.
 *
 *   tag      count << 16 | width << 8 | scale: value × 10^-scale; PL_SHORT_FULL and PL_SHORT_PRINTED: values are keys
 *            of doubles (stretches.h)
 *   minus    how many -0.0 there are among the zeros of a decimal scale
 *   last     the last count % 8 values: they are at hand, the array is somewhere in the memory and is gone to once in
 *            eight values
 *   values   the others: an array that doubles, of 4 bytes a value while they fit, or of 8; its capacity is the power
 *            of two at or above what it holds
 *
 * Where decimals and doubles come together, or scales that cannot be one, each value gets a scale of its own: scale
 * PL_NUMBERS_MIXED, and an array of PlMixedNumber without a `last`. All zero is empty; it may be moved with memcpy. */
#pragma once
#include "../../pipeline/exact/short-sum.h"
#include "../../pipeline/table/batch.h"

G_BEGIN_DECLS

#define PL_NUMBERS_LAST 8
#define PL_NUMBERS_MIXED 201

typedef struct
{
  gint64 value;
  gint64 scale;
} PlMixedNumber;

typedef struct
{
  gpointer values; /* (owned) */
  guint64 tag;
  guint64 minus;
  gint64 last[PL_NUMBERS_LAST];
} PlNumbers;

static inline guint64
pl_numbers_count (const PlNumbers *numbers)
{
  return numbers->tag >> 16;
}

static inline guint
pl_numbers_scale (const PlNumbers *numbers)
{
  return (guint8) numbers->tag;
}

void pl_numbers_append_slowly (PlNumbers *numbers, gint64 value, guint scale);
/** pl_numbers_flush: moves the full `last` to the array. */
void pl_numbers_flush (PlNumbers *numbers);

static inline void
pl_numbers_append (PlNumbers *numbers, gint64 value, guint scale)
{
  if (G_UNLIKELY ((guint8) numbers->tag != (guint8) scale))
    {
      pl_numbers_append_slowly (numbers, value, scale);
      return;
    }
  const guint at = numbers->tag >> 16 & (PL_NUMBERS_LAST - 1);
  numbers->last[at] = value;
  numbers->tag += PL_SHORT_ONE;
  if (G_UNLIKELY (at == PL_NUMBERS_LAST - 1))
    pl_numbers_flush (numbers);
}

/* All values in one array. */
typedef struct
{
  gconstpointer values;
  guint64 n;
  guint width; /* 4, 8, or sizeof (PlMixedNumber) */
  guint scale;
} PlNumbersView;

/** pl_numbers_view: until the next call. */
PlNumbersView pl_numbers_view (PlNumbers *numbers);

/** pl_numbers_are_keys: whether values at @scale are keys of doubles. */
static inline gboolean
pl_numbers_are_keys (gint64 scale)
{
  return scale == PL_SHORT_FULL || scale == PL_SHORT_PRINTED;
}

/** pl_numbers_at: value @i; not of mixed numbers. */
static inline gint64
pl_numbers_at (gconstpointer values, const guint width, guint64 i)
{
  return width == 4 ? ((const gint32 *) values)[i] : ((const gint64 *) values)[i];
}

/** pl_numbers_keys: the keys of all values, rounded to doubles, in any order. @keys: room for all. */
void pl_numbers_keys (PlNumbers *numbers, gint64 *keys);
void pl_numbers_clear (PlNumbers *numbers);
/** pl_numbers_combine: @numbers takes in @other, which is left empty. */
void pl_numbers_combine (PlNumbers *numbers, PlNumbers *other);
void pl_numbers_save (const PlNumbers *numbers, PlBuffer *buffer);
/** pl_numbers_load: @numbers is empty. */
gboolean pl_numbers_load (PlNumbers *numbers, PlCursor *cursor);

/** pl_numbers_round: Returns: the nearest double of @value at @scale. */
double pl_numbers_round (gint64 value, guint scale);

G_END_DECLS
