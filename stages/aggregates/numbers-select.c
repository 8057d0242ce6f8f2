/* Selection by radix: the top eight bits of what values are above the least one tell the bucket of the wanted rank, the
 * values of that bucket are kept, and so on. Linear on any input, without a pivot to guess and without a branch to
 * mispredict. The value behind is in the same bucket, too, but for one time in as many as the bucket has values: then
 * it is looked for among all. */
#include "numbers-select.h"
#include "numbers.h"

#define SMALL 24

/* What value @i is above @least. */
static inline __attribute__ ((always_inline)) guint64
offset_at (gconstpointer values, const guint width, guint64 i, guint64 least)
{
  return width == 4 ? (guint32) ((guint32) pl_numbers_at (values, 4, i) - (guint32) least)
                    : (guint64) pl_numbers_at (values, 8, i) - least;
}

/* Keeps the bucket of rank @k, which becomes the rank within it. Returns: how many they are. */
static inline __attribute__ ((always_inline)) guint64
keep_bucket (gconstpointer values, const guint width, guint64 least, guint64 n, guint shift, guint64 *k, guint64 *kept)
{
  guint64 count[2][256] = {{0}}, bucket = 0, n_kept = 0;
  for (guint64 i = 0; i < n; i++)
    count[i & 1][offset_at (values, width, i, least) >> shift]++; /* counting the same one again would have to wait */
  for (; *k >= count[0][bucket] + count[1][bucket]; bucket++)
    *k -= count[0][bucket] + count[1][bucket];
  const guint64 n_wanted = count[0][bucket] + count[1][bucket];
  for (guint64 i = 0; n_kept < n_wanted; i++)
    {
      const guint64 offset = offset_at (values, width, i, least);
      kept[n_kept] = offset;
      n_kept += offset >> shift == bucket;
    }
  return n_kept;
}

static guint
shift_for (guint64 range)
{
  return range < 256 ? 0 : (guint) (64 - 8 - __builtin_clzll (range));
}

/* The first round, from the values to offsets from @least. */
static inline __attribute__ ((always_inline)) guint64
start (gconstpointer values, const guint width, guint64 n, guint64 *k, guint64 *kept, gint64 *base)
{
  gint64 least = pl_numbers_at (values, width, 0), greatest = least;
  if (width == 4)
    {
      gint32 low = (gint32) least, high = low; /* so many lanes at once */
      for (guint64 i = 1; i < n; i++)
        {
          const gint32 value = ((const gint32 *) values)[i];
          low = MIN (low, value);
          high = MAX (high, value);
        }
      least = low;
      greatest = high;
    }
  else
    for (guint64 i = 1; i < n; i++)
      {
        const gint64 value = pl_numbers_at (values, width, i);
        least = MIN (least, value);
        greatest = MAX (greatest, value);
      }
  *base = least;
  if (n > SMALL)
    return keep_bucket (values, width, (guint64) least, n, shift_for ((guint64) greatest - (guint64) least), k, kept);
  for (guint64 i = 0; i < n; i++)
    kept[i] = offset_at (values, width, i, (guint64) least);
  return n;
}

static gboolean
are_equal (const guint64 *values, guint64 n)
{
  guint64 bits = 0;
  for (guint64 i = 1; i < n; i++)
    bits |= values[i] ^ values[0];
  return bits == 0;
}

static void
sort_small (guint64 *values, guint64 n)
{
  for (guint64 i = 1; i < n; i++)
    {
      guint64 value = values[i], j = i;
      for (; j > 0 && values[j - 1] > value; j--)
        values[j] = values[j - 1];
      values[j] = value;
    }
}

static gint64
least_above (gconstpointer values, guint width, guint64 n, gint64 bound)
{
  gint64 least = G_MAXINT64;
  for (guint64 i = 0; i < n; i++)
    {
      const gint64 value = pl_numbers_at (values, width, i);
      if (value > bound && value < least)
        least = value;
    }
  return least;
}

gint64
pl_numbers_select (gconstpointer values, guint width, guint64 n, guint64 k, guint64 *scratch, gint64 *next)
{
  guint64 rank = k;
  gint64 base;
  guint64 n_left
      = width == 4 ? start (values, 4, n, &rank, scratch, &base) : start (values, 8, n, &rank, scratch, &base);
  while (n_left > SMALL && !are_equal (scratch, n_left))
    {
      guint64 least = scratch[0], greatest = scratch[0];
      for (guint64 i = 1; i < n_left; i++)
        {
          least = MIN (least, scratch[i]);
          greatest = MAX (greatest, scratch[i]);
        }
      n_left = keep_bucket (scratch, 8, least, n_left, shift_for (greatest - least), &rank, scratch);
      base = (gint64) ((guint64) base + least);
    }
  if (n_left <= SMALL)
    sort_small (scratch, n_left);
  const gint64 value = (gint64) ((guint64) base + scratch[rank]);
  *next = k + 1 == n          ? value
          : rank + 1 < n_left ? (gint64) ((guint64) base + scratch[rank + 1])
                              : least_above (values, width, n, value);
  return value;
}
