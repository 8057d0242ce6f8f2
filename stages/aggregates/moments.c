/* var, std, sem, skew, kurtosis: from exact sums of powers, by integer arithmetic, rounded once (std, sem and skew: and
 * a square root).
 *
 *   n²·m2 = n·S2 − S1²                              Sk: the exact sum of x^k, mk: the k-th central moment
 *   n³·m3 = n²·S3 − 3n·S1·S2 + 2·S1³
 *   n⁴·m4 = n³·S4 − 4n²·S1·S3 + 6n·S1²·S2 − 3·S1⁴
 *
 * The textbook formulas, whose cancellation makes them useless in floating point, are right here: nothing is rounded
 * before the end. var, std and sem use n−1; skew and kurtosis (excess) are bias-corrected: G1 and G2 of Joanes and Gill
 * (1998). */
#include "families.h"
#include "family.h"
#include "held.h"
#include "numbers-values.h"
#include "products.h"

enum
{
  VAR,
  STD,
  SEM,
  SKEW,
  KURTOSIS
};

static const PlProductShape shapes[]
    = {[2] = {2, {1, 2}, {0}}, [3] = {3, {1, 2, 3}, {0}}, [4] = {4, {1, 2, 3, 4}, {0}}};

/* What @call needs. */
static guint
n_powers (const PlAggregateCall *call)
{
  return call->variant == KURTOSIS ? 4 : call->variant == SKEW ? 3 : 2;
}

/* What its states have: parts says how many. */
static const PlProductShape *
shape_of (const PlAggregateCall *call)
{
  return &shapes[call->parts];
}

static gboolean moment_share (PlAggregateCall *owner, const PlAggregateCall *call);

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
  call->parts = n_powers (call);
  call->state_size = pl_products_size (call->parts);
  return pl_aggregate_need_numbers (call, TRUE, error);
}

static gboolean
moment_share (PlAggregateCall *owner, const PlAggregateCall *call)
{
  if (call->aggregate->share != moment_share)
    return FALSE;
  owner->parts = MAX (owner->parts, call->parts);
  owner->state_size = pl_products_size (owner->parts);
  return TRUE;
}

/* Adds the powers of a number at the scale its group has come to.
 * Returns: %FALSE, and nothing is added, when it is not small. */
static inline __attribute__ ((always_inline)) gboolean
add_short (PlProducts *state, const guint powers, gint64 value)
{
  /* The greatest whose highest power is below 2^78. */
  static const gint64 largest[] = {[2] = PL_PRODUCTS_SMALL, [3] = 1 << 26, [4] = 1 << 19};
  if (value > largest[powers] || value < -largest[powers])
    return FALSE;
  state->tag += 1 << 16;
  state->sums[0] += value;
  state->sums[1] += (PlInt128) value * value;
  if (powers > 2)
    state->sums[2] += (PlInt128) (value * value) * value;
  if (powers > 3)
    state->sums[3] += (PlInt128) (value * value) * (value * value);
  return TRUE;
}

static void
add_row (PlProducts *state, const guint powers, const PlColumn *column, gsize row)
{
  PlNumber term;
  pl_number_read (column, row, &term);
  pl_products_add_slowly (state, &shapes[powers], &term, NULL);
}

static inline __attribute__ ((always_inline)) void
update_powers (guint8 *states, const guint powers, const guint32 *addresses, const guint32 *rows, gsize n,
               const PlColumn *column)
{
  const PlUnits units = pl_units_of (column);
  const guint8 *nulls = column->nulls;

  if (units.values != NULL && units.scales == NULL && nulls == NULL && rows == NULL && addresses != NULL)
    {
      for (gsize row = 0; row < n; row++)
        {
          PlProducts *state = pl_state_at (PlProducts, states, addresses[row]);
          if (G_UNLIKELY ((guint8) state->tag != units.scale) || !add_short (state, powers, units.values[row]))
            add_row (state, powers, column, row);
        }
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      const gsize row = rows != NULL ? rows[i] : i;
      PlProducts *state = pl_state_at (PlProducts, states, addresses != NULL ? addresses[i] : 0);
      gint64 value;
      if (nulls != NULL && nulls[row])
        continue;
      if (units.values == NULL || !pl_units_lift (&units, row, (guint8) state->tag, &value)
          || !add_short (state, powers, value))
        add_row (state, powers, column, row);
    }
}

static void
moment_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
               PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  if (pl_nothing_but_nulls (args[0]))
    return;
  if (call->parts == 2)
    update_powers (states, 2, addresses, rows, n, args[0]);
  else if (call->parts == 3)
    update_powers (states, 3, addresses, rows, n, args[0]);
  else
    update_powers (states, 4, addresses, rows, n, args[0]);
}

static void
moment_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_products_combine (pl_state_at (PlProducts, states, into[i]), shape_of (call),
                         pl_state_at (PlProducts, other, from[i]));
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
moment_of (const PlAggregateCall *call, const PlProducts *state, const PlProductShape *shape, double *value)
{
  static const guint degrees[] = {1, 2, 3, 4};
  PlExactTotal totals[4];
  PlExactSum room[4];
  guint64 n = pl_products_count (state);
  guint scale;
  gint exponent;

  *value = 0.0;
  if (n < 2)
    return FALSE;
  const PlExactSum *sums = pl_products_exact (state, shape, room);
  if (pl_exact_sum_special (&sums[0], value))
    {
      *value = NAN;
      return TRUE;
    }
  for (guint k = 0; k < n_powers (call); k++)
    pl_exact_sum_total (&sums[k], &totals[k]);
  pl_number_align (totals, degrees, n_powers (call), &scale, &exponent);
  if (call->variant == SKEW)
    return skewness (totals, n, value);
  if (call->variant == KURTOSIS)
    return excess_kurtosis (totals, n, value);
  *value = spread (totals, n, scale, exponent, call->variant);
  return TRUE;
}

/* One of the numbers that medians keep. */
static void
add_number (PlProducts *state, const guint powers, gint64 value, guint scale)
{
  PlNumber term = {.binary = scale == PL_SHORT_FULL, .scale = scale, .units = value};
  if (term.binary)
    term.value = pl_float_of_key (value);
  if (scale == PL_SHORT_PRINTED)
    pl_number_print (&term, pl_float_of_key (value));
  pl_products_add_slowly (state, &shapes[powers], &term, NULL);
}

/* Numbers of four bytes, two powers of them: nothing is too large. */
static void
sum_short_numbers (PlProducts *state, const gint32 *values, guint64 n)
{
  PlInt128 sum = 0, squares = 0;
  for (guint64 i = 0, end; i < n; i = end)
    {
      gint64 part = 0;
      for (end = MIN (n, i + ((guint64) 1 << 31)); i < end; i++)
        {
          part += values[i];
          squares += (guint64) ((gint64) values[i] * values[i]);
        }
      sum += part;
    }
  state->tag += n << 16;
  state->sums[0] = sum;
  state->sums[1] = squares;
}

/* @state, which is empty, becomes the sums of what @numbers keeps. */
static void
sum_numbers (PlProducts *state, const guint powers, PlNumbers *numbers)
{
  const PlNumbersView view = pl_numbers_view (numbers);
  if (view.scale <= 18)
    {
      state->tag = view.scale;
      if (powers == 2 && view.width == 4)
        sum_short_numbers (state, view.values, view.n);
      else
        for (guint64 i = 0; i < view.n; i++)
          if ((guint8) state->tag != view.scale
              || !add_short (state, powers, pl_numbers_at (view.values, view.width, i)))
            add_number (state, powers, pl_numbers_at (view.values, view.width, i), view.scale);
      return;
    }
  for (guint64 i = 0; i < view.n; i++)
    if (view.scale == PL_NUMBERS_MIXED)
      {
        const PlMixedNumber *mixed = view.values;
        add_number (state, powers, mixed[i].value, (guint) mixed[i].scale);
      }
    else
      add_number (state, powers, pl_numbers_at (view.values, view.width, i), view.scale);
}

static gboolean
moment_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                 G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  const gboolean from_numbers = call->owner != NULL && call->owner->aggregate->keeps_numbers;
  const PlProductShape *shape = &shapes[from_numbers ? n_powers (call) : pl_call_parts (call)];
  for (gsize i = 0; i < n; i++)
    {
      PlProducts own = {0};
      if (from_numbers)
        sum_numbers (&own, n_powers (call), pl_state (PlNumbers, i));
      out->nulls[i] = !moment_of (call, from_numbers ? &own : pl_state (PlProducts, i), shape, &out->floats[i]);
      if (from_numbers)
        pl_products_clear (&own, shape);
    }
  return TRUE;
}

static void
moment_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_products_save ((const PlProducts *) (gconstpointer) state, shape_of (call), buffer);
}

static gboolean
moment_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  return pl_products_load ((PlProducts *) (gpointer) state, shape_of (call), cursor);
}

static void
moment_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_products_clear (pl_state (PlProducts, i), shape_of (call));
}

/* ---- from disk, where numbers are that medians keep ---- */

static gpointer
moment_begin (G_GNUC_UNUSED const PlAggregateCall *call, G_GNUC_UNUSED const PlValueTotals *totals,
              G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED GError **error)
{
  return g_new0 (PlProducts, 1);
}

static void
moment_take (const PlAggregateCall *call, gpointer known, const PlValue *value)
{
  PlProducts *products = known;
  const guint powers = n_powers (call);
  const PlMixedNumber number = pl_numbers_of_value (pl_numbers_form (call), value);
  if (pl_products_count (products) == 0 && number.scale <= 18)
    products->tag = (guint64) number.scale;
  for (guint64 i = 0; i < value->count; i++)
    if (number.scale > 18 || (guint8) products->tag != number.scale || !add_short (products, powers, number.value))
      add_number (products, powers, number.value, (guint) number.scale);
}

static void
moment_end (const PlAggregateCall *call, gpointer known, PlColumn *out, G_GNUC_UNUSED PlArena *arena)
{
  g_autofree PlProducts *products = known;
  const PlProductShape *shape = &shapes[n_powers (call)];
  if (out != NULL)
    out->nulls[0] = !moment_of (call, products, shape, &out->floats[0]);
  pl_products_clear (products, shape);
}

static const PlAggregateValues moment_values = {NULL, NULL, moment_begin, moment_take, moment_end};

#define MOMENT                                                                                                         \
  .min_args = 1, .max_args = 1, .reads_numbers = TRUE, .bind = moment_bind, .share = moment_share,                     \
  .update = moment_update, .combine = moment_combine, .finalize = moment_finalize, .save = moment_save,                \
  .load = moment_load, .clear = moment_clear, .values = &moment_values

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
