/* What one state has put on disk: runs of entries, each in order, in files without names in `temp-directory`. So
 * nothing of it outlives the process, however that ends.
 *
 *   run     chunks, one behind the other, those of a run side by side; each a section (part.h) in some file (files.h)
 *   chunk   entries (entry.h), compressed where that is faster (codec.h)
 *
 * Of each chunk the place on disk and the first entry's key stay in memory, so that any part of the order is found
 * without reading what is before it. One writer; once all runs are ended, any number of readers (merge.h). */
#pragma once
#include "../base/parallel.h"
#include "entry.h"
#include "files.h"

G_BEGIN_DECLS

/* Bytes of entries from which on a chunk is written. */
#define PL_SPILL_CHUNK (64 * 1024)

typedef struct PlSpill PlSpill;

typedef struct
{
  PlSpillPlace place; /* of its section */
  guint64 length;     /* bytes of entries */
  guint64 before;     /* entries of the run that come before it */
  PlSpillEntry first; /* its key; no data */
} PlSpillChunk;

typedef struct
{
  PlSpill *spill;
  GArray *chunks; /* of PlSpillChunk */
  guint64 n;      /* entries */
  guint64 last;   /* prefix of the last one */
} PlSpillRun;

PlSpill *pl_spill_new (void);
/** pl_spill_ref: Returns: (transfer full): @spill, which has one more owner. One thread. */
PlSpill *pl_spill_ref (PlSpill *spill);
/** pl_spill_free: @spill: (nullable): gone with its last owner. */
void pl_spill_free (PlSpill *spill);
/** pl_spill_begin: A run begins. */
gboolean pl_spill_begin (PlSpill *spill, GError **error);
/** pl_spill_put: @entry: none of those of the run stands behind it. */
gboolean pl_spill_put (PlSpill *spill, const PlSpillEntry *entry, GError **error);
/** pl_spill_end: The run has ended. */
gboolean pl_spill_end (PlSpill *spill, GError **error);
/** pl_spill_forget: forgets run @index, and gives back its room on disk where the file system can. Nobody reads. */
void pl_spill_forget (PlSpill *spill, guint index);
/** pl_spill_runs: Returns: (transfer none) (element-type PlSpillRun): of @spill (nullable), all that have ended. */
const GPtrArray *pl_spill_runs (const PlSpill *spill);
/** pl_spill_expect: @chunk is going to be read soon. Any thread. */
void pl_spill_expect (const PlSpill *spill, const PlSpillChunk *chunk);
/** pl_spill_read: reads a chunk into @buffer, in place of what is there. Any thread.
 * Returns: (transfer none) (nullable): the bytes of its entries; %NULL with @error. */
const guint8 *pl_spill_read (const PlSpill *spill, const PlSpillChunk *chunk, PlBuffer *buffer, GError **error);

/* Puts what @state still has on disk. Returns: (transfer full) (nullable): all that it has there; %NULL when that is
 * nothing, or with @error. */
typedef PlSpill *(*PlSpillState) (gpointer state, GError **error);
/** pl_spill_rest: Where a state has spilled, what all of them still have follows: calls @spill for each of @states, on
 * all workers. Returns: (transfer full) (nullable) (element-type PlSpill): what they have on disk; %NULL with @error.
 */
GPtrArray *pl_spill_rest (PlSpillState spill, gpointer const *states, guint n_states, PlParallel *parallel,
                          GError **error);
/** pl_spill_collect: the end of tasks that spill.
 * @spills: (transfer full): %NULL where a task has none
 * @errors: (transfer full): %NULL where one went well
 *
 * Returns: (transfer full) (nullable) (element-type PlSpill): @spills; %NULL with the first of @errors. */
GPtrArray *pl_spill_collect (PlSpill *const *spills, GError **errors, guint n, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpill, pl_spill_free)

G_END_DECLS
