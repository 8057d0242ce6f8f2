/* The hash table of group-by, distinct and top-k: key rows to group numbers 0, 1, 2 … in order of first sight.
 *
 *   slots  [ hash:32 | group + 1:32 ] …   open addressing, a power of two, at most two thirds full
 *   keys   [ words of group 0 ][ words of group 1 ] …
 *
 * A batch is looked up at once: slots are prefetched, then keys, then compared, so that a table larger than
 * the caches costs overlapped misses. Growing moves slots only. */
#pragma once
#include "group-key.h"

G_BEGIN_DECLS

typedef struct
{
  const PlKeyLayout *layout;
  guint64 *slots;
  gsize n_slots;
  guint64 *keys;
  gsize n_groups;
  gsize capacity; /* of keys */
  PlArena *heap;  /* long texts; NULL: they are somebody else's and stay where they are */
} PlGroupTable;

/** pl_group_table_new: @borrow: long texts of the keys outlive the table. */
PlGroupTable *pl_group_table_new (const PlKeyLayout *layout, gboolean borrow);
void pl_group_table_free (PlGroupTable *table);
/** pl_group_table_find: the groups of @n <= PL_BATCH_ROWS key rows, new ones included. */
void pl_group_table_find (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups);

static inline const guint64 *
pl_group_table_key (const PlGroupTable *table, gsize group)
{
  return table->keys + group * table->layout->n_words;
}

/* Wire form of all keys, in order. */
void pl_group_table_save (const PlGroupTable *table, PlBuffer *buffer);
/** pl_group_table_load: into an empty table. */
gboolean pl_group_table_load (PlGroupTable *table, PlCursor *cursor);

G_END_DECLS
