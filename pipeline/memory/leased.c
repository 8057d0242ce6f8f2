/* Pieces of malloc() that count: see leased.h. */
#include "leased.h"
#include "huge.h"

#include <malloc.h>
#include <stdlib.h>

#include "../base/lease.h"

/* What the allocator keeps before each piece. */
#define HEADER 8

/* Pieces on huge pages are whole pages; what the allocator took beyond them to align them is never touched. */
static gsize
size_of (gpointer memory)
{
  if (memory == NULL)
    return 0;
  const gsize size = malloc_usable_size (memory);
  return size >= PL_HUGE_PAGE && (guintptr) memory % PL_HUGE_PAGE == 0 ? size - size % PL_HUGE_PAGE : size + HEADER;
}

gpointer
pl_leased (gpointer memory)
{
  pl_lease_take (size_of (memory));
  return memory;
}

gpointer
pl_leased_new0 (gsize bytes)
{
  return pl_leased (g_malloc0 (bytes));
}

gpointer
pl_leased_resize (gpointer old, gsize bytes)
{
  pl_lease_give (size_of (old));
  return pl_leased (g_realloc (old, bytes));
}

void
pl_leased_free (gpointer memory)
{
  pl_lease_give (size_of (memory));
  free (memory);
}
