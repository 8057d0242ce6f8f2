/* A span as rounds of records; see records-shape.h for what a round is. */
#pragma once
#include "records-shape.h"

G_BEGIN_DECLS

/** pl_records_stop: nothing more is asked of the span. */
void pl_records_stop (PlRecords *records);
/** pl_records_next: the next round. Returns: %FALSE when the span is finished and nothing was found. */
gboolean pl_records_next (PlRecords *records);

G_END_DECLS
