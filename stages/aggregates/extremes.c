/* min and max of every ordered type; NaN counts as greater than every number, as in sorting. Of numbers, dates and
 * bools they are parts of a summary; of texts and decimals the value itself is kept. */
#include "families.h"
#include "family.h"
#include "held.h"
#include "summary.h"
#include "summary-update.h"

enum
{
  LEAST,
  GREATEST
};

typedef struct
{
  PlHeld value;
  guint64 seen;
} Broad;

static gboolean
extreme_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, G_GNUC_UNUSED GError **error)
{
  pl_aggregate_take_exact (call, args, n_args);
  call->arg_uses[0] |= PL_USE_COMPUTE;
  call->variant = call->aggregate == &pl_aggregate_max ? GREATEST : LEAST;
  call->result = call->arg_types[0];
  call->origin = pl_expression_origin (args[0]);
  if (pl_type_is_narrow (call->result))
    pl_summary_bind (call, call->variant == GREATEST ? PL_SUMMARY_GREATEST : PL_SUMMARY_LEAST);
  else
    call->state_size = sizeof (Broad);
  return TRUE;
}

static void
extreme_init (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (call->parts != 0)
    pl_summary_init (call, states, addresses, n);
}

static void
extreme_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                PlColumn *const *args, const guint64 *positions)
{
  const PlColumn *column = args[0];
  const int wanted = call->variant == GREATEST ? -1 : 1;

  if (call->parts != 0)
    {
      pl_summary_update (call, states, addresses, rows, n, args, positions);
      return;
    }
  if (!pl_nothing_but_nulls (column))
    PL_EACH_VALUE (Broad, column->nulls,
                   int order = state->seen ? pl_held_compare (&state->value, column, row) : wanted;
                   if (order * wanted > 0) pl_held_set (&state->value, column, row); state->seen = 1);
}

static void
extreme_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                 gsize n)
{
  if (call->parts != 0)
    {
      pl_summary_combine (call, states, into, other, from, n);
      return;
    }
  PL_EACH_PAIR (Broad, {
    int order = !taken->seen ? 0 : !state->seen ? 1 : pl_held_compare_held (call->result, &state->value, &taken->value);
    if (taken->seen && (!state->seen || (call->variant == GREATEST ? order < 0 : order > 0)))
      {
        pl_held_clear (call->result, &state->value);
        *state = *taken;
      }
    else
      pl_held_clear (call->result, &taken->value);
    memset (taken, 0, sizeof *taken);
  })
}

static gboolean
extreme_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                  PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  const guint parts = pl_call_parts (call);
  for (gsize i = 0; i < n; i++)
    if (parts != 0)
      pl_summary_put_extreme (pl_state (PlSummary, i), parts, call->variant == GREATEST, out, i);
    else
      {
        out->nulls[i] = pl_state (Broad, i)->seen == 0;
        pl_held_put (&pl_state (Broad, i)->value, out, i, arena);
      }
  return TRUE;
}

static void
extreme_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const Broad *broad = (const Broad *) (gconstpointer) state;

  if (call->parts != 0)
    {
      pl_summary_save (call, state, buffer);
      return;
    }
  pl_buffer_put_u8 (buffer, broad->seen != 0);
  pl_held_save (call->result, &broad->value, buffer);
}

static gboolean
extreme_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  Broad *broad = (Broad *) (gpointer) state;

  if (call->parts != 0)
    return pl_summary_load (call, state, cursor);
  broad->seen = pl_cursor_get_u8 (cursor);
  return pl_held_load (call->result, &broad->value, cursor);
}

static void
extreme_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  if (call->parts != 0)
    pl_summary_clear (call, states, addresses, n);
  else if (call->result.kind == PL_STRING)
    for (gsize i = 0; i < n; i++)
      pl_held_clear (call->result, &pl_state (Broad, i)->value);
}

#define EXTREME                                                                                                        \
  .min_args = 1, .max_args = 1, .bind = extreme_bind, .share = pl_summary_share, .init = extreme_init,                 \
  .update = extreme_update, .combine = extreme_combine, .finalize = extreme_finalize, .save = extreme_save,            \
  .load = extreme_load, .clear = extreme_clear

const PlAggregate pl_aggregate_min = {
    .name = "min",
    .signature = "min(x)",
    .summary = "The smallest value: of numbers, dates or strings",
    .example = "min(price)",
    EXTREME,
};

const PlAggregate pl_aggregate_max = {
    .name = "max",
    .signature = "max(x)",
    .summary = "The largest value: of numbers, dates or strings",
    .example = "max(price)",
    EXTREME,
};
