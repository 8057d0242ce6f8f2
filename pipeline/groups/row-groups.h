/* Rows told apart by a list of expressions, and kept as they are: what distinct and top-k have in common. */
#pragma once
#include "../rows/store.h"
#include "lookup.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct
{
  PlSchema *schema; /* of the rows, which come out as they went in */
  GPtrArray *terms; /* of PlTerm *; may be empty */
  PlKeyLayout *layout;
  guint8 *uses; /* of the output, which say what of a row is kept */
} PlRowGroups;

/** pl_row_groups_init: @terms: (transfer full) (element-type PlTerm): what tells rows apart; may be empty
 * @whole_rows: whether without terms all columns tell rows apart; otherwise they are one group then */
void pl_row_groups_init (PlRowGroups *grouping, GPtrArray *terms, PlSchema *input, gboolean whole_rows);
void pl_row_groups_clear (PlRowGroups *grouping);
/** pl_row_groups_require: what a stage's require() is asked, of the rows and of the terms. */
void pl_row_groups_require (PlRowGroups *grouping, const guint8 *output_uses, guint8 *input_uses);
/** pl_row_groups_find:
 * @lookup: of the terms
 * @columns: (out) (optional): the terms' values
 *
 * Returns: (transfer none) (nullable): the group of each of the batch's rows in the table of @lookup, new ones
 * included, in its arena; %NULL with @batch->failed_row set. */
guint32 *pl_row_groups_find (PlGroupLookup *lookup, PlBatch *batch, PlColumn *const **columns, GError **error);
/** pl_row_groups_keep: pl_store_append() of a batch whose texts may stand in slices: those of rows that are not kept
 * stay there. */
void pl_row_groups_keep (PlStore *store, PlBatch *batch, const guint32 *rows, gsize n, const PlText *keys);

G_END_DECLS
