/* The hash table of group-by, distinct and top-k: key rows to group numbers 0, 1, 2 … in order of first sight.
 *
 *   slots  [ hash:32 | group + 1:32 ] …   open addressing, a power of two, at most two thirds full, and some more behind
 *   keys   [ words of group 0 ][ words of group 1 ] …
 *
 * A hash's home is its top bits, and probing goes forward without wrapping round: so slots stand nearly in the order of
 * their hashes, growing is one pass from front to back, and tables are merged like sorted lists (group-merge.c).
 * In a table larger than the caches a batch is looked up at once: slots are prefetched, then keys, then compared, so that
 * misses overlap. Growing moves slots only. */
#pragma once
#include "group-key.h"

G_BEGIN_DECLS

/* What a stage says when a batch's rows might not find room in its table. */
#define PL_TOO_MANY_GROUPS                                                                                             \
  "more than 4294967294 groups on one worker; tell rows apart by fewer columns, or raise 'workers' in [run]"

typedef struct
{
  const PlKeyLayout *layout;
  guint64 *slots;
  gsize n_slots; /* a power of two: homes */
  gsize n_spare; /* behind them; the last one is always free */
  guint shift;   /* of a slot, to its home */
  guint64 *keys;
  gsize n_groups;
  gsize capacity; /* of keys */
  PlArena *heap;  /* long texts; NULL while a saved table is loaded: they are there already */
} PlGroupTable;

PlGroupTable *pl_group_table_new (const PlKeyLayout *layout);
void pl_group_table_free (PlGroupTable *table);
/** pl_group_table_find: the groups of @n <= PL_BATCH_ROWS key rows, new ones included; the caller has seen to it that they stay below 2^32 - 1. */
void pl_group_table_find (PlGroupTable *table, const guint64 *rows, const guint32 *hashes, gsize n, guint32 *groups);

/** pl_group_table_home: Returns: where the search for @hash starts. */
static inline gsize
pl_group_table_home (const PlGroupTable *table, guint32 hash)
{
  return ((guint64) hash << 32) >> table->shift;
}

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
