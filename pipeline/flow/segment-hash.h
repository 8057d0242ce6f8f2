/* What a segment is, as a number: states of another one are not to be taken for its own. */
#pragma once
#include "segment.h"

G_BEGIN_DECLS

/** pl_segment_hash: Returns: a hash (XXH3) of the columns that @segment reads, their types and uses, and of each step's
 * stage, settings and columns: whatever its states depend on. */
guint64 pl_segment_hash (const PlSegment *segment, const PlPlan *plan);

G_END_DECLS
