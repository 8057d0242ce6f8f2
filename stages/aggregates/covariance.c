/* cov and corr of the rows where both are present: exact sums of x, y, x·y (and x², y² for corr), rounded once at the
 * end. A row counts as decimals when both numbers are, else both as doubles, so that all its sums speak of the same two
 * numbers. */
#include "families.h"
#include "family.h"
#include "short-products.h"

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
static const PlProductShape shapes[] = {[COV] = {3, {[X] = 1, [XY] = 1}, {[Y] = 1, [XY] = 1}},
                                        [CORR] = {5, {[X] = 1, [XY] = 1, [XX] = 2}, {[Y] = 1, [XY] = 1, [YY] = 2}}};

static const PlProductShape *
shape_of (const PlAggregateCall *call)
{
  return &shapes[call->variant];
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
  call->state_size = pl_short_products_size (shape_of (call)->n);
  return pl_aggregate_need_numbers (call, TRUE, error);
}

/* Adds two short numbers at the scales their group has come to; who calls it counts the row. */
static inline __attribute__ ((always_inline)) void
add_short (PlShortProducts *state, const guint variant, gint64 x, gint64 y)
{
  state->sums[X] += x;
  state->sums[Y] += y;
  state->sums[XY] += x * y;
  if (variant == CORR)
    {
      state->sums[XX] += x * x;
      state->sums[YY] += y * y;
    }
}

static gboolean
add_small (PlProducts *rest, guint variant, guint16 scales, gint64 x, gint64 y)
{
  if ((guint16) rest->tag != scales || !(pl_products_is_small (x) & pl_products_is_small (y)))
    return FALSE;
  rest->tag += 1 << 16;
  rest->sums[X] += x;
  rest->sums[Y] += y;
  rest->sums[XY] += (PlInt128) x * y;
  if (variant == CORR)
    {
      rest->sums[XX] += (PlInt128) x * x;
      rest->sums[YY] += (PlInt128) y * y;
    }
  return TRUE;
}

static void
add_row (PlShortProducts *state, guint variant, const PlColumn *a, const PlColumn *b, gsize row)
{
  PlNumber x, y;
  pl_number_read (a, row, &x);
  pl_number_read (b, row, &y);
  pl_short_products_add_slowly (state, &shapes[variant], &x, &y);
}

/* Adds rows from @row on, each to its group.
 * Returns: the row behind one whose group's sums must move, or the first that is not short, or @n. There is no call in
 * these loops, which would cost them their registers. */
#define ADD_EACH(name, variant)                                                                                        \
  static __attribute__ ((noinline)) gsize name (guint8 *states, const guint32 *addresses, const gint64 *xs,            \
                                                const gint64 *ys, gsize row, gsize n, guint16 scales)                  \
  {                                                                                                                    \
    while (row < n)                                                                                                    \
      {                                                                                                                \
        PlShortProducts *state = pl_state_at (PlShortProducts, states, addresses[row]);                                \
        const gint64 x = xs[row], y = ys[row];                                                                         \
        if (G_UNLIKELY (!pl_short_products_are (state, scales) || !pl_short_products_fit (x, y)))                      \
          break;                                                                                                       \
        row++;                                                                                                         \
        add_short (state, variant, x, y);                                                                              \
        state->tag += PL_SHORT_PRODUCTS_ONE;                                                                           \
        if (G_UNLIKELY (pl_short_products_are_due (state)))                                                            \
          break;                                                                                                       \
      }                                                                                                                \
    return row;                                                                                                        \
  }

ADD_EACH (add_each_cov, COV)
ADD_EACH (add_each_corr, CORR)

/* Numbers of one scale a column, without nulls, each for its group: what large inputs consist of. */
static void
update_each (guint8 *states, guint variant, const guint32 *addresses, gsize n, const PlColumn *a, const PlColumn *b)
{
  const PlUnits units_a = pl_units_of (a), units_b = pl_units_of (b);
  const gint64 *xs = units_a.values, *ys = units_b.values;
  const guint16 scales = (guint16) (units_b.scale << 8 | units_a.scale);
  for (gsize row = 0, first = 0; row < n; first = row)
    {
      row = (variant == CORR ? add_each_corr : add_each_cov) (states, addresses, xs, ys, first, n, scales);
      PlShortProducts *last = row > first ? pl_state_at (PlShortProducts, states, addresses[row - 1]) : NULL;
      if (last != NULL && pl_short_products_are_due (last))
        {
          pl_short_products_spill (last, &shapes[variant]);
          continue;
        }
      if (row == n)
        return;
      PlShortProducts *state = pl_state_at (PlShortProducts, states, addresses[row]);
      if (state->rest != NULL && add_small (state->rest, variant, scales, xs[row], ys[row]))
        pl_short_products_count_row (state, &shapes[variant]);
      else
        add_row (state, variant, a, b, row);
      row++;
    }
}

static inline __attribute__ ((always_inline)) void
update_sums (guint8 *states, const guint variant, const guint32 *addresses, const guint32 *rows, gsize n,
             const PlColumn *a, const PlColumn *b)
{
  const PlUnits units_a = pl_units_of (a), units_b = pl_units_of (b);
  const gboolean both = units_a.values != NULL && units_b.values != NULL;

  if (both && units_a.scales == NULL && units_b.scales == NULL && a->nulls == NULL && b->nulls == NULL && rows == NULL
      && addresses != NULL)
    {
      update_each (states, variant, addresses, n, a, b);
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      const gsize row = rows != NULL ? rows[i] : i;
      PlShortProducts *state = pl_state_at (PlShortProducts, states, addresses != NULL ? addresses[i] : 0);
      gint64 x, y;
      if ((a->nulls != NULL && a->nulls[row]) || (b->nulls != NULL && b->nulls[row]))
        continue;
      if (both && pl_units_lift (&units_a, row, (guint8) state->tag, &x)
          && pl_units_lift (&units_b, row, (guint8) (state->tag >> 8), &y) && G_LIKELY (pl_short_products_fit (x, y)))
        {
          add_short (state, variant, x, y);
          pl_short_products_count_row (state, &shapes[variant]);
        }
      else
        add_row (state, variant, a, b, row);
    }
}

static void
covariance_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                   PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  if (pl_nothing_but_nulls (args[0]) || pl_nothing_but_nulls (args[1]))
    return;
  if (call->variant == CORR)
    update_sums (states, CORR, addresses, rows, n, args[0], args[1]);
  else
    update_sums (states, COV, addresses, rows, n, args[0], args[1]);
}

static void
covariance_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                    const guint32 *from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_short_products_combine (pl_state_at (PlShortProducts, states, into[i]), shape_of (call),
                               pl_state_at (PlShortProducts, other, from[i]));
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
covariance_of (const PlAggregateCall *call, PlShortProducts *state, double *value)
{
  PlExactTotal totals[5];
  PlExactSum room[5];
  guint64 n = pl_short_products_count (state);
  guint scale;
  gint exponent;

  *value = 0.0;
  if (n < 2)
    return FALSE;
  const PlExactSum *sums = pl_short_products_exact (state, shape_of (call), room);
  if (sums[X].special != 0 || sums[Y].special != 0)
    {
      *value = NAN;
      return TRUE;
    }
  for (guint k = 0; k < shape_of (call)->n; k++)
    pl_exact_sum_total (&sums[k], &totals[k]);
  pl_number_align (totals, degrees, shape_of (call)->n, &scale, &exponent);
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
covariance_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                     G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    out->nulls[i] = !covariance_of (call, pl_state (PlShortProducts, i), &out->floats[i]);
  return TRUE;
}

static void
covariance_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_short_products_save ((const PlShortProducts *) (gconstpointer) state, shape_of (call), buffer);
}

static gboolean
covariance_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  return pl_short_products_load ((PlShortProducts *) (gpointer) state, shape_of (call), cursor);
}

static void
covariance_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_short_products_clear (pl_state (PlShortProducts, i), shape_of (call));
}

#define COVARIANCE                                                                                                     \
  .min_args = 2, .max_args = 2, .bind = covariance_bind, .update = covariance_update, .combine = covariance_combine,   \
  .finalize = covariance_finalize, .save = covariance_save, .load = covariance_load, .clear = covariance_clear

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
