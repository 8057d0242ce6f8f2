/* Feeds one stage and compares what comes out, with no engine around it.
 *
 * Rows are CSV-like text whose header gives the types: "route,delay:int,share:float\nJFK-LAX,15,0.5\n". Nothing between
 * commas is null, "" is an empty text. Only the columns and parts that the stage asks for are given to it. */
#pragma once
#include "../../pipeline/base/arena.h"
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "../../pipeline/table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint n_states;   /* batches go to them in turn; 0 means 1 */
  guint batch_rows; /* 0 means 3 */
  gboolean wire;    /* save and load every state before finishing */
  gboolean threads; /* finish on threads */
  gboolean merge;   /* behind the wire: put the states together first, where the stage can: into the first, with threads
                       into the last */
  guint spill;      /* states go to disk with every so many batches, or so many merged, where the stage can; 0: never */
} PlSplit;

/** pl_harness_run:
 * @kind: "sort"
 * @settings: lines of the group, "by = a desc\n": read as those of a job file that has just this group, whose
 * heading is line 1
 *
 * Returns: (transfer full): the output in the same form as the input, or "error: …", or the issues as the job has
 * them, one a line: "2:6: unknown column 'b'". */
char *pl_harness_run (const char *kind, const char *settings, const char *rows, PlSplit split);
/** pl_harness_run_tree: runs a reduce stage over states that are saved, loaded, saved again, merged in any tree and put
 * on disk, as @seed has it; 0: in one state, which is left alone. Returns: (transfer full): as pl_harness_run(), with a
 * line in front where the stage knows that it has had enough rows. */
char *pl_harness_run_tree (const char *kind, const char *settings, const char *rows, guint seed);
/** pl_harness_ask_tree: the same for a stage that asks its second input: states are those of @right.
 * Returns: (transfer full): the rows of @left with what they have found, or without. */
char *pl_harness_ask_tree (const char *kind, const char *settings, const char *left, const char *right, guint seed);
/** pl_harness_run_splits: runs it under many splits.
 * Returns: (transfer full): what all of them gave, or a report of two that differ. */
char *pl_harness_run_splits (const char *kind, const char *settings, const char *rows);
/** pl_harness_threads: Returns: (transfer none): tasks on four threads. */
PlParallel *pl_harness_threads (void);
/** pl_harness_batch: Returns: (transfer none): all rows of @rows as one batch of @schema (transfer full), every part
 * present. */
PlBatch *pl_harness_batch (const char *rows, PlSchema **schema, PlArena *arena);
/** pl_harness_read: @batch: the first @n rows of @rows, which its first piece has. */
gboolean pl_harness_read (PlRows *rows, gsize n, PlBatch *batch);
/** pl_harness_print: appends @batch's rows in that form. */
void pl_harness_print (const PlBatch *batch, GString *out);

G_END_DECLS
