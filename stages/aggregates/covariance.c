/* cov and corr of the rows where both are present: exact sums of x, y, x·y (and x², y² for corr), rounded once at the end.
 * A row counts as decimals when both numbers are, else both as doubles, so that all its sums speak of the same two numbers. */
#include "family.h"
#include "terms.h"

enum
{
  X,
  Y,
  XY,
  XX,
  YY
};
enum
{
  COV,
  CORR
};

static const guint degrees[] = {1, 1, 2, 2, 2};

static guint
n_sums (const PlAggregateCall *call)
{
  return call->variant == CORR ? 5 : 3;
}

static gboolean
covariance_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take_exact (call, args, n_args);
  /* The doubles too: the other column's number may have nothing else. */
  for (guint i = 0; i < n_args; i++)
    call->arg_uses[i] |= PL_USE_VALUE;
  call->variant = call->aggregate == &pl_aggregate_corr ? CORR : COV;
  call->result = PL_TYPE (PL_FLOAT);
  call->state_size = n_sums (call) * sizeof (PlExactSum);
  return pl_aggregate_need_numbers (call, TRUE, error);
}

/* Adds a row of two short numbers at the scales its group has come to. Returns: %FALSE, and nothing is added, when they are not, or when a
 * sum would leave 128 bits. */
static inline __attribute__ ((always_inline)) gboolean
add_short (PlExactSum *sums, const guint n_sums, const PlUnits *a, const PlUnits *b, gsize row)
{
  const guint scale_x = (guint) sums[X].scale, scale_y = (guint) sums[Y].scale;
  const guint scales[] = {scale_x, scale_y, scale_x + scale_y, 2 * scale_x, 2 * scale_y};
  PlInt128 totals[5];
  gint64 x, y;

  if (!pl_units_lift (a, row, scale_x, &x) || !pl_units_lift (b, row, scale_y, &y))
    return FALSE;
  const PlInt128 terms[] = {x, y, (PlInt128) x * y, (PlInt128) x * x, (PlInt128) y * y};
  for (guint k = 0; k < n_sums; k++)
    if (sums[k].scale != scales[k] || __builtin_add_overflow (sums[k].units, terms[k], &totals[k]))
      return FALSE;
  for (guint k = 0; k < n_sums; k++)
    sums[k].units = totals[k];
  sums[X].count++;
  return TRUE;
}

static void
add_row (PlExactSum *sums, const guint n_sums, const PlColumn *a, const PlColumn *b, gsize row)
{
  PlTerm x, y;

  pl_term_read (a, row, &x);
  pl_term_read (b, row, &y);
  if (x.binary != y.binary)
    {
      pl_term_to_binary (&x);
      pl_term_to_binary (&y);
    }
  sums[X].count++;
  pl_terms_add (&sums[X], &x);
  pl_terms_add (&sums[Y], &y);
  pl_terms_add_product (&sums[XY], &x, &y);
  if (n_sums > XX)
    {
      pl_terms_add_product (&sums[XX], &x, &x);
      pl_terms_add_product (&sums[YY], &y, &y);
    }
}

static inline __attribute__ ((always_inline)) void
update_sums (PlExactSum *states, const guint n_sums, const guint32 *groups, const guint32 *rows, gsize n,
             const PlColumn *a, const PlColumn *b)
{
  const PlUnits units_a = pl_units_of (a), units_b = pl_units_of (b);
  const gboolean both = units_a.values != NULL && units_b.values != NULL;

  for (gsize i = 0; i < n; i++)
    {
      const gsize row = rows != NULL ? rows[i] : i;
      PlExactSum *sums = states + (groups != NULL ? groups[i] : 0) * (gsize) n_sums;
      if ((a->nulls != NULL && a->nulls[row]) || (b->nulls != NULL && b->nulls[row]))
        continue;
      if (!both || G_UNLIKELY (!add_short (sums, n_sums, &units_a, &units_b, row)))
        add_row (sums, n_sums, a, b, row);
    }
}

static gboolean
covariance_update (const PlAggregateCall *call, guint8 *states, const guint32 *groups, const guint32 *rows, gsize n,
                   PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  PlExactSum *sums = (PlExactSum *) (gpointer) states;

  if (pl_nothing_but_nulls (args[0]) || pl_nothing_but_nulls (args[1]))
    return TRUE;
  if (call->variant == CORR)
    update_sums (sums, 5, groups, rows, n, args[0], args[1]);
  else
    update_sums (sums, 3, groups, rows, n, args[0], args[1]);
  return TRUE;
}

static void
covariance_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                    const guint32 *from, gsize n)
{
  const guint sums = n_sums (call);

  for (gsize i = 0; i < n; i++)
    for (guint k = 0; k < sums; k++)
      pl_exact_sum_combine ((PlExactSum *) (gpointer) states + into[i] * sums + k,
                            (PlExactSum *) (gpointer) other + (from != NULL ? from[i] : i) * sums + k);
}

/* n·Sab − Sa·Sb. */
static void
cross_moment (PlWide *moment, guint64 n, const PlExactTotal *ab, const PlExactTotal *a, const PlExactTotal *b)
{
  PlWide product;
  pl_wide_copy (moment, &ab->numerator);
  pl_wide_scale (moment, n);
  pl_wide_multiply (&product, &a->numerator, &b->numerator);
  pl_wide_subtract (moment, moment, &product);
}

static gboolean
correlation (const PlExactTotal *s, guint64 n, double *value)
{
  PlWide xy, xx, yy, numerator, denominator;

  cross_moment (&xy, n, &s[XY], &s[X], &s[Y]);
  cross_moment (&xx, n, &s[XX], &s[X], &s[X]);
  cross_moment (&yy, n, &s[YY], &s[Y], &s[Y]);
  if (pl_wide_is_zero (&xx) || pl_wide_is_zero (&yy))
    return FALSE;
  pl_wide_multiply (&numerator, &xy, &xy);
  pl_wide_multiply (&denominator, &xx, &yy);
  double root = sqrt (pl_wide_ratio (&numerator, &denominator, 0));
  *value = xy.negative ? -root : root;
  return TRUE;
}

static gboolean
covariance_of (const PlAggregateCall *call, const PlExactSum *sums, double *value)
{
  PlExactTotal totals[5];
  guint64 n = sums[X].count;
  guint scale;
  gint exponent;

  *value = 0.0;
  if (n < 2)
    return FALSE;
  if (sums[X].special != 0 || sums[Y].special != 0)
    {
      *value = NAN;
      return TRUE;
    }
  for (guint k = 0; k < n_sums (call); k++)
    pl_exact_sum_total (&sums[k], &totals[k]);
  pl_terms_align (totals, degrees, n_sums (call), &scale, &exponent);
  if (call->variant == CORR)
    return correlation (totals, n, value);

  PlWide moment, divisor;
  cross_moment (&moment, n, &totals[XY], &totals[X], &totals[Y]);
  pl_wide_set (&divisor, (PlInt128) n * (PlInt128) (n - 1));
  pl_wide_scale_power10 (&divisor, 2 * scale);
  *value = pl_wide_ratio (&moment, &divisor, 2 * exponent);
  return TRUE;
}

static gboolean
covariance_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *groups, gsize n, PlColumn *out,
                     G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    out->nulls[i] = !covariance_of (
        call, (PlExactSum *) (gpointer) (states + (groups != NULL ? groups[i] : i) * call->state_size),
        &out->floats[i]);
  return TRUE;
}

static void
covariance_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  for (guint k = 0; k < n_sums (call); k++)
    pl_exact_sum_save ((const PlExactSum *) (gconstpointer) state + k, buffer);
}

static gboolean
covariance_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  memset (state, 0, call->state_size);
  for (guint k = 0; k < n_sums (call); k++)
    if (!pl_exact_sum_load ((PlExactSum *) (gpointer) state + k, cursor))
      return FALSE;
  return TRUE;
}

static void
covariance_clear (const PlAggregateCall *call, guint8 *states, gsize first, gsize n)
{
  const guint sums = n_sums (call);
  for (gsize i = first * sums; i < (first + n) * sums; i++)
    pl_exact_sum_clear ((PlExactSum *) (gpointer) states + i);
}

#define COVARIANCE                                                                                                     \
  .min_args = 2, .max_args = 2, .bind = covariance_bind, .init = pl_aggregate_init_zero, .update = covariance_update,  \
  .combine = covariance_combine, .finalize = covariance_finalize, .save = covariance_save, .load = covariance_load,    \
  .clear = covariance_clear

const PlAggregate pl_aggregate_cov = {
    .name = "cov",
    .signature = "cov(x, y)",
    .summary = "The covariance of the rows where neither is null, with n - 1; null of fewer than two",
    .example = "cov(distance, delay)",
    COVARIANCE,
};

const PlAggregate pl_aggregate_corr = {
    .name = "corr",
    .signature = "corr(x, y)",
    .summary = "Pearson's correlation of the rows where neither is null; null when one of them does not vary",
    .example = "corr(distance, delay)",
    COVARIANCE,
};
