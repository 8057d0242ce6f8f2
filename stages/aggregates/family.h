/* What the aggregate families share: binding arguments, and the loop over rows, nulls and groups. Private to
 * stages/aggregates. */
#pragma once
#include "../../pipeline/expression/expression.h"
#include "aggregate.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_state_at: the state at @address of @states. */
#define pl_state_at(State, states, address) ((State *) (gpointer) ((states) + (gsize) (address) *PL_WORD))

/** PL_EACH_VALUE: runs a body for each of the update()'s rows that is not null by @nulls_of_column, with `row` and
 * `state` at hand. The case that large inputs hit (no nulls, no selection, groups given) gets a loop without branches.
 * `continue` is allowed. */
#define PL_EACH_VALUE(State, nulls_of_column, ...)                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    const guint8 *each_nulls = (nulls_of_column);                                                                      \
    if (rows == NULL && each_nulls == NULL && addresses != NULL)                                                       \
      for (gsize i = 0; i < n; i++)                                                                                    \
        {                                                                                                              \
          G_GNUC_UNUSED const gsize row = i;                                                                           \
          State *state = pl_state_at (State, states, addresses[i]);                                                    \
          __VA_ARGS__;                                                                                                 \
        }                                                                                                              \
    else                                                                                                               \
      for (gsize i = 0; i < n; i++)                                                                                    \
        {                                                                                                              \
          const gsize row = rows != NULL ? rows[i] : i;                                                                \
          if (each_nulls != NULL && each_nulls[row])                                                                   \
            continue;                                                                                                  \
          State *state = pl_state_at (State, states, addresses != NULL ? addresses[i] : 0);                            \
          __VA_ARGS__;                                                                                                 \
        }                                                                                                              \
  }                                                                                                                    \
  G_STMT_END

/** PL_EACH_PAIR: runs a body for each i < n of a combine(), with `state` and `taken`. */
#define PL_EACH_PAIR(State, ...)                                                                                       \
  for (gsize i = 0; i < n; i++)                                                                                        \
    {                                                                                                                  \
      State *state = pl_state_at (State, states, into[i]);                                                             \
      State *taken = pl_state_at (State, other, from[i]);                                                              \
      __VA_ARGS__;                                                                                                     \
    }

/** pl_state: the state at addresses[i]. */
#define pl_state(State, i) pl_state_at (State, states, addresses[i])

/** pl_call_parts: what the states that @call reads consist of. */
static inline guint
pl_call_parts (const PlAggregateCall *call)
{
  return call->owner != NULL ? call->owner->parts : call->parts;
}

static inline gboolean
pl_nothing_but_nulls (const PlColumn *column)
{
  return column->type.kind == PL_NULL;
}

/** pl_aggregate_take: the first @n arguments become columns of @call, their values asked for. */
void pl_aggregate_take (PlAggregateCall *call, PlExpression *const *args, guint n);
/** pl_aggregate_take_exact: the same for numbers that are to be summed exactly: bare float columns are asked for as
 * written. */
void pl_aggregate_take_exact (PlAggregateCall *call, PlExpression *const *args, guint n);
/** pl_aggregate_need_numbers: Returns: %FALSE with PL_JOB_ERROR_TYPE unless all columns are numbers (or bool where
 * @bools, or null). */
gboolean pl_aggregate_need_numbers (const PlAggregateCall *call, gboolean bools, GError **error);
/** pl_aggregate_constant: Returns: (nullable): the constant @arg, or %NULL with PL_JOB_ERROR_TYPE saying that @what
 * must be one. */
const PlColumn *pl_aggregate_constant (const PlAggregateCall *call, const PlExpression *arg, const char *what,
                                       GError **error);
/** pl_aggregate_min_count: reads the optional second argument of sum and product. */
gboolean pl_aggregate_min_count (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error);

G_END_DECLS
