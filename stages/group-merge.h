/* Puts the tables of several workers together, partition by partition, on all workers.
 *
 *   source 0  [ p0 | p1 | … ]  ─┐     each partition is one task: it looks up its keys of every source
 *   source 1  [ p0 | p1 | … ]  ─┴─►   in a table of its own, and says which group became which
 */
#pragma once
#include "../pipeline/base/parallel.h"
#include "group-table.h"

G_BEGIN_DECLS

/* Groups @from[0 .. n) of source @source are groups @into[0 .. n) of part @part. Called for one part by one thread at a time, for
 * different parts at once; sources in order within a part. */
typedef void (*PlGroupMerged) (guint part, guint source, const guint32 *into, const guint32 *from, gsize n,
                               gpointer data);

/** pl_group_partitions: Returns: how many parts @n_groups groups are worth. */
guint pl_group_partitions (gsize n_groups);
/** pl_group_merge: @parts: as many empty, borrowing tables as pl_group_partitions() said; the sources' long texts must outlive them. */
void pl_group_merge (PlGroupTable *const *sources, guint n_sources, PlGroupTable *const *parts, guint n_parts,
                     PlGroupMerged merged, gpointer data, PlParallel *parallel);

G_END_DECLS
