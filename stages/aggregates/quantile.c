/* median and quantile, interpolating linearly between neighbours (type 7 of Hyndman and Fan, 1996, as NumPy and R do).
 * Keeps the values of each group as order-preserving integers and selects; ints stay ints until the end, so that neighbours beyond 2^53 are told apart. */
#include "family.h"
#include "held.h"
#include "terms.h"
#include "vector.h"

#define SIGN_BIT (G_GUINT64_CONSTANT (1) << 63)

static gboolean
quantile_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take (call, args, 1);
  if (!pl_aggregate_need_numbers (call, TRUE, error))
    return FALSE;
  call->result = PL_TYPE (PL_FLOAT);
  call->state_size = sizeof (PlVector);
  call->parameter = 0.5;
  if (n_args < 2)
    return TRUE;

  const PlColumn *constant = pl_aggregate_constant (call, args[1], "share q", error);
  if (constant == NULL)
    return FALSE;
  if ((pl_type_is_numeric (constant->type)) && !pl_column_is_null (constant, 0))
    {
      PlTerm term;
      pl_term_read (constant, 0, &term);
      pl_term_to_binary (&term);
      call->parameter = term.value;
      if (term.value >= 0 && term.value <= 1)
        return TRUE;
    }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: the share q must be a number from 0 to 1, such as 0.95",
               call->label);
  return FALSE;
}

static gboolean
quantile_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *places, const guint32 *rows,
                 gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  const PlColumn *column = args[0];

  if (pl_nothing_but_nulls (column))
    return TRUE;
  if (column->type.kind == PL_DECIMAL)
    PL_EACH_VALUE (PlVector, column->nulls, PlTerm term; pl_term_read (column, row, &term); pl_term_to_binary (&term);
                   pl_vector_append (state, (guint64) pl_key_of_float (term.value) ^ SIGN_BIT));
  else
    PL_EACH_KEY (PlVector, column, pl_vector_append (state, (guint64) key ^ SIGN_BIT));
  return TRUE;
}

static void
quantile_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                  const guint32 *from, gsize n)
{
  PL_EACH_PAIR (PlVector, pl_vector_combine (state, taken))
}

/* NumPy's, which gives low at 0, high at 1 and never leaves the interval; the middle is the mean of both, rounded once. */
static double
interpolate (double low, double high, double share)
{
  if (low == high || share == 0)
    return low;
  if (share == 0.5 && isfinite (low + high))
    return (low + high) / 2;
  double distance = high - low;
  return share >= 0.5 ? high - distance * (1 - share) : low + distance * share;
}

/* The same between ints, whose difference is exact. */
static double
interpolate_ints (gint64 low, gint64 high, double share)
{
  PlInt128 sum = (PlInt128) low + high;
  if (share == 0.5)
    return sum % 2 == 0 ? (double) (gint64) (sum / 2) : (double) sum / 2;
  return interpolate ((double) low, (double) high, share);
}

static double
quantile_of (const PlAggregateCall *call, PlVector *state, guint64 *scratch)
{
  double place = call->parameter * (double) (state->n - 1);
  guint64 rank = MIN ((guint64) place, state->n - 1), next;
  gint64 low = (gint64) (pl_vector_select (pl_vector_values (state), state->n, rank, scratch, &next) ^ SIGN_BIT);
  gint64 high = (gint64) (next ^ SIGN_BIT);
  double share = place - (double) rank;

  if (call->arg_types[0].kind == PL_FLOAT || call->arg_types[0].kind == PL_DECIMAL)
    return interpolate (pl_float_of_key (low), pl_float_of_key (high), share);
  return interpolate_ints (low, high, share);
}

static gboolean
quantile_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *places, gsize n, PlColumn *out,
                   G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  guint64 longest = 0;
  for (gsize i = 0; i < n; i++)
    longest = MAX (longest, pl_state (PlVector, i)->n);

  g_autofree guint64 *scratch = g_new (guint64, longest);
  for (gsize i = 0; i < n; i++)
    {
      PlVector *state = pl_state (PlVector, i);
      out->nulls[i] = state->n == 0;
      out->floats[i] = state->n == 0 ? 0.0 : quantile_of (call, state, scratch);
    }
  return TRUE;
}

static void
quantile_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_vector_save ((const PlVector *) (gconstpointer) state, buffer);
}

static gboolean
quantile_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  return pl_vector_load ((PlVector *) (gpointer) state, cursor);
}

static void
quantile_clear (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *places, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_vector_clear (pl_state (PlVector, i));
}

#define QUANTILE                                                                                                       \
  .bind = quantile_bind, .update = quantile_update, .combine = quantile_combine, .finalize = quantile_finalize,        \
  .save = quantile_save, .load = quantile_load, .clear = quantile_clear

const PlAggregate pl_aggregate_median = {
    .name = "median",
    .signature = "median(x)",
    .summary = "The middle value, or the mean of the two middle ones",
    .example = "median(delay)",
    .min_args = 1,
    .max_args = 1,
    QUANTILE,
};

const PlAggregate pl_aggregate_quantile = {
    .name = "quantile",
    .signature = "quantile(x, q)",
    .summary = "The value below which the share q (0 to 1) of the values lies, interpolated linearly",
    .example = "quantile(delay, 0.95)",
    .min_args = 2,
    .max_args = 2,
    QUANTILE,
};
