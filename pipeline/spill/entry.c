/* See entry.h. */
#include "entry.h"

#define VARINT_MAX 10

static inline guint8 *
put_varint (guint8 *out, guint64 value)
{
  for (; value >= 0x80; value >>= 7)
    *out++ = (guint8) (value | 0x80);
  *out++ = (guint8) value;
  return out;
}

/* Differences of either sign as small numbers. */
static inline guint64
fold (guint64 difference)
{
  return difference << 1 ^ (guint64) ((gint64) difference >> 63);
}

static inline guint64
unfold (guint64 value)
{
  return value >> 1 ^ (0 - (value & 1));
}

void
pl_spill_entry_put (PlBuffer *buffer, const PlSpillEntry *entry, const PlSpillEntry *before)
{
  const gsize room = 5 * VARINT_MAX + (gsize) entry->rest_length + entry->data_length;
  guint8 *start = (guint8 *) pl_buffer_reserve (buffer, room), *out = start;
  out = put_varint (out, entry->prefix - before->prefix);
  out = put_varint (out, fold (entry->place - before->place));
  out = put_varint (out, entry->sub);
  out = put_varint (out, entry->rest_length);
  out = put_varint (out, (guint64) entry->data_length << 1 | (entry->flag != FALSE));
  if (entry->rest_length > 0)
    memcpy (out, entry->rest, entry->rest_length);
  out += entry->rest_length;
  if (entry->data_length > 0)
    memcpy (out, entry->data, entry->data_length);
  buffer->length += (gsize) (out + entry->data_length - start);
}

static inline gboolean
get_varint (const guint8 *bytes, gsize length, gsize *offset, guint64 *value)
{
  guint64 sum = 0;
  for (guint shift = 0; *offset < length && shift < 64; shift += 7)
    {
      const guint8 byte = bytes[(*offset)++];
      sum |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *value = sum;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
pl_spill_entry_get (PlSpillEntry *entry, const guint8 *bytes, gsize length, gsize *offset)
{
  guint64 prefix, place, sub, rest, data;
  if (!get_varint (bytes, length, offset, &prefix) || !get_varint (bytes, length, offset, &place)
      || !get_varint (bytes, length, offset, &sub) || !get_varint (bytes, length, offset, &rest)
      || !get_varint (bytes, length, offset, &data))
    return FALSE;
  const guint64 left = length - *offset;
  entry->flag = data & 1;
  data >>= 1;
  if (rest > left || rest > G_MAXUINT32 || data > left - rest || data > G_MAXUINT32)
    return FALSE;
  entry->prefix += prefix;
  entry->place += unfold (place);
  entry->sub = sub;
  entry->rest = bytes + *offset;
  entry->rest_length = (guint32) rest;
  entry->data = bytes + *offset + rest;
  entry->data_length = (guint32) data;
  *offset += rest + data;
  return TRUE;
}
