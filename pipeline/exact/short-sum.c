/* See short-sum.h. */
#include "short-sum.h"
#include "../memory/leased.h"
#include "../table/powers.h"

static gboolean
is_full (const PlShortSum *sum)
{
  return pl_short_sum_scale (sum) == PL_SHORT_FULL;
}

static void
set_scale (PlShortSum *sum, guint scale)
{
  sum->tag = (sum->tag & ~(guint64) 0xff) | scale;
}

/* Millions of sums would be fetched from memory at a run's end, by one thread. */
static gint some_are_full;

PlExactSum *
pl_short_sum_new_full (void)
{
  g_atomic_int_set (&some_are_full, TRUE);
  return pl_leased_new0 (sizeof (PlExactSum));
}

gboolean
pl_short_sums_own_nothing (void)
{
  return !g_atomic_int_get (&some_are_full);
}

PlExactSum *
pl_short_sum_full (PlShortSum *sum)
{
  if (is_full (sum))
    return sum->full;
  PlExactSum *full = pl_short_sum_new_full ();
  full->units = sum->units;
  full->scale = pl_short_sum_scale (sum);
  sum->full = full;
  set_scale (sum, PL_SHORT_FULL);
  return full;
}

void
pl_short_sum_clear (PlShortSum *sum)
{
  if (is_full (sum))
    {
      pl_exact_sum_clear (sum->full);
      pl_leased_free (sum->full);
    }
  memset (sum, 0, sizeof *sum);
}

/* Adds without counting. */
static void
add_units (PlShortSum *sum, gint64 units, guint scale)
{
  if (!is_full (sum))
    {
      const guint own = pl_short_sum_scale (sum), common = MAX (own, scale);
      gint64 total, lifted;
      if (!__builtin_mul_overflow (sum->units, pl_short_powers_of_10[common - own], &total)
          && !__builtin_mul_overflow (units, pl_short_powers_of_10[common - scale], &lifted)
          && !__builtin_add_overflow (total, lifted, &total))
        {
          sum->units = total;
          set_scale (sum, common);
          return;
        }
    }
  pl_exact_sum_add_mantissa (pl_short_sum_full (sum), units, scale);
}

void
pl_short_sum_add_slowly (PlShortSum *sum, gint64 units, guint scale)
{
  add_units (sum, units, scale);
  sum->tag += PL_SHORT_ONE;
}

void
pl_short_sum_add_total (PlShortSum *sum, PlInt128 units, guint scale, guint64 count)
{
  if (units == (gint64) units)
    add_units (sum, (gint64) units, scale);
  else
    pl_exact_sum_add_decimal (pl_short_sum_full (sum), units, scale);
  sum->tag += count * PL_SHORT_ONE;
}

void
pl_short_sum_combine (PlShortSum *sum, PlShortSum *other)
{
  const guint64 count = pl_short_sum_count (other);

  if (is_full (other))
    {
      pl_exact_sum_combine (pl_short_sum_full (sum), other->full);
      pl_leased_free (other->full);
    }
  else
    add_units (sum, other->units, pl_short_sum_scale (other));
  sum->tag += count * PL_SHORT_ONE;
  memset (other, 0, sizeof *other);
}

void
pl_short_sum_save (const PlShortSum *sum, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, sum->tag);
  if (is_full (sum))
    pl_exact_sum_save (sum->full, buffer);
  else
    pl_buffer_put_u64 (buffer, (guint64) sum->units);
}

gboolean
pl_short_sum_load (PlShortSum *sum, PlCursor *cursor)
{
  PlExactSum full = {0};

  memset (sum, 0, sizeof *sum);
  const guint64 tag = pl_cursor_get_u64 (cursor);
  if ((guint8) tag != PL_SHORT_FULL)
    {
      sum->units = (gint64) pl_cursor_get_u64 (cursor);
      cursor->failed = cursor->failed || (guint8) tag > 18;
    }
  else if (pl_exact_sum_load (&full, cursor))
    {
      sum->full = pl_short_sum_new_full ();
      *sum->full = full;
    }
  if (cursor->failed)
    memset (sum, 0, sizeof *sum);
  else
    sum->tag = tag;
  return !cursor->failed;
}

void
pl_short_sum_total (const PlShortSum *sum, PlExactTotal *total)
{
  if (is_full (sum))
    {
      pl_exact_sum_total (sum->full, total);
      return;
    }
  pl_wide_set (&total->numerator, sum->units);
  total->scale = pl_short_sum_scale (sum);
  total->exponent = 0;
}

double
pl_short_sum_round (const PlShortSum *sum, guint64 divisor)
{
  double value;

  if (is_full (sum))
    return pl_exact_sum_special (sum->full, &value) ? value : pl_exact_sum_round (sum->full, divisor);
  /* Two whole numbers that doubles hold: their quotient is rounded once. */
  const gint64 whole = G_GINT64_CONSTANT (1) << 53;
  const guint scale = pl_short_sum_scale (sum);
  guint64 denominator;
  if (scale <= 15 && sum->units <= whole && sum->units >= -whole
      && !__builtin_mul_overflow ((guint64) pl_powers_of_10[scale], divisor, &denominator)
      && denominator <= (guint64) whole)
    return (double) sum->units / (double) (gint64) denominator;

  const PlExactSum exact = {.units = sum->units, .scale = scale};
  return pl_exact_sum_round (&exact, divisor);
}
