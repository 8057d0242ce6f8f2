/* Arrays that grow into gigabytes: from a few megabytes on they stand on huge pages, which saves most of the page faults
 * and TLB misses of hash tables. Grow by doubling; free with free(). */
#pragma once
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PL_BIG_PAGE ((gsize) 2 << 20)

/** pl_big_resize: Returns: @bytes bytes that start with the first @old_bytes of @old, which is freed. */
static inline gpointer
pl_big_resize (gpointer old, gsize old_bytes, gsize bytes)
{
  gboolean big = bytes >= 2 * PL_BIG_PAGE;
  gsize size = big ? (bytes + PL_BIG_PAGE - 1) & ~(PL_BIG_PAGE - 1) : MAX (bytes, 64);
  gpointer fresh = aligned_alloc (big ? PL_BIG_PAGE : 64, (size + 63) & ~(gsize) 63);
  if (fresh == NULL)
    g_error ("out of memory: %" G_GSIZE_FORMAT " bytes for groups", size);
  if (big)
    madvise (fresh, size, MADV_HUGEPAGE);
  if (old_bytes > 0)
    memcpy (fresh, old, MIN (old_bytes, bytes));
  free (old);
  return fresh;
}
