/* Sorts rows by byte-wise comparable keys, on all workers: what sort, group-by, top-k and the rest order their results
 * with.
 *
 * An item is eight bytes of a row's key and where the row is; most comparisons never look further. */
#pragma once
#include "../base/parallel.h"
#include "../rows/store.h"

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

/** pl_sort_items_new: Returns: (transfer full): room for @n items, on huge pages where that pays; free it with
 * pl_leased_free(). */
PlSortItem *pl_sort_items_new (guint64 n);
/** pl_sort_prefixes: by prefix, then by id; the caller has filled in both, and finds them as they were. */
void pl_sort_prefixes (PlSortItem *items, guint64 n, PlParallel *parallel);
/** pl_sort_records: by the records' keys, which start @key_offset bytes into each, compared as bytes; then by position.
 * No key may be the start of another. Prefixes are filled in here. */
void pl_sort_records (PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel);
/** pl_sort_prefixed_records: the same where prefixes already hold the first eight bytes of the keys. */
void pl_sort_prefixed_records (PlSortItem *items, guint64 n, gsize key_offset, PlParallel *parallel);
/** pl_sort_records_of: @items: (transfer full).
 * Returns: (transfer full): the records of @items[first .. first + n), in the same memory. */
const PlRecord **pl_sort_records_of (PlSortItem *items, guint64 first, guint64 n);

G_END_DECLS
