/* See numbers.h. Selection is in numbers-select.c. */
#include "numbers.h"
#include "../../pipeline/memory/leased.h"
#include "held.h"

#define MINUS_ZERO_KEY (-1) /* pl_key_of_float (-0.0) */

static guint
width_of (const PlNumbers *numbers)
{
  return (guint8) (numbers->tag >> 8);
}

static void
set_form (PlNumbers *numbers, guint width, guint scale)
{
  numbers->tag = (numbers->tag & ~(guint64) 0xffff) | width << 8 | scale;
}

static gboolean
is_mixed (const PlNumbers *numbers)
{
  return pl_numbers_scale (numbers) == PL_NUMBERS_MIXED;
}

/* Values in the array. */
static guint64
n_held (const PlNumbers *numbers)
{
  const guint64 n = pl_numbers_count (numbers);
  return is_mixed (numbers) ? n : n - n % PL_NUMBERS_LAST;
}

static guint64
capacity_for (guint64 n)
{
  guint64 capacity = n > 0 ? PL_NUMBERS_LAST : 0;
  while (capacity < n)
    capacity *= 2;
  return capacity;
}

/* Room for @n values of the array, where there is room for @held of @width. */
static void
reserve (PlNumbers *numbers, guint64 held, guint64 n, guint width)
{
  if (capacity_for (n) > capacity_for (held))
    numbers->values = pl_leased_resize (numbers->values, capacity_for (n) * width);
}

/* Gives the @held values of the array 8 bytes each, and room for @n. */
static void
widen (PlNumbers *numbers, guint64 held, guint64 n)
{
  gint64 *wide = pl_leased_resize (NULL, capacity_for (n) * sizeof *wide);
  for (guint64 i = 0; i < held; i++)
    wide[i] = ((const gint32 *) numbers->values)[i];
  pl_leased_free (numbers->values);
  numbers->values = wide;
  set_form (numbers, 8, pl_numbers_scale (numbers));
}

static inline __attribute__ ((always_inline)) gboolean
fit_four (const gint64 *values, const guint n)
{
  guint64 beyond = 0;
  for (guint i = 0; i < n; i++)
    beyond |= ((guint64) values[i] + ((guint64) 1 << 31)) >> 32;
  return beyond == 0;
}

static inline __attribute__ ((always_inline)) void
put (PlNumbers *numbers, guint64 at, const gint64 *values, const guint n)
{
  if (width_of (numbers) == 4)
    for (guint i = 0; i < n; i++)
      ((gint32 *) numbers->values)[at + i] = (gint32) values[i];
  else
    memcpy ((gint64 *) numbers->values + at, values, n * sizeof *values);
}

/* Puts @n values of `last` behind the @held values of the array. */
static inline __attribute__ ((always_inline)) void
put_last (PlNumbers *numbers, guint64 held, const guint n)
{
  const gboolean fit = fit_four (numbers->last, n);
  if (held == 0)
    set_form (numbers, fit ? 4 : 8, pl_numbers_scale (numbers));
  if (width_of (numbers) == 4 && !fit)
    widen (numbers, held, held + n);
  else if ((held & (held - 1)) == 0) /* its capacity is a power of two: only then it can be full */
    reserve (numbers, held, held + n, width_of (numbers));
  put (numbers, held, numbers->last, n);
}

void
pl_numbers_flush (PlNumbers *numbers)
{
  put_last (numbers, pl_numbers_count (numbers) - PL_NUMBERS_LAST, PL_NUMBERS_LAST);
}

void
pl_numbers_clear (PlNumbers *numbers)
{
  pl_leased_free (numbers->values);
  memset (numbers, 0, sizeof *numbers);
}

PlNumbersView
pl_numbers_view (PlNumbers *numbers)
{
  const guint64 n = pl_numbers_count (numbers), held = n_held (numbers);
  const guint scale = pl_numbers_scale (numbers);
  if (is_mixed (numbers))
    return (PlNumbersView){numbers->values, n, sizeof (PlMixedNumber), scale};
  if (held == 0)
    return (PlNumbersView){numbers->last, n, 8, scale};
  /* The array keeps the capacity that what it holds tells: a greater one is not relied on. */
  if (n > held)
    put_last (numbers, held, (guint) (n - held));
  return (PlNumbersView){numbers->values, n, width_of (numbers), scale};
}

/* Value @i with its scale, the -0.0 first among the zeros; @minus is how many of them are left. */
static PlMixedNumber
mixed_at (const PlNumbersView *view, guint64 i, guint64 *minus)
{
  if (view->width == sizeof (PlMixedNumber))
    return ((const PlMixedNumber *) view->values)[i];
  const gint64 value = pl_numbers_at (view->values, view->width, i);
  if (value == 0 && *minus > 0)
    {
      --*minus;
      return (PlMixedNumber){MINUS_ZERO_KEY, PL_SHORT_FULL};
    }
  return (PlMixedNumber){value, view->scale};
}

static void
make_mixed (PlNumbers *numbers)
{
  if (is_mixed (numbers))
    return;
  const PlNumbersView view = pl_numbers_view (numbers);
  PlMixedNumber *mixed = pl_leased_resize (NULL, capacity_for (view.n) * sizeof *mixed);
  for (guint64 i = 0; i < view.n; i++)
    mixed[i] = mixed_at (&view, i, &numbers->minus);
  pl_leased_free (numbers->values);
  numbers->values = mixed;
  numbers->minus = 0;
  set_form (numbers, sizeof (PlMixedNumber), PL_NUMBERS_MIXED);
}

/* Brings all values to @scale. Returns: %FALSE, and nothing has changed, when they do not fit. */
static gboolean
lift (PlNumbers *numbers, guint scale)
{
  const gint64 power = pl_short_powers_of_10[scale - pl_numbers_scale (numbers)];
  const PlNumbersView view = pl_numbers_view (numbers);
  const guint64 held = n_held (numbers);
  gint64 lifted;
  for (guint64 i = 0; i < view.n; i++)
    if (__builtin_mul_overflow (pl_numbers_at (view.values, view.width, i), power, &lifted))
      return FALSE;
  if (held > 0 && view.width == 4)
    widen (numbers, view.n, view.n);
  for (guint64 i = 0; i < held; i++)
    ((gint64 *) numbers->values)[i] *= power;
  for (guint64 i = held; i < view.n; i++)
    numbers->last[i - held] *= power;
  set_form (numbers, width_of (numbers), scale);
  return TRUE;
}

static void
append_mixed (PlNumbers *numbers, gint64 value, guint scale)
{
  make_mixed (numbers);
  const guint64 n = pl_numbers_count (numbers);
  reserve (numbers, n, n + 1, sizeof (PlMixedNumber));
  ((PlMixedNumber *) numbers->values)[n] = (PlMixedNumber){value, scale};
  numbers->tag += PL_SHORT_ONE;
}

void
pl_numbers_append_slowly (PlNumbers *numbers, gint64 value, guint scale)
{
  const guint own = pl_numbers_scale (numbers);
  gint64 lifted;
  if (own <= 18 && scale == PL_SHORT_FULL && value == MINUS_ZERO_KEY)
    {
      numbers->minus++;
      pl_numbers_append (numbers, 0, own);
    }
  else if (own != scale && own != PL_NUMBERS_MIXED && pl_numbers_count (numbers) == 0)
    {
      set_form (numbers, 0, scale);
      pl_numbers_append (numbers, value, scale);
    }
  else if (own <= 18 && scale < own && !__builtin_mul_overflow (value, pl_short_powers_of_10[own - scale], &lifted))
    pl_numbers_append (numbers, lifted, own);
  else if (own < scale && scale <= 18 && lift (numbers, scale))
    pl_numbers_append (numbers, value, scale);
  else
    append_mixed (numbers, value, scale);
}

/* Both of one scale, and of eight values or more. */
static void
combine_arrays (PlNumbers *numbers, PlNumbers *other)
{
  PlNumbersView a = pl_numbers_view (numbers), b = pl_numbers_view (other);
  const guint64 n = a.n + b.n;
  const guint width = MAX (a.width, b.width), rest = (guint) (n % PL_NUMBERS_LAST);
  if (width_of (numbers) < width)
    widen (numbers, a.n, n);
  else
    numbers->values = pl_leased_resize (numbers->values, capacity_for (n) * width);
  if (b.width == width)
    memcpy ((guint8 *) numbers->values + a.n * width, b.values, b.n * width);
  else
    for (guint64 i = 0; i < b.n; i++)
      ((gint64 *) numbers->values)[a.n + i] = pl_numbers_at (b.values, b.width, i);
  numbers->tag += b.n * PL_SHORT_ONE;
  numbers->minus += other->minus;
  for (guint i = 0; i < rest; i++)
    numbers->last[i] = pl_numbers_at (numbers->values, width, n - rest + i);
}

void
pl_numbers_combine (PlNumbers *numbers, PlNumbers *other)
{
  if (pl_numbers_count (numbers) < pl_numbers_count (other))
    {
      PlNumbers swap = *numbers;
      *numbers = *other;
      *other = swap;
    }
  if (pl_numbers_scale (numbers) == pl_numbers_scale (other) && !is_mixed (other)
      && pl_numbers_count (other) >= PL_NUMBERS_LAST)
    combine_arrays (numbers, other);
  else
    {
      const PlNumbersView view = pl_numbers_view (other);
      for (guint64 i = 0; i < view.n; i++)
        {
          const PlMixedNumber number = mixed_at (&view, i, &other->minus);
          pl_numbers_append (numbers, number.value, (guint) number.scale);
        }
    }
  pl_numbers_clear (other);
}

void
pl_numbers_keys (PlNumbers *numbers, gint64 *keys)
{
  const PlNumbersView view = pl_numbers_view (numbers);
  guint64 minus = numbers->minus;
  for (guint64 i = 0; i < view.n; i++)
    {
      const PlMixedNumber number = mixed_at (&view, i, &minus);
      keys[i] = pl_numbers_are_keys (number.scale)
                    ? number.value
                    : pl_key_of_float (pl_numbers_round (number.value, (guint) number.scale));
    }
}

double
pl_numbers_round (gint64 value, guint scale)
{
  const PlExactSum exact = {.units = value, .scale = (guint8) scale};
  return pl_exact_sum_round (&exact, 1);
}

void
pl_numbers_save (const PlNumbers *numbers, PlBuffer *buffer)
{
  const guint64 n = pl_numbers_count (numbers), held = n_held (numbers);
  pl_buffer_put_u64 (buffer, numbers->tag);
  pl_buffer_put_u64 (buffer, numbers->minus);
  pl_buffer_append (buffer, numbers->values, held * width_of (numbers));
  pl_buffer_append (buffer, numbers->last, (n - held) * sizeof *numbers->last);
}

static gboolean
load_mixed (PlNumbers *numbers, guint64 n, PlCursor *cursor)
{
  make_mixed (numbers);
  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      const gint64 value = (gint64) pl_cursor_get_u64 (cursor);
      const guint64 scale = pl_cursor_get_u64 (cursor);
      cursor->failed = cursor->failed || (scale > 18 && !pl_numbers_are_keys ((gint64) scale));
      if (!cursor->failed)
        append_mixed (numbers, value, (guint) scale);
    }
  return !cursor->failed;
}

gboolean
pl_numbers_load (PlNumbers *numbers, PlCursor *cursor)
{
  memset (numbers, 0, sizeof *numbers);
  const guint64 tag = pl_cursor_get_u64 (cursor), minus = pl_cursor_get_u64 (cursor), n = tag >> 16;
  const guint64 held = n - n % PL_NUMBERS_LAST;
  const guint width = (guint8) (tag >> 8), scale = (guint8) tag;
  if (!cursor->failed && scale == PL_NUMBERS_MIXED)
    {
      if (!load_mixed (numbers, n, cursor))
        pl_numbers_clear (numbers);
      return !cursor->failed;
    }
  cursor->failed = cursor->failed || n > (cursor->length - cursor->offset) / sizeof (gint32) || minus > n
                   || (scale > 18 && (!pl_numbers_are_keys (scale) || minus > 0))
                   || (held > 0 && width != 4 && width != 8);
  set_form (numbers, 0, scale);
  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      const gboolean is_short = i < held && width == 4;
      const gint64 value = is_short ? (gint32) pl_cursor_get_u32 (cursor) : (gint64) pl_cursor_get_u64 (cursor);
      pl_numbers_append (numbers, value, scale);
    }
  numbers->minus = minus;
  if (cursor->failed)
    pl_numbers_clear (numbers);
  return !cursor->failed;
}
