/* Answers of worker processes: see answer.h. */
#include "answer.h"
#include "../csv/automaton.h"
#include "wire.h"
#include "../base/error-bytes.h"

#include <xxhash.h>

/* ---- the worker ---- */

/* What sink @index gets: where it lies in the outbox and its checksum, or, where that was too small, as it is. */
static void
put_output (PlBuffer *out, const PlShared *shared, PlBlock *block, guint index)
{
  PlBuffer *output = &block->outputs[index];
  pl_buffer_put_u8 (out, output->is_lent);
  if (output->is_lent)
    {
      pl_buffer_put_u64 (out, (guint64) (output->data - pl_shared_outbox (shared, block->task.index)));
      pl_buffer_put_u64 (out, output->length);
      pl_buffer_put_u64 (out, block->running != NULL ? XXH3_64bits_digest (block->running[index].state) : 0);
      pl_buffer_clear (output);
    }
  else
    pl_buffer_put_bytes (out, output->data, output->length);
}

/* Where the block ends, as the chain has it from us, and what we know of the bound. */
static void
put_end (PlBuffer *out, PlChain *chain, const PlBlockTask *task)
{
  PlLexPoint end = {.line = 0};
  gboolean tells = task->kind == PL_BLOCK_RANGE && !task->known;
  pl_buffer_put_u8 (out, tells ? (guint8) pl_chain_look (chain, task->sequence, &end) : 0);
  pl_buffer_put_u8 (out, end.state);
  pl_buffer_put_u8 (out, end.after_cr);
  pl_buffer_put_u64 (out, end.line);
  pl_buffer_put_u64 (out, pl_chain_bound (chain));
}

void
pl_answer_write (PlBuffer *out, const PlShared *shared, PlBlock *block, guint64 position, const GError *error)
{
  pl_buffer_put_u64 (out, block->records);
  pl_buffer_put_u64 (out, block->rows);
  for (guint i = 0; i < block->n_outputs; i++)
    put_output (out, shared, block, i);
  pl_buffer_put_bytes (out, block->rejects.data, block->rejects.length);
  pl_buffer_put_bytes (out, block->marks.data, block->marks.length);
  put_end (out, shared->chain, &block->task);
  pl_buffer_put_u64 (out, position);
  pl_error_put (out, error);
}

/* ---- the main process ---- */

static void
take_bytes (PlCursor *cursor, PlBuffer *into)
{
  gsize length;
  const void *bytes = pl_cursor_get_bytes (cursor, &length);
  if (bytes != NULL)
    pl_buffer_append (into, bytes, length);
}

/* What lies in the outbox of @block stays there until it has been written, and is then held against its checksum. */
static void
take_output (PlCursor *cursor, const PlShared *shared, const PlBlockTask *task, PlBlock *block, guint index)
{
  PlBuffer *into = &block->outputs[index];
  if (pl_cursor_get_u8 (cursor) == 0)
    {
      take_bytes (cursor, into);
      return;
    }
  guint64 offset = pl_cursor_get_u64 (cursor), length = pl_cursor_get_u64 (cursor);
  block->digests[index] = pl_cursor_get_u64 (cursor);
  if (!task->outbox || length > shared->outbox || offset > shared->outbox - length)
    cursor->failed = TRUE;
  else
    pl_buffer_lend (into, pl_shared_outbox (shared, block->task.index) + offset, length, length);
}

/* Rejected records, and the lines they have: marks must share out the lines among them. */
static void
take_rejects (PlCursor *cursor, PlBlock *block)
{
  gsize lines = block->rejects.length, marks = block->marks.length;
  take_bytes (cursor, &block->rejects);
  take_bytes (cursor, &block->marks);
  guint64 left = block->rejects.length - lines;
  for (gsize i = marks; block->marks.length - i >= sizeof (PlRejectMark); i += sizeof (PlRejectMark))
    {
      PlRejectMark mark;
      memcpy (&mark, block->marks.data + i, sizeof mark);
      cursor->failed = cursor->failed || mark.length > left;
      left -= MIN (left, mark.length);
    }
  cursor->failed = cursor->failed || left > 0 || (block->marks.length - marks) % sizeof (PlRejectMark) != 0;
}

/* Where @task ends, as its worker has told the others: told here, too, it stays known. And the bound, as far as the
 * worker knows. */
static void
take_end (PlCursor *cursor, PlChain *chain, const PlBlockTask *task)
{
  PlChainRecord record = (PlChainRecord) pl_cursor_get_u8 (cursor);
  PlLexPoint end = {.state = pl_cursor_get_u8 (cursor)};
  end.after_cr = pl_cursor_get_u8 (cursor);
  end.line = pl_cursor_get_u64 (cursor);
  guint64 bound = pl_cursor_get_u64 (cursor);
  gboolean tells = task->kind == PL_BLOCK_RANGE && !task->known;
  if (end.state >= PL_N_LEX_STATES || end.after_cr > 1 || (record != PL_CHAIN_UNKNOWN) != tells
      || record > PL_CHAIN_VOID)
    cursor->failed = TRUE;
  if (cursor->failed)
    return;
  if (tells)
    pl_chain_publish (chain, task->sequence, record == PL_CHAIN_END ? &end : NULL);
  pl_chain_lower_bound (chain, bound);
}

gboolean
pl_answer_read (PlCursor *cursor, const PlShared *shared, const PlBlockTask *task, PlBlock *block, guint64 *position,
                GError **failure)
{
  block->records += pl_cursor_get_u64 (cursor);
  block->rows += pl_cursor_get_u64 (cursor);
  for (guint i = 0; i < block->n_outputs; i++)
    take_output (cursor, shared, task, block, i);
  take_rejects (cursor, block);
  take_end (cursor, shared->chain, task);
  *position = pl_cursor_get_u64 (cursor);
  *failure = pl_error_get (cursor);
  return !cursor->failed;
}
