/* Finds the rows that kill workers, and goes on without them: see blame.h.
 *
 * The main process only looks for where records begin; nothing of it converts a value or calls a stage. Every part of
 * the block that passes is handed over at once, so that the part which kills its worker next takes nothing with it. A
 * single row is tried as often as a block is before it is blamed, as workers are also killed from
 * outside. */
#include "blame.h"
#include "../base/error.h"
#include "../csv/automaton.h"
#include "../base/retry.h"
#include "../base/show.h"
#include "../flow/rejects.h"
#include "../csv/reader.h"
#include "../csv/reject.h"
#include "../flow/range.h"

#define SHOWN_BYTES 60

/* The records of a block, or the rows of a parcel, which need no looking for. */
typedef struct
{
  PlFetch fetch;
  PlBlockTask task; /* the whole block, to be done at any time */
  PlSpan span;
  GArray *starts; /* of Start, and one behind the last; of a parcel none */
  guint64 n;
} Records;

typedef struct
{
  guint64 offset, line;
} Start;

static void
list_records (Records *records, const PlSource *source)
{
  const PlDialect *dialect = &source->dialect;
  const PlSpan *span = &records->span;
  PlLexPoint point = {.state = PL_LEX_RECORD, .line = span->line};
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  for (gsize p = 0; p < span->length;)
    {
      Start start = {p, point.line};
      PlRecordWalk walk = pl_automaton_record (&automaton, dialect, span->data, span->length, p, &point);
      /* Blank lines and comments are no records, and go with the record before. */
      if (walk.is_record)
        g_array_append_val (records->starts, start);
      p = walk.next;
    }
  Start end = {span->length, point.line};
  g_array_append_val (records->starts, end);
}

/* %FALSE: nothing is known of its records, because no worker lived long enough to find its end. */
static gboolean
open_records (Records *records, PlServer *server, const PlBlock *block)
{
  const PlSource *source = server->desk->segment->source;
  const PlShared *shared = &server->desk->pool->shared;
  gboolean ok = pl_redo_log_know (&server->log, block, &records->task);
  if (ok && block->task.kind == PL_BLOCK_ROWS)
    {
      records->n = block->task.n_rows;
      return TRUE;
    }
  if (ok && block->task.kind == PL_BLOCK_RANGE)
    ok = pl_chain_look (shared->chain, block->task.sequence, NULL) != PL_CHAIN_UNKNOWN
         && pl_fetch_block (&records->fetch, &records->task, shared->chain, &records->span, NULL) == PL_FETCH_SPAN;
  else
    records->span = (PlSpan){
        .data = pl_shared_region (shared, block->task.index),
        .length = block->task.length,
        .offset = block->task.offset,
        .line = block->task.line,
        .position = block->task.base,
        .file = block->task.file,
    };
  if (!ok)
    return FALSE;
  list_records (records, source);
  records->n = records->starts->len - 1;
  return records->n > 0;
}

static void
close_records (Records *records)
{
  g_array_unref (records->starts);
  pl_fetch_clear (&records->fetch);
}

static PlBlockTask
part_of (const Records *records, guint64 first, guint64 n)
{
  PlBlockTask task = records->task;
  task.hand_over = TRUE;
  if (task.kind == PL_BLOCK_ROWS)
    {
      task.part_offset = first;
      task.part_length = n;
      return task;
    }
  const Start *starts = &g_array_index (records->starts, Start, 0);
  task.part_offset = starts[first].offset;
  task.part_length = starts[first + n].offset - starts[first].offset;
  task.part_line = starts[first].line;
  task.part_record = first;
  return task;
}

/* How long @block's buffers are: what a part that failed has added is taken back. */
static void
measure (const PlBlock *block, gsize *lengths)
{
  for (guint i = 0; i < block->n_outputs; i++)
    lengths[i] = block->outputs[i].length;
  lengths[block->n_outputs] = block->rejects.length;
  lengths[block->n_outputs + 1] = block->marks.length;
}

static void
cut_back (PlBlock *block, const gsize *lengths)
{
  for (guint i = 0; i < block->n_outputs; i++)
    block->outputs[i].length = lengths[i];
  block->rejects.length = lengths[block->n_outputs];
  block->marks.length = lengths[block->n_outputs + 1];
}

static char *
describe_death (const PlServer *server)
{
  switch (server->fate)
    {
    case PL_PROCESS_SIGNALLED:
      return g_strdup_printf ("killed its worker (signal %d)", server->fate_detail);
    case PL_PROCESS_EXITED:
      return g_strdup_printf ("ended its worker (exit code %d)", server->fate_detail);
    case PL_PROCESS_TOO_LONG:
      return g_strdup ("kept its worker longer than task-timeout");
    case PL_PROCESS_TOO_LARGE:
      return g_strdup ("made its worker grow beyond twice worker-memory-limit");
    case PL_PROCESS_NO_MEMORY:
      return g_strdup ("left its worker without memory");
    case PL_PROCESS_RUNS:
    case PL_PROCESS_UNWANTED:
    default:
      return g_strdup ("left its worker without an answer");
    }
}

/* The row as it stands, for a message: without its line end, and not all of a long one. */
static char *
show_row (const char *raw, gsize length)
{
  while (length > 0 && (raw[length - 1] == '\n' || raw[length - 1] == '\r'))
    length--;
  return pl_show_some (raw, length, SHOWN_BYTES);
}

/* @reject, whose reason is unset, is a bad row of @source: @row of its text is for messages. */
static void
refuse_row (PlServer *server, PlBlock *block, const PlSource *source, PlReject *reject, const char *row)
{
  g_autofree char *death = describe_death (server);
  if (source->on_bad_row == PL_BAD_ROW_FAIL)
    {
      const PlSourceFile *file = g_ptr_array_index (source->files, reject->file);
      pl_desk_fail (server->desk, reject->position,
                    g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_ROW,
                                 "%s:%" G_GUINT64_FORMAT ": %s %s; on-bad-row = skip or quarantine goes on without it",
                                 file->display, reject->line, row, death));
      return;
    }
  reject->reason = death;
  g_autoptr (GArray) rejects = g_array_new (FALSE, FALSE, sizeof *reject);
  g_array_append_vals (rejects, reject, 1);
  pl_rejects_append (source, rejects, source->on_bad_row == PL_BAD_ROW_QUARANTINE, block);
}

/* Record @index of the block is to blame. */
static void
blame_record (PlServer *server, PlBlock *block, const Records *records, guint64 index)
{
  const PlSource *source = server->desk->segment->source;
  const Start *start = &g_array_index (records->starts, Start, index);
  const char *raw = records->span.data + start->offset;
  gsize length = start[1].offset - start->offset;
  g_autofree char *text = show_row (raw, length), *row = g_strdup_printf ("row '%s'", text);
  PlReject reject = {
      .position = block->task.base + index,
      .line = start->line,
      .offset = records->span.offset + start->offset,
      .file = block->task.file,
      .column = -1,
  };
  pl_reject_set_raw (&reject, raw, length, source->max_record_size, FALSE);
  refuse_row (server, block, source, &reject, row);
  block->records += source->on_bad_row != PL_BAD_ROW_FAIL;
}

/* Row @index of the parcel is to blame: a bad row of its source, where it still is one of a source. */
static void
blame_row (PlServer *server, PlBlock *block, guint64 index)
{
  const PlSegment *origin = server->desk->segment->origin;
  PlText from;
  g_autofree char *place = pl_packer_place (&server->packer, block->task.offset, index, block->task.line, &from);
  if (origin != NULL && from.length > 0)
    {
      PlReject reject = pl_row_origin_load (from);
      pl_desk_count (&server->desk->n_refused);
      reject.position = block->task.base + index;
      refuse_row (server, block, origin->source, &reject, "this row");
      return;
    }
  g_autofree char *death = describe_death (server);
  pl_desk_fail (server->desk, block->task.base + index,
                g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_ROW, "%s: this row %s", place, death));
}

static void
try_parts (PlServer *server, PlBlock *block, const Records *records)
{
  PlChain *chain = server->desk->pool->shared.chain;
  g_autofree gsize *lengths = g_new (gsize, block->n_outputs + 2);
  guint64 first, n;
  guint deaths = 0;
  PlBisect bisect;
  pl_bisect_init (&bisect, records->n);
  while (pl_bisect_next (&bisect, &first, &n) && !server->is_over && block->task.base + first <= pl_chain_bound (chain))
    {
      PlBlockTask task = part_of (records, first, n);
      measure (block, lengths);
      PlServeOutcome outcome = pl_serve_task (server, &task, block, block);
      if (outcome == PL_SERVE_ANSWERED)
        {
          pl_bisect_pass (&bisect);
          deaths = 0;
          continue;
        }
      cut_back (block, lengths);
      if (outcome != PL_SERVE_DIED || pl_bisect_split (&bisect))
        continue;
      if (++deaths <= server->desk->settings->retries)
        {
          pl_serve_pause (server, deaths);
          continue;
        }
      if (task.kind == PL_BLOCK_ROWS)
        blame_row (server, block, first);
      else
        blame_record (server, block, records, first);
      pl_bisect_pass (&bisect);
      deaths = 0;
    }
}

/* Workers die before they find where the block's records begin: perhaps not by this block at all, so it is tried some
 * more, alone.
 * Returns: %TRUE when there is nothing more to do. */
static gboolean
try_whole (PlServer *server, PlBlock *block, Records *records, gboolean is_isolated)
{
  PlBlockTask task = block->task;
  guint attempts = server->desk->settings->retries + is_isolated;
  task.hand_over = TRUE;
  for (guint deaths = 0; deaths < attempts;)
    {
      PlServeOutcome outcome = pl_serve_task (server, &task, block, block);
      if (outcome == PL_SERVE_ANSWERED || outcome == PL_SERVE_STOPPED)
        return TRUE;
      if (outcome != PL_SERVE_DIED)
        continue;
      if (open_records (records, server, block))
        return FALSE;
      pl_serve_pause (server, ++deaths);
    }
  pl_serve_give_up (server, &task);
  return TRUE;
}

void
pl_blame (PlServer *server, PlBlock *block)
{
  PlChannel *channel = server->channel;
  Records records = {.starts = g_array_new (FALSE, FALSE, sizeof (Start))};
  pl_fetch_init (&records.fetch, server->desk->segment->source);
  /* Only what dies alone is to blame. The process of before is dead, so that nothing is lost by leaving its channel. */
  server->channel = pl_processes_isolate (server->processes, channel);
  server->has_begun = FALSE;
  if (open_records (&records, server, block) || !try_whole (server, block, &records, server->channel != channel))
    try_parts (server, block, &records);
  close_records (&records);
  pl_processes_rejoin (server->processes, server->channel, channel);
  server->has_begun = server->has_begun && server->channel == channel;
  server->channel = channel;
}
