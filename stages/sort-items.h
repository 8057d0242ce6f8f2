/* Sorts rows by byte-wise comparable keys, on all workers: what sort, group-by, top-k and the rest order their results with.
 *
 * An item is eight bytes of a row's key and where the row is; most comparisons never look further. */
#pragma once
#include "../pipeline/base/parallel.h"
#include "../pipeline/table/store.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 prefix;
  union
  {
    const PlRecord *record;
    guint64 id;
  };
} PlSortItem;

/** pl_sort_prefixes: by prefix, then by id; the caller has filled in both. */
void pl_sort_prefixes (PlSortItem *items, guint64 n, PlParallel *parallel);
/** pl_sort_records: by the records' keys, which start @key_offset bytes into each, compared as bytes; then by position. No key
 * may be the start of another. Prefixes are filled in here. */
void pl_sort_records (PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel);
/** pl_sort_collect: Returns: (transfer full): an item for every row of @stores, prefixes holding the positions; @key_offset (optional): of the stores that
 * have rows. */
PlSortItem *pl_sort_collect (PlStore *const *stores, guint n_stores, guint64 *n_items, gsize *key_offset);

G_END_DECLS
