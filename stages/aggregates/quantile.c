/* median and quantile, interpolating linearly between neighbours (type 7 of Hyndman and Fan, 1996, as NumPy and R do).
 * Keeps the numbers of each group and selects among integers; ints stay ints until the end, so that neighbours beyond
 * 2^53 are told apart. All quantiles of a column and its moments (moments.c) read one collection. */
#include "family.h"
#include "../../pipeline/memory/leased.h"
#include "held.h"
#include "numbers.h"
#include "stretches.h"
#include "number.h"
#include "numbers-select.h"
#include "numbers-values.h"
#include "../../pipeline/base/error.h"

static gboolean
quantile_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take_exact (call, args, 1);
  if (!pl_aggregate_need_numbers (call, TRUE, error))
    return FALSE;
  call->result = PL_TYPE (PL_FLOAT);
  call->state_size = sizeof (PlNumbers);
  call->parameter = 0.5;
  if (n_args < 2)
    return TRUE;

  const PlColumn *constant = pl_aggregate_constant (call, args[1], "share q", error);
  if (constant == NULL)
    return FALSE;
  if ((pl_type_is_numeric (constant->type)) && !pl_column_is_null (constant, 0))
    {
      PlNumber term;
      pl_number_read (constant, 0, &term);
      pl_number_to_binary (&term);
      call->parameter = term.value;
      if (term.value >= 0 && term.value <= 1)
        return TRUE;
    }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: the share q must be a number from 0 to 1, such as 0.95",
               call->label);
  return FALSE;
}

static gboolean
quantile_share (PlAggregateCall *owner, const PlAggregateCall *call)
{
  if (call->aggregate->keeps_numbers)
    return TRUE;
  /* Of decimals, numbers keep no more than doubles. */
  if (!call->aggregate->reads_numbers || call->arg_types[0].kind == PL_DECIMAL)
    return FALSE;
  owner->parts = PL_NUMBERS_ARE_EXACT;
  return TRUE;
}

static void
take_stretch (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const PlStretch *stretch)
{
  const gint64 *values = stretch->values;
  const guint32 *addresses = stretch->addresses;
  const guint8 scale = (guint8) stretch->scale, *scales = stretch->scales;
  const gsize n = stretch->n;

  if (addresses != NULL && scales == NULL)
    {
#pragma GCC unroll 4
      for (gsize i = 0; i < n; i++)
        pl_numbers_append (pl_state (PlNumbers, i), values[i], scale);
    }
  else
    for (gsize i = 0; i < n; i++)
      pl_numbers_append (pl_state_at (PlNumbers, states, addresses != NULL ? addresses[i] : 0), values[i],
                         scales != NULL ? scales[i] : scale);
}

static void
quantile_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                 PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  pl_stretches_take (call, states, addresses, rows, n, args[0], TRUE, take_stretch);
}

static void
quantile_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
                  const guint32 *from, gsize n)
{
  PL_EACH_PAIR (PlNumbers, pl_numbers_combine (state, taken))
}

/* NumPy's, which gives low at 0, high at 1 and never leaves the interval; the middle is the mean of both, rounded
 * once. Between a number and an infinite one all is infinite, and between two of them nothing is defined. */
static double
interpolate (double low, double high, double share)
{
  if (low == high || share == 0)
    return low;
  if (!isfinite (low) || !isfinite (high))
    return low + high;
  /* Halves of numbers whose sum or difference overflows are exact. */
  if (share == 0.5)
    return isfinite (low + high) ? (low + high) / 2 : low / 2 + high / 2;
  const double distance = high - low;
  if (!isfinite (distance))
    return 2 * interpolate (low / 2, high / 2, share);
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

/* The -0.0 of a decimal scale stand before the other zeros. */
static double
decimal_of_rank (const PlNumbers *numbers, const PlNumbersView *view, gint64 value, guint64 rank)
{
  guint64 n_less = 0;
  if (value != 0 || numbers->minus == 0)
    return pl_numbers_round (value, view->scale);
  for (guint64 i = 0; i < view->n; i++)
    n_less += pl_numbers_at (view->values, view->width, i) < 0;
  return rank < n_less + numbers->minus ? -0.0 : 0.0;
}

/* Which values a quantile lies between. */
typedef struct
{
  guint64 rank, behind;
  double share; /* of the way from the one to the other */
} Ranks;

static Ranks
ranks_of (const PlAggregateCall *call, guint64 n)
{
  const double exact_rank = call->parameter * (double) (n - 1);
  const guint64 rank = MIN ((guint64) exact_rank, n - 1);
  return (Ranks){rank, MIN (rank + 1, n - 1), exact_rank - (double) rank};
}

static double
quantile_of (const PlAggregateCall *call, PlNumbers *numbers, guint64 *scratch)
{
  PlNumbersView view = pl_numbers_view (numbers);
  pl_leased_auto gint64 *keys = NULL;
  if (view.scale == PL_NUMBERS_MIXED)
    {
      keys = pl_leased (g_new (gint64, view.n));
      pl_numbers_keys (numbers, keys);
      view = (PlNumbersView){keys, view.n, sizeof *keys, PL_SHORT_FULL};
    }
  const Ranks ranks = ranks_of (call, view.n);
  gint64 next, value = pl_numbers_select (view.values, view.width, view.n, ranks.rank, scratch, &next);
  if (call->arg_types[0].kind != PL_FLOAT && call->arg_types[0].kind != PL_DECIMAL)
    return interpolate_ints (value, next, ranks.share);
  if (pl_numbers_are_keys (view.scale))
    return interpolate (pl_float_of_key (value), pl_float_of_key (next), ranks.share);
  return interpolate (decimal_of_rank (numbers, &view, value, ranks.rank),
                      decimal_of_rank (numbers, &view, next, ranks.behind), ranks.share);
}

static gboolean
quantile_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                   G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  guint64 longest = 0;
  for (gsize i = 0; i < n; i++)
    longest = MAX (longest, pl_numbers_count (pl_state (PlNumbers, i)));

  pl_leased_auto guint64 *scratch = pl_leased (g_new (guint64, longest));
  for (gsize i = 0; i < n; i++)
    {
      PlNumbers *state = pl_state (PlNumbers, i);
      out->nulls[i] = pl_numbers_count (state) == 0;
      out->floats[i] = out->nulls[i] ? 0.0 : quantile_of (call, state, scratch);
    }
  return TRUE;
}

static void
quantile_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_numbers_save ((const PlNumbers *) (gconstpointer) state, buffer);
}

static gboolean
quantile_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  return pl_numbers_load ((PlNumbers *) (gpointer) state, cursor);
}

static void
quantile_clear (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pl_numbers_clear (pl_state (PlNumbers, i));
}

/* ---- from disk ---- */

static void
quantile_measure (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals)
{
  pl_numbers_measure ((const PlNumbers *) (gconstpointer) state, totals);
}

static gboolean
quantile_give (const PlAggregateCall *call, guint8 *state, PlValueSink sink, gpointer data, GError **error)
{
  return pl_numbers_give ((PlNumbers *) (gpointer) state, pl_numbers_form (call), sink, data, error);
}

typedef struct
{
  Ranks ranks;
  guint64 n, passed;
  gint64 low, high; /* the values of the ranks */
} Passing;

static gpointer
quantile_begin (const PlAggregateCall *call, const PlValueTotals *totals, G_GNUC_UNUSED PlArena *arena,
                G_GNUC_UNUSED GError **error)
{
  Passing *passing = g_new0 (Passing, 1);
  passing->n = totals->n;
  if (totals->n > 0)
    passing->ranks = ranks_of (call, totals->n);
  return passing;
}

static void
quantile_take (G_GNUC_UNUSED const PlAggregateCall *call, gpointer known, const PlValue *value)
{
  Passing *passing = known;
  const guint64 before = passing->passed, behind = passing->passed = before + value->count;
  if (passing->ranks.rank >= before && passing->ranks.rank < behind)
    passing->low = pl_value_get_int (value->key);
  if (passing->ranks.behind >= before && passing->ranks.behind < behind)
    passing->high = pl_value_get_int (value->key);
}

static void
quantile_end (const PlAggregateCall *call, gpointer known, PlColumn *out, G_GNUC_UNUSED PlArena *arena)
{
  g_autofree Passing *passing = known;
  const double share = passing->ranks.share;
  if (out == NULL)
    return;
  out->nulls[0] = passing->n == 0;
  if (passing->n == 0)
    out->floats[0] = 0;
  else if (pl_numbers_form (call) == PL_NUMBERS_INTS)
    out->floats[0] = interpolate_ints (passing->low, passing->high, share);
  else
    out->floats[0] = interpolate (pl_float_of_key (passing->low), pl_float_of_key (passing->high), share);
}

static const PlAggregateValues quantile_values
    = {quantile_measure, quantile_give, quantile_begin, quantile_take, quantile_end};

#define QUANTILE                                                                                                       \
  .keeps_numbers = TRUE, .bind = quantile_bind, .share = quantile_share, .update = quantile_update,                    \
  .combine = quantile_combine, .finalize = quantile_finalize, .save = quantile_save, .load = quantile_load,            \
  .clear = quantile_clear, .values = &quantile_values

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
