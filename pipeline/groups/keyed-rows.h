/* Rows that one worker keeps, each with the group of its key: the build side of a join.
 *
 *   table   keys ─► groups 0, 1, 2 …
 *   store   the rows, in the order in which they came
 *   groups  per row of the store: its group, or PL_NO_GROUP */
#pragma once
#include "../rows/store.h"
#include "direct.h"

G_BEGIN_DECLS

typedef struct
{
  PlGroupTable *table; /* (owned) */
  PlGroupDirect direct;
  PlStore *store;  /* (owned) */
  guint32 *groups; /* (owned) */
  gsize capacity;
} PlKeyedRows;

/** pl_keyed_rows_init: @layout: (transfer none): of the keys. @store: (transfer full): empty. */
void pl_keyed_rows_init (PlKeyedRows *rows, const PlKeyLayout *layout, PlStore *store);
void pl_keyed_rows_clear (PlKeyedRows *rows);
/** pl_keyed_rows_has_room: Returns: whether the keys of @n more rows have room. */
gboolean pl_keyed_rows_has_room (const PlKeyedRows *rows, gsize n);
/** pl_keyed_rows_find: adds the keys of a batch's rows; there is room.
 * @columns: one a key, settled, in the types of the layout
 * @usable: one a row: whether it has a key
 * @groups: (out): of @n <= PL_BATCH_ROWS rows; PL_NO_GROUP where there is no key */
void pl_keyed_rows_find (PlKeyedRows *rows, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
                         PlArena *arena);
/** pl_keyed_rows_append: keeps rows @kept[0 .. n) of @batch, which is settled.
 * @groups: of all rows of the batch */
void pl_keyed_rows_append (PlKeyedRows *rows, const PlBatch *batch, const guint32 *kept, gsize n,
                           const guint32 *groups);
/** pl_keyed_rows_merge: @into takes in all of @from. Returns: %FALSE when there is no room for the keys. */
gboolean pl_keyed_rows_merge (PlKeyedRows *into, PlKeyedRows *from);
void pl_keyed_rows_save (const PlKeyedRows *rows, PlBuffer *buffer);
/** pl_keyed_rows_load: into what is empty. Returns: %FALSE with cursor->failed. */
gboolean pl_keyed_rows_load (PlKeyedRows *rows, PlCursor *cursor);

/* The wire form of a row's group, for as many as a store has. */
void pl_group_numbers_save (const guint32 *groups, guint64 n, PlBuffer *buffer);
/** pl_group_numbers_load: @n_groups: each is below it, or PL_NO_GROUP.
 * Returns: (transfer full) (nullable): to be freed with pl_leased_free(); %NULL with cursor->failed. */
guint32 *pl_group_numbers_load (PlCursor *cursor, guint64 n, guint64 n_groups);

G_END_DECLS
