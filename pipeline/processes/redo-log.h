/* What a worker process has done, but not yet handed over: what is to be done again when it dies.
 *
 *   done ──► fresh ──(handed over)──► forgotten
 *              └────(the worker died)──► lost ──(done again)──► fresh
 *
 * A block that the worker reads itself is a few numbers, with the point its first record begins at, because the chain
 * forgets. One whose bytes came decoded keeps them: the block is not free before it has been handed over, which bounds
 * how many such there may be. */
#pragma once
#include "../flow/pool.h"

G_BEGIN_DECLS

typedef struct
{
  PlBlockTask task;
  PlBlock *held; /* (nullable) */
} PlRedoEntry;

typedef struct
{
  GArray *fresh; /* of PlRedoEntry, by sequence */
  GArray *lost;  /* the same, the first block last */
  PlPool *pool;
  guint max_held;
  guint n_held; /* blocks kept from being free */
} PlRedoLog;

/** pl_redo_log_init: @max_held: how many blocks it may keep from being free. */
void pl_redo_log_init (PlRedoLog *log, PlPool *pool, guint max_held);
/** pl_redo_log_lost: Returns: (transfer none) (nullable): the block to do again next. */
const PlRedoEntry *pl_redo_log_lost (const PlRedoLog *log);
/** pl_redo_log_clear: frees the blocks it holds. */
void pl_redo_log_clear (PlRedoLog *log);
/** pl_redo_log_know: Returns: %TRUE and @task, as it can be done again at any time; %FALSE when nobody needs @block.
 * Before @block is free, and after it has been done, or its predecessor has. */
gboolean pl_redo_log_know (const PlRedoLog *log, const PlBlock *block, PlBlockTask *task);
/** pl_redo_log_add: @block has been done; its results are with the worker. */
void pl_redo_log_add (PlRedoLog *log, PlBlock *block);
/** pl_redo_log_handed_over: the results of all fresh blocks are safe. */
void pl_redo_log_handed_over (PlRedoLog *log);
/** pl_redo_log_lose: the worker died. */
void pl_redo_log_lose (PlRedoLog *log);
/** pl_redo_log_redone: the first lost block has been done again; @is_safe: and what it gave, together with all fresh
 * ones, handed over. */
void pl_redo_log_redone (PlRedoLog *log, gboolean is_safe);
/** pl_redo_log_is_full: nothing more can be remembered: the worker has to hand over. */
gboolean pl_redo_log_is_full (const PlRedoLog *log);
/** pl_redo_log_blocks: Returns: how many blocks of @block_size a redo log may keep from being free, where those of one
 * worker may have @room. */
guint pl_redo_log_blocks (guint64 block_size, guint64 room);
/** pl_redo_log_fits: Returns: whether the first lost block lies behind every fresh one, as positions must rise in what
 * a worker gathers. */
gboolean pl_redo_log_fits (const PlRedoLog *log);

G_END_DECLS
