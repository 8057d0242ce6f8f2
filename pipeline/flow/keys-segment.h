/* The part of a segment in front of a step that asks an index on disk: what is read first, for its keys alone.
 *
 *   segment   source ─► filter ─┬─► join ─► … ─► sink        its keys   source ─► filter ─► (keys of join)
 *                               └─► sink
 *
 * It reads the same rows at the same positions, fails where the segment itself will, and gives nothing to anybody. */
#pragma once
#include "segment.h"

G_BEGIN_DECLS

/** pl_keys_segment_new: @asker: a step of @segment, which must outlive the result.
 * Returns: (transfer full): a segment whose last step is a reduce step that gathers keys. */
PlSegment *pl_keys_segment_new (const PlSegment *segment, const PlStep *asker);

G_END_DECLS
