/* See limbs.h. Carries run to the top limb at most; the top limb keeps a spare bit, so that one addition never
 * overflows it and growing is decided once an addition, after it. */
#include "limbs.h"
#include "../memory/leased.h"

#define MAX_OPERAND 12
/* Beyond what products of four doubles can reach: damaged input, not a state. */
#define MAX_SAVED 256

void
pl_limbs_clear (PlLimbs *limbs)
{
  pl_leased_free (limbs->limbs);
  memset (limbs, 0, sizeof *limbs);
}

static inline guint64
sign_of (const PlLimbs *limbs)
{
  return limbs->n > 0 ? (guint64) ((gint64) limbs->limbs[limbs->n - 1] >> 63) : 0;
}

/* Makes limbs [low, high) present. */
static void
cover (PlLimbs *limbs, gint32 low, gint32 high)
{
  if (limbs->n == 0)
    limbs->low = low;

  guint32 below = low < limbs->low ? (guint32) (limbs->low - low) : 0;
  gint32 top = limbs->low + (gint32) limbs->n;
  guint32 above = high > top ? (guint32) (high - top) : 0;
  guint32 n = below + limbs->n + above;
  guint64 sign = sign_of (limbs);

  if (n > limbs->capacity)
    {
      limbs->capacity = MAX (4, n);
      limbs->limbs = pl_leased_resize (limbs->limbs, limbs->capacity * sizeof (guint64));
    }
  if (below > 0)
    {
      memmove (limbs->limbs + below, limbs->limbs, limbs->n * sizeof (guint64));
      memset (limbs->limbs, 0, below * sizeof (guint64));
    }
  for (guint32 i = below + limbs->n; i < n; i++)
    limbs->limbs[i] = sign;
  limbs->low -= (gint32) below;
  limbs->n = n;
}

static inline void
keep_spare_bit (PlLimbs *limbs)
{
  gint64 top = (gint64) limbs->limbs[limbs->n - 1];
  if (G_UNLIKELY (top >= (gint64) 1 << 62 || top < -((gint64) 1 << 62)))
    cover (limbs, limbs->low, limbs->low + (gint32) limbs->n + 1);
}

void
pl_limbs_add (PlLimbs *limbs, const guint64 *magnitude, guint n, gboolean negative, gint position)
{
  guint64 shifted[MAX_OPERAND + 1];
  gint32 whole = position >> 6;
  guint part = (guint) position & 63;
  guint64 carry = 0;

  g_assert (n <= MAX_OPERAND);
  for (guint i = 0; i < n; i++)
    {
      shifted[i] = magnitude[i] << part | carry;
      carry = part != 0 ? magnitude[i] >> (64 - part) : 0;
    }
  shifted[n] = carry;
  /* One limb above the operand keeps the sum's sign right whatever the operand's top bit. */
  if (G_UNLIKELY (limbs->n == 0 || whole < limbs->low || whole + (gint32) n + 2 > limbs->low + (gint32) limbs->n))
    {
      while (n > 0 && shifted[n] == 0)
        n--;
      cover (limbs, whole, whole + (gint32) n + 2);
    }

  guint64 *at = limbs->limbs + (whole - limbs->low), *end = limbs->limbs + limbs->n;
  carry = 0;
  if (!negative)
    {
      for (guint i = 0; i <= n; i++, at++)
        {
          PlUint128 sum = (PlUint128) *at + shifted[i] + carry;
          *at = (guint64) sum;
          carry = (guint64) (sum >> 64);
        }
      for (; carry != 0 && at < end; at++)
        carry = ++*at == 0;
    }
  else
    {
      for (guint i = 0; i <= n; i++, at++)
        {
          PlUint128 difference = (PlUint128) *at - shifted[i] - carry;
          *at = (guint64) difference;
          carry = (guint64) (difference >> 64) & 1;
        }
      for (; carry != 0 && at < end; at++)
        carry = (*at)-- == 0;
    }
  keep_spare_bit (limbs);
}

void
pl_limbs_add_double (PlLimbs *limbs, double value)
{
  guint64 mantissa;
  gint exponent;

  if (value == 0)
    return;
  gboolean negative = pl_double_split (value, &mantissa, &exponent);
  pl_limbs_add (limbs, &mantissa, 1, negative, exponent);
}

void
pl_limbs_add_limbs (PlLimbs *limbs, const PlLimbs *other)
{
  if (other->n == 0)
    return;
  cover (limbs, other->low, other->low + (gint32) other->n);

  guint64 sign = sign_of (other), carry = 0;
  guint32 first = (guint32) (other->low - limbs->low);
  for (guint32 i = first; i < limbs->n; i++)
    {
      PlUint128 sum = (PlUint128) limbs->limbs[i] + (i - first < other->n ? other->limbs[i - first] : sign) + carry;
      limbs->limbs[i] = (guint64) sum;
      carry = (guint64) (sum >> 64);
    }
  keep_spare_bit (limbs);
}

void
pl_limbs_set (PlLimbs *limbs, const PlWide *wide)
{
  limbs->n = 0;
  cover (limbs, 0, (gint32) wide->length + 1);
  guint64 carry = wide->negative;
  for (guint i = 0; i <= wide->length; i++)
    {
      guint64 limb = i < wide->length ? wide->limbs[i] : 0;
      carry = __builtin_add_overflow (wide->negative ? ~limb : limb, carry, &limbs->limbs[i]);
    }
}

gint
pl_limbs_get (const PlLimbs *limbs, PlWide *wide)
{
  guint32 skip = 0;
  while (skip < limbs->n && limbs->limbs[skip] == 0)
    skip++;
  /* Without limbs there is nothing that could be moved along. */
  pl_wide_set_limbs (wide, skip > 0 ? limbs->limbs + skip : limbs->limbs, limbs->n - skip);
  return (limbs->low + (gint32) skip) * 64;
}

void
pl_limbs_save (const PlLimbs *limbs, PlBuffer *buffer)
{
  pl_buffer_put_u32 (buffer, (guint32) limbs->low);
  pl_buffer_put_u32 (buffer, limbs->n);
  for (guint32 i = 0; i < limbs->n; i++)
    pl_buffer_put_u64 (buffer, limbs->limbs[i]);
}

gboolean
pl_limbs_load (PlLimbs *limbs, PlCursor *cursor)
{
  gint32 low = (gint32) pl_cursor_get_u32 (cursor);
  guint32 n = pl_cursor_get_u32 (cursor);

  if (cursor->failed || n > MAX_SAVED || low > MAX_SAVED || low < -MAX_SAVED)
    {
      cursor->failed = TRUE;
      return FALSE;
    }
  if (n > 0)
    cover (limbs, low, low + (gint32) n);
  for (guint32 i = 0; i < n; i++)
    limbs->limbs[i] = pl_cursor_get_u64 (cursor);
  if (n > 0)
    keep_spare_bit (limbs);
  return !cursor->failed;
}
