/* Arrays that grow into gigabytes. From a megabyte on they are mappings of their own on huge pages: that saves most of
 * the page faults and TLB misses of hash tables, and growing moves pages instead of bytes. Grow by doubling. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_BIG ((gsize) 1 << 20) /* bytes: from here on, a mapping of its own */

/** pl_big_resize: @old_bytes: what @old was made with; 0 when it is %NULL.
 * Returns: @bytes bytes that start with those of @old, which is gone; bytes beyond one megabyte that @old had not are
 * zero. */
gpointer pl_big_resize (gpointer old, gsize old_bytes, gsize bytes);
/** pl_big_new0: Returns: @bytes zeros. */
gpointer pl_big_new0 (gsize bytes);
/** pl_big_free: @bytes: what @array was made with. */
void pl_big_free (gpointer array, gsize bytes);

G_END_DECLS
