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
