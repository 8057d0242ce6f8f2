/* A finished table that many may ask: the groups of several workers' tables under one number each, and finding them
 * without adding any.
 *
 *   tables of workers ─► pl_group_index_new() ─► index, const ◄─ pl_group_asker_find(), one asker a worker
 */
#pragma once
#include "direct.h"
#include "text.h"

G_BEGIN_DECLS

typedef struct
{
  PlGroupTable *table;  /* (owned) */
  PlGroupDirect direct; /* of all groups but null, or not enabled */
  gboolean has_text;
  PlGroupText text; /* of the groups whose keys are short texts, where it is there */
} PlGroupIndex;

/** pl_group_index_new: makes one table of @tables (transfer full, @n_tables > 0), which are not scattered.
 * @numbers: (out): per table: the number in the index of each of its groups; to be freed with pl_leased_free()
 *
 * Returns: (transfer full) (nullable): %NULL when there are too many groups for one table. */
PlGroupIndex *pl_group_index_new (PlGroupTable **tables, guint n_tables, guint32 **numbers, PlParallel *parallel);
void pl_group_index_free (PlGroupIndex *index);

typedef struct
{
  const PlGroupIndex *index;
  PlKeyLayout *layout; /* (owned): the table's; encoding notes something in it */
} PlGroupAsker;

void pl_group_asker_init (PlGroupAsker *asker, const PlGroupIndex *index);
void pl_group_asker_clear (PlGroupAsker *asker);
/** pl_group_asker_find:
 * @columns: one a key, settled, in the types of the table
 * @usable: one a row: whether it has a key at all
 * @groups: (out): of @n <= PL_BATCH_ROWS rows; PL_NO_GROUP */
void pl_group_asker_find (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
                          PlArena *arena);

G_END_DECLS
