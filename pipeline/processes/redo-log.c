/* The journal of one channel: see redo-log.h. */
#include "redo-log.h"
#include "../flow/range.h"

#define HELD_BYTES ((guint64) 16 << 20)
#define MOST_HELD 64
/* Entries take 100 bytes: 6 MiB a worker, and with the usual blocks 64 GiB of input. */
#define MOST_FRESH 65536

void
pl_journal_init (PlJournal *journal, PlPool *pool, guint64 block_size)
{
  journal->fresh = g_array_new (FALSE, FALSE, sizeof (PlJournalEntry));
  journal->lost = g_array_new (FALSE, FALSE, sizeof (PlJournalEntry));
  journal->pool = pool;
  journal->max_held = pl_journal_blocks (block_size);
  journal->n_held = 0;
}

static void
release (PlJournal *journal, const PlJournalEntry *entry)
{
  if (entry->held == NULL)
    return;
  journal->n_held--;
  pl_pool_unhold (journal->pool, entry->held);
}

static void
release_all (PlJournal *journal, GArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    release (journal, &g_array_index (entries, PlJournalEntry, i));
  g_array_set_size (entries, 0);
}

void
pl_journal_clear (PlJournal *journal)
{
  release_all (journal, journal->fresh);
  release_all (journal, journal->lost);
  g_array_unref (journal->fresh);
  g_array_unref (journal->lost);
}

gboolean
pl_journal_know (const PlJournal *journal, const PlBlock *block, PlBlockTask *task)
{
  PlChain *chain = journal->pool->shared.chain;
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
pl_journal_add (PlJournal *journal, PlBlock *block)
{
  PlJournalEntry entry = {.held = NULL};
  if (!pl_journal_know (journal, block, &entry.task))
    return;
  if (entry.task.kind == PL_BLOCK_BUFFER)
    {
      pl_pool_hold (block);
      entry.held = block;
      journal->n_held++;
    }
  g_array_append_val (journal->fresh, entry);
}

void
pl_journal_handed_over (PlJournal *journal)
{
  release_all (journal, journal->fresh);
}

static gint
compare_descending (gconstpointer a, gconstpointer b)
{
  const PlJournalEntry *x = b, *y = a;
  return x->task.sequence < y->task.sequence ? -1 : x->task.sequence > y->task.sequence;
}

void
pl_journal_lose (PlJournal *journal)
{
  if (journal->fresh->len == 0)
    return;
  g_array_append_vals (journal->lost, journal->fresh->data, journal->fresh->len);
  g_array_set_size (journal->fresh, 0);
  g_array_sort (journal->lost, compare_descending);
}

void
pl_journal_redone (PlJournal *journal, gboolean is_safe)
{
  PlJournalEntry entry = *pl_journal_lost (journal);
  g_array_set_size (journal->lost, journal->lost->len - 1);
  if (is_safe)
    release (journal, &entry);
  else
    g_array_append_val (journal->fresh, entry);
}

gboolean
pl_journal_is_full (const PlJournal *journal)
{
  return journal->fresh->len >= MOST_FRESH || journal->n_held >= journal->max_held;
}

guint
pl_journal_blocks (guint64 block_size)
{
  return (guint) CLAMP (HELD_BYTES / block_size, 1, MOST_HELD);
}

const PlJournalEntry *
pl_journal_lost (const PlJournal *journal)
{
  return journal->lost->len > 0 ? &g_array_index (journal->lost, PlJournalEntry, journal->lost->len - 1) : NULL;
}

gboolean
pl_journal_fits (const PlJournal *journal)
{
  const PlJournalEntry *lost = pl_journal_lost (journal);
  return journal->fresh->len == 0 || lost == NULL
         || g_array_index (journal->fresh, PlJournalEntry, journal->fresh->len - 1).task.sequence < lost->task.sequence;
}
