/* memcpy for texts, which are mostly short. */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/** pl_copy_short: copies @length bytes with no call when they are few: two overlapping copies of a fixed size, never
 * outside either side.
 * Returns: behind the copy. */
static inline char *
pl_copy_short (void *to, const void *from, gsize length)
{
  char *out = (char *) to;
  const char *data = (const char *) from;
  if (length > 64)
    memcpy (out, data, length);
  else if (length > 32)
    {
      memcpy (out, data, 32);
      memcpy (out + length - 32, data + length - 32, 32);
    }
  else if (length >= 16)
    {
      memcpy (out, data, 16);
      memcpy (out + length - 16, data + length - 16, 16);
    }
  else if (length >= 8)
    {
      memcpy (out, data, 8);
      memcpy (out + length - 8, data + length - 8, 8);
    }
  else if (length >= 4)
    {
      memcpy (out, data, 4);
      memcpy (out + length - 4, data + length - 4, 4);
    }
  else
    for (gsize i = 0; i < length; i++)
      out[i] = data[i];
  return out + length;
}

G_END_DECLS
