/* sum and mean, exactly: integers and decimals in 192 bits, floats in a PlExactSum; rounded once, at the end.
 *
 * An int sum that does not fit 64 bits is an error, found on the exact total: sums that only pass beyond the range on their
 * way are right. */
#include "family.h"

#include "../../pipeline/table/exact-sum.h"

enum
{
  SUM,
  MEAN
};

/* high × 2^128 + low; ints and bools need no more than low, read as signed. */
typedef struct
{
  PlUint128 low;
  gint64 high;
  gint64 count;
} WholeSum;

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
  call->state_size = type.kind == PL_FLOAT ? sizeof (PlExactSum) : sizeof (WholeSum);
  call->data = pl_expression_text (args[0]);
  return TRUE;
}

static void
sum_unbind (PlAggregateCall *call)
{
  g_free (call->data);
}

static inline void
add_whole (WholeSum *state, PlInt128 value)
{
  state->high += __builtin_add_overflow (state->low, (PlUint128) value, &state->low) - (value < 0);
}

static void
update_whole (guint8 *states, const guint32 *groups, const guint32 *rows, gsize n, const PlColumn *column)
{
  const gint64 *ints = column->ints;
  WholeSum *one = (WholeSum *) (gpointer) states;

  if (groups == NULL && rows == NULL && column->nulls == NULL && column->type.kind == PL_INT)
    {
      PlInt128 total = 0;
      for (gsize i = 0; i < n; i++)
        total += ints[i];
      one->low += (PlUint128) total;
      one->count += (gint64) n;
    }
  else if (column->type.kind == PL_INT)
    PL_EACH_VALUE (WholeSum, column->nulls, state->low += (PlUint128) (PlInt128) ints[row]; state->count++);
  else if (column->type.kind == PL_BOOL)
    PL_EACH_VALUE (WholeSum, column->nulls, state->low += column->bools[row] != 0; state->count++);
  else
    PL_EACH_VALUE (WholeSum, column->nulls, add_whole (state, column->decimals[row]); state->count++);
}

/* One group: values without a gap go through the kernels that take many. */
static void
update_one_float (PlExactSum *sum, const guint32 *rows, gsize n, const PlColumn *column)
{
  union
  {
    double floats[512];
    gint64 mantissas[512];
  } kept;
  gboolean dense = rows == NULL && column->nulls == NULL, exact = column->exact != NULL;
  gsize n_kept = 0;

  if (dense)
    {
      if (exact)
        pl_exact_sum_add_mantissas (sum, column->exact, n, column->exact_scale);
      else
        pl_exact_sum_add_doubles (sum, column->floats, n);
      sum->count += n;
      return;
    }
  for (gsize i = 0; i <= n; i++)
    {
      if (n_kept == G_N_ELEMENTS (kept.floats) || i == n)
        {
          if (exact)
            pl_exact_sum_add_mantissas (sum, kept.mantissas, n_kept, column->exact_scale);
          else
            pl_exact_sum_add_doubles (sum, kept.floats, n_kept);
          sum->count += n_kept;
          n_kept = 0;
        }
      if (i == n)
        break;
      gsize row = rows != NULL ? rows[i] : i;
      if (exact)
        kept.mantissas[n_kept] = column->exact[row];
      else
        kept.floats[n_kept] = column->floats[row];
      n_kept += column->nulls == NULL || !column->nulls[row];
    }
}

static void
update_float (guint8 *states, const guint32 *groups, const guint32 *rows, gsize n, const PlColumn *column)
{
  const gint64 *exact = column->exact;
  const guint8 *scales = column->exact_scales;
  const guint scale = column->exact_scale;

  if (groups == NULL && (exact == NULL || scales == NULL))
    update_one_float ((PlExactSum *) (gpointer) states, rows, n, column);
  else if (exact == NULL)
    PL_EACH_VALUE (PlExactSum, column->nulls, state->count++; pl_exact_sum_add_double (state, column->floats[row]));
  else if (scales == NULL)
    PL_EACH_VALUE (PlExactSum, column->nulls, state->count++; pl_exact_sum_add_decimal (state, exact[row], scale));
  else
    PL_EACH_VALUE (PlExactSum, column->nulls, state->count++; if (G_LIKELY (scales[row] != PL_SCALE_INEXACT))
                       pl_exact_sum_add_mantissa (state, exact[row], scales[row]);
                   else pl_exact_sum_add_double (state, column->floats[row]));
}

static gboolean
sum_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *groups, const guint32 *rows,
            gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  if (pl_nothing_but_nulls (args[0]))
    return TRUE;
  if (args[0]->type.kind == PL_FLOAT)
    update_float (states, groups, rows, n, args[0]);
  else
    update_whole (states, groups, rows, n, args[0]);
  return TRUE;
}

static void
sum_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
             gsize n)
{
  if (call->arg_types[0].kind == PL_FLOAT)
    PL_EACH_PAIR (PlExactSum, pl_exact_sum_combine (state, taken))
  else
    PL_EACH_PAIR (WholeSum, {
      state->high += __builtin_add_overflow (state->low, taken->low, &state->low) + taken->high;
      state->count += taken->count;
      *taken = (WholeSum){0, 0, 0};
    })
}

static void
whole_total (const PlAggregateCall *call, const WholeSum *state, PlWide *total)
{
  guint64 limbs[3] = {(guint64) state->low, (guint64) (state->low >> 64), (guint64) state->high};
  pl_wide_set_limbs (total, limbs, call->arg_types[0].kind == PL_DECIMAL ? 3 : 2);
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

static double
whole_mean (const PlAggregateCall *call, const WholeSum *state)
{
  PlWide total, divisor;
  whole_total (call, state, &total);
  if (call->arg_types[0].kind != PL_DECIMAL && total.length <= 1 && (total.length == 0 || total.limbs[0] >> 53 == 0)
      && state->count >> 53 == 0)
    {
      double whole = total.length == 0 ? 0.0 : (double) total.limbs[0];
      return (total.negative ? -whole : whole) / (double) state->count;
    }
  pl_wide_set (&divisor, state->count);
  pl_wide_scale_power10 (&divisor, call->arg_types[0].scale);
  return pl_wide_ratio (&total, &divisor, 0);
}

static gboolean
finalize_whole (const PlAggregateCall *call, guint8 *states, const guint32 *groups, gsize n, PlColumn *out,
                gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      const WholeSum *state = pl_state (WholeSum, i);
      PlInt128 whole = 0;
      PlWide total;

      out->nulls[i] = state->count < call->min_count;
      if (call->variant == MEAN)
        out->floats[i] = out->nulls[i] ? 0.0 : whole_mean (call, state);
      else if (out->nulls[i])
        memset ((guint8 *) out->values + i * pl_type_width (call->result), 0, pl_type_width (call->result));
      else
        {
          const PlInt128 limit = call->result.kind == PL_INT ? (PlInt128) G_MAXINT64 : pl_powers_of_10[38] - 1;
          whole_total (call, state, &total);
          if (!pl_wide_get_int128 (&total, &whole) || whole > limit
              || whole < (call->result.kind == PL_INT ? (PlInt128) G_MININT64 : -limit))
            {
              *failed = i;
              return sum_overflows (call, &total, error);
            }
          if (call->result.kind == PL_INT)
            out->ints[i] = (gint64) whole;
          else
            out->decimals[i] = whole;
        }
    }
  return TRUE;
}

static gboolean
sum_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *groups, gsize n, PlColumn *out,
              G_GNUC_UNUSED PlArena *arena, gsize *failed, GError **error)
{
  if (call->arg_types[0].kind != PL_FLOAT)
    return finalize_whole (call, states, groups, n, out, failed, error);
  for (gsize i = 0; i < n; i++)
    {
      const PlExactSum *state = pl_state (PlExactSum, i);
      out->nulls[i] = (gint64) state->count < call->min_count;
      out->floats[i] = 0.0;
      if (!out->nulls[i] && !pl_exact_sum_special (state, &out->floats[i]))
        out->floats[i] = pl_exact_sum_round (state, call->variant == MEAN ? state->count : 1);
    }
  return TRUE;
}

static void
sum_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  if (call->arg_types[0].kind == PL_FLOAT)
    {
      pl_exact_sum_save ((const PlExactSum *) (gconstpointer) state, buffer);
      return;
    }
  const WholeSum *whole = (const WholeSum *) (gconstpointer) state;
  pl_buffer_put_u64 (buffer, (guint64) whole->low);
  pl_buffer_put_u64 (buffer, (guint64) (whole->low >> 64));
  pl_buffer_put_u64 (buffer, (guint64) whole->high);
  pl_buffer_put_u64 (buffer, (guint64) whole->count);
}

static gboolean
sum_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  if (call->arg_types[0].kind == PL_FLOAT)
    return pl_exact_sum_load ((PlExactSum *) (gpointer) state, cursor);
  WholeSum *whole = (WholeSum *) (gpointer) state;
  guint64 low = pl_cursor_get_u64 (cursor);
  whole->low = (PlUint128) pl_cursor_get_u64 (cursor) << 64 | low;
  whole->high = (gint64) pl_cursor_get_u64 (cursor);
  whole->count = (gint64) pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}

static void
sum_clear (const PlAggregateCall *call, guint8 *states, gsize first, gsize n)
{
  if (call->arg_types[0].kind == PL_FLOAT)
    for (gsize i = first; i < first + n; i++)
      pl_exact_sum_clear ((PlExactSum *) (gpointer) states + i);
}

#define SUMMING                                                                                                        \
  .min_args = 1, .bind = sum_bind, .unbind = sum_unbind, .init = pl_aggregate_init_zero, .update = sum_update,         \
  .combine = sum_combine, .finalize = sum_finalize, .save = sum_save, .load = sum_load, .clear = sum_clear

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
