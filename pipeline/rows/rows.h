/* The rows a reduce stage gives: read as batches, by any worker, in any order, at once. */
#pragma once
#include "../table/batch.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct PlRows PlRows;

struct PlRows
{
  PlSchema *schema; /* (owned) */
  guint64 n_rows;
  /* Fills @batch (initialised by the caller with schema and arena) with rows [first, first + n), n <= PL_BATCH_ROWS,
   * position = first. Only the columns with a PlUse at configure time need be present. Any worker, concurrently. */
  gboolean (*read) (PlRows *self, guint64 first, gsize n, PlBatch *batch, GError **error);
  void (*free) (PlRows *self);
};

static inline void
pl_rows_free (PlRows *rows)
{
  if (rows != NULL)
    rows->free (rows);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlRows, pl_rows_free)

G_END_DECLS
