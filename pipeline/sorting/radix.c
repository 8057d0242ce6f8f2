/* Least significant digit first, but only over the highest bits that differ at all: as many as nearly always tell all
 * items apart. Those they do not are sorted again by the bits below. */
#include "radix.h"
#include <string.h>

#define SMALL 24
#define MAX_BITS 11
#define PASSES 3

static void
insertion_sort (PlSortItem *items, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      PlSortItem item = items[i];
      gsize k = i;
      for (; k > 0 && item.prefix < items[k - 1].prefix; k--)
        items[k] = items[k - 1];
      items[k] = item;
    }
}

/* One pass by the digit at @shift. Returns: %FALSE when all items have the same digit, and nothing was moved. */
static gboolean
scatter (const PlSortItem *from, PlSortItem *to, gsize n, guint32 *counts, guint bits, guint shift)
{
  const guint64 mask = ((guint64) 1 << bits) - 1;
  guint32 sum = 0;
  if (counts[(from[0].prefix >> shift) & mask] == n)
    return FALSE;
  for (gsize digit = 0; digit <= mask; digit++)
    {
      guint32 next = sum + counts[digit];
      counts[digit] = sum;
      sum = next;
    }
  for (gsize i = 0; i < n; i++)
    to[counts[(from[i].prefix >> shift) & mask]++] = from[i];
  return TRUE;
}

/* By the @n_passes digits of @bits bits from @shift on. */
static void
sort_digits (PlSortItem *items, PlSortItem *scratch, gsize n, guint n_passes, guint bits, guint shift)
{
  guint32 counts[PASSES][1 << MAX_BITS];
  const guint64 mask = ((guint64) 1 << bits) - 1;
  PlSortItem *from = items, *to = scratch;
  for (guint pass = 0; pass < n_passes; pass++)
    memset (counts[pass], 0, sizeof (guint32) << bits);
  for (gsize i = 0; i < n; i++)
    for (guint pass = 0; pass < n_passes; pass++)
      counts[pass][(items[i].prefix >> (shift + pass * bits)) & mask]++;
  for (guint pass = 0; pass < n_passes; pass++)
    if (scatter (from, to, n, counts[pass], bits, shift + pass * bits))
      {
        PlSortItem *swap = from;
        from = to;
        to = swap;
      }
  if (from != items)
    memcpy (items, from, n * sizeof *items);
}

/* Items are in order of the bits from @shift on: those that agree in them are put in order of the others. */
static void
sort_rest (PlSortItem *items, PlSortItem *scratch, gsize n, guint shift)
{
  for (gsize first = 0; first < n;)
    {
      gsize end = first + 1;
      while (end < n && items[end].prefix >> shift == items[first].prefix >> shift)
        end++;
      if (end - first > 1)
        pl_sort_radix (items + first, scratch + first, end - first);
      first = end;
    }
}

static void
radix (PlSortItem *items, PlSortItem *scratch, gsize n, guint64 different)
{
  const guint high = 64 - (guint) __builtin_clzll (different);
  const guint bits = n < 1024 ? 8 : MAX_BITS;
  const guint n_passes = MIN ((high + bits - 1) / bits, PASSES);
  const guint shift = high > n_passes * bits ? high - n_passes * bits : 0;
  sort_digits (items, scratch, n, n_passes, bits, shift);
  if (shift > 0)
    sort_rest (items, scratch, n, shift);
}

/* More than 32-bit counters can count: by halves. */
static void
sort_halves (PlSortItem *items, PlSortItem *scratch, gsize n)
{
  const gsize half = n / 2;
  gsize a = 0, b = half;
  pl_sort_radix (items, scratch, half);
  pl_sort_radix (items + half, scratch, n - half);
  for (gsize i = 0; i < n; i++)
    scratch[i] = b == n || (a < half && items[a].prefix <= items[b].prefix) ? items[a++] : items[b++];
  memcpy (items, scratch, n * sizeof *items);
}

void
pl_sort_radix (PlSortItem *items, PlSortItem *scratch, gsize n)
{
  guint64 different = 0;
  gboolean sorted = TRUE;
  if (n <= SMALL)
    {
      insertion_sort (items, n);
      return;
    }
  for (gsize i = 1; i < n; i++)
    {
      different |= items[i].prefix ^ items[0].prefix;
      sorted &= items[i - 1].prefix <= items[i].prefix;
    }
  if (sorted)
    return;
  if (n > G_MAXUINT32)
    sort_halves (items, scratch, n);
  else
    radix (items, scratch, n, different);
}
