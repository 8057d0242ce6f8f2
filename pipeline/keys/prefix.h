/* Eight bytes of a key as a number that compares like them: what sorts and heaps look at before they look at keys. */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/** pl_key_prefix_behind: Returns: bytes [@skip, @skip + 8) of @key, as if zeros stood behind its end. */
static inline guint64
pl_key_prefix_behind (gconstpointer key, gsize length, gsize skip)
{
  guint64 prefix = 0;
  if (G_LIKELY (length >= skip + sizeof prefix))
    memcpy (&prefix, (const guint8 *) key + skip, sizeof prefix);
  else if (length > skip)
    memcpy (&prefix, (const guint8 *) key + skip, length - skip);
  return GUINT64_FROM_BE (prefix);
}

/** pl_key_prefix: Returns: the first eight bytes of @key. */
static inline guint64
pl_key_prefix (gconstpointer key, gsize length)
{
  return pl_key_prefix_behind (key, length, 0);
}

/** pl_key_prefix_put: writes the eight bytes that @prefix was made of. */
static inline void
pl_key_prefix_put (guint64 prefix, gpointer key)
{
  prefix = GUINT64_TO_BE (prefix);
  memcpy (key, &prefix, sizeof prefix);
}

G_END_DECLS
