/* harmonic_mean: n / Σ 1/x.
 *
 * A sum of fractions has no form of bounded size, so each reciprocal is taken with twice the precision of a
 * double, as a double and what that lacks (2^-106 of it are lost); these are summed exactly (PlExactSum), in any
 * order, and the quotient is rounded once. So the result depends on the multiset of values alone, and is the
 * nearest double but for cases closer to the middle of two than that. */
#include "family.h"
#include "number.h"

enum
{
  HAS_ZERO = 1,
  HAS_NEGATIVE = 2,
};

typedef struct
{
  PlExactSum sum; /* of the reciprocals; counts the values */
  guint64 flags;
} Harmonic;

static gboolean
harmonic_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take_exact (call, args, n_args);
  call->result = PL_TYPE (PL_FLOAT);
  call->state_size = sizeof (Harmonic);
  return pl_aggregate_need_numbers (call, TRUE, error);
}

/* Adds @numerator / @denominator, both positive, neither near the ends of what doubles hold. */
static inline void
add_quotient (PlExactSum *sum, double numerator, double denominator)
{
  const double quotient = numerator / denominator;
  pl_exact_sum_add_double (sum, quotient);
  pl_exact_sum_add_double (sum, fma (-quotient, denominator, numerator) / denominator);
}

static void
add_scaled (PlExactSum *sum, double value, gint shift)
{
  guint64 mantissa;
  gint exponent;
  const gboolean negative = pl_double_split (value, &mantissa, &exponent);
  if (value != 0)
    pl_exact_sum_add_binary (sum, &mantissa, 1, negative, exponent + shift);
}

/* Adds 1 / @value, which is positive. */
static void
add_reciprocal (PlExactSum *sum, double value)
{
  gint exponent;
  if (!isfinite (value))
    return;
  if (value > 0x1p-900 && value < 0x1p900)
    {
      add_quotient (sum, 1, value);
      return;
    }
  const double part = frexp (value, &exponent), quotient = 1 / part;
  add_scaled (sum, quotient, -exponent);
  add_scaled (sum, fma (-quotient, part, 1) / part, -exponent);
}

#define EXACT ((PlInt128) 1 << 53) /* whole numbers up to here are doubles; so are powers of ten up to 10^22 */

/* A decimal is taken as written where both sides of the fraction 10^scale / units are doubles, else as the nearest
 * double. */
static void
add_number (Harmonic *state, PlNumber *term)
{
  state->sum.count++;
  while (!term->binary && term->units > EXACT && term->scale > 0 && term->units % 10 == 0)
    {
      term->units /= 10;
      term->scale--;
    }
  if (!term->binary && term->zeros == 0 && term->units > 0 && term->units <= EXACT && term->scale <= 22)
    {
      double power = 1;
      for (guint i = 0; i < term->scale; i++)
        power *= 10;
      add_quotient (&state->sum, power, (double) term->units);
      return;
    }
  pl_number_to_binary (term);
  if (term->value > 0)
    add_reciprocal (&state->sum, term->value);
  else if (isnan (term->value))
    pl_exact_sum_add_double (&state->sum, term->value);
  else
    state->flags |= term->value < 0 ? HAS_NEGATIVE : HAS_ZERO;
}

static void
harmonic_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses,
                 const guint32 *rows, gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const PlColumn *column = args[0];
  if (!pl_nothing_but_nulls (column))
    PL_EACH_VALUE (Harmonic, column->nulls, PlNumber term; pl_number_read (column, row, &term);
                   add_number (state, &term));
}

static void
harmonic_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                  const guint32 *from, gsize n)
{
  PL_EACH_PAIR (Harmonic, {
    pl_exact_sum_combine (&state->sum, &taken->sum);
    state->flags |= taken->flags;
    taken->flags = 0;
  })
}

static double
mean_of (const Harmonic *state)
{
  PlExactTotal total;
  PlWide count;
  double special;
  if (pl_exact_sum_special (&state->sum, &special))
    return special;
  if (state->flags & HAS_ZERO)
    return 0;
  pl_exact_sum_total (&state->sum, &total);
  /* Of nothing but infinite numbers. */
  if (pl_wide_is_zero (&total.numerator))
    return INFINITY;
  pl_wide_set (&count, state->sum.count);
  return pl_wide_ratio (&count, &total.numerator, -total.exponent);
}

static gboolean
harmonic_finalize (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n,
                   PlColumn *out, G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed,
                   G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      const Harmonic *state = pl_state (Harmonic, i);
      out->nulls[i] = state->sum.count == 0 || (state->flags & HAS_NEGATIVE) != 0;
      out->floats[i] = out->nulls[i] ? 0 : mean_of (state);
    }
  return TRUE;
}

static void
harmonic_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const Harmonic *harmonic = (const Harmonic *) (gconstpointer) state;
  pl_exact_sum_save (&harmonic->sum, buffer);
  pl_buffer_put_u8 (buffer, (guint8) harmonic->flags);
}

static gboolean
harmonic_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  Harmonic *harmonic = (Harmonic *) (gpointer) state;
  if (!pl_exact_sum_load (&harmonic->sum, cursor))
    return FALSE;
  harmonic->flags = pl_cursor_get_u8 (cursor);
  return !cursor->failed;
}

static void
harmonic_clear (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_exact_sum_clear (&pl_state (Harmonic, i)->sum);
}

const PlAggregate pl_aggregate_harmonic_mean = {
    .name = "harmonic_mean",
    .signature = "harmonic_mean(x)",
    .summary
    = "How many numbers over the sum of their reciprocals; 0 when one is 0, null of none and when one is negative",
    .example = "harmonic_mean(speed)",
    .min_args = 1,
    .max_args = 1,
    .bind = harmonic_bind,
    .update = harmonic_update,
    .combine = harmonic_combine,
    .finalize = harmonic_finalize,
    .save = harmonic_save,
    .load = harmonic_load,
    .clear = harmonic_clear,
};
