/* How an order is held, for the files that read it and that look for an entry in it: merge.c and window.c. */
#pragma once
#include "cache.h"
#include "merge.h"

G_BEGIN_DECLS

struct PlSpillOrder
{
  GPtrArray *spills;
  GPtrArray *runs;           /* (unowned) of PlSpillRun */
  PlSpillCache *caches;      /* a run */
  GArray *bounds;            /* of PlSpillEntry: the first one of each piece but the first */
  PlSpillEntry *start, *end; /* (nullable): the first one of all, and the first one behind them */
  guint64 n;                 /* entries between them */
};

/** pl_spill_order_sample: @bytes: (out): of all chunks together
 * Returns: (transfer full): the first entries of all chunks, in order. */
GArray *pl_spill_order_sample (const PlSpillOrder *order, guint64 *bytes);
/** pl_spill_chunks_before: Returns: the number of chunks of @run whose first entry stands before @bound. */
guint pl_spill_chunks_before (const PlSpillRun *run, const PlSpillEntry *bound);

/** pl_spill_entries_before: Returns: how many entries of @run come before its chunk @index, or before its end. */
static inline guint64
pl_spill_entries_before (const PlSpillRun *run, guint index)
{
  return index < run->chunks->len ? g_array_index (run->chunks, PlSpillChunk, index).before : run->n;
}

G_END_DECLS
