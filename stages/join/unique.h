/* Keys that may stand once in an input, and the message where one stands twice. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/sorting/items.h"
#include "config.h"

G_BEGIN_DECLS

/* Kept rows of one input, with their keys: the last two columns of the stores are of pl_join_add_places(). */
typedef struct
{
  guint64 n_groups;
  PlStore *const *stores;
  guint32 *const *groups;  /* per store: of its rows, below @n_groups, or PL_NO_GROUP */
  const PlSortItem *items; /* rows of @stores in the order of the input (in-order.h) */
  guint64 n_items;
} PlJoinRows;

/** pl_join_check_unique: Returns: %FALSE with @error, where two rows of the input number @side have one key: it names
 * the first one that is not the first with its key. */
gboolean pl_join_check_unique (const PlJoin *join, guint side, const PlJoinRows *rows, GError **error);
/** pl_join_check_unique_spilled: the same of rows that are on disk.
 * @spills: (element-type PlSpill): entries by key, their data records as in #PlJoinRows */
gboolean pl_join_check_unique_spilled (const PlJoin *join, guint side, const GPtrArray *spills, PlParallel *parallel,
                                       GError **error);

G_END_DECLS
