/* Before a segment runs: its steps that ask an index on disk are answered, one after the other, by reading the
 * segment's input for their keys (flow/keys-segment.h). */
#pragma once
#include "segment-run.h"

G_BEGIN_DECLS

/** pl_answer_steps: @like: what runs the segment, which has its indices: its settings are used.
 * Returns: %FALSE with @error. */
gboolean pl_answer_steps (const PlCrew *like, GError **error);
/** pl_asks_disk: Returns: whether a step of @segment asks an index that is on disk: the threads of the main process run
 * it then, which has the files. */
gboolean pl_asks_disk (const PlSegment *segment);

G_END_DECLS
