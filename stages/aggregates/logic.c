/* any and all: "or" and "and" of the bools that are not null. */
#include "families.h"
#include "family.h"
#include "../../pipeline/base/error.h"

enum
{
  SEEN_FALSE = 1 << 0,
  SEEN_TRUE = 1 << 1
};

static gboolean
logic_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take (call, args, n_args);
  if (call->arg_types[0].kind != PL_BOOL && call->arg_types[0].kind != PL_NULL)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
                   "%s: %s needs a condition, not %s; compare it with something", call->label, call->aggregate->name,
                   pl_type_name (call->arg_types[0]));
      return FALSE;
    }
  call->variant = call->aggregate == &pl_aggregate_any;
  call->result = PL_TYPE (PL_BOOL);
  call->state_size = sizeof (guint64);
  return TRUE;
}

static void
logic_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
              gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const guint8 *bools = args[0]->bools;
  if (!pl_nothing_but_nulls (args[0]))
    PL_EACH_VALUE (guint64, args[0]->nulls, *state |= G_GUINT64_CONSTANT (1) << (bools[row] != 0));
}

static void
logic_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
               const guint32 *from, gsize n)
{
  PL_EACH_PAIR (guint64, *state |= *taken; *taken = 0)
}

static gboolean
logic_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      guint64 seen = *pl_state (guint64, i);
      out->nulls[i] = seen == 0;
      out->bools[i] = call->variant ? (seen & SEEN_TRUE) != 0 : (seen & SEEN_FALSE) == 0;
    }
  return TRUE;
}

static void
logic_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_buffer_put_u8 (buffer, (guint8) * (const guint64 *) (gconstpointer) state);
}

static gboolean
logic_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  *(guint64 *) (gpointer) state = pl_cursor_get_u8 (cursor) & (SEEN_FALSE | SEEN_TRUE);
  return !cursor->failed;
}

#define LOGIC                                                                                                          \
  .min_args = 1, .max_args = 1, .bind = logic_bind, .update = logic_update, .combine = logic_combine,                  \
  .finalize = logic_finalize, .save = logic_save, .load = logic_load

const PlAggregate pl_aggregate_any = {
    .name = "any",
    .signature = "any(x)",
    .summary = "Whether x is true in any row",
    .example = "any(delay > 60)",
    LOGIC,
};

const PlAggregate pl_aggregate_all = {
    .name = "all",
    .signature = "all(x)",
    .summary = "Whether x is true in every row where it is not null",
    .example = "all(delay <= 0)",
    LOGIC,
};
