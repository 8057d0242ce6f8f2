/* count: rows, or values that are not null. The state is the tag of a summary, so that a summary of the same column
 * serves as well. */
#include "family.h"
#include "summary.h"
#include "held.h"

static gboolean
count_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, G_GNUC_UNUSED GError **error)
{
  pl_aggregate_take_exact (call, args, n_args);
  /* Which value it is does not matter. */
  for (guint i = 0; i < n_args; i++)
    call->arg_uses[i] &= (guint8) ~PL_USE_COMPUTE;
  call->result = PL_TYPE (PL_INT);
  call->state_size = sizeof (guint64);
  if (n_args > 0 && pl_type_is_narrow (call->arg_types[0]))
    pl_summary_bind (call, 0);
  return TRUE;
}

static void
count_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
              gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const guint8 *nulls = call->n_args > 0 ? args[0]->nulls : NULL;

  if (call->n_args > 0 && pl_nothing_but_nulls (args[0]))
    return;
  if (nulls == NULL && addresses == NULL)
    *(guint64 *) (gpointer) states += n * PL_SHORT_ONE;
  else
    PL_EACH_VALUE (guint64, nulls, *state += PL_SHORT_ONE);
}

static void
count_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
               const guint32 *from, gsize n)
{
  PL_EACH_PAIR (guint64, *state += *taken; *taken = 0)
}

static gboolean
count_finalize (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n,
                PlColumn *out, G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      out->ints[i] = (gint64) (*pl_state (guint64, i) / PL_SHORT_ONE);
      out->nulls[i] = 0;
    }
  return TRUE;
}

static void
count_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, *(const guint64 *) (gconstpointer) state);
}

static gboolean
count_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  *(guint64 *) (gpointer) state = pl_cursor_get_u64 (cursor);
  return !cursor->failed;
}

const PlAggregate pl_aggregate_count = {
    .name = "count",
    .signature = "count([x])",
    .summary = "The number of rows, or of values of x that are not null",
    .example = "count()",
    .min_args = 0,
    .max_args = 1,
    .bind = count_bind,
    .update = count_update,
    .combine = count_combine,
    .finalize = count_finalize,
    .save = count_save,
    .load = count_load,
};
