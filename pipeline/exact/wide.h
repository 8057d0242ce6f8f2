/* Integers wide enough to hold any exact sum of CSV numbers, and their one rounding to a double.
 *
 * Sign and magnitude, little-endian 64-bit limbs, a fixed capacity on the stack; work is proportional to the
 * limbs in use. The capacity covers the largest thing statistics need: the square of a third central moment of doubles
 * of every exponent beside decimals of every exponent (6 × 3,180 bits) and the counts beside it. Not a general
 * big-number library: results that do not fit are our own bug and asserted against. */
#pragma once
#include "../table/type.h"

G_BEGIN_DECLS

#define PL_WIDE_LIMBS 384

typedef struct
{
  guint length;      /* limbs in use; the top one is not zero; 0 for zero */
  gboolean negative; /* FALSE for zero */
  guint64 limbs[PL_WIDE_LIMBS];
} PlWide;

void pl_wide_set (PlWide *wide, PlInt128 value);
void pl_wide_copy (PlWide *to, const PlWide *from);
/** pl_wide_set_limbs: from @n limbs in two's complement, little-endian. */
void pl_wide_set_limbs (PlWide *wide, const guint64 *limbs, guint n);
/** pl_wide_get_int128: Returns: %FALSE when it does not fit. */
gboolean pl_wide_get_int128 (const PlWide *wide, PlInt128 *value);

static inline gboolean
pl_wide_is_zero (const PlWide *wide)
{
  return wide->length == 0;
}

/* In each of these @result may be one of the operands, but for pl_wide_multiply(). */
void pl_wide_add (PlWide *result, const PlWide *a, const PlWide *b);
void pl_wide_subtract (PlWide *result, const PlWide *a, const PlWide *b);
void pl_wide_multiply (PlWide *result, const PlWide *a, const PlWide *b);
void pl_wide_scale (PlWide *wide, guint64 factor);
void pl_wide_scale_power10 (PlWide *wide, guint exponent);
void pl_wide_shift_left (PlWide *wide, guint bits);

/** pl_wide_ratio: Returns: @numerator / @denominator × 2^@exponent, correctly rounded (half to even), with gradual
 * underflow, and inf beyond the largest double. @denominator > 0. */
double pl_wide_ratio (const PlWide *numerator, const PlWide *denominator, gint exponent);
/** pl_wide_text: Returns: (transfer full): in decimal digits, with a point @scale digits from the right. */
char *pl_wide_text (const PlWide *wide, guint scale);

G_END_DECLS
