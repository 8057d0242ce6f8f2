/* The values of large states (aggregates/values.h) on disk: behind the entry of their group, in blocks.
 *
 *   entry   key: the group's, filled up to eight bytes | 01, the call's number (7 bytes) | the first value's
 *           place: bytes of the group's key behind the prefix; flag set
 *   block   values, each: bytes that it shares with the key before, bytes of its own | count | length of data | … |
 * data
 *
 * Blocks of several runs come in the order of their first values and are merged as they are read: a heap has a block of
 * each run at most. */
#pragma once
#include "../../pipeline/spill/merge.h"
#include "../aggregates/values.h"
#include "config.h"

G_BEGIN_DECLS

/** pl_group_values_put: puts what @state, of call number @owner of the group @key, has behind that group, and leaves it
 * cleared. */
gboolean pl_group_values_put (const PlGroupConfig *config, guint owner, const PlText *key, guint8 *state,
                              PlSpill *spill, GError **error);
/** pl_group_values_cut: a PlSpillCut: a group and its values belong together. */
void pl_group_values_cut (PlSpillEntry *bound);
/** pl_group_values_read: makes the results of all calls that read states of call number @owner.
 * @merge: at the first value of @owner or, where it has none on disk, behind the group's entries; then behind these
 * @state: what is in memory; left cleared
 * @totals: of what is on disk
 * @known: per call: set to a column of one row in @arena */
gboolean pl_group_values_read (const PlGroupConfig *config, guint owner, const PlText *key, guint8 *state,
                               const PlValueTotals *totals, PlSpillMerge *merge, PlColumn **known, PlArena *arena,
                               GError **error);

G_END_DECLS
