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
/* The like, for numbers that are printed doubles: see number.h of the aggregates. No sum has it. */
#define PL_SHORT_PRINTED 202
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
void pl_short_sum_clear (PlShortSum *sum);

/** pl_short_sum_round: Returns: sum / @divisor, rounded once, or what inf and nan make of it; @divisor > 0. */
double pl_short_sum_round (const PlShortSum *sum, guint64 divisor);
/** pl_short_sum_total: the exact sum of what was finite. */
void pl_short_sum_total (const PlShortSum *sum, PlExactTotal *total);

G_END_DECLS
