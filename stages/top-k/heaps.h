/* The candidates of top-k: a heap of k rows for each group, the worst on top, over rows in a store.
 *
 * Rows are stored under the key
 *
 *   [ group key ][ rank key ][ length of the group key: u32 ]
 *
 * so that in the end one sort puts the candidates of all workers in order. One worker's, without locks. */
#pragma once
#include "../../pipeline/base/arena.h"
#include "../../pipeline/groups/slots.h"
#include "../../pipeline/rows/store.h"
#include "../../pipeline/sorting/items.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 prefix; /* first bytes of the rank key */
  guint64 row;    /* in the store */
} PlTopEntry;

/* A group's payload in the table. */
typedef struct
{
  PlTopEntry *entries; /* the worst first */
  guint32 n, capacity;
} PlTopHeap;

typedef struct
{
  guint64 k;
  PlGroupTable *table; /* of the groups: not owned */
  PlStore *store;      /* owned */
  gsize n_heaps;       /* groups that have a bound */
  gsize capacity;      /* of bounds */
  guint64 *bounds;     /* per group: the prefix of its worst entry; G_MAXUINT64 while there is room */
  PlArena *space;      /* for entries */
  guint64 n_live;      /* rows in heaps */
  guint64 cutoff;      /* prefix of a rank: no row behind it is wanted of any group; G_MAXUINT64: none is known */
} PlTopHeaps;

/* The rows of a batch on their way into the store. */
typedef struct
{
  guint64 first; /* number the first of them will have */
  PlText *keys;  /* whole keys, in order of acceptance */
  guint64 *positions;
  guint32 *rows; /* of the batch */
  gsize n;
} PlTopRows;

/** pl_top_heaps_init:
 * @table: whose payloads are PlTopHeap, all zero at first
 * @store: (transfer full): empty */
void pl_top_heaps_init (PlTopHeaps *heaps, PlGroupTable *table, PlStore *store, guint64 k);
void pl_top_heaps_clear (PlTopHeaps *heaps);

/** pl_top_heaps_find: the rows that may be among their group's best, given their @prefixes, the first eight bytes of
 * the rank keys.
 * @is_whole: whether these are the rank keys: then a tie is refused, as the row in the heap stands before this one
 * @groups: each row's, in the table
 * @candidates: room for @n
 *
 * Returns: how many of @candidates there are, ascending. */
gsize pl_top_heaps_find (PlTopHeaps *heaps, const guint64 *prefixes, gboolean is_whole, const guint32 *groups, gsize n,
                         guint32 *candidates);
/** pl_top_heaps_offer: puts rows into the heaps of their @groups, in turn. @rows has all of the candidates, and is left
 * with those that stay, closed up; they are the caller's to append to the store, under their keys. */
void pl_top_heaps_offer (PlTopHeaps *heaps, PlTopRows *rows, const guint32 *groups);
/** pl_top_heaps_tidy: forgets rows that have left their heaps; unless @all, only where they are most of the store. */
void pl_top_heaps_tidy (PlTopHeaps *heaps, gboolean all);

/** pl_top_heaps_shrink: forgets them in place. */
void pl_top_heaps_shrink (PlTopHeaps *heaps);
/** pl_top_heaps_list: writes the rows of all heaps to @item, with prefixes of whole keys. Returns: behind the last. */
PlSortItem *pl_top_heaps_list (const PlTopHeaps *heaps, PlSortItem *item);

/* Bytes behind the two keys. */
#define PL_TOP_KEY_TAIL sizeof (guint32)

/** pl_top_key: Returns: (transfer none): a whole key, in @arena. */
PlText pl_top_key (PlText group, PlText rank, PlArena *arena);
/** pl_top_keys_are_whole: Returns: whether every row of a store that was read from elsewhere has such a key. */
gboolean pl_top_keys_are_whole (const PlStore *store);
/** pl_top_group_of: @record: with such a key, @key_offset behind its start; need not be aligned
 * @length: (out): of the group key
 *
 * Returns: (transfer none): the group key. */
const guint8 *pl_top_group_of (gconstpointer record, gsize key_offset, guint32 *length);
/** pl_top_same_group: whether two such records are of one group. */
gboolean pl_top_same_group (gconstpointer a, gconstpointer b, gsize key_offset);

G_END_DECLS
