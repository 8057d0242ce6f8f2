/* What a worker process has done, but not yet handed over: what is to be done again when it dies.
 *
 *   done ──► fresh ──(handed over)──► forgotten
 *              └────(the worker died)──► lost ──(done again)──► fresh
 *
 * A block that the worker reads itself is a few numbers, with the point its first record begins at, because the chain
 * forgets. One whose bytes came decoded keeps them: the block is not free before it has been handed over, which bounds
 * how many such there may be. */
#pragma once
#include "../flow/blocks.h"

G_BEGIN_DECLS

typedef struct
{
  PlBlockTask task;
  PlBlock *held; /* (nullable) */
} PlJournalEntry;

typedef struct
{
  GArray *fresh; /* of PlJournalEntry, by sequence */
  GArray *lost;  /* the same, the first block last */
  PlPool *pool;
  guint max_held;
  guint n_held; /* blocks kept from being free */
} PlJournal;

void pl_journal_init (PlJournal *journal, PlPool *pool, guint64 block_size);
/** pl_journal_lost: Returns: (transfer none) (nullable): the block to do again next. */
const PlJournalEntry *pl_journal_lost (const PlJournal *journal);
/** pl_journal_clear: frees the blocks it holds. */
void pl_journal_clear (PlJournal *journal);
/** pl_journal_know: Returns: %TRUE and @task, as it can be done again at any time; %FALSE when nobody needs @block.
 * Before @block is free, and after it has been done, or its predecessor has. */
gboolean pl_journal_know (const PlJournal *journal, const PlBlock *block, PlBlockTask *task);
/** pl_journal_add: @block has been done; its results are with the worker. */
void pl_journal_add (PlJournal *journal, PlBlock *block);
/** pl_journal_handed_over: the results of all fresh blocks are safe. */
void pl_journal_handed_over (PlJournal *journal);
/** pl_journal_lose: the worker died. */
void pl_journal_lose (PlJournal *journal);
/** pl_journal_redone: the first lost block has been done again; @is_safe: and what it gave, together with all fresh
 * ones, handed over. */
void pl_journal_redone (PlJournal *journal, gboolean is_safe);
/** pl_journal_is_full: nothing more can be remembered: the worker has to hand over. */
gboolean pl_journal_is_full (const PlJournal *journal);
/** pl_journal_blocks: Returns: how many blocks of @block_size a journal may keep from being free. */
guint pl_journal_blocks (guint64 block_size);
/** pl_journal_fits: Returns: whether the first lost block lies behind every fresh one, as positions must rise in what a
 * worker gathers. */
gboolean pl_journal_fits (const PlJournal *journal);

G_END_DECLS
