/* The groups of all workers as one: what order.c, rows.c and having.c work on. */
#pragma once
#include "../../pipeline/groups/merge.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

#define PL_GROUP_PREFETCH_MAX 32 /* words of a group that are fetched ahead */

typedef struct
{
  PlRows rows;
  const PlGroupConfig *config;
  PlGroupState **states;
  guint n_states;
  PlGroupIds ids; /* in the order of the output: state << 32 | group */
} PlGroupRows;

/** pl_group_rows_merge: finds which groups are the same and combines their states, on all workers. Sets ids and the
 * number of rows. */
void pl_group_rows_merge (PlGroupRows *rows, PlParallel *parallel);
/** pl_group_rows_tables: Returns: (transfer container): a table a state. */
PlGroupTable **pl_group_rows_tables (const PlGroupRows *rows);

/** pl_group_rows_ids: the ids of the rows [@first, @first + @n). */
static inline guint64 *
pl_group_rows_ids (const PlGroupRows *rows, guint64 first, gsize n, PlArena *arena)
{
  guint64 *ids = pl_arena_new_array (arena, guint64, n);
  pl_group_ids_get (&rows->ids, first, n, ids);
  return ids;
}

static inline const guint64 *
pl_group_rows_key (const PlGroupRows *rows, guint64 id)
{
  return pl_group_table_key (rows->states[id >> 32]->table, (guint32) id);
}

/** pl_group_rows_layout: merged tables have one. */
static inline const PlKeyLayout *
pl_group_rows_layout (const PlGroupRows *rows)
{
  return rows->n_states > 0 ? rows->states[0]->table->layout : rows->config->layout;
}

/** pl_group_prefetch: fetches what is read of @group. */
static inline void
pl_group_prefetch (const PlGroupTable *table, gsize group)
{
  const guint64 *record = pl_group_table_key (table, group);
  const gsize n = MIN (table->stride, PL_GROUP_PREFETCH_MAX);
  for (gsize word = 0; word < n; word += 8)
    __builtin_prefetch (record + word, 1);
}

G_END_DECLS
