/* From the rows of a batch to their records in a group table, by whichever short cut serves their keys. */
#pragma once
#include "codes.h"
#include "direct.h"

G_BEGIN_DECLS

typedef struct
{
  PlGroupTable *table;   /* (unowned) */
  const GPtrArray *keys; /* (unowned) of PlTerm *; empty: all columns of a batch, if the table has keys at all */
  gboolean is_text;      /* the only key is a text */
  guint64 n_rows;        /* that were looked up */
  gboolean are_cold; /* records of the last batch's rows are not in the caches: a short cut found them, which looks at
                        none */
  PlGroupText text;
  PlGroupDirect direct;
  PlGroupCodes codes;
} PlGroupLookup;

/** pl_group_lookup_init: @table, @keys: outlive it. */
void pl_group_lookup_init (PlGroupLookup *lookup, PlGroupTable *table, const GPtrArray *keys);
void pl_group_lookup_clear (PlGroupLookup *lookup);
/** pl_group_lookup_find:
 * @addresses: (out): room for one a row: words from the table's first record to that of the row's group, new groups
 * included
 * @columns: (out) (optional): the keys' columns, whose texts may stand in slices if those of @batch do
 *
 * Returns: %FALSE with @batch->failed_row set. */
gboolean pl_group_lookup_find (PlGroupLookup *lookup, PlBatch *batch, guint32 *addresses, PlColumn *const **columns,
                               GError **error);

G_END_DECLS
