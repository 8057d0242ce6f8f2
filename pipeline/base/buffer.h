/* Growable bytes for output and for the wire, and a checked cursor to read them back.
 *
 * PlBuffer is what formatting and save() append to; PlCursor is what load() reads from. The wire format is
 * little-endian and versioned by its users; a cursor never reads past its end and remembers that it failed,
 * so a loader checks once at its end instead of after each field. */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  char *data;
  gsize length;
  gsize capacity;
  gboolean is_lent; /* data belongs to somebody else: it is copied when it has to grow */
} PlBuffer;

#define PL_BUFFER_INIT                                                                                                 \
  {                                                                                                                    \
    NULL, 0, 0, FALSE                                                                                                  \
  }

/** pl_buffer_clear: frees the bytes; the buffer is empty and usable again. */
void pl_buffer_clear (PlBuffer *buffer);
/** pl_buffer_lend: empties @buffer, which then uses @capacity bytes at @data for as long as they are enough; @length of
 * them are in it already. */
void pl_buffer_lend (PlBuffer *buffer, gpointer data, gsize length, gsize capacity);
/* Slow path of pl_buffer_reserve(). */
void pl_buffer_grow (PlBuffer *buffer, gsize extra);

/** pl_buffer_reserve: makes room for @extra bytes. Returns: where they go; add to `length` what was written. */
static inline char *
pl_buffer_reserve (PlBuffer *buffer, gsize extra)
{
  if (G_UNLIKELY (buffer->capacity - buffer->length < extra))
    pl_buffer_grow (buffer, extra);
  return buffer->data + buffer->length;
}

static inline void
pl_buffer_append (PlBuffer *buffer, const void *data, gsize length)
{
  if (length == 0)
    return;
  memcpy (pl_buffer_reserve (buffer, length), data, length);
  buffer->length += length;
}

static inline void
pl_buffer_append_char (PlBuffer *buffer, char c)
{
  *pl_buffer_reserve (buffer, 1) = c;
  buffer->length++;
}

static inline void
pl_buffer_append_string (PlBuffer *buffer, const char *string)
{
  pl_buffer_append (buffer, string, strlen (string));
}

void pl_buffer_append_printf (PlBuffer *buffer, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The wire. */
void pl_buffer_put_u8 (PlBuffer *buffer, guint8 value);
void pl_buffer_put_u32 (PlBuffer *buffer, guint32 value);
void pl_buffer_put_u64 (PlBuffer *buffer, guint64 value);
void pl_buffer_put_double (PlBuffer *buffer, double value);
/* Length (u64) and bytes; %NULL is told apart from "". */
void pl_buffer_put_bytes (PlBuffer *buffer, const void *data, gsize length);
void pl_buffer_put_string (PlBuffer *buffer, const char *string);

typedef struct
{
  const guint8 *data;
  gsize length;
  gsize offset;
  gboolean failed; /* a read went past the end; every later read gives zero */
} PlCursor;

guint8 pl_cursor_get_u8 (PlCursor *cursor);
guint32 pl_cursor_get_u32 (PlCursor *cursor);
guint64 pl_cursor_get_u64 (PlCursor *cursor);
double pl_cursor_get_double (PlCursor *cursor);
/** pl_cursor_get_bytes: Returns: (transfer none) (nullable): the bytes, inside the cursor's memory. */
const void *pl_cursor_get_bytes (PlCursor *cursor, gsize *length);
/** pl_cursor_get_string: Returns: (transfer full) (nullable): a copy. */
char *pl_cursor_get_string (PlCursor *cursor);
/** pl_cursor_get_raw: Returns: (nullable): the next @length bytes, or %NULL and failed. */
const void *pl_cursor_get_raw (PlCursor *cursor, gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlBuffer, pl_buffer_clear)

G_END_DECLS
