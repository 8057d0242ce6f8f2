/* first, last, arg_min, arg_max: the value of one row, chosen by its position or by another column.
 * Rows where the value (or the column that decides) is null are passed over; ties go to the earliest position. */
#include "held.h"
#include "families.h"
#include "family.h"

enum
{
  FIRST,
  LAST,
  ARG_MIN,
  ARG_MAX
};

typedef struct
{
  PlHeld value;
  guint64 position;
  guint64 seen;
  PlHeld by; /* arg_min and arg_max only: the states of first and last end before it */
} Pick;

static gboolean
pick_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, G_GNUC_UNUSED GError **error)
{
  const PlAggregate *self = call->aggregate;

  pl_aggregate_take (call, args, n_args);
  call->variant = self == &pl_aggregate_first     ? FIRST
                  : self == &pl_aggregate_last    ? LAST
                  : self == &pl_aggregate_arg_min ? ARG_MIN
                                                  : ARG_MAX;
  call->result = call->arg_types[0];
  call->origin = pl_expression_origin (args[0]);
  call->state_size = call->variant <= LAST ? G_STRUCT_OFFSET (Pick, by) : sizeof (Pick);
  return TRUE;
}

/* Whether row @row at @position beats what @state holds. */
static inline gboolean
beats (guint variant, const Pick *state, const PlColumn *by, gsize row, guint64 position)
{
  if (!state->seen)
    return TRUE;
  if (variant == FIRST)
    return position < state->position;
  if (variant == LAST)
    return position > state->position;
  int order = pl_held_compare (&state->by, by, row);
  return order == 0 ? position < state->position : variant == ARG_MIN ? order > 0 : order < 0;
}

static void
pick_update (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
             PlColumn *const *args, const guint64 *positions)
{
  const PlColumn *value = args[0], *by = call->n_args > 1 ? args[1] : NULL;
  const guint variant = call->variant;

  if (pl_nothing_but_nulls (value) || (by != NULL && pl_nothing_but_nulls (by)))
    return;
  for (gsize i = 0; i < n; i++)
    {
      gsize row = rows != NULL ? rows[i] : i;
      if ((value->nulls != NULL && value->nulls[row]) || (by != NULL && by->nulls != NULL && by->nulls[row]))
        continue;
      Pick *state = pl_state_at (Pick, states, addresses != NULL ? addresses[i] : 0);
      if (!beats (variant, state, by, row, positions[i]))
        continue;
      pl_held_set (&state->value, value, row);
      if (by != NULL)
        pl_held_set (&state->by, by, row);
      state->position = positions[i];
      state->seen = 1;
    }
}

static void
clear_pick (const PlAggregateCall *call, Pick *state)
{
  pl_held_clear (call->arg_types[0], &state->value);
  if (call->n_args > 1)
    pl_held_clear (call->arg_types[1], &state->by);
}

static void
pick_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    clear_pick (call, pl_state (Pick, i));
}

static gboolean
beats_other (const PlAggregateCall *call, const Pick *state, const Pick *taken)
{
  if (!taken->seen || !state->seen)
    return taken->seen != 0;
  if (call->variant == FIRST)
    return taken->position < state->position;
  if (call->variant == LAST)
    return taken->position > state->position;
  int order = pl_held_compare_held (call->arg_types[1], &state->by, &taken->by);
  return order == 0 ? taken->position < state->position : call->variant == ARG_MIN ? order > 0 : order < 0;
}

static void
pick_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
              gsize n)
{
  const gsize size = call->state_size;

  for (gsize i = 0; i < n; i++)
    {
      Pick *state = pl_state_at (Pick, states, into[i]), *taken = pl_state_at (Pick, other, from[i]);
      if (beats_other (call, state, taken))
        {
          clear_pick (call, state);
          memcpy (state, taken, size);
        }
      else
        clear_pick (call, taken);
      memset (taken, 0, size);
    }
}

static gboolean
pick_finalize (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n,
               PlColumn *out, PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      const Pick *state = pl_state (Pick, i);
      out->nulls[i] = !state->seen;
      if (state->seen)
        pl_held_put (&state->value, out, i, arena);
      else
        pl_held_put_nothing (out, i);
    }
  return TRUE;
}

static void
pick_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const Pick *pick = (const Pick *) (gconstpointer) state;

  pl_buffer_put_u8 (buffer, pick->seen != 0);
  pl_buffer_put_u64 (buffer, pick->position);
  pl_held_save (call->arg_types[0], &pick->value, buffer);
  if (call->n_args > 1)
    pl_held_save (call->arg_types[1], &pick->by, buffer);
}

static gboolean
pick_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  Pick *pick = (Pick *) (gpointer) state;

  memset (state, 0, call->state_size);
  pick->seen = pl_cursor_get_u8 (cursor);
  pick->position = pl_cursor_get_u64 (cursor);
  return pl_held_load (call->arg_types[0], &pick->value, cursor)
         && (call->n_args < 2 || pl_held_load (call->arg_types[1], &pick->by, cursor));
}

#define PICKING                                                                                                        \
  .reads_positions = TRUE, .bind = pick_bind, .update = pick_update, .combine = pick_combine,                          \
  .finalize = pick_finalize, .save = pick_save, .load = pick_load, .clear = pick_clear

const PlAggregate pl_aggregate_first = {
    .name = "first",
    .signature = "first(x)",
    .summary = "The first value in input order that is not null",
    .example = "first(carrier)",
    .min_args = 1,
    .max_args = 1,
    PICKING,
};

const PlAggregate pl_aggregate_last = {
    .name = "last",
    .signature = "last(x)",
    .summary = "The last value in input order that is not null",
    .example = "last(carrier)",
    .min_args = 1,
    .max_args = 1,
    PICKING,
};

const PlAggregate pl_aggregate_arg_min = {
    .name = "arg_min",
    .signature = "arg_min(x, by)",
    .summary = "The value of x where by is smallest; the first of several",
    .example = "arg_min(airport, delay)",
    .min_args = 2,
    .max_args = 2,
    PICKING,
};

const PlAggregate pl_aggregate_arg_max = {
    .name = "arg_max",
    .signature = "arg_max(x, by)",
    .summary = "The value of x where by is largest; the first of several",
    .example = "arg_max(airport, delay)",
    .min_args = 2,
    .max_args = 2,
    PICKING,
};
