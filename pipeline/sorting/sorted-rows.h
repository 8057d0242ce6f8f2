/* A finished order, as rows. */
#pragma once
#include "../rows/rows.h"
#include "runs.h"
#include <glib.h>

G_BEGIN_DECLS

/* What is known of all rows of an order. */
typedef struct
{
  guint n_fields;       /* of a line */
  guint *fields;        /* columns of the schema */
  const PlStore *store; /* (nullable): knows the parts of records */
} PlSortReading;

/** pl_sort_read: fills @batch with the rows at @addresses. */
void pl_sort_read (const PlSortReading *reading, const guint64 *addresses, gsize n, PlBatch *batch);
/** pl_sort_rows: Returns: (transfer full): the rows at @addresses. Takes ownership of @addresses and of @runs, array
 * and all. */
PlRows *pl_sort_rows (const PlSortShape *shape, PlSortRuns **runs, guint n_runs, guint64 *addresses, guint64 n_rows);

G_END_DECLS
