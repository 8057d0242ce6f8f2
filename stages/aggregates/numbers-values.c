/* See numbers-values.h. Sorting is by radix, in place (McIlroy, Bostic and McIlroy, Engineering radix sort, 1993), so
 * that a state on its way to disk takes no more memory than it has. */
#include "numbers-values.h"
#include "../../pipeline/memory/leased.h"
#include "held.h"
#include <stdlib.h>

#define SMALL 32
#define EXACT_BYTES 17

/* ---- order ---- */

static inline __attribute__ ((always_inline)) void
swap_at (gpointer values, const guint width, guint64 a, guint64 b)
{
  if (width == 4)
    {
      gint32 *array = values, kept = array[a];
      array[a] = array[b];
      array[b] = kept;
    }
  else
    {
      gint64 *array = values, kept = array[a];
      array[a] = array[b];
      array[b] = kept;
    }
}

/* Eight bits of value @i: of the highest ones the sign is turned, so that they go in order. */
static inline __attribute__ ((always_inline)) guint
digit_at (gconstpointer values, const guint width, guint64 i, guint shift)
{
  const guint digit = (guint8) (pl_numbers_at (values, width, i) >> shift);
  return shift + 8 == 8 * width ? digit ^ 0x80 : digit;
}

static inline __attribute__ ((always_inline)) void
insert_all (gpointer values, const guint width, guint64 n)
{
  for (guint64 i = 1; i < n; i++)
    for (guint64 j = i; j > 0 && pl_numbers_at (values, width, j - 1) > pl_numbers_at (values, width, j); j--)
      swap_at (values, width, j - 1, j);
}

static inline __attribute__ ((always_inline)) void
part (gpointer values, const guint width, guint64 n, guint shift, guint64 *ends)
{
  guint64 next[256], count[256] = {0};
  for (guint64 i = 0; i < n; i++)
    count[digit_at (values, width, i, shift)]++;
  for (guint64 digit = 0, start = 0; digit < 256; start = ends[digit++])
    {
      next[digit] = start;
      ends[digit] = start + count[digit];
    }
  for (guint digit = 0; digit < 256; digit++)
    while (next[digit] < ends[digit])
      {
        const guint own = digit_at (values, width, next[digit], shift);
        if (own == digit)
          next[digit]++;
        else
          swap_at (values, width, next[digit], next[own]++);
      }
}

static void
sort_four (gint32 *values, guint64 n, guint shift)
{
  guint64 ends[256];
  if (n <= SMALL)
    {
      insert_all (values, 4, n);
      return;
    }
  part (values, 4, n, shift, ends);
  for (guint digit = 0; digit < 256 && shift > 0; digit++)
    {
      const guint64 start = digit > 0 ? ends[digit - 1] : 0;
      if (ends[digit] - start > 1)
        sort_four (values + start, ends[digit] - start, shift - 8);
    }
}

static void
sort_eight (gint64 *values, guint64 n, guint shift)
{
  guint64 ends[256];
  if (n <= SMALL)
    {
      insert_all (values, 8, n);
      return;
    }
  part (values, 8, n, shift, ends);
  for (guint digit = 0; digit < 256 && shift > 0; digit++)
    {
      const guint64 start = digit > 0 ? ends[digit - 1] : 0;
      if (ends[digit] - start > 1)
        sort_eight (values + start, ends[digit] - start, shift - 8);
    }
}

void
pl_numbers_sort (gpointer values, guint width, guint64 n)
{
  if (width == 4)
    sort_four (values, n, 24);
  else
    sort_eight (values, n, 56);
}

/* ---- values ---- */

PlNumbersForm
pl_numbers_form (const PlAggregateCall *call)
{
  const guint kind = call->arg_types[0].kind, parts = call->owner != NULL ? call->owner->parts : call->parts;
  if (kind != PL_FLOAT && kind != PL_DECIMAL)
    return PL_NUMBERS_INTS;
  return kind == PL_FLOAT && parts == PL_NUMBERS_ARE_EXACT ? PL_NUMBERS_EXACT : PL_NUMBERS_DOUBLES;
}

void
pl_numbers_measure (const PlNumbers *numbers, PlValueTotals *totals)
{
  const guint64 n = pl_numbers_count (numbers);
  *totals = (PlValueTotals){.n = n, .size = n * ((guint8) (numbers->tag >> 8))};
}

static gint64
key_of (PlNumbersForm form, const PlMixedNumber *number)
{
  if (form == PL_NUMBERS_INTS || pl_numbers_are_keys (number->scale))
    return number->value;
  return pl_key_of_float (pl_numbers_round (number->value, (guint) number->scale));
}

typedef struct
{
  PlNumbersForm form;
  PlValueSink sink;
  gpointer data;
} Giving;

static gboolean
give_one (const Giving *giving, gint64 key, const PlMixedNumber *number, guint64 count, GError **error)
{
  guint8 bytes[EXACT_BYTES];
  const PlValue value
      = {.key = bytes, .key_length = giving->form == PL_NUMBERS_EXACT ? EXACT_BYTES : 8, .count = count};
  pl_value_put_int (key, bytes);
  if (giving->form == PL_NUMBERS_EXACT)
    {
      pl_value_put_int (number->value, bytes + 8);
      bytes[16] = (guint8) number->scale;
    }
  return count == 0 || giving->sink (&value, giving->data, error);
}

/* Numbers of one scale, whose order is that of their values; -0.0 stand before the other zeros. */
static gboolean
give_sorted (const Giving *giving, const PlNumbersView *view, guint64 minus, GError **error)
{
  static const PlMixedNumber minus_zero = {-1, PL_SHORT_FULL};
  gboolean ok = TRUE;
  for (guint64 i = 0, n; i < view->n && ok; i += n)
    {
      const PlMixedNumber number = {pl_numbers_at (view->values, view->width, i), view->scale};
      for (n = 1; i + n < view->n && pl_numbers_at (view->values, view->width, i + n) == number.value; n++)
        ;
      const guint64 n_minus = number.value == 0 && view->scale <= 18 ? minus : 0;
      ok = give_one (giving, -1, &minus_zero, n_minus, error)
           && give_one (giving, key_of (giving->form, &number), &number, n - n_minus, error);
    }
  return ok;
}

typedef struct
{
  gint64 key;
  PlMixedNumber number;
} Keyed;

static int
compare_keyed (const void *a, const void *b)
{
  const Keyed *x = a, *y = b;
  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  if (x->number.value != y->number.value)
    return x->number.value < y->number.value ? -1 : 1;
  return (x->number.scale > y->number.scale) - (x->number.scale < y->number.scale);
}

static gboolean
give_mixed (const Giving *giving, const PlNumbersView *view, GError **error)
{
  const PlMixedNumber *mixed = view->values;
  pl_leased_auto Keyed *all = pl_leased (g_new (Keyed, view->n));
  gboolean ok = TRUE;
  for (guint64 i = 0; i < view->n; i++)
    all[i] = (Keyed){key_of (giving->form, &mixed[i]), mixed[i]};
  qsort (all, view->n, sizeof *all, compare_keyed);
  for (guint64 i = 0, n; i < view->n && ok; i += n)
    {
      for (n = 1; i + n < view->n && compare_keyed (&all[i], &all[i + n]) == 0; n++)
        ;
      ok = give_one (giving, all[i].key, &all[i].number, n, error);
    }
  return ok;
}

gboolean
pl_numbers_give (PlNumbers *numbers, PlNumbersForm form, PlValueSink sink, gpointer data, GError **error)
{
  const Giving giving = {form, sink, data};
  const PlNumbersView view = pl_numbers_view (numbers);
  gboolean ok;
  if (view.scale == PL_NUMBERS_MIXED)
    ok = give_mixed (&giving, &view, error);
  else
    {
      pl_numbers_sort ((gpointer) (guintptr) view.values, view.width, view.n);
      ok = give_sorted (&giving, &view, numbers->minus, error);
    }
  pl_numbers_clear (numbers);
  return ok;
}

PlMixedNumber
pl_numbers_of_value (PlNumbersForm form, const PlValue *value)
{
  const gint64 key = pl_value_get_int (value->key);
  if (form == PL_NUMBERS_EXACT && value->key_length == EXACT_BYTES)
    return (PlMixedNumber){pl_value_get_int (value->key + 8), value->key[16]};
  return (PlMixedNumber){key, form == PL_NUMBERS_INTS ? 0 : PL_SHORT_FULL};
}
