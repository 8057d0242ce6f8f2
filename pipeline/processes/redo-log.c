/* The redo log of one channel: see redo-log.h. */
#include "redo-log.h"
#include "../flow/range.h"

#define HELD_BYTES ((guint64) 16 << 20)
#define MOST_HELD 64
/* Entries take 100 bytes: 6 MiB a worker, and with the usual blocks 64 GiB of input. */
#define MOST_FRESH 65536

void
pl_redo_log_init (PlRedoLog *log, PlPool *pool, guint max_held)
{
  log->fresh = g_array_new (FALSE, FALSE, sizeof (PlRedoEntry));
  log->lost = g_array_new (FALSE, FALSE, sizeof (PlRedoEntry));
  log->pool = pool;
  log->max_held = max_held;
  log->n_held = 0;
}

static void
release (PlRedoLog *log, const PlRedoEntry *entry)
{
  if (entry->held == NULL)
    return;
  log->n_held--;
  pl_pool_unhold (log->pool, entry->held);
}

static void
release_all (PlRedoLog *log, GArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    release (log, &g_array_index (entries, PlRedoEntry, i));
  g_array_set_size (entries, 0);
}

void
pl_redo_log_clear (PlRedoLog *log)
{
  release_all (log, log->fresh);
  release_all (log, log->lost);
  g_array_unref (log->fresh);
  g_array_unref (log->lost);
}

gboolean
pl_redo_log_know (const PlRedoLog *log, const PlBlock *block, PlBlockTask *task)
{
  PlChain *chain = log->pool->shared.chain;
  PlLexPoint start = {.state = PL_LEX_RECORD, .line = block->task.line};
  *task = block->task;
  if (task->kind != PL_BLOCK_RANGE)
    return TRUE;
  /* A block whose predecessor says nothing was passed over, because something before it failed. */
  if (!task->first && pl_chain_look (chain, task->sequence - 1, &start) != PL_CHAIN_END)
    return FALSE;
  pl_fetch_know (task, &start);
  return TRUE;
}

void
pl_redo_log_add (PlRedoLog *log, PlBlock *block)
{
  PlRedoEntry entry = {.held = NULL};
  if (!pl_redo_log_know (log, block, &entry.task))
    return;
  if (entry.task.kind != PL_BLOCK_RANGE)
    {
      pl_pool_hold (block);
      entry.held = block;
      log->n_held++;
    }
  g_array_append_val (log->fresh, entry);
}

void
pl_redo_log_handed_over (PlRedoLog *log)
{
  release_all (log, log->fresh);
}

static gint
compare_descending (gconstpointer a, gconstpointer b)
{
  const PlRedoEntry *x = b, *y = a;
  return x->task.sequence < y->task.sequence ? -1 : x->task.sequence > y->task.sequence;
}

void
pl_redo_log_lose (PlRedoLog *log)
{
  if (log->fresh->len == 0)
    return;
  g_array_append_vals (log->lost, log->fresh->data, log->fresh->len);
  g_array_set_size (log->fresh, 0);
  g_array_sort (log->lost, compare_descending);
}

void
pl_redo_log_redone (PlRedoLog *log, gboolean is_safe)
{
  PlRedoEntry entry = *pl_redo_log_lost (log);
  g_array_set_size (log->lost, log->lost->len - 1);
  if (is_safe)
    release (log, &entry);
  else
    g_array_append_val (log->fresh, entry);
}

gboolean
pl_redo_log_is_full (const PlRedoLog *log)
{
  return log->fresh->len >= MOST_FRESH || log->n_held >= log->max_held;
}

guint
pl_redo_log_blocks (guint64 block_size, guint64 room)
{
  return (guint) CLAMP (MIN (HELD_BYTES, room / 3) / block_size, 1, MOST_HELD);
}

const PlRedoEntry *
pl_redo_log_lost (const PlRedoLog *log)
{
  return log->lost->len > 0 ? &g_array_index (log->lost, PlRedoEntry, log->lost->len - 1) : NULL;
}

gboolean
pl_redo_log_fits (const PlRedoLog *log)
{
  const PlRedoEntry *lost = pl_redo_log_lost (log);
  return log->fresh->len == 0 || lost == NULL
         || g_array_index (log->fresh, PlRedoEntry, log->fresh->len - 1).task.sequence < lost->task.sequence;
}
