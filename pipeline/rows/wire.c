/* A saved store: rows, then the records, of which positions and keys are part. Who loads it has the same plan, and so
 * the same layout. */
#include "wire.h"
#include "store-private.h"
#include "../base/buffer.h"
#include <string.h>

void
pl_store_save (const PlStore *store, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, store->n_records);
  for (guint64 i = 0; i < store->n_records; i++)
    pl_buffer_put_bytes (buffer, store->records[i], pl_store_record_size (store->records[i]));
}

/* Whether the lengths inside a record add up to its size. */
static gboolean
record_is_whole (const PlStoreLayout *layout, const guint8 *bytes, gsize length)
{
  PlRecord record;
  if (length < layout->key)
    return FALSE;
  memcpy (&record, bytes, sizeof record);
  gsize sum = layout->key + record.key_length;
  for (guint c = 0; c < layout->n_slots; c++)
    {
      const PlStoreSlot *slot = &layout->slots[c];
      guint32 text = slot->parts & PL_STORE_TEXT ? bytes[slot->length] >> 1 : 0;
      if (text == PL_STORE_NO_TEXT)
        {
          if (!(slot->parts & PL_STORE_VALUES))
            return FALSE;
          text = 0;
        }
      if (text == PL_STORE_LONG_TEXT)
        {
          if (length < sum || length - sum < sizeof text)
            return FALSE;
          memcpy (&text, bytes + sum, sizeof text);
          sum += sizeof text;
        }
      sum += text;
    }
  return (sum + 7) / 8 * 8 == length && pl_store_record_size (&record) == length;
}

gboolean
pl_store_load (PlStore *store, PlCursor *cursor)
{
  guint64 n = pl_cursor_get_u64 (cursor);
  if (n == 0 || cursor->failed)
    return !cursor->failed;
  /* A record takes more than its header on the wire, which bounds n before memory is asked for. */
  if (n > cursor->length / sizeof (PlRecord))
    {
      cursor->failed = TRUE;
      return FALSE;
    }
  pl_store_reserve (store, n, TRUE);
  for (guint64 i = 0; i < n; i++)
    {
      gsize length = 0;
      const guint8 *bytes = pl_cursor_get_bytes (cursor, &length);
      if (bytes == NULL || !record_is_whole (store->layout, bytes, length))
        {
          cursor->failed = TRUE;
          return FALSE;
        }
      pl_store_copy_record (store, bytes, length);
    }
  return TRUE;
}
