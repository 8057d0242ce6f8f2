/* Rejected rows, as lines of a rejects file. */
#pragma once
#include "../base/buffer.h"
#include "../base/cleanup.h"
#include "../base/parallel.h"
#include "../csv/source.h"
#include "blocks.h"
#include "../table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_rejects_append: the lines of a rejects file for @rejects (element-type PlReject), and their marks. @lines: else
 * marks only. */
void pl_rejects_append (const PlSource *source, const GArray *rejects, gboolean lines, PlBlock *block);
/** pl_rejects_header: its first line. */
void pl_rejects_header (PlBuffer *buffer);

G_END_DECLS
