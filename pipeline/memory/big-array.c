/* Mappings stand at multiples of a huge page, so that the kernel can back all of them with such pages, and so that
 * mremap() moves whole page tables. Memory is touched by whoever writes to it first: capacity that is never used costs
 * nothing. */
#include "big-array.h"
#include "../base/lease.h"
#include "../base/memory.h"
#include "huge.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static gsize
mapped_size (gsize bytes)
{
  return (bytes + PL_HUGE_PAGE - 1) & ~(PL_HUGE_PAGE - 1);
}

/* What the holder pays for an array of @bytes. */
static gsize
leased_size (gsize bytes)
{
  return bytes >= PL_BIG ? mapped_size (bytes) : bytes;
}

/* Running out is treated as GLib treats it everywhere else. */
static gpointer
checked (gpointer memory, gsize bytes)
{
  if (G_UNLIKELY (memory == NULL || memory == MAP_FAILED))
    pl_no_memory (bytes);
  return memory;
}

/* @size bytes of address space at a multiple of a huge page. */
static guint8 *
map_aligned (gsize size)
{
  gsize padded = size + PL_HUGE_PAGE;
  guint8 *start
      = checked (mmap (NULL, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), size);
  gsize front = (gsize) (-(guintptr) start & (PL_HUGE_PAGE - 1));
  if (front > 0)
    munmap (start, front);
  if (front < PL_HUGE_PAGE)
    munmap (start + front + size, PL_HUGE_PAGE - front);
  madvise (start + front, size, MADV_HUGEPAGE);
  return start + front;
}

gpointer
pl_big_resize (gpointer old, gsize old_bytes, gsize bytes)
{
  if (bytes < PL_BIG)
    {
      pl_lease_take (leased_size (bytes));
      gpointer fresh = checked (aligned_alloc (64, (MAX (bytes, 64) + 63) & ~(gsize) 63), bytes);
      if (old_bytes > 0)
        memcpy (fresh, old, MIN (old_bytes, bytes));
      pl_big_free (old, old_bytes);
      return fresh;
    }
  if (old_bytes >= PL_BIG && mapped_size (old_bytes) == mapped_size (bytes))
    return old;
  guint8 *fresh = map_aligned (mapped_size (bytes));
  if (old_bytes >= PL_BIG && bytes > old_bytes
      && mremap (old, mapped_size (old_bytes), mapped_size (bytes), MREMAP_MAYMOVE | MREMAP_FIXED, fresh) != MAP_FAILED)
    {
      pl_lease_take (mapped_size (bytes) - mapped_size (old_bytes));
      return fresh;
    }
  pl_lease_take (mapped_size (bytes));
  if (old_bytes > 0)
    memcpy (fresh, old, MIN (old_bytes, bytes));
  pl_big_free (old, old_bytes);
  return fresh;
}

gpointer
pl_big_new0 (gsize bytes)
{
  gpointer array = pl_big_resize (NULL, 0, bytes);
  return bytes < PL_BIG ? memset (array, 0, bytes) : array;
}

void
pl_big_free (gpointer array, gsize bytes)
{
  if (array == NULL)
    return;
  pl_lease_give (leased_size (bytes));
  if (bytes >= PL_BIG)
    munmap (array, mapped_size (bytes));
  else
    free (array);
}
