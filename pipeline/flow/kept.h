/* Rows that a reduce stage has kept as they were (limit): still rows of the source, which names them and decides what
 * becomes of bad ones. */
#pragma once
#include "../base/cleanup.h"
#include "../base/parallel.h"
#include "../csv/source.h"
#include "../table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const PlSource *source;
  const PlColumn *origins; /* of the batch at hand */
  guint64 first;           /* position of its first row */
  GArray *rejects;         /* of PlReject, by position */
} PlKept;

/** pl_kept_init: @source: (nullable): the one whose rows these are. */
void pl_kept_init (PlKept *kept, const PlSource *source);
void pl_kept_clear (PlKept *kept);
/** pl_kept_adopt: @batch has just been read by PlRows.next: gives its rows the place and the policy of the source, if
 * they have origins. */
void pl_kept_adopt (PlKept *kept, PlBatch *batch);

G_END_DECLS
