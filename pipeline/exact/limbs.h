/* A growing fixed-point accumulator: a two's complement integer × 2^(64·low), limbs where values have touched it.
 *
 *   value = Σ limbs[i] × 2^(64·(low + i)),  the top limb signed with a bit to spare
 *
 * The superaccumulator of Neal (2015), but only as long as the exponents seen: doubles of ordinary data need two or
 * three limbs, not the 34 of the whole range. All zero is the empty accumulator. */
#pragma once
#include "../base/buffer.h"
#include "wide.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 *limbs; /* (owned) */
  gint32 low;
  guint32 n;
  guint32 capacity;
} PlLimbs;

void pl_limbs_clear (PlLimbs *limbs);
/** pl_limbs_add: adds ±@magnitude (@n <= 12 limbs) × 2^@position. */
void pl_limbs_add (PlLimbs *limbs, const guint64 *magnitude, guint n, gboolean negative, gint position);
/** pl_limbs_add_double: @value finite. */
void pl_limbs_add_double (PlLimbs *limbs, double value);
void pl_limbs_add_limbs (PlLimbs *limbs, const PlLimbs *other);
/** pl_limbs_set: replaces the value by @wide × 2^0. */
void pl_limbs_set (PlLimbs *limbs, const PlWide *wide);
/** pl_limbs_get: Returns: the exponent of 2 that goes with @wide. */
gint pl_limbs_get (const PlLimbs *limbs, PlWide *wide);
void pl_limbs_save (const PlLimbs *limbs, PlBuffer *buffer);
/** pl_limbs_load: @limbs is empty. Returns: %FALSE when the bytes are no saved accumulator. */
gboolean pl_limbs_load (PlLimbs *limbs, PlCursor *cursor);

/** pl_double_split: @value (finite, not zero) = ±@mantissa × 2^@exponent. Returns: whether it is negative. */
static inline gboolean
pl_double_split (double value, guint64 *mantissa, gint *exponent)
{
  guint64 bits;
  memcpy (&bits, &value, sizeof bits);
  guint biased = (guint) (bits >> 52) & 0x7ff;
  *mantissa = (bits & G_GUINT64_CONSTANT (0xfffffffffffff)) | (guint64) (biased != 0) << 52;
  *exponent = (gint) (biased != 0 ? biased : 1) - 1075;
  return (gboolean) (bits >> 63);
}

G_END_DECLS
