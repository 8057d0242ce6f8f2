/* product. Of ints: a magnitude that never shrinks, and zero apart, so that an overflow is one in any order. Of floats
 * and decimals: the values are kept and multiplied in sorted order with twice the precision and a separate exponent. */
#include "family.h"
#include "../../pipeline/memory/leased.h"
#include "held.h"
#include "numbers-values.h"
#include "number.h"
#include "../../pipeline/expression/text.h"
#include "../../pipeline/base/error.h"

#define SIGN_BIT (G_GUINT64_CONSTANT (1) << 63)

typedef struct
{
  guint64 magnitude; /* of the product of all that are not zero; beyond 2^63 when too large */
  guint32 negative;  /* 0 or 1 */
  guint32 zero;
  gint64 count;
  gint64 unused;
} Whole;

static gboolean
is_whole (const PlAggregateCall *call)
{
  return call->result.kind == PL_INT;
}

static gboolean
product_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take (call, args, 1);
  if (!pl_aggregate_need_numbers (call, TRUE, error) || !pl_aggregate_min_count (call, args, n_args, error))
    return FALSE;
  guint kind = call->arg_types[0].kind;
  call->result = PL_TYPE (kind == PL_FLOAT || kind == PL_DECIMAL ? PL_FLOAT : PL_INT);
  call->state_size = is_whole (call) ? sizeof (Whole) : sizeof (PlNumbers);
  call->data = pl_expression_text (args[0]);
  return TRUE;
}

static void
product_unbind (PlAggregateCall *call)
{
  g_free (call->data);
}

static void
product_init (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (is_whole (call))
    for (gsize i = 0; i < n; i++)
      pl_state (Whole, i)->magnitude = 1;
}

static inline void
multiply_magnitude (Whole *state, guint64 factor)
{
  PlUint128 product = (PlUint128) state->magnitude * factor;
  state->magnitude = product > SIGN_BIT ? G_MAXUINT64 : (guint64) product;
}

static inline void
multiply (Whole *state, gint64 value)
{
  state->count++;
  if (value == 0)
    state->zero = 1;
  else
    multiply_magnitude (state, value < 0 ? -(guint64) value : (guint64) value);
  state->negative ^= value < 0;
}

static void
product_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses,
                const guint32 *rows, gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const PlColumn *column = args[0];

  if (pl_nothing_but_nulls (column))
    return;
  if (column->type.kind == PL_BOOL)
    PL_EACH_VALUE (Whole, column->nulls, multiply (state, column->bools[row] != 0));
  else if (column->type.kind == PL_INT)
    PL_EACH_VALUE (Whole, column->nulls, multiply (state, column->ints[row]));
  else
    PL_EACH_VALUE (PlNumbers, column->nulls, PlNumber term; pl_number_read (column, row, &term);
                   pl_number_to_binary (&term); pl_numbers_append (state, pl_key_of_float (term.value), PL_SHORT_FULL));
}

static void
product_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                 gsize n)
{
  if (!is_whole (call))
    PL_EACH_PAIR (PlNumbers, pl_numbers_combine (state, taken))
  else
    PL_EACH_PAIR (Whole, {
      multiply_magnitude (state, taken->magnitude);
      state->negative ^= taken->negative;
      state->zero |= taken->zero;
      state->count += taken->count;
      *taken = (Whole){.magnitude = 1};
    })
}

/* (high + low) × 2^exponent, the mantissa kept near 1; error bounds as in Dekker (1971). */
typedef struct
{
  double high, low;
  gint64 exponent;
} Double;

static void
multiply_double (Double *all, double factor)
{
  gint own, shift;
  const double value = frexp (factor, &own);
  if (value == 0 || !isfinite (value))
    {
      all->high *= value;
      all->low = 0;
      return;
    }
  const double product = all->high * value;
  if (!isfinite (product))
    {
      all->high = product;
      return;
    }
  const double rest = fma (all->high, value, -product) + all->low * value;
  all->high = frexp (product + rest, &shift);
  all->low = ldexp (rest - (ldexp (all->high, shift) - product), -shift);
  all->exponent += own + shift;
}

static double
round_double (const Double *all)
{
  return ldexp (all->high, (gint) CLAMP (all->exponent, -4000, 4000));
}

static double
product_of (PlNumbers *numbers)
{
  const guint64 n = pl_numbers_count (numbers);
  pl_leased_auto gint64 *keys = pl_leased (g_new (gint64, n));
  Double all = {1, 0, 0};
  pl_numbers_keys (numbers, keys);
  pl_numbers_sort (keys, sizeof *keys, n);
  for (guint64 i = 0; i < n; i++)
    multiply_double (&all, pl_float_of_key (keys[i]));
  return round_double (&all);
}

static gboolean
finalize_whole (const PlAggregateCall *call, const Whole *state, gint64 *value, GError **error)
{
  if (state->zero || state->magnitude < SIGN_BIT || (state->magnitude == SIGN_BIT && state->negative))
    {
      *value = state->zero ? 0 : (gint64) (state->negative ? -state->magnitude : state->magnitude);
      return TRUE;
    }
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
               "%s does not fit the 64 bits of int; write product(cast(%s as float))", call->label,
               (const char *) call->data);
  return FALSE;
}

static gboolean
product_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                  G_GNUC_UNUSED PlArena *arena, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (is_whole (call))
      {
        const Whole *state = pl_state (Whole, i);
        out->ints[i] = 0;
        out->nulls[i] = state->count < call->min_count;
        if (!out->nulls[i] && !finalize_whole (call, state, &out->ints[i], error))
          {
            *failed = i;
            return FALSE;
          }
      }
    else
      {
        PlNumbers *state = pl_state (PlNumbers, i);
        out->nulls[i] = (gint64) pl_numbers_count (state) < call->min_count;
        out->floats[i] = pl_numbers_count (state) == 0 ? 1.0 : product_of (state);
      }
  return TRUE;
}

static void
product_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  if (is_whole (call))
    {
      const Whole *whole = (const Whole *) (gconstpointer) state;
      pl_buffer_put_u64 (buffer, whole->magnitude);
      pl_buffer_put_u8 (buffer, (guint8) (whole->negative | whole->zero << 1));
      pl_buffer_put_u64 (buffer, (guint64) whole->count);
    }
  else
    pl_numbers_save ((const PlNumbers *) (gconstpointer) state, buffer);
}

static gboolean
product_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  if (!is_whole (call))
    return pl_numbers_load ((PlNumbers *) (gpointer) state, cursor);
  Whole *whole = (Whole *) (gpointer) state;
  whole->magnitude = pl_cursor_get_u64 (cursor);
  guint8 flags = pl_cursor_get_u8 (cursor);
  whole->negative = flags & 1;
  whole->zero = flags >> 1 & 1;
  whole->count = (gint64) pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}

static void
product_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (!is_whole (call))
    for (gsize i = 0; i < n; i++)
      pl_numbers_clear (pl_state (PlNumbers, i));
}

/* ---- from disk ---- */

static void
product_measure (const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals)
{
  *totals = (PlValueTotals){0};
  if (!is_whole (call))
    pl_numbers_measure ((const PlNumbers *) (gconstpointer) state, totals);
}

static gboolean
product_give (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlValueSink sink, gpointer data, GError **error)
{
  return pl_numbers_give ((PlNumbers *) (gpointer) state, PL_NUMBERS_DOUBLES, sink, data, error);
}

typedef struct
{
  Double all;
  gint64 n;
} Running;

static gpointer
product_begin (G_GNUC_UNUSED const PlAggregateCall *call, const PlValueTotals *totals, G_GNUC_UNUSED PlArena *arena,
               G_GNUC_UNUSED GError **error)
{
  Running *running = g_new (Running, 1);
  *running = (Running){{1, 0, 0}, (gint64) totals->n};
  return running;
}

static void
product_take (G_GNUC_UNUSED const PlAggregateCall *call, gpointer known, const PlValue *value)
{
  Running *running = known;
  const double factor = pl_float_of_key (pl_value_get_int (value->key));
  for (guint64 i = 0; i < value->count; i++)
    multiply_double (&running->all, factor);
}

static void
product_end (const PlAggregateCall *call, gpointer known, PlColumn *out, G_GNUC_UNUSED PlArena *arena)
{
  g_autofree Running *running = known;
  if (out == NULL)
    return;
  out->nulls[0] = running->n < call->min_count;
  out->floats[0] = running->n == 0 ? 1.0 : round_double (&running->all);
}

static const PlAggregateValues product_values
    = {product_measure, product_give, product_begin, product_take, product_end};

const PlAggregate pl_aggregate_product = {
    .name = "product",
    .signature = "product(x[, min_count])",
    .summary
    = "The product: int of ints (an error beyond 64 bits), else float; null of fewer than min_count (1) values",
    .example = "product(1 + rate)",
    .min_args = 1,
    .max_args = 2,
    .bind = product_bind,
    .unbind = product_unbind,
    .init = product_init,
    .update = product_update,
    .combine = product_combine,
    .finalize = product_finalize,
    .save = product_save,
    .load = product_load,
    .clear = product_clear,
    .values = &product_values,
};
