/* Rejected rows, as lines of a rejects file. */
#pragma once
#include "worker.h"

G_BEGIN_DECLS

/** pl_rejects_append: the lines of a rejects file for @rejects (element-type PlReject), and their marks. @lines: else
 * marks only. */
void pl_rejects_append (const PlSource *source, const GArray *rejects, gboolean lines, PlBlock *block);
/** pl_rejects_header: its first line. */
void pl_rejects_header (PlBuffer *buffer);

G_END_DECLS
