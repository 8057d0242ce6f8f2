/* A short cut in front of a group table for keys that are one column of whole numbers in a small range (ids, years,
 * dates): the value is the index.
 *
 *   groups  [ group + 1 of base | … of base + 1 | 0: not seen | … ]
 *
 * Nulls, new values and those outside go through the table, which knows all groups. A range that grows too wide
 * for its number of values ends the short cut. */
#pragma once
#include "../base/arena.h"
#include "../base/parallel.h"
#include "slots.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean enabled;
  gint64 base;
  guint32 *groups;
  gsize n; /* values that @groups has room for */
} PlGroupDirect;

void pl_group_direct_init (PlGroupDirect *direct, const PlKeyLayout *layout);
void pl_group_direct_clear (PlGroupDirect *direct);
/** pl_group_direct_find:
 * @column: the only key
 * @missed: (out): rows whose groups are not found, ascending
 *
 * Returns: how many rows were missed. */
gsize pl_group_direct_find (const PlGroupDirect *direct, const PlColumn *column, gsize n, guint32 *groups,
                            guint32 *missed);
/** pl_group_direct_learn: @groups[0 .. n) of the rows of @column are remembered, where the range of all values allows
 * it. */
void pl_group_direct_learn (PlGroupDirect *direct, const PlColumn *column, gsize n, const guint32 *groups,
                            gsize n_groups);
/** pl_group_direct_look_up: pl_group_table_find() by the short cut, which learns what it did not know. */
void pl_group_direct_look_up (PlGroupDirect *direct, PlGroupTable *table, const PlColumn *key, gsize n, guint32 *groups,
                              PlArena *arena);

G_END_DECLS
