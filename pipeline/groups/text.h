/* A short cut in front of a group table for keys that are one column of short texts: reading, hashing and looking up in
 * one pass, without a text being written down anywhere, not even taken out of its record (PlColumn.slices).
 *
 *   texts   ─► a cheap hash ─► [ slot | slot | 0 … ]   ─► the key in the table's record, compared
 *
 * The index belongs to the short cut and is made from the table's keys. Its hash need not withstand chosen keys: a
 * search looks at a few slots and gives up, and what it does not find goes through the table, which knows all groups.
 * Tables that are too large for it get keys and their own hashes, to search with prefetching. */
#pragma once
#include "../base/parallel.h"
#include "slots.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 *slots;             /* addresses of records, in words; 0: free, or group 0 */
  gsize n_slots;              /* a power of two; there are a few more */
  guint shift;                /* of a hash, to its first slot */
  const guint32 *first_group; /* the slot of group 0 */
  gsize n_groups;             /* of the table, that are in it */
  guint n_words;              /* of the keys they had then */
  gsize stride;               /* … and of the records */
} PlGroupText;

void pl_group_text_clear (PlGroupText *text);
/** pl_group_text_serves: whether keys of @table are such texts. It may change with every batch. */
gboolean pl_group_text_serves (const PlGroupTable *table);
/** pl_group_text_learn: takes up what is new in @table.
 * Returns: whether the table is one that pl_group_text_find() serves. */
gboolean pl_group_text_learn (PlGroupText *text, const PlGroupTable *table);
typedef struct
{
  const char *name;
  /* After pl_group_text_learn().
   * @column: the only key, of PL_STRING
   * @addresses: (out): words from the table's first record to that of each row
   * @missed: (out): rows whose groups are not found, ascending: nulls, empty and long texts, and new groups
   *
   * Returns: how many rows were missed. */
  gsize (*find) (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize n,
                 guint32 *addresses, guint32 *missed);
} PlGroupTextKernel;

/** pl_group_text_longest: Returns: bytes of the longest text of @rows, which may stand in slices. */
guint32 pl_group_text_longest (const PlColumn *column, const guint32 *rows, gsize n);
/** pl_group_text_encode: pl_keys_encode() and pl_keys_hash() in one, but never for texts of more than 15 bytes. */
gboolean pl_group_text_encode (const PlGroupTable *table, const PlColumn *column, gsize n, guint64 *rows,
                               guint32 *hashes);

G_END_DECLS
