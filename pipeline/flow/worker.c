/* The body of a worker: see worker.h.
 *
 * Failures: a batch that fails at one row is tried again with the rows before it, until those pass, because another
 * branch of the segment may fail earlier; so what is reported is the smallest position of the batch in all of
 * them. Steps that took the whole batch already are left out of the new attempts: their states see each row once. */
#include "kept.h"
#include "worker.h"
#include "gathered.h"
#include "parcel.h"
#include "rejects.h"
#include "../base/error.h"
#include "../csv/classify.h"
#include "../csv/overlong.h"
#include "../csv/reader.h"
#include "range.h"

#include <time.h>
#include <unistd.h>

/* How much of the batch that is being pushed a step has behind it: see worker_step(). */
typedef struct
{
  guint64 taken; /* rows of what it is given, by it and all behind it */
  guint64 given; /* growing stages: rows it has made of the block so far; */
  guint64 safe;  /* of them those of batches it has behind it; */
  PlArena *arena;
  gint64 shrunk; /* what its holder had when it last gave memory back */
} Progress;

/* A growing stage at work. */
typedef struct
{
  PlEmit emit;
  PlWorker *worker;
  const PlStep *step;
  gint64 nanoseconds; /* that others took for what it gave */
  gboolean stopped;
} Emitting;

struct PlWorker
{
  const PlSegment *segment;
  PlRows *input;     /* (nullable): without a source either, rows come as parcels */
  PlSourced parcels; /* how these are laid out */
  PlRows *parcel;    /* (nullable): of the block at hand */
  const PlShared *shared;
  PlPartial *partial;
  PlCsvReader *reader;
  PlFetch fetch;
  PlKept kept;
  PlArena *arena;
  Progress *progress; /* per step */
  PlBlock *block;
  guint64 left; /* rows whose types are still to be looked at */
  guint64 failed_position;
  GError *error;
};

gboolean *
pl_worker_classified (const PlSource *source)
{
  guint n = source->schema->n_fields;
  gboolean *classified = g_new (gboolean, n + 1);
  gboolean any = FALSE;
  for (guint i = 0; source->uses != NULL && i < n; i++)
    any |= source->uses[i] != PL_USE_NONE;
  for (guint i = 0; i < n; i++)
    classified[i] = !source->readings[i].is_pinned && (!any || source->uses[i] != PL_USE_NONE);
  return classified;
}

PlWorker *
pl_worker_new (const PlSegment *segment, PlRows *input, const PlShared *shared, gboolean classify)
{
  PlWorker *worker = g_new0 (PlWorker, 1);
  PlLease *before = pl_lease_enter (segment->lease);
  worker->segment = segment;
  worker->input = input;
  worker->shared = shared;
  worker->partial = pl_partial_new (segment, TRUE);
  worker->arena = pl_arena_new ();
  worker->progress = g_new0 (Progress, segment->steps->len + 1);
  pl_fetch_init (&worker->fetch, segment->source);
  pl_kept_init (&worker->kept, segment->origin != NULL ? segment->origin->source : NULL);
  if (segment->source != NULL)
    worker->reader = pl_csv_reader_new (segment->source);
  else if (input == NULL)
    pl_parcel_init (&worker->parcels, segment);
  if (!classify)
    worker->fetch.reader = worker->reader;
  if (classify)
    {
      const PlSource *source = segment->source;
      g_autofree gboolean *classified = pl_worker_classified (source);
      worker->partial->evidence = pl_evidence_new (source->schema->n_fields);
      worker->left = source->limit;
      for (guint i = 0; i < source->schema->n_fields; i++)
        worker->partial->evidence[i].is_closed = !classified[i];
    }
  pl_lease_enter (before);
  return worker;
}

void
pl_worker_free (PlWorker *worker)
{
  if (worker == NULL)
    return;
  PlLease *before = pl_lease_enter (worker->segment->lease);
  pl_partial_free (worker->partial);
  g_clear_pointer (&worker->reader, pl_csv_reader_free);
  if (worker->parcels.schema != NULL)
    pl_sourced_clear (&worker->parcels);
  pl_fetch_clear (&worker->fetch);
  pl_kept_clear (&worker->kept);
  pl_arena_free (worker->arena);
  for (guint i = 0; i < worker->segment->steps->len; i++)
    g_clear_pointer (&worker->progress[i].arena, pl_arena_free);
  g_free (worker->progress);
  g_clear_error (&worker->error);
  g_free (worker);
  pl_lease_enter (before);
}

void
pl_worker_hand_over (PlWorker *worker, PlBuffer *buffer)
{
  worker->partial->bytes = worker->fetch.bytes;
  worker->fetch.bytes = 0;
  if (worker->reader != NULL)
    pl_overlong_move (worker->partial->overlong, pl_csv_reader_overlong (worker->reader), G_MAXUINT64);
  pl_partial_save (worker->partial, buffer);
  pl_partial_renew (worker->partial);
}

PlPartial *
pl_worker_end (PlWorker *worker)
{
  PlPartial *partial = g_steal_pointer (&worker->partial);
  partial->bytes = worker->fetch.bytes;
  if (worker->reader != NULL)
    pl_overlong_move (partial->overlong, pl_csv_reader_overlong (worker->reader), G_MAXUINT64);
  for (guint i = 0; i < worker->segment->steps->len && partial->error == NULL; i++)
    {
      const PlStep *step = g_ptr_array_index (worker->segment->steps, i);
      PlLease *before = pl_lease_enter (step->lease);
      if (step->stage != NULL && step->stage->map != NULL && step->stage->map->end != NULL
          && pl_chain_bound (worker->shared->chain) == G_MAXUINT64)
        step->stage->map->end (step->config, partial->states[i], &partial->error);
      pl_lease_enter (before);
    }
  pl_worker_free (worker);
  return partial;
}

static gint64
now_nanoseconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static gboolean worker_fan_out (PlWorker *worker, PlStep *const *steps, guint n_steps, PlBatch *batch, guint64 end);

/* Passes on what a growing stage has made. Positions are those of its rows in the block, so that no two are equal. */
static gboolean
worker_take_grown (PlEmit *emit, PlBatch *batch)
{
  Emitting *emitting = (Emitting *) emit;
  PlWorker *worker = emitting->worker;
  const PlStep *step = emitting->step;
  Progress *progress = &worker->progress[step->index];
  gint64 start = now_nanoseconds ();
  g_assert (batch->n_rows > 0 && batch->n_rows <= PL_BATCH_ROWS);
  /* Their numbers in the block are the low half of their positions. */
  if (progress->given + batch->n_rows > G_MAXUINT32)
    {
      worker->failed_position = pl_batch_source (batch, 0);
      emitting->stopped = TRUE;
      return pl_batch_fail (batch, 0, &worker->error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                            "[%s] makes more than 4294967295 rows of one block of its input; set block-size in [run] "
                            "smaller",
                            step->label);
    }
  batch->position = worker->block->task.base + progress->given;
  progress->given += batch->n_rows;
  worker->partial->counts[step->index].rows_out += batch->n_rows;
  emitting->stopped = !worker_fan_out (worker, step->children, step->n_children, batch, progress->given);
  emitting->nanoseconds += now_nanoseconds () - start;
  pl_arena_reset (emit->arena);
  return !emitting->stopped;
}

/* A growing step, with all that follows it. */
static gboolean
worker_expand (PlWorker *worker, const PlStep *step, PlBatch *batch)
{
  Progress *progress = &worker->progress[step->index];
  PlStepCount *count = &worker->partial->counts[step->index];
  if (progress->arena == NULL)
    progress->arena = pl_arena_new ();
  Emitting emitting = {{progress->arena, worker_take_grown}, worker, step, 0, FALSE};
  gint64 start = now_nanoseconds ();
  PlLease *before = pl_lease_enter (step->lease);
  if (!step->stage->takes_slices)
    pl_batch_settle (batch);
  gboolean ok = step->stage->map->expand (step->config, worker->partial->states[step->index], batch, &emitting.emit,
                                          &worker->error);
  pl_lease_enter (before);
  count->nanoseconds += now_nanoseconds () - start - emitting.nanoseconds;
  if (!ok && !emitting.stopped)
    worker->failed_position = pl_batch_source (batch, batch->failed_row);
  if (!ok)
    return FALSE;
  count->rows_in += batch->n_rows;
  count->batches++;
  return TRUE;
}

/* One step's own work, without what follows it. */
static gboolean
worker_apply (PlWorker *worker, const PlStep *step, PlBatch *batch)
{
  PlStepCount *count = &worker->partial->counts[step->index];
  gpointer state = worker->partial->states[step->index];
  gsize rows_in = batch->n_rows;
  gint64 start = now_nanoseconds ();
  gboolean ok;
  PlLease *before = pl_lease_enter (step->lease);
  if (!(step->stage != NULL ? step->stage->takes_slices : step->sink->format.format->takes_slices))
    pl_batch_settle (batch);
  else if (step->stage != NULL && step->stage->reduce != NULL)
    pl_batch_locate (batch);
  if (step->stage == NULL)
    ok = step->sink->format.format->rows (&step->sink->format, batch, &worker->block->outputs[step->output],
                                          &worker->error);
  else if (step->stage->map != NULL)
    ok = step->stage->map->process (step->config, state, batch, &worker->error);
  else
    ok = step->stage->reduce->consume (step->config, state, batch, &worker->error);
  count->nanoseconds += now_nanoseconds () - start;
  pl_lease_enter (before);
  if (!ok)
    {
      g_assert (batch->failed_row < MAX (rows_in, batch->n_rows));
      worker->failed_position = pl_batch_source (batch, batch->failed_row);
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
worker_step (PlWorker *worker, const PlStep *step, PlBatch *batch, guint64 end)
{
  Progress *progress = &worker->progress[step->index];
  if (progress->taken >= end)
    return TRUE;
  if (step->stage != NULL && step->stage->map != NULL && step->stage->map->expand != NULL)
    {
      if (!worker_expand (worker, step, batch))
        return FALSE;
    }
  else if (!worker_apply (worker, step, batch)
           || (batch->n_rows > 0 && !worker_fan_out (worker, step->children, step->n_children, batch, end)))
    return FALSE;
  progress->taken = end;
  progress->safe = progress->given;
  return TRUE;
}

/* Gives @batch to every step; all but the last get a copy, as they change it in place. */
static gboolean
worker_fan_out (PlWorker *worker, PlStep *const *steps, guint n_steps, PlBatch *batch, guint64 end)
{
  for (guint i = 0; i + 1 < n_steps; i++)
    {
      PlBatch copy;
      pl_batch_copy (&copy, batch);
      if (!worker_step (worker, steps[i], &copy, end))
        return FALSE;
    }
  return n_steps == 0 || worker_step (worker, steps[n_steps - 1], batch, end);
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

/* Pushes @batch through the segment. On failure, worker->failed_position is the batch's smallest. */
static gboolean
worker_push (PlWorker *worker, PlBatch *batch)
{
  const PlSegment *segment = worker->segment;
  PlBatch whole;
  pl_batch_copy (&whole, batch);
  for (guint i = 0; i < segment->steps->len; i++)
    worker->progress[i].taken = 0;
  worker->block->rows += batch->n_rows;
  if (worker_fan_out (worker, segment->roots, segment->n_roots, batch, 1))
    return TRUE;
  for (;;)
    {
      g_autoptr (GError) known = g_steal_pointer (&worker->error);
      guint64 position = worker->failed_position;
      PlBatch part;
      gsize n = rows_before (&whole, position);
      pl_batch_copy (&part, &whole);
      pl_batch_slice (&part, 0, n);
      for (guint i = 0; i < segment->steps->len; i++)
        worker->progress[i].given = worker->progress[i].safe;
      if (n == 0 || worker_fan_out (worker, segment->roots, segment->n_roots, &part, 1))
        {
          worker->failed_position = position;
          worker->error = g_steal_pointer (&known);
          return FALSE;
        }
      g_assert (worker->failed_position < position);
    }
}

/* Whether the rows so far are enough for all ends of the segment: then nothing behind them is needed, of any worker. */
static void
worker_check_enough (PlWorker *worker)
{
  const PlSegment *segment = worker->segment;
  guint64 enough = 0;
  if (!segment->satisfiable)
    return;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      guint64 position = 0;
      if (step->stage->map != NULL)
        continue;
      if (!step->stage->reduce->satisfied (step->config, (gconstpointer const *) &worker->partial->states[i], 1,
                                           &position))
        return;
      enough = MAX (enough, position);
    }
  pl_chain_lower_bound (worker->shared->chain, enough);
}

/* Memory is low: states give back what they can do without. One that has hardly grown since it did has nothing. */
static void
worker_shrink (PlWorker *worker)
{
  const PlSegment *segment = worker->segment;
  for (guint i = 0; i < segment->steps->len && pl_lease_is_low (segment->lease); i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      Progress *progress = &worker->progress[i];
      if (step->stage == NULL || step->stage->reduce == NULL || step->stage->reduce->shrink == NULL
          || __atomic_load_n (&step->lease->held, __ATOMIC_RELAXED) < progress->shrunk + progress->shrunk / 8)
        continue;
      PlLease *before = pl_lease_enter (step->lease);
      step->stage->reduce->shrink (step->config, worker->partial->states[i]);
      pl_lease_enter (before);
      progress->shrunk = __atomic_load_n (&step->lease->held, __ATOMIC_RELAXED);
    }
}

static gboolean
worker_batch (PlWorker *worker, PlBatch *batch)
{
  PlStepCount *count = &worker->partial->counts[worker->segment->steps->len];
  count->batches++;
  count->rows_out += batch->n_rows;
  if (!worker->segment->keeps_origins)
    batch->originate = NULL;
  if (!worker_push (worker, batch))
    return FALSE;
  if (worker->block->running != NULL)
    pl_block_digest (worker->block);
  if (G_UNLIKELY (pl_lease_is_low (worker->segment->lease)))
    worker_shrink (worker);
  worker_check_enough (worker);
  return TRUE;
}

static gboolean
worker_read_span (PlWorker *worker, const PlSpan *span)
{
  const PlSource *source = worker->segment->source;
  PlStepCount *count = &worker->partial->counts[worker->segment->steps->len];
  gboolean ok = TRUE;
  pl_csv_reader_open (worker->reader, span);
  for (;;)
    {
      PlBatch batch;
      pl_arena_reset (worker->arena);
      pl_batch_init (&batch, source->schema, worker->arena);
      gint64 start = now_nanoseconds ();
      ok = pl_csv_reader_read (worker->reader, &batch, &worker->failed_position, &worker->error);
      count->nanoseconds += now_nanoseconds () - start;
      if (!ok || batch.n_rows == 0 || batch.position > pl_chain_bound (worker->shared->chain))
        break;
      ok = worker_batch (worker, &batch);
      if (!ok)
        break;
    }
  worker->block->records = pl_csv_reader_records (worker->reader);
  count->rows_in += worker->block->records;
  pl_rejects_append (source, pl_csv_reader_rejects (worker->reader), source->on_bad_row == PL_BAD_ROW_QUARANTINE,
                     worker->block);
  return ok;
}

static char *
locate_row (const PlBatch *batch, gsize row, gpointer data)
{
  const PlWorker *worker = data;
  const PlBlockTask *task = &worker->block->task;
  const guint64 before = worker->parcel != NULL ? task->line : pl_rows_before (worker->input, task->offset);
  return g_strdup_printf ("row %" G_GUINT64_FORMAT " of [%s]", before + pl_batch_source (batch, row) - task->base + 1,
                          worker->segment->label);
}

/* Reads and pushes at most @n rows of @piece. @given: (inout): how many it has given; of those that are read again,
 * because one behind them failed, too. */
static gboolean
worker_read_rows (PlWorker *worker, PlRows *rows, PlPiece *piece, gsize n, guint64 *given)
{
  PlStepCount *count = &worker->partial->counts[worker->segment->steps->len];
  const guint64 base = worker->block->task.base;
  PlBatch batch;
  pl_arena_reset (worker->arena);
  pl_batch_init (&batch, rows->schema, worker->arena);
  gint64 start = now_nanoseconds ();
  gboolean ok = pl_piece_next (rows, piece, n, &batch, &worker->error);
  batch.position = base + *given;
  count->nanoseconds += now_nanoseconds () - start;
  if (!ok)
    {
      /* Rows before the failing one are read once more: one of them may fail further on. */
      gsize good = batch.failed_row;
      g_autoptr (GError) known = g_steal_pointer (&worker->error);
      if (good == 0 || worker_read_rows (worker, rows, piece, good, given))
        {
          worker->failed_position = base + *given;
          g_clear_error (&worker->error);
          worker->error = g_steal_pointer (&known);
        }
      return FALSE;
    }
  if (batch.n_rows == 0 || batch.position > pl_chain_bound (worker->shared->chain))
    return TRUE;
  pl_kept_adopt (&worker->kept, &batch);
  if (batch.locate == NULL)
    {
      batch.locate = locate_row;
      batch.locate_data = worker;
    }
  *given += batch.n_rows;
  count->rows_in += batch.n_rows;
  return worker_batch (worker, &batch);
}

/* Reads piece @index of @rows, which the block is about, from its row *@given on. */
static gboolean
worker_read_piece (PlWorker *worker, PlRows *rows, guint64 index, guint64 *given)
{
  const guint64 base = worker->block->task.base;
  PlKept *kept = &worker->kept;
  PlPiece piece;
  if (!pl_piece_open (rows, index, &piece, &worker->error))
    {
      worker->failed_position = base + *given;
      return FALSE;
    }
  gboolean ok = TRUE;
  g_array_set_size (kept->rejects, 0);
  while (ok && !piece.ended && base + *given <= pl_chain_bound (worker->shared->chain))
    ok = worker_read_rows (worker, rows, &piece, PL_BATCH_ROWS, given);
  /* Their raw texts are the piece's. */
  if (kept->source != NULL)
    pl_rejects_append (kept->source, kept->rejects, kept->source->on_bad_row == PL_BAD_ROW_QUARANTINE, worker->block);
  pl_piece_close (rows, &piece);
  return ok;
}

/* Reads the rows that came with the block; with part_length only some of them. */
static gboolean
worker_read_parcel (PlWorker *worker, const PlBlockTask *task)
{
  const PlBuffer *bytes = &worker->block->parcel;
  guint64 given = task->part_offset;
  const guint64 n = task->part_length > 0 ? task->part_length : worker->block->task.n_rows;
  worker->parcel = pl_parcel_rows (&worker->parcels, bytes, given, n);
  if (worker->parcel == NULL)
    {
      g_set_error (&worker->error, PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
                   "worker process %d cannot read the rows that it was sent", (int) getpid ());
      worker->failed_position = task->base;
      return FALSE;
    }
  gboolean ok = TRUE;
  for (guint64 index = 0; ok && index < worker->parcel->n_pieces; index++)
    ok = worker_read_piece (worker, worker->parcel, index, &given);
  g_clear_pointer (&worker->parcel, pl_rows_free);
  return ok;
}

static gboolean
worker_read_kept (PlWorker *worker, const PlBlockTask *task)
{
  guint64 given = 0;
  return worker->input != NULL ? worker_read_piece (worker, worker->input, task->offset, &given)
                               : worker_read_parcel (worker, task);
}

/* Reads the block's rows or records; %FALSE with worker->error and failed_position. */
static gboolean
worker_read_block (PlWorker *worker, const PlBlockTask *task)
{
  PlChain *chain = worker->shared->chain;
  PlSpan span;
  if (task->kind == PL_BLOCK_ROWS)
    return worker_read_kept (worker, task);
  if (task->kind == PL_BLOCK_BUFFER)
    pl_shared_touch_region (worker->shared, task);
  if (task->kind == PL_BLOCK_BUFFER)
    span = (PlSpan){
        .data = pl_shared_region (worker->shared, task->index),
        .length = task->length,
        .offset = task->offset,
        .line = task->line,
        .position = task->base,
        .file = task->file,
        .final = task->final != 0,
    };
  else
    switch (pl_fetch_block (&worker->fetch, task, chain, &span, &worker->error))
      {
      case PL_FETCH_NOTHING:
      case PL_FETCH_VOID:
        return TRUE;
      case PL_FETCH_FAILED:
        worker->failed_position = task->base;
        return FALSE;
      case PL_FETCH_SPAN:
        break;
      }
  if (task->part_length > 0)
    span = pl_fetch_part (&span, task);
  if (worker->partial->evidence == NULL)
    return worker_read_span (worker, &span);
  pl_csv_reader_open (worker->reader, &span);
  pl_csv_reader_classify (worker->reader, worker->partial->evidence, &worker->left);
  if (worker->left == 0)
    pl_chain_lower_bound (chain, task->base);
  return TRUE;
}

gboolean
pl_worker_block (PlWorker *worker, PlBlock *block, guint64 *position, GError **error)
{
  PlChain *chain = worker->shared->chain;
  worker->block = block;
  for (guint i = 0; i < worker->segment->steps->len; i++)
    worker->progress[i].given = worker->progress[i].safe = 0;
  if (block->task.base > pl_chain_bound (chain))
    {
      if (block->task.kind == PL_BLOCK_RANGE && !block->task.known)
        pl_chain_publish (chain, block->task.sequence, NULL);
      return TRUE;
    }
  PlLease *before = pl_lease_enter (worker->segment->lease);
  gboolean ok = worker_read_block (worker, &block->task);
  pl_lease_enter (before);
  pl_block_follow (block, worker->shared);
  worker->partial->trace += pl_block_trace (block->task.sequence, block->rows);
  if (ok)
    return TRUE;
  *position = worker->failed_position;
  pl_chain_lower_bound (chain, *position);
  g_propagate_error (error, g_steal_pointer (&worker->error));
  return FALSE;
}
