/* var, std, sem, skew, kurtosis: from exact sums of powers, by integer arithmetic, rounded once (std, sem and skew: and a square root).
 *
 *   n²·m2 = n·S2 − S1²                              Sk: the exact sum of x^k, mk: the k-th central moment
 *   n³·m3 = n²·S3 − 3n·S1·S2 + 2·S1³
 *   n⁴·m4 = n³·S4 − 4n²·S1·S3 + 6n·S1²·S2 − 3·S1⁴
 *
 * The textbook formulas, whose cancellation makes them useless in floating point, are right here: nothing is rounded before the end.
 * var, std and sem use n−1; skew and kurtosis (excess) are bias-corrected: G1 and G2 of Joanes and Gill (1998). */
#include "family.h"
#include "terms.h"

enum
{
  VAR,
  STD,
  SEM,
  SKEW,
  KURTOSIS
};

static guint
n_powers (const PlAggregateCall *call)
{
  return call->variant == KURTOSIS ? 4 : call->variant == SKEW ? 3 : 2;
}

static gboolean
moment_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  const PlAggregate *self = call->aggregate;

  pl_aggregate_take_exact (call, args, n_args);
  call->variant = self == &pl_aggregate_var    ? VAR
                  : self == &pl_aggregate_std  ? STD
                  : self == &pl_aggregate_sem  ? SEM
                  : self == &pl_aggregate_skew ? SKEW
                                               : KURTOSIS;
  call->result = PL_TYPE (PL_FLOAT);
  call->state_size = n_powers (call) * sizeof (PlExactSum);
  return pl_aggregate_need_numbers (call, TRUE, error);
}

/* Adds the powers of a row that is a short number at the scale its group has come to. Returns: %FALSE, and nothing is added, when it is not, or when
 * a sum would leave 128 bits. */
static inline __attribute__ ((always_inline)) gboolean
add_short (PlExactSum *sums, const guint powers, const PlUnits *units, gsize row)
{
  const guint scale = (guint) sums[0].scale;
  PlInt128 totals[4], power;
  gint64 value;

  if (!pl_units_lift (units, row, scale, &value))
    return FALSE;
  /* So that the highest power stays below 2^127. */
  if (powers > 2 && (value >= (gint64) 1 << 31 || value <= -((gint64) 1 << 31)))
    return FALSE;
  power = value;
  for (guint k = 0; k < powers; k++)
    {
      if (sums[k].scale != (k + 1) * scale || __builtin_add_overflow (sums[k].units, power, &totals[k]))
        return FALSE;
      if (k + 1 < powers)
        power *= value;
    }
  for (guint k = 0; k < powers; k++)
    sums[k].units = totals[k];
  sums[0].count++;
  return TRUE;
}

static inline __attribute__ ((always_inline)) void
update_powers (PlExactSum *states, const guint powers, const guint32 *groups, const guint32 *rows, gsize n,
               const PlColumn *column)
{
  const PlUnits units = pl_units_of (column);
  const guint8 *nulls = column->nulls;

  for (gsize i = 0; i < n; i++)
    {
      const gsize row = rows != NULL ? rows[i] : i;
      PlExactSum *sums = states + (groups != NULL ? groups[i] : 0) * (gsize) powers;
      PlTerm term;
      if (nulls != NULL && nulls[row])
        continue;
      if (units.values != NULL && G_LIKELY (add_short (sums, powers, &units, row)))
        continue;
      pl_term_read (column, row, &term);
      sums[0].count++;
      pl_terms_add (&sums[0], &term);
      for (guint power = 2; power <= powers; power++)
        pl_terms_add_power (&sums[power - 1], &term, power);
    }
}

static gboolean
moment_update (const PlAggregateCall *call, guint8 *states, const guint32 *groups, const guint32 *rows, gsize n,
               PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  PlExactSum *sums = (PlExactSum *) (gpointer) states;

  if (pl_nothing_but_nulls (args[0]))
    return TRUE;
  if (n_powers (call) == 2)
    update_powers (sums, 2, groups, rows, n, args[0]);
  else if (n_powers (call) == 3)
    update_powers (sums, 3, groups, rows, n, args[0]);
  else
    update_powers (sums, 4, groups, rows, n, args[0]);
  return TRUE;
}

static void
moment_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                gsize n)
{
  const guint powers = n_powers (call);

  for (gsize i = 0; i < n; i++)
    for (guint k = 0; k < powers; k++)
      pl_exact_sum_combine ((PlExactSum *) (gpointer) states + into[i] * powers + k,
                            (PlExactSum *) (gpointer) other + (from != NULL ? from[i] : i) * powers + k);
}

/* result += factor · n^n_power · a · b. */
static void
accumulate (PlWide *result, gint factor, guint64 n, guint n_power, const PlWide *a, const PlWide *b)
{
  PlWide product;
  pl_wide_multiply (&product, a, b);
  pl_wide_scale (&product, (guint64) ABS (factor));
  for (guint i = 0; i < n_power; i++)
    pl_wide_scale (&product, n);
  if (factor < 0)
    pl_wide_subtract (result, result, &product);
  else
    pl_wide_add (result, result, &product);
}

/* n²·m2. */
static void
second_moment (const PlExactTotal *s, guint64 n, PlWide *moment)
{
  PlWide one;
  pl_wide_set (&one, 1);
  pl_wide_set (moment, 0);
  accumulate (moment, 1, n, 1, &s[1].numerator, &one);
  accumulate (moment, -1, n, 0, &s[0].numerator, &s[0].numerator);
}

static double
spread (const PlExactTotal *s, guint64 n, guint scale, gint exponent, guint variant)
{
  PlWide moment, divisor;

  second_moment (s, n, &moment);
  pl_wide_set (&divisor, (PlInt128) n * (PlInt128) (n - 1));
  if (variant == SEM)
    pl_wide_scale (&divisor, n);
  pl_wide_scale_power10 (&divisor, 2 * scale);
  double value = pl_wide_ratio (&moment, &divisor, 2 * exponent);
  return variant == VAR ? value : sqrt (value);
}

/* G1² = n(n−1)/(n−2)² · (n³·m3)²/(n²·m2)³. */
static gboolean
skewness (const PlExactTotal *s, guint64 n, double *value)
{
  PlWide one, second, third, square, numerator, denominator;

  second_moment (s, n, &second);
  if (n < 3 || pl_wide_is_zero (&second))
    return FALSE;
  pl_wide_set (&one, 1);
  pl_wide_set (&third, 0);
  pl_wide_multiply (&square, &s[0].numerator, &s[0].numerator);
  accumulate (&third, 1, n, 2, &s[2].numerator, &one);
  accumulate (&third, -3, n, 1, &s[0].numerator, &s[1].numerator);
  accumulate (&third, 2, n, 0, &square, &s[0].numerator);

  pl_wide_multiply (&numerator, &third, &third);
  pl_wide_scale (&numerator, n);
  pl_wide_scale (&numerator, n - 1);
  pl_wide_multiply (&square, &second, &second);
  pl_wide_multiply (&denominator, &square, &second);
  pl_wide_scale (&denominator, n - 2);
  pl_wide_scale (&denominator, n - 2);
  double root = sqrt (pl_wide_ratio (&numerator, &denominator, 0));
  *value = third.negative ? -root : root;
  return TRUE;
}

/* G2 = (n−1)/((n−2)(n−3)) · ((n+1)·m4/m2² − 3(n−1)). */
static gboolean
excess_kurtosis (const PlExactTotal *s, guint64 n, double *value)
{
  PlWide one, second, fourth, square, squared_moment, cross;

  second_moment (s, n, &second);
  if (n < 4 || pl_wide_is_zero (&second))
    return FALSE;
  pl_wide_set (&one, 1);
  pl_wide_set (&fourth, 0);
  pl_wide_multiply (&square, &s[0].numerator, &s[0].numerator);
  accumulate (&fourth, 1, n, 3, &s[3].numerator, &one);
  accumulate (&fourth, -4, n, 2, &s[0].numerator, &s[2].numerator);
  accumulate (&fourth, 6, n, 1, &square, &s[1].numerator);
  accumulate (&fourth, -3, n, 0, &square, &square);

  pl_wide_multiply (&squared_moment, &second, &second);
  pl_wide_copy (&cross, &squared_moment);
  pl_wide_scale (&cross, 3);
  pl_wide_scale (&cross, n - 1);
  pl_wide_scale (&fourth, n + 1);
  pl_wide_subtract (&fourth, &fourth, &cross);
  pl_wide_scale (&fourth, n - 1);
  pl_wide_scale (&squared_moment, n - 2);
  pl_wide_scale (&squared_moment, n - 3);
  *value = pl_wide_ratio (&fourth, &squared_moment, 0);
  return TRUE;
}

static gboolean
moment_of (const PlAggregateCall *call, const PlExactSum *sums, double *value)
{
  static const guint degrees[] = {1, 2, 3, 4};
  PlExactTotal totals[4];
  guint64 n = sums[0].count;
  guint scale;
  gint exponent;

  *value = 0.0;
  if (n < 2)
    return FALSE;
  if (pl_exact_sum_special (&sums[0], value))
    {
      *value = NAN;
      return TRUE;
    }
  for (guint k = 0; k < n_powers (call); k++)
    pl_exact_sum_total (&sums[k], &totals[k]);
  pl_terms_align (totals, degrees, n_powers (call), &scale, &exponent);
  if (call->variant == SKEW)
    return skewness (totals, n, value);
  if (call->variant == KURTOSIS)
    return excess_kurtosis (totals, n, value);
  *value = spread (totals, n, scale, exponent, call->variant);
  return TRUE;
}

static gboolean
moment_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *groups, gsize n, PlColumn *out,
                 G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    out->nulls[i]
        = !moment_of (call, (PlExactSum *) (gpointer) (states + (groups != NULL ? groups[i] : i) * call->state_size),
                      &out->floats[i]);
  return TRUE;
}

static void
moment_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  for (guint k = 0; k < n_powers (call); k++)
    pl_exact_sum_save ((const PlExactSum *) (gconstpointer) state + k, buffer);
}

static gboolean
moment_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  memset (state, 0, call->state_size);
  for (guint k = 0; k < n_powers (call); k++)
    if (!pl_exact_sum_load ((PlExactSum *) (gpointer) state + k, cursor))
      return FALSE;
  return TRUE;
}

static void
moment_clear (const PlAggregateCall *call, guint8 *states, gsize first, gsize n)
{
  const guint powers = n_powers (call);
  for (gsize i = first * powers; i < (first + n) * powers; i++)
    pl_exact_sum_clear ((PlExactSum *) (gpointer) states + i);
}

#define MOMENT                                                                                                         \
  .min_args = 1, .max_args = 1, .bind = moment_bind, .init = pl_aggregate_init_zero, .update = moment_update,          \
  .combine = moment_combine, .finalize = moment_finalize, .save = moment_save, .load = moment_load,                    \
  .clear = moment_clear

const PlAggregate pl_aggregate_var = {
    .name = "var",
    .signature = "var(x)",
    .summary = "The variance, with n - 1; null of fewer than two values",
    .example = "var(delay)",
    MOMENT,
};

const PlAggregate pl_aggregate_std = {
    .name = "std",
    .signature = "std(x)",
    .summary = "The standard deviation, with n - 1; null of fewer than two values",
    .example = "std(delay)",
    MOMENT,
};

const PlAggregate pl_aggregate_sem = {
    .name = "sem",
    .signature = "sem(x)",
    .summary = "The standard error of the mean, with n - 1; null of fewer than two values",
    .example = "sem(delay)",
    MOMENT,
};

const PlAggregate pl_aggregate_skew = {
    .name = "skew",
    .signature = "skew(x)",
    .summary = "The skewness, bias-corrected; null of fewer than three values or when all are equal",
    .example = "skew(delay)",
    MOMENT,
};

const PlAggregate pl_aggregate_kurtosis = {
    .name = "kurtosis",
    .signature = "kurtosis(x)",
    .summary = "The excess kurtosis, bias-corrected; null of fewer than four values or when all are equal",
    .example = "kurtosis(delay)",
    MOMENT,
};
