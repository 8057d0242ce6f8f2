/* A row, a group or whatever else is spilled: a key by which it is ordered, and bytes that are its owner's.
 *
 * Keys are compared as bytes, the first eight of them as a number; no key is the start of another one. Entries with the
 * same key go by their places: two numbers, of which most users need one or none.
 *
 *   | prefix less that of the one before | place, less that one's | sub | length of rest | length of data, flag | rest
 * | data |
 *
 * All numbers are varints (LEB128), so that a short row with a short key takes some eight bytes more than its text. */
#pragma once
#include "../base/buffer.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 prefix;     /* the first eight bytes of the key (keys/prefix.h) */
  guint64 place, sub; /* the order of equal keys */
  const guint8 *rest; /* of the key, behind its prefix */
  const guint8 *data;
  guint32 rest_length, data_length;
  gboolean flag; /* the owner's */
} PlSpillEntry;

/** pl_spill_entry_key: makes @key that of @entry, which points into it. */
static inline void
pl_spill_entry_key (PlSpillEntry *entry, gconstpointer key, guint32 length)
{
  const guint32 n = MIN (length, (guint32) sizeof entry->prefix);
  guint64 prefix = 0;
  memcpy (&prefix, key, n);
  entry->prefix = GUINT64_FROM_BE (prefix);
  entry->rest = (const guint8 *) key + n;
  entry->rest_length = length - n;
}

/** pl_spill_compare: Returns: < 0, 0 or > 0, as @a stands before, at or behind @b. */
static inline gint
pl_spill_compare (const PlSpillEntry *a, const PlSpillEntry *b)
{
  if (a->prefix != b->prefix)
    return a->prefix < b->prefix ? -1 : 1;
  if ((a->rest_length | b->rest_length) != 0)
    {
      const gint order = memcmp (a->rest, b->rest, MIN (a->rest_length, b->rest_length));
      if (order != 0 || a->rest_length != b->rest_length)
        return order != 0 ? order : a->rest_length < b->rest_length ? -1 : 1;
    }
  if (a->place != b->place)
    return a->place < b->place ? -1 : 1;
  return a->sub < b->sub ? -1 : a->sub > b->sub;
}

/** pl_spill_same_key: Returns: whether their keys are equal. */
static inline gboolean
pl_spill_same_key (const PlSpillEntry *a, const PlSpillEntry *b)
{
  return a->prefix == b->prefix && a->rest_length == b->rest_length
         && (a->rest_length == 0 || memcmp (a->rest, b->rest, a->rest_length) == 0);
}

/** pl_spill_entry_put: appends @entry to @buffer, behind @before: all zeros for the first one of a chunk. */
void pl_spill_entry_put (PlBuffer *buffer, const PlSpillEntry *entry, const PlSpillEntry *before);
/** pl_spill_entry_get: @entry: (inout): the one before, and then the one at *@offset of @bytes, into which it points.
 *
 * Returns: %FALSE where that is none. */
gboolean pl_spill_entry_get (PlSpillEntry *entry, const guint8 *bytes, gsize length, gsize *offset);

G_END_DECLS
