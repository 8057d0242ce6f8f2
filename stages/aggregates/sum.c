/* sum and mean, exactly: rounded once, at the end. Three states, chosen when the call is bound:
 *
 *   PlSummary   ints, bools, and floats as written in a file: the sum is a part of it
 *   PlExactSum  computed floats: doubles without a decimal form
 *   WholeSum    decimals, in 192 bits
 *
 * An int sum that does not fit 64 bits is an error, found on the exact total: sums that only pass beyond the range on
 * their way are right. */
#include "families.h"
#include "family.h"
#include "summary.h"
#include "../../pipeline/expression/text.h"
#include "summary-update.h"
#include "../../pipeline/base/error.h"

enum
{
  SUM,
  MEAN
};

/* high × 2^128 + low. */
typedef struct
{
  PlLooseUint128 low;
  gint64 high;
  gint64 count;
} WholeSum;

typedef enum
{
  SUMMARY,
  DOUBLES,
  WHOLE
} Form;

static inline Form
form_of (const PlAggregateCall *call)
{
  switch (call->arg_types[0].kind)
    {
    case PL_DECIMAL:
      return WHOLE;
    case PL_FLOAT:
      return call->arg_uses[0] == PL_USE_EXACT ? SUMMARY : DOUBLES;
    default:
      return SUMMARY;
    }
}

static gboolean
sum_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take_exact (call, args, 1);
  if (!pl_aggregate_need_numbers (call, TRUE, error) || !pl_aggregate_min_count (call, args, n_args, error))
    return FALSE;
  PlType type = call->arg_types[0];
  call->variant = call->aggregate == &pl_aggregate_mean ? MEAN : SUM;
  call->result = call->variant == MEAN || type.kind == PL_FLOAT ? PL_TYPE (PL_FLOAT)
                 : type.kind == PL_DECIMAL                      ? PL_TYPE_DECIMAL (38, type.scale)
                                                                : PL_TYPE (PL_INT);
  if (form_of (call) == SUMMARY)
    pl_summary_bind (call, PL_SUMMARY_SUM);
  else
    call->state_size = form_of (call) == DOUBLES ? sizeof (PlExactSum) : sizeof (WholeSum);
  call->data = pl_expression_text (args[0]);
  return TRUE;
}

static void
sum_unbind (PlAggregateCall *call)
{
  g_free (call->data);
}

/* Sums of the same numbers are the same in every form. */
static gboolean
sum_share (PlAggregateCall *owner, const PlAggregateCall *call)
{
  if (form_of (owner) == SUMMARY)
    return pl_summary_share (owner, call);
  return call->aggregate == &pl_aggregate_sum || call->aggregate == &pl_aggregate_mean;
}

static void
sum_init (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (form_of (call) == SUMMARY)
    pl_summary_init (call, states, addresses, n);
}

static inline void
add_whole (WholeSum *state, PlInt128 value)
{
  state->high += __builtin_add_overflow (state->low, (PlUint128) value, &state->low) - (value < 0);
}

static void
update_whole (guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n, const PlColumn *column)
{
  PL_EACH_VALUE (WholeSum, column->nulls, add_whole (state, column->decimals[row]); state->count++);
}

/* One group: values without a gap go through the kernel that takes many. */
static void
update_one_double (PlExactSum *sum, const guint32 *rows, gsize n, const PlColumn *column)
{
  double kept[512];
  gsize n_kept = 0;

  if (rows == NULL && column->nulls == NULL)
    {
      pl_exact_sum_add_doubles (sum, column->floats, n);
      sum->count += n;
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      const gsize row = rows != NULL ? rows[i] : i;
      kept[n_kept] = column->floats[row];
      n_kept += column->nulls == NULL || !column->nulls[row];
      if (n_kept == G_N_ELEMENTS (kept) || i + 1 == n)
        {
          pl_exact_sum_add_doubles (sum, kept, n_kept);
          sum->count += n_kept;
          n_kept = 0;
        }
    }
}

static void
update_doubles (guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n, const PlColumn *column)
{
  if (addresses == NULL)
    update_one_double ((PlExactSum *) (gpointer) states, rows, n, column);
  else
    PL_EACH_VALUE (PlExactSum, column->nulls, state->count++; pl_exact_sum_add_double (state, column->floats[row]));
}

static void
sum_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
            PlColumn *const *args, const guint64 *positions)
{
  if (pl_nothing_but_nulls (args[0]))
    return;
  if (form_of (call) == SUMMARY)
    {
      pl_summary_update (call, states, addresses, rows, n, args, positions);
      return;
    }
  if (form_of (call) == WHOLE)
    update_whole (states, addresses, rows, n, args[0]);
  else
    update_doubles (states, addresses, rows, n, args[0]);
}

static gboolean
sum_joins (const PlAggregateCall *before, const PlAggregateCall *call)
{
  return form_of (before) == SUMMARY && form_of (call) == SUMMARY && pl_summary_joins (before, call);
}

static void
sum_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
             gsize n)
{
  switch (form_of (call))
    {
    case SUMMARY:
      pl_summary_combine (call, states, into, other, from, n);
      break;
    case DOUBLES:
      PL_EACH_PAIR (PlExactSum, pl_exact_sum_combine (state, taken))
      break;
    case WHOLE:
      PL_EACH_PAIR (WholeSum, {
        state->high += __builtin_add_overflow (state->low, taken->low, &state->low) + taken->high;
        state->count += taken->count;
        *taken = (WholeSum){0, 0, 0};
      })
      break;
    }
}

static void
whole_total (const WholeSum *state, PlWide *total)
{
  const guint64 limbs[3] = {(guint64) state->low, (guint64) (state->low >> 64), (guint64) state->high};
  pl_wide_set_limbs (total, limbs, G_N_ELEMENTS (limbs));
}

static gboolean
sum_overflows (const PlAggregateCall *call, const PlWide *total, GError **error)
{
  g_autofree char *text = pl_wide_text (total, call->result.scale);
  if (call->result.kind == PL_INT)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                 "%s is %s, which does not fit the 64 bits of int; write sum(cast(%s as decimal(38,0)))", call->label,
                 text, (const char *) call->data);
  else
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                 "%s is %s, which does not fit the 38 digits of %s; write sum(cast(%s as float))", call->label, text,
                 pl_type_name (call->result), (const char *) call->data);
  return FALSE;
}

static gboolean
put_int (const PlAggregateCall *call, const PlShortSum *state, PlColumn *out, gsize row, GError **error)
{
  PlExactTotal total;
  PlInt128 whole;

  if (pl_short_sum_scale (state) == 0)
    {
      out->ints[row] = state->units;
      return TRUE;
    }
  pl_short_sum_total (state, &total);
  if (!pl_wide_get_int128 (&total.numerator, &whole) || whole != (gint64) whole)
    return sum_overflows (call, &total.numerator, error);
  out->ints[row] = (gint64) whole;
  return TRUE;
}

static gboolean
put_decimal (const PlAggregateCall *call, const WholeSum *state, PlColumn *out, gsize row, GError **error)
{
  const PlInt128 limit = pl_powers_of_10[38] - 1;
  PlWide total;
  PlInt128 whole;

  whole_total (state, &total);
  if (!pl_wide_get_int128 (&total, &whole) || whole > limit || whole < -limit)
    return sum_overflows (call, &total, error);
  out->decimals[row] = whole;
  return TRUE;
}

static double
whole_mean (const PlAggregateCall *call, const WholeSum *state)
{
  PlWide total, divisor;

  whole_total (state, &total);
  pl_wide_set (&divisor, state->count);
  pl_wide_scale_power10 (&divisor, call->arg_types[0].scale);
  return pl_wide_ratio (&total, &divisor, 0);
}

static gboolean
finalize_summary (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                  gsize *failed, GError **error)
{
  const gboolean ints = call->result.kind == PL_INT;

  for (gsize i = 0; i < n; i++)
    {
      const PlShortSum *state = pl_state (PlShortSum, i);
      const guint64 count = pl_short_sum_count (state);
      out->nulls[i] = (gint64) count < call->min_count;
      if (out->nulls[i])
        out->ints[i] = 0; /* 0.0 as well */
      else if (!ints)
        out->floats[i] = pl_short_sum_round (state, call->variant == MEAN ? count : 1);
      else if (!put_int (call, state, out, i, error))
        {
          *failed = i;
          return FALSE;
        }
    }
  return TRUE;
}

static void
finalize_doubles (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out)
{
  for (gsize i = 0; i < n; i++)
    {
      const PlExactSum *state = pl_state (PlExactSum, i);
      out->nulls[i] = (gint64) state->count < call->min_count;
      out->floats[i] = 0.0;
      if (!out->nulls[i] && !pl_exact_sum_special (state, &out->floats[i]))
        out->floats[i] = pl_exact_sum_round (state, call->variant == MEAN ? state->count : 1);
    }
}

static gboolean
finalize_whole (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      const WholeSum *state = pl_state (WholeSum, i);
      out->nulls[i] = state->count < call->min_count;
      if (call->variant == MEAN)
        out->floats[i] = out->nulls[i] ? 0.0 : whole_mean (call, state);
      else if (out->nulls[i])
        out->decimals[i] = 0;
      else if (!put_decimal (call, state, out, i, error))
        {
          *failed = i;
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
sum_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
              G_GNUC_UNUSED PlArena *arena, gsize *failed, GError **error)
{
  if (form_of (call) == SUMMARY)
    return finalize_summary (call, states, addresses, n, out, failed, error);
  if (form_of (call) == WHOLE)
    return finalize_whole (call, states, addresses, n, out, failed, error);
  finalize_doubles (call, states, addresses, n, out);
  return TRUE;
}

static void
sum_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const WholeSum *whole = (const WholeSum *) (gconstpointer) state;

  switch (form_of (call))
    {
    case SUMMARY:
      pl_summary_save (call, state, buffer);
      break;
    case DOUBLES:
      pl_exact_sum_save ((const PlExactSum *) (gconstpointer) state, buffer);
      break;
    case WHOLE:
      pl_buffer_put_u64 (buffer, (guint64) whole->low);
      pl_buffer_put_u64 (buffer, (guint64) (whole->low >> 64));
      pl_buffer_put_u64 (buffer, (guint64) whole->high);
      pl_buffer_put_u64 (buffer, (guint64) whole->count);
      break;
    }
}

static gboolean
sum_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  const Form form = form_of (call);

  if (form == SUMMARY)
    return pl_summary_load (call, state, cursor);
  if (form == DOUBLES)
    return pl_exact_sum_load ((PlExactSum *) (gpointer) state, cursor);
  WholeSum *whole = (WholeSum *) (gpointer) state;
  guint64 low = pl_cursor_get_u64 (cursor);
  whole->low = (PlUint128) pl_cursor_get_u64 (cursor) << 64 | low;
  whole->high = (gint64) pl_cursor_get_u64 (cursor);
  whole->count = (gint64) pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}

static void
sum_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (form_of (call) == SUMMARY)
    pl_summary_clear (call, states, addresses, n);
  for (gsize i = 0; i < n && form_of (call) == DOUBLES; i++)
    pl_exact_sum_clear (pl_state (PlExactSum, i));
}

#define SUMMING                                                                                                        \
  .min_args = 1, .bind = sum_bind, .unbind = sum_unbind, .share = sum_share, .init = sum_init, .update = sum_update,   \
  .joins = sum_joins, .update_joined = pl_summary_update_joined, .combine = sum_combine, .finalize = sum_finalize,     \
  .save = sum_save, .load = sum_load, .clear = sum_clear

const PlAggregate pl_aggregate_sum = {
    .name = "sum",
    .signature = "sum(x[, min_count])",
    .summary = "The exact sum, rounded once; of bools how many are true; null of fewer than min_count (1) values",
    .example = "sum(price)",
    .max_args = 2,
    SUMMING,
};

const PlAggregate pl_aggregate_mean = {
    .name = "mean",
    .signature = "mean(x)",
    .summary = "The exact sum divided by the number of values, rounded once; of bools the share that is true",
    .example = "mean(delay)",
    .max_args = 1,
    SUMMING,
};
