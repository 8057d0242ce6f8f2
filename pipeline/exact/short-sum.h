/* The exact sum of one group in 16 bytes, for the numbers that files are full of: short decimals and ints.
 *
 *   tag     count << 16 | the user's own << 8 | scale
 *   units   a 64-bit integer; the sum is units × 10^-scale
 *
 * What does not fit (an overflow, a scale that 64 bits cannot be lifted to, a double) moves the sum into a PlExactSum,
 * which units then points to and the scale PL_SHORT_FULL tells: the comparison of scales that every addition makes
 * anyway finds it. The total is exact either way, so how it is held never shows. All zero is the empty sum; it may be
 * moved with memcpy. */
#pragma once
#include "exact-sum.h"

G_BEGIN_DECLS

/* No scale: more than 18 away from every scale of a mantissa, above and below. */
#define PL_SHORT_FULL 200
/* One more value, in a tag. */
#define PL_SHORT_ONE ((guint64) 1 << 16)

typedef struct
{
  guint64 tag;
  union
  {
    gint64 units;
    PlExactSum *full; /* (owned): its count is not used */
  };
} PlShortSum;

static inline guint64
pl_short_sum_count (const PlShortSum *sum)
{
  return sum->tag >> 16;
}

static inline guint
pl_short_sum_scale (const PlShortSum *sum)
{
  return (guint8) sum->tag;
}

/** pl_short_sum_new_full: Returns: (transfer full): an empty one for `full`. */
PlExactSum *pl_short_sum_new_full (void);
/** pl_short_sums_own_nothing: whether no sum of this process ever needed one: clearing, which would look at each, has
 * nothing to free. */
gboolean pl_short_sums_own_nothing (void);
/** pl_short_sum_full: Returns: (transfer none): @sum as a PlExactSum from now on. */
PlExactSum *pl_short_sum_full (PlShortSum *sum);
void pl_short_sum_add_slowly (PlShortSum *sum, gint64 units, guint scale);

/** pl_short_sum_add: counts and adds @units × 10^-@scale; @scale <= 18. */
static inline void
pl_short_sum_add (PlShortSum *sum, gint64 units, guint scale)
{
  gint64 total;
  if (G_LIKELY (pl_short_sum_scale (sum) == scale && !__builtin_add_overflow (sum->units, units, &total)))
    {
      sum->units = total;
      sum->tag += PL_SHORT_ONE;
    }
  else
    pl_short_sum_add_slowly (sum, units, scale);
}

/** pl_short_sum_add_mixed: the same where scales differ from row to row: a smaller scale is lifted without a call. */
static inline void
pl_short_sum_add_mixed (PlShortSum *sum, gint64 units, guint scale)
{
  const guint lift = pl_short_sum_scale (sum) - scale;
  gint64 total;
  if (G_LIKELY (lift <= 18 && !__builtin_mul_overflow (units, pl_short_powers_of_10[lift], &total)
                && !__builtin_add_overflow (sum->units, total, &total)))
    {
      sum->units = total;
      sum->tag += PL_SHORT_ONE;
    }
  else
    pl_short_sum_add_slowly (sum, units, scale);
}

/** pl_short_sum_add_double: counts and adds @value. */
static inline void
pl_short_sum_add_double (PlShortSum *sum, double value)
{
  PlExactSum *full = G_LIKELY (pl_short_sum_scale (sum) == PL_SHORT_FULL) ? sum->full : pl_short_sum_full (sum);
  pl_exact_sum_add_double (full, value);
  sum->tag += PL_SHORT_ONE;
}

/** pl_short_sum_add_total: adds @count values whose sum is @units × 10^-@scale. */
void pl_short_sum_add_total (PlShortSum *sum, PlInt128 units, guint scale, guint64 count);
/** pl_short_sum_combine: @sum takes in @other, which is left empty. */
void pl_short_sum_combine (PlShortSum *sum, PlShortSum *other);
void pl_short_sum_save (const PlShortSum *sum, PlBuffer *buffer);
/** pl_short_sum_load: Returns: %FALSE, and @sum is empty, when the bytes are no saved sum. */
gboolean pl_short_sum_load (PlShortSum *sum, PlCursor *cursor);
void pl_short_sum_clear (PlShortSum *sum);

/** pl_short_sum_round: Returns: sum / @divisor, rounded once, or what inf and nan make of it; @divisor > 0. */
double pl_short_sum_round (const PlShortSum *sum, guint64 divisor);
/** pl_short_sum_total: the exact sum of what was finite. */
void pl_short_sum_total (const PlShortSum *sum, PlExactTotal *total);

G_END_DECLS
