/* Groups as a batch: their keys are known, their aggregates are finalised, outputs and the condition are evaluated. */
#pragma once
#include "config.h"

G_BEGIN_DECLS

/* The groups of a batch: where their states stand, those of one array together. */
typedef struct
{
  gsize n;
  guint n_arrays;
  guint8 **payloads;        /* per array: the payload at address 0 */
  const guint32 *addresses; /* array by array */
  const guint32 *rows;      /* … and which rows of the batch they are */
  const guint32 *order;     /* per row: where it is among @addresses; NULL: all are of one array, in order */
  const gsize *ends;        /* per array */
  PlColumn *const *keys;    /* a column a key */
  PlColumn *const *known;   /* (nullable): per call (nullable): its results, which are not to be finalised */
} PlGroupPicked;

/** pl_group_results_put: fills @batch, of the output's schema, with @picked, those that do not meet the condition left
 * out. Returns: %FALSE with batch->failed_row and @error: as PlRows.next. */
gboolean pl_group_results_put (const PlGroupConfig *config, const PlGroupPicked *picked, PlBatch *batch,
                               GError **error);

/** pl_group_name: Returns: (transfer full): what messages call the group whose keys row @row of @keys has. */
char *pl_group_name (const PlGroupConfig *config, PlColumn *const *keys, gsize row);

G_END_DECLS
