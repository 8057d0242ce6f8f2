/* What a join's right input becomes: its rows by key, for all workers to ask. As a result (PlRows) it has the rows that
 * nobody has found, once all have asked. */
#pragma once
#include "../../pipeline/groups/grouped-rows.h"
#include "../../pipeline/groups/index.h"
#include "../../pipeline/groups/keyed-rows.h"
#include "config.h"
#include "disk.h"

G_BEGIN_DECLS

typedef struct
{
  PlRows rows;        /* the rest */
  PlJoin *join;       /* (owned): a reference */
  PlJoinDisk *disk;   /* (owned) (nullable): where all of it is, but for the row of nulls */
  PlGroupIndex *keys; /* (nullable): of a cross join there are none, and all rows are one group's */
  guint64 n_groups;
  PlStore **stores; /* (owned) */
  guint32 **groups; /* (owned): per store: the group of each row */
  guint n_stores;
  PlSortItem *items; /* (owned) (nullable): all rows in the order of the input, where some may go on */
  guint64 n_items;
  PlGroupedRows grouped;
  PlStore *nulls;       /* (owned): one row of nulls, */
  const PlRecord *null; /* which is this: what stands beside a row that finds nothing */
  guint8 *found;        /* (owned) (nullable): a bit a group, where rows may go on alone */
  PlKeyedRows
      *left;        /* (owned) (nullable): where keys of the left input must be unique: those that have asked so far, */
  GPtrArray *lefts; /* (owned) (nullable): or the same on disk: of PlSpill */
} PlJoinIndex;

static inline PlJoinIndex *
pl_join_index (PlRows *rows)
{
  return (PlJoinIndex *) rows;
}

/** pl_join_index_new: @sides: (transfer full): of all workers.
 * Returns: (transfer full) (nullable): %NULL with @error: keys are not unique, or there are too many. */
PlRows *pl_join_index_new (PlJoin *join, PlKeyedRows *sides, guint n_sides, PlParallel *parallel, GError **error);
/** pl_join_index_on_disk: @rows, @rest: (transfer full): as in #PlJoinDisk
 * Returns: (transfer full) (nullable): %NULL with @error. */
PlRows *pl_join_index_on_disk (PlJoin *join, GPtrArray *rows, GPtrArray *rest, PlParallel *parallel, GError **error);
/** pl_join_index_is_on_disk: PlBuildInput.is_on_disk(). */
gboolean pl_join_index_is_on_disk (PlRows *index);
/** pl_join_index_wants_keys: PlBuildInput.wants_keys(). */
gboolean pl_join_index_wants_keys (PlRows *index);
/** pl_join_index_rest: PlBuildInput.rest(). */
gboolean pl_join_index_rest (PlRows *index, GError **error);
void pl_join_index_save (gconstpointer part, PlRows *index, PlBuffer *buffer);
PlRows *pl_join_index_load (gconstpointer part, PlCursor *cursor);

G_END_DECLS
