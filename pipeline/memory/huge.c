/* The first touch of fresh memory costs more than all else that is done with it, and a huge page is touched 512 times
 * less often. Up to two huge pages, what rounding up would waste is worth more. */
#include "huge.h"
#include "../base/memory.h"
#include <stdlib.h>
#include <sys/mman.h>

#define CACHE_LINE ((gsize) 64)

gpointer
pl_huge_new (gsize bytes)
{
  const gboolean huge = bytes >= 2 * PL_HUGE_PAGE || (bytes >= PL_HUGE_PAGE && bytes % PL_HUGE_PAGE == 0);
  const gsize unit = huge ? PL_HUGE_PAGE : CACHE_LINE;
  if (bytes > G_MAXSSIZE - unit)
    pl_no_memory (bytes);
  const gsize size = (MAX (bytes, 1) + unit - 1) & ~(unit - 1);
  gpointer memory = aligned_alloc (unit, size);
  if (memory == NULL)
    pl_no_memory (size);
  if (huge)
    madvise (memory, size, MADV_HUGEPAGE);
  return memory;
}
