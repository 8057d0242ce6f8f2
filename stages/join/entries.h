/* Rows of a join that have been spilled, as others find them. */
#pragma once
#include "../../pipeline/rows/store.h"
#include "../../pipeline/spill/merge.h"

G_BEGIN_DECLS

/* Bytes of rows that one task reads. */
#define PL_JOIN_TASK ((guint64) 64 << 20)

/** pl_join_order_of: @spills, @others: (nullable) (element-type PlSpill): stay their owners'.
 *
 * Returns: (transfer full) (nullable): the order of both, in pieces of whole keys; %NULL with @error. */
PlSpillOrder *pl_join_order_of (const GPtrArray *spills, const GPtrArray *others, guint64 piece_bytes, GError **error);
/** pl_join_record_of: Returns: a copy of what @entry points to, in @arena. */
const PlRecord *pl_join_record_of (const PlSpillEntry *entry, PlArena *arena);

G_END_DECLS
