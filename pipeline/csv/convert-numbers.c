/* Columns of ints and floats. The loops (number-kernel.h) read the fields where they stand, quoted or not, and take
 * short numbers in registers; what those refuse (nulls, misfits, blanks, long numbers) goes to pl_cells_take(), one row
 * at a time.
 *
 * Floats become exact decimals first. A column whose rows have different scales is brought to the highest of them where
 * that fits, because sums are cheaper without a scale a row. */
#include <math.h>

#include "convert-numbers.h"
#include "../table/powers.h"
#include "number-inline.h"
#include "number-avx2.h"

/* Up to here decimals are doubles, each another one. */
#define MAX_SHORT ((gint64) PL_MAX_SHORT_DIGITS)

typedef struct
{
  double *numbers;   /* (nullable) */
  gint64 *mantissas; /* (nullable): with scales */
  guint8 *scales;
  guint64 magnitudes; /* OR of all mantissas' magnitudes, or somewhat more */
  guint64 unseen;     /* the same of those that were read four at a time */
  double *rest;       /* without numbers: the doubles of rows whose decimal does not say all; NULL: there are none */
} Floats;

static void
keep_double (const PlCells *cells, Floats *floats, gsize row, const PlCellValue *value)
{
  if (value->scale != PL_SCALE_INEXACT && (value->mantissa != 0 || !signbit (value->number)))
    return;
  if (floats->rest == NULL)
    floats->rest = pl_arena_alloc0 (cells->arena, cells->n * sizeof (double));
  floats->rest[row] = value->number;
}

#if defined(__x86_64__)
/* Where no double was made of them, numbers read four at a time may be more than a double holds: whether a guess holds
 * them is asked again. @n: rows read */
static __attribute__ ((noinline)) void
look_again (PlCells *cells, const Floats *floats, gsize n)
{
  PlCellValue value;
  for (gsize row = 0; row < n; row++)
    if (ABS (floats->mantissas[row]) > MAX_SHORT && !pl_cells_take (cells, row, &value))
      return;
}
#endif

#define KERNEL_TARGET
#define KERNEL_NAME(name) name##_portable
#include "number-kernel.h"

#if defined(__x86_64__)
#define KERNEL_TARGET PL_NUMBER_AVX2
#define KERNEL_NAME(name) name##_avx2
#define KERNEL_QUADS
#include "number-kernel.h"

static gboolean
has_avx2 (void)
{
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi");
}
#endif

static void
run_ints (PlCells *cells, gint64 *values)
{
#if defined(__x86_64__)
  if (has_avx2 ())
    {
      run_ints_avx2 (cells, values);
      return;
    }
#endif
  run_ints_portable (cells, values);
}

static void
run_floats (PlCells *cells, Floats *floats)
{
#if defined(__x86_64__)
  if (has_avx2 ())
    {
      run_floats_avx2 (cells, floats);
      return;
    }
#endif
  run_floats_portable (cells, floats);
}

gint64 *
pl_convert_ints (PlCells *cells)
{
  gint64 *values = pl_arena_new_array (cells->arena, gint64, cells->n);
  run_ints (cells, values);
  return values;
}

/* Whether all mantissas stay below 10^18 when they are brought to scale @highest. */
static gboolean
may_unify (const Floats *floats, gsize n, guint8 lowest, guint8 highest)
{
  if (floats->magnitudes < (guint64) pl_short_powers_of_10[18 - (highest - lowest)] - 1)
    return TRUE;
  for (gsize row = 0; row < n; row++)
    {
      guint shift = floats->mantissas[row] == 0 ? 0 : (guint) (highest - floats->scales[row]);
      if (ABS (floats->mantissas[row]) >= pl_short_powers_of_10[18 - shift])
        return FALSE;
    }
  return TRUE;
}

/* One scale for all rows where that can be. */
static void
unite_scales (const Floats *floats, gsize n, PlColumn *column)
{
  guint8 lowest = 255, highest = 0;
  for (gsize row = 0; row < n; row++)
    {
      lowest = MIN (lowest, floats->scales[row]);
      highest = MAX (highest, floats->scales[row]);
    }
  column->exact = floats->mantissas;
  if (highest != PL_SCALE_INEXACT && lowest < highest && may_unify (floats, n, lowest, highest))
    {
      for (gsize row = 0; row < n; row++)
        floats->mantissas[row] *= pl_short_powers_of_10[highest - floats->scales[row]];
      lowest = highest;
    }
  if (lowest == highest && highest != PL_SCALE_INEXACT)
    column->exact_scale = highest;
  else
    column->exact_scales = floats->scales;
}

void
pl_convert_floats (PlCells *cells, PlColumn *column, guint uses)
{
  gboolean exact = (uses & PL_USE_EXACT) != 0, numbers = !exact || (uses & PL_USE_VALUE) != 0;
  gsize n = cells->n;
  Floats floats = {0};
  if (numbers)
    column->floats = floats.numbers = pl_arena_new_array (cells->arena, double, n);
  if (exact)
    {
      floats.mantissas = pl_arena_new_array (cells->arena, gint64, n);
      floats.scales = pl_arena_new_array (cells->arena, guint8, n);
    }
  run_floats (cells, &floats);
  if (exact)
    unite_scales (&floats, n, column);
  if (!numbers)
    column->floats = floats.rest;
}
