/* A batch of the output while it is put together, out of rows of a batch of the left input and records of the right
 * one: the rows that are made of one stand in one batch, or begin one where they are too many (PlMapStage.expand). */
#pragma once
#include "../stage.h"
#include "config.h"

G_BEGIN_DECLS

typedef struct
{
  const PlJoin *join;
  const PlStore *nulls; /* laid out like the records' stores */
  PlBatch *batch;
  PlColumn **left; /* of the output, for all rows of the batch */
  PlEmit *emit;
  guint32 *rows;            /* of the batch, */
  const PlRecord **records; /* and what stands beside each */
  gsize n;
} PlJoinOutput;

/** pl_join_output_init: @batch: of the left input. Returns: %FALSE with @batch->failed_row set. */
gboolean pl_join_output_init (PlJoinOutput *output, const PlJoin *join, const PlStore *nulls, PlBatch *batch,
                              PlEmit *emit, GError **error);
/** pl_join_output_room: where @n rows have no room beside those that are there, these are given.
 * Returns: %FALSE: no more are wanted. */
gboolean pl_join_output_room (PlJoinOutput *output, guint64 n);
/** pl_join_output_add: adds row @row of the batch beside each of @n records, which stay where they are until they are
 * given. */
gboolean pl_join_output_add (PlJoinOutput *output, guint32 row, const PlRecord *const *records, guint64 n);
/** pl_join_output_give: gives on what there is. */
gboolean pl_join_output_give (PlJoinOutput *output);

G_END_DECLS
