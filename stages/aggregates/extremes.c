/* min and max of every ordered type; NaN counts as greater than every number, as in sorting. */
#include "held.h"
#include "family.h"

typedef struct
{
  gint64 key;
  gint64 seen;
} Narrow;

typedef struct
{
  PlHeld value;
  guint64 seen;
} Broad;

static gboolean
extreme_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, G_GNUC_UNUSED GError **error)
{
  pl_aggregate_take (call, args, n_args);
  call->variant = call->aggregate == &pl_aggregate_max;
  call->result = call->arg_types[0];
  call->state_size = pl_type_is_narrow (call->result) ? sizeof (Narrow) : sizeof (Broad);
  return TRUE;
}

/* The key that every other beats. */
static gint64
empty_key (const PlAggregateCall *call)
{
  return call->variant ? G_MININT64 : G_MAXINT64;
}

static void
extreme_init (const PlAggregateCall *call, guint8 *states, const guint32 *places, gsize n)
{
  if (pl_type_is_narrow (call->result))
    for (gsize i = 0; i < n; i++)
      pl_state (Narrow, i)->key = empty_key (call);
}

static gboolean
extreme_update (const PlAggregateCall *call, guint8 *states, const guint32 *places, const guint32 *rows, gsize n,
                PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  const PlColumn *column = args[0];
  const int wanted = call->variant ? -1 : 1;

  if (pl_nothing_but_nulls (column))
    return TRUE;
  if (!pl_type_is_narrow (column->type))
    PL_EACH_VALUE (Broad, column->nulls,
                   int order = state->seen ? pl_held_compare (&state->value, column, row) : wanted;
                   if (order * wanted > 0) pl_held_set (&state->value, column, row); state->seen = 1);
  else if (call->variant)
    PL_EACH_KEY (Narrow, column, state->key = MAX (state->key, key); state->seen = 1);
  else
    PL_EACH_KEY (Narrow, column, state->key = MIN (state->key, key); state->seen = 1);
  return TRUE;
}

static void
extreme_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                 gsize n)
{
  if (pl_type_is_narrow (call->result))
    PL_EACH_PAIR (Narrow, {
      state->key = call->variant ? MAX (state->key, taken->key) : MIN (state->key, taken->key);
      state->seen |= taken->seen;
      *taken = (Narrow){empty_key (call), 0};
    })
  else
    PL_EACH_PAIR (Broad, {
      int order = !taken->seen   ? 0
                  : !state->seen ? 1
                                 : pl_held_compare_held (call->result, &state->value, &taken->value);
      if (taken->seen && (!state->seen || (call->variant ? order < 0 : order > 0)))
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
extreme_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *places, gsize n, PlColumn *out,
                  PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  gboolean narrow = pl_type_is_narrow (call->result);

  for (gsize i = 0; i < n; i++)
    {
      gboolean seen = narrow ? pl_state (Narrow, i)->seen != 0 : pl_state (Broad, i)->seen != 0;
      out->nulls[i] = !seen;
      if (!seen)
        pl_held_put_nothing (out, i);
      else if (narrow)
        pl_key_put (pl_state (Narrow, i)->key, out, i);
      else
        pl_held_put (&pl_state (Broad, i)->value, out, i, arena);
    }
  return TRUE;
}

static void
extreme_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  gboolean narrow = pl_type_is_narrow (call->result);
  const Narrow *key = (const Narrow *) (gconstpointer) state;
  const Broad *broad = (const Broad *) (gconstpointer) state;

  pl_buffer_put_u8 (buffer, narrow ? key->seen != 0 : broad->seen != 0);
  if (narrow)
    pl_buffer_put_u64 (buffer, (guint64) key->key);
  else
    pl_held_save (call->result, &broad->value, buffer);
}

static gboolean
extreme_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  guint8 seen = pl_cursor_get_u8 (cursor);

  if (pl_type_is_narrow (call->result))
    {
      Narrow *narrow = (Narrow *) (gpointer) state;
      narrow->key = (gint64) pl_cursor_get_u64 (cursor);
      narrow->seen = seen;
      return !cursor->failed;
    }
  Broad *broad = (Broad *) (gpointer) state;
  broad->seen = seen;
  return pl_held_load (call->result, &broad->value, cursor);
}

static void
extreme_clear (const PlAggregateCall *call, guint8 *states, const guint32 *places, gsize n)
{
  if (call->result.kind == PL_STRING)
    for (gsize i = 0; i < n; i++)
      pl_held_clear (call->result, &pl_state (Broad, i)->value);
}

#define EXTREME                                                                                                        \
  .min_args = 1, .max_args = 1, .bind = extreme_bind, .init = extreme_init, .update = extreme_update,                  \
  .combine = extreme_combine, .finalize = extreme_finalize, .save = extreme_save, .load = extreme_load,                \
  .clear = extreme_clear

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
