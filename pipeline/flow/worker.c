/* The body of a worker: see worker.h. */
#include "kept.h"
#include "worker.h"
#include "gathered.h"
#include "parcel.h"
#include "rejects.h"
#include "../base/clock.h"
#include "../base/error.h"
#include "../csv/classify.h"
#include "../csv/overlong.h"
#include "../csv/reader.h"
#include "push.h"
#include "range.h"

#include <unistd.h>

struct PlWorker
{
  PlPush push;       /* what is done with the batches that the worker reads */
  PlRows *input;     /* (nullable): without a source either, rows come as parcels */
  PlSourced parcels; /* how these are laid out */
  PlRows *parcel;    /* (nullable): of the block at hand */
  const PlShared *shared;
  PlCsvReader *reader;
  PlFetch fetch;
  PlKept kept;
  PlArena *arena;
  guint64 left; /* rows whose types are still to be looked at */
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
  worker->input = input;
  worker->shared = shared;
  pl_push_init (&worker->push, segment, shared->chain);
  worker->arena = pl_arena_new ();
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
      worker->push.partial->evidence = pl_evidence_new (source->schema->n_fields);
      worker->left = source->limit;
      for (guint i = 0; i < source->schema->n_fields; i++)
        worker->push.partial->evidence[i].is_closed = !classified[i];
    }
  pl_lease_enter (before);
  return worker;
}

void
pl_worker_free (PlWorker *worker)
{
  if (worker == NULL)
    return;
  PlLease *before = pl_lease_enter (worker->push.segment->lease);
  pl_push_clear (&worker->push);
  g_clear_pointer (&worker->reader, pl_csv_reader_free);
  if (worker->parcels.schema != NULL)
    pl_sourced_clear (&worker->parcels);
  pl_fetch_clear (&worker->fetch);
  pl_kept_clear (&worker->kept);
  pl_arena_free (worker->arena);
  g_free (worker);
  pl_lease_enter (before);
}

void
pl_worker_hand_over (PlWorker *worker, PlBuffer *buffer)
{
  worker->push.partial->bytes = worker->fetch.bytes;
  worker->fetch.bytes = 0;
  if (worker->reader != NULL)
    pl_overlong_move (worker->push.partial->overlong, pl_csv_reader_overlong (worker->reader), G_MAXUINT64);
  pl_partial_save (worker->push.partial, buffer);
  pl_partial_renew (worker->push.partial);
}

gboolean
pl_worker_has_enough (const PlWorker *worker, gint64 most)
{
  const PlSegment *segment = worker->push.segment;
  gint64 held = 0;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && (step->stage->reduce != NULL || pl_step_takes_notes (step)))
        held += worker->push.partial->held[i];
    }
  return held >= most || (held >= most / 8 && pl_lease_is_low (segment->lease));
}

PlPartial *
pl_worker_end (PlWorker *worker)
{
  PlPartial *partial = g_steal_pointer (&worker->push.partial);
  partial->bytes = worker->fetch.bytes;
  if (worker->reader != NULL)
    pl_overlong_move (partial->overlong, pl_csv_reader_overlong (worker->reader), G_MAXUINT64);
  for (guint i = 0; i < worker->push.segment->steps->len && partial->error == NULL; i++)
    {
      const PlStep *step = g_ptr_array_index (worker->push.segment->steps, i);
      PlLease *before = pl_lease_enter (step->lease);
      if (step->stage != NULL && step->stage->map != NULL && step->stage->map->end != NULL
          && pl_chain_bound (worker->shared->chain) == G_MAXUINT64)
        step->stage->map->end (step->config, partial->states[i], &partial->error);
      pl_lease_enter (before);
    }
  pl_worker_free (worker);
  return partial;
}

static gboolean
worker_read_span (PlWorker *worker, const PlSpan *span)
{
  const PlSource *source = worker->push.segment->source;
  PlStepCount *count = &worker->push.partial->counts[worker->push.segment->steps->len];
  gboolean ok = TRUE;
  pl_csv_reader_open (worker->reader, span);
  for (;;)
    {
      PlBatch batch;
      pl_arena_reset (worker->arena);
      pl_batch_init (&batch, source->schema, worker->arena);
      gint64 start = pl_clock_now ();
      ok = pl_csv_reader_read (worker->reader, &batch, &worker->push.failed_position, &worker->push.error);
      count->nanoseconds += pl_clock_now () - start;
      if (!ok || batch.n_rows == 0 || batch.position > pl_chain_bound (worker->shared->chain))
        break;
      ok = pl_push_batch (&worker->push, &batch);
      if (!ok)
        break;
    }
  worker->push.block->records = pl_csv_reader_records (worker->reader);
  count->rows_in += worker->push.block->records;
  pl_rejects_append (source, pl_csv_reader_rejects (worker->reader), source->on_bad_row == PL_BAD_ROW_QUARANTINE,
                     worker->push.block);
  return ok;
}

static char *
locate_row (const PlBatch *batch, gsize row, gpointer data)
{
  const PlWorker *worker = data;
  const PlBlockTask *task = &worker->push.block->task;
  const guint64 before = worker->parcel != NULL ? task->line : pl_rows_before (worker->input, task->offset);
  return g_strdup_printf ("row %" G_GUINT64_FORMAT " of [%s]", before + pl_batch_source (batch, row) - task->base + 1,
                          worker->push.segment->label);
}

/* Reads and pushes at most @n rows of @piece. @given: (inout): how many it has given; of those that are read again,
 * because one behind them failed, too. */
static gboolean
worker_read_rows (PlWorker *worker, PlRows *rows, PlPiece *piece, gsize n, guint64 *given)
{
  PlStepCount *count = &worker->push.partial->counts[worker->push.segment->steps->len];
  const guint64 base = worker->push.block->task.base;
  PlBatch batch;
  pl_arena_reset (worker->arena);
  pl_batch_init (&batch, rows->schema, worker->arena);
  gint64 start = pl_clock_now ();
  gboolean ok = pl_piece_next (rows, piece, n, &batch, &worker->push.error);
  batch.position = base + *given;
  count->nanoseconds += pl_clock_now () - start;
  if (!ok)
    {
      /* Rows before the failing one are read once more: one of them may fail further on. */
      gsize good = batch.failed_row;
      g_autoptr (GError) known = g_steal_pointer (&worker->push.error);
      if (good == 0 || worker_read_rows (worker, rows, piece, good, given))
        {
          worker->push.failed_position = base + *given;
          g_clear_error (&worker->push.error);
          worker->push.error = g_steal_pointer (&known);
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
  return pl_push_batch (&worker->push, &batch);
}

/* Reads piece @index of @rows, which the block is about, from its row *@given on. */
static gboolean
worker_read_piece (PlWorker *worker, PlRows *rows, guint64 index, guint64 *given)
{
  const guint64 base = worker->push.block->task.base;
  PlKept *kept = &worker->kept;
  PlPiece piece;
  if (!pl_piece_open (rows, index, &piece, &worker->push.error))
    {
      worker->push.failed_position = base + *given;
      return FALSE;
    }
  gboolean ok = TRUE;
  g_array_set_size (kept->rejects, 0);
  while (ok && !piece.ended && base + *given <= pl_chain_bound (worker->shared->chain))
    ok = worker_read_rows (worker, rows, &piece, PL_BATCH_ROWS, given);
  /* Their raw texts are the piece's. */
  if (kept->source != NULL)
    pl_rejects_append (kept->source, kept->rejects, kept->source->on_bad_row == PL_BAD_ROW_QUARANTINE,
                       worker->push.block);
  pl_piece_close (rows, &piece);
  return ok;
}

/* Reads the rows that came with the block; with part_length only some of them. */
static gboolean
worker_read_parcel (PlWorker *worker, const PlBlockTask *task)
{
  const PlBuffer *bytes = &worker->push.block->parcel;
  guint64 given = task->part_offset;
  const guint64 n = task->part_length > 0 ? task->part_length : worker->push.block->task.n_rows;
  worker->parcel = pl_parcel_rows (&worker->parcels, bytes, given, n);
  if (worker->parcel == NULL)
    {
      g_set_error (&worker->push.error, PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
                   "worker process %d cannot read the rows that it was sent", (int) getpid ());
      worker->push.failed_position = task->base;
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

/* Reads the block's rows or records; %FALSE with worker->push.error and failed_position. */
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
    switch (pl_fetch_block (&worker->fetch, task, chain, &span, &worker->push.error))
      {
      case PL_FETCH_NOTHING:
      case PL_FETCH_VOID:
        return TRUE;
      case PL_FETCH_FAILED:
        worker->push.failed_position = task->base;
        return FALSE;
      case PL_FETCH_SPAN:
        break;
      }
  if (task->part_length > 0)
    span = pl_fetch_part (&span, task);
  if (worker->push.partial->evidence == NULL)
    return worker_read_span (worker, &span);
  pl_csv_reader_open (worker->reader, &span);
  pl_csv_reader_classify (worker->reader, worker->push.partial->evidence, &worker->left);
  if (worker->left == 0)
    pl_chain_lower_bound (chain, task->base);
  return TRUE;
}

gboolean
pl_worker_block (PlWorker *worker, PlBlock *block, guint64 *position, GError **error)
{
  PlChain *chain = worker->shared->chain;
  pl_push_begin (&worker->push, block);
  if (block->task.base > pl_chain_bound (chain))
    {
      if (block->task.kind == PL_BLOCK_RANGE && !block->task.known)
        pl_chain_publish (chain, block->task.sequence, NULL);
      return TRUE;
    }
  PlLease *before = pl_lease_enter (worker->push.segment->lease);
  gboolean ok = worker_read_block (worker, &block->task);
  pl_lease_enter (before);
  pl_block_follow (block, worker->shared);
  worker->push.partial->trace += pl_block_trace (block->task.sequence, block->rows);
  if (ok)
    return TRUE;
  *position = worker->push.failed_position;
  pl_chain_lower_bound (chain, *position);
  g_propagate_error (error, g_steal_pointer (&worker->push.error));
  return FALSE;
}
