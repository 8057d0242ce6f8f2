/* Growth of PlBuffer, and the wire: little-endian numbers and length-prefixed bytes, written and read back. */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>

#define SMALLEST_CAPACITY 256
/* The length that stands for "no bytes at all", as opposed to none. */
#define NO_BYTES G_MAXUINT64

void
pl_buffer_clear (PlBuffer *buffer)
{
  if (!buffer->is_lent)
    g_free (buffer->data);
  *buffer = (PlBuffer) PL_BUFFER_INIT;
}

void
pl_buffer_lend (PlBuffer *buffer, gpointer data, gsize length, gsize capacity)
{
  pl_buffer_clear (buffer);
  *buffer = (PlBuffer){data, length, capacity, TRUE};
}

void
pl_buffer_grow (PlBuffer *buffer, gsize extra)
{
  gsize needed;
  /* A sum that wraps asks for more than there is: the allocator then says so. */
  if (!g_size_checked_add (&needed, buffer->length, extra))
    needed = G_MAXSIZE;
  gsize doubled = buffer->capacity > G_MAXSIZE / 2 ? G_MAXSIZE : buffer->capacity * 2;
  buffer->capacity = MAX (MAX (needed, doubled), SMALLEST_CAPACITY);
  if (!buffer->is_lent)
    {
      buffer->data = g_realloc (buffer->data, buffer->capacity);
      return;
    }
  const char *lent = buffer->data;
  buffer->data = g_malloc (buffer->capacity);
  memcpy (buffer->data, lent, buffer->length);
  buffer->is_lent = FALSE;
}

void
pl_buffer_append_printf (PlBuffer *buffer, const char *format, ...)
{
  va_list arguments, again;
  va_start (arguments, format);
  va_copy (again, arguments);
  int length = vsnprintf (NULL, 0, format, again);
  va_end (again);
  g_assert (length >= 0);
  char *out = pl_buffer_reserve (buffer, (gsize) length + 1);
  vsnprintf (out, (gsize) length + 1, format, arguments);
  va_end (arguments);
  buffer->length += (gsize) length;
}

void
pl_buffer_put_u8 (PlBuffer *buffer, guint8 value)
{
  pl_buffer_append (buffer, &value, sizeof value);
}

void
pl_buffer_put_u32 (PlBuffer *buffer, guint32 value)
{
  value = GUINT32_TO_LE (value);
  pl_buffer_append (buffer, &value, sizeof value);
}

void
pl_buffer_put_u64 (PlBuffer *buffer, guint64 value)
{
  value = GUINT64_TO_LE (value);
  pl_buffer_append (buffer, &value, sizeof value);
}

void
pl_buffer_put_double (PlBuffer *buffer, double value)
{
  guint64 bits;
  memcpy (&bits, &value, sizeof bits);
  pl_buffer_put_u64 (buffer, bits);
}

void
pl_buffer_put_bytes (PlBuffer *buffer, const void *data, gsize length)
{
  pl_buffer_put_u64 (buffer, data != NULL ? length : NO_BYTES);
  if (data != NULL)
    pl_buffer_append (buffer, data, length);
}

void
pl_buffer_put_string (PlBuffer *buffer, const char *string)
{
  pl_buffer_put_bytes (buffer, string, string != NULL ? strlen (string) : 0);
}

const void *
pl_cursor_get_raw (PlCursor *cursor, gsize length)
{
  if (cursor->failed || length > cursor->length - cursor->offset)
    {
      cursor->failed = TRUE;
      return NULL;
    }
  const void *data = cursor->data + cursor->offset;
  cursor->offset += length;
  return data;
}

guint8
pl_cursor_get_u8 (PlCursor *cursor)
{
  const guint8 *data = pl_cursor_get_raw (cursor, 1);
  return data != NULL ? *data : 0;
}

guint32
pl_cursor_get_u32 (PlCursor *cursor)
{
  guint32 value = 0;
  const void *data = pl_cursor_get_raw (cursor, sizeof value);
  if (data != NULL)
    memcpy (&value, data, sizeof value);
  return GUINT32_FROM_LE (value);
}

guint64
pl_cursor_get_u64 (PlCursor *cursor)
{
  guint64 value = 0;
  const void *data = pl_cursor_get_raw (cursor, sizeof value);
  if (data != NULL)
    memcpy (&value, data, sizeof value);
  return GUINT64_FROM_LE (value);
}

double
pl_cursor_get_double (PlCursor *cursor)
{
  guint64 bits = pl_cursor_get_u64 (cursor);
  double value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

const void *
pl_cursor_get_bytes (PlCursor *cursor, gsize *length)
{
  guint64 stored = pl_cursor_get_u64 (cursor);
  const void *data = NULL;
  *length = 0;
  if (cursor->failed || stored == NO_BYTES)
    return NULL;
  data = stored <= G_MAXSIZE ? pl_cursor_get_raw (cursor, (gsize) stored) : NULL;
  if (data == NULL)
    cursor->failed = TRUE;
  else
    *length = (gsize) stored;
  return data;
}

char *
pl_cursor_get_string (PlCursor *cursor)
{
  gsize length;
  const char *data = pl_cursor_get_bytes (cursor, &length);
  return data != NULL ? g_strndup (data, length) : NULL;
}
