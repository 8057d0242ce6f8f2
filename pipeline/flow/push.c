/* See push.h. */
#include "push.h"
#include "../base/clock.h"
#include "../base/error.h"
#include "gathered.h"

/* A growing stage at work. */
typedef struct
{
  PlEmit emit;
  PlPush *push;
  const PlStep *step;
  gint64 nanoseconds; /* that others took for what it gave, */
  gint64 taken;       /* and the bytes they have of it */
  gboolean stopped;   /* something failed */
  gboolean is_enough; /* nothing that it would give is needed */
} Emitting;

void
pl_push_init (PlPush *push, const PlSegment *segment, PlChain *chain)
{
  *push = (PlPush){.segment = segment, .chain = chain, .partial = pl_partial_new (segment, TRUE)};
  push->progress = g_new0 (PlProgress, segment->steps->len + 1);
}

void
pl_push_clear (PlPush *push)
{
  pl_partial_free (push->partial);
  for (guint i = 0; i < push->segment->steps->len; i++)
    g_clear_pointer (&push->progress[i].arena, pl_arena_free);
  g_free (push->progress);
  g_clear_error (&push->error);
}

void
pl_push_begin (PlPush *push, PlBlock *block)
{
  push->block = block;
  for (guint i = 0; i < push->segment->steps->len; i++)
    push->progress[i].given = push->progress[i].safe = 0;
}

static gboolean fan_out (PlPush *push, PlStep *const *steps, guint n_steps, PlBatch *batch, guint64 end);

/* Passes on what a growing stage has made. Positions are those of its rows in the block, so that no two are equal. */
static gboolean
take_grown (PlEmit *emit, PlBatch *batch)
{
  Emitting *emitting = (Emitting *) emit;
  PlPush *push = emitting->push;
  const PlStep *step = emitting->step;
  PlProgress *progress = &push->progress[step->index];
  const guint64 last = pl_batch_source (batch, batch->n_rows - 1);
  gint64 start = pl_clock_now ();
  const gint64 total = pl_lease_total ();
  g_assert (batch->n_rows > 0 && batch->n_rows <= PL_BATCH_ROWS);
  /* Their numbers in the block are the low half of their positions. */
  if (progress->given + batch->n_rows > G_MAXUINT32)
    {
      push->failed_position = pl_batch_source (batch, 0);
      emitting->stopped = TRUE;
      return pl_batch_fail (batch, 0, &push->error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                            "[%s] makes more than 4294967295 rows of one block of its input; set block-size in [run] "
                            "smaller",
                            step->label);
    }
  batch->position = push->block->task.base + progress->given;
  progress->given += batch->n_rows;
  push->partial->counts[step->index].rows_out += batch->n_rows;
  emitting->stopped = !fan_out (push, step->children, step->n_children, batch, progress->given);
  emitting->nanoseconds += pl_clock_now () - start;
  emitting->taken += pl_lease_total () - total;
  pl_arena_reset (emit->arena);
  if (emitting->stopped)
    return FALSE;
  if (!pl_partial_check_enough (push->partial, push->chain, &push->error))
    {
      push->failed_position = push->block->task.base;
      emitting->stopped = TRUE;
      return FALSE;
    }
  emitting->is_enough = last > pl_chain_bound (push->chain);
  return !emitting->is_enough;
}

/* A growing step, with all that follows it. */
static gboolean
expand (PlPush *push, const PlStep *step, PlBatch *batch)
{
  PlProgress *progress = &push->progress[step->index];
  PlStepCount *count = &push->partial->counts[step->index];
  if (progress->arena == NULL)
    progress->arena = pl_arena_new ();
  Emitting emitting = {.emit = {progress->arena, take_grown}, .push = push, .step = step};
  gint64 start = pl_clock_now ();
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  if (!step->stage->takes_slices)
    pl_batch_settle (batch);
  gboolean ok = step->stage->map->expand (step->config, push->partial->states[step->index], batch, &emitting.emit,
                                          &push->error);
  push->partial->held[step->index] += pl_lease_total () - total - emitting.taken;
  pl_lease_enter (before);
  count->nanoseconds += pl_clock_now () - start - emitting.nanoseconds;
  ok |= emitting.is_enough;
  if (!ok && !emitting.stopped)
    push->failed_position = pl_batch_source (batch, batch->failed_row);
  if (!ok)
    return FALSE;
  count->rows_in += batch->n_rows;
  count->batches++;
  return TRUE;
}

/* One step's own work, without what follows it. */
static gboolean
apply (PlPush *push, const PlStep *step, PlBatch *batch)
{
  PlStepCount *count = &push->partial->counts[step->index];
  gpointer state = push->partial->states[step->index];
  gsize rows_in = batch->n_rows;
  gint64 start = pl_clock_now ();
  gboolean ok;
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  if (!(step->stage != NULL ? step->stage->takes_slices : step->sink->format.format->takes_slices))
    pl_batch_settle (batch);
  else if (step->stage != NULL && step->stage->reduce != NULL)
    pl_batch_locate (batch);
  if (step->stage == NULL)
    ok = step->sink->format.format->rows (&step->sink->format, batch, &push->block->outputs[step->output],
                                          &push->error);
  else if (step->stage->map != NULL)
    ok = step->stage->map->process (step->config, state, batch, &push->error);
  else
    ok = step->stage->reduce->consume (step->config, state, batch, &push->error);
  push->partial->held[step->index] += pl_lease_total () - total;
  count->nanoseconds += pl_clock_now () - start;
  pl_lease_enter (before);
  if (!ok)
    {
      g_assert (batch->failed_row < MAX (rows_in, batch->n_rows));
      push->failed_position = pl_batch_source (batch, batch->failed_row);
      return FALSE;
    }
  count->rows_in += rows_in;
  count->rows_out += step->stage != NULL && step->stage->map != NULL ? batch->n_rows : 0;
  count->batches++;
  return TRUE;
}

/* Gives @batch to @step. @end: how far that goes: batches of the input are given whole, up to 1; of what a growing
 * stage makes of them, up to so many rows of the block. What the step had before a failure it is not given again. */
static gboolean
step (PlPush *push, const PlStep *step, PlBatch *batch, guint64 end)
{
  PlProgress *progress = &push->progress[step->index];
  if (progress->taken >= end)
    return TRUE;
  if (step->stage != NULL && step->stage->map != NULL && step->stage->map->expand != NULL)
    {
      if (!expand (push, step, batch))
        return FALSE;
    }
  else if (!apply (push, step, batch)
           || (batch->n_rows > 0 && !fan_out (push, step->children, step->n_children, batch, end)))
    return FALSE;
  progress->taken = end;
  progress->safe = progress->given;
  return TRUE;
}

/* Gives @batch to every step; all but the last get a copy, as they change it in place. */
static gboolean
fan_out (PlPush *push, PlStep *const *steps, guint n_steps, PlBatch *batch, guint64 end)
{
  for (guint i = 0; i + 1 < n_steps; i++)
    {
      PlBatch copy;
      pl_batch_copy (&copy, batch);
      if (!step (push, steps[i], &copy, end))
        return FALSE;
    }
  return n_steps == 0 || step (push, steps[n_steps - 1], batch, end);
}

/* How many rows of @batch lie before @position. */
static gsize
rows_before (const PlBatch *batch, guint64 position)
{
  gsize low = 0, high = batch->n_rows;
  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      if (pl_batch_source (batch, middle) < position)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Pushes @batch through the segment. On failure, push->failed_position is the batch's smallest. */
static gboolean
push_whole (PlPush *push, PlBatch *batch)
{
  const PlSegment *segment = push->segment;
  PlBatch whole;
  pl_batch_copy (&whole, batch);
  for (guint i = 0; i < segment->steps->len; i++)
    push->progress[i].taken = 0;
  push->block->rows += batch->n_rows;
  if (fan_out (push, segment->roots, segment->n_roots, batch, 1))
    return TRUE;
  for (;;)
    {
      g_autoptr (GError) known = g_steal_pointer (&push->error);
      guint64 position = push->failed_position;
      PlBatch part;
      gsize n = rows_before (&whole, position);
      pl_batch_copy (&part, &whole);
      pl_batch_slice (&part, 0, n);
      for (guint i = 0; i < segment->steps->len; i++)
        push->progress[i].given = push->progress[i].safe;
      if (n == 0 || fan_out (push, segment->roots, segment->n_roots, &part, 1))
        {
          push->failed_position = position;
          push->error = g_steal_pointer (&known);
          return FALSE;
        }
      g_assert (push->failed_position < position);
    }
}

gboolean
pl_push_batch (PlPush *push, PlBatch *batch)
{
  PlStepCount *count = &push->partial->counts[push->segment->steps->len];
  count->batches++;
  count->rows_out += batch->n_rows;
  if (!push->segment->keeps_origins)
    batch->originate = NULL;
  if (!push_whole (push, batch))
    return FALSE;
  if (push->block->running != NULL)
    pl_block_digest (push->block);
  if ((!pl_lease_is_low (push->segment->lease) || pl_partial_ease (push->partial, &push->error))
      && pl_partial_check_enough (push->partial, push->chain, &push->error))
    return TRUE;
  push->failed_position = batch->position;
  return FALSE;
}
