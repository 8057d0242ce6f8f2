/* Pieces of malloc() that count: see leased.h. */
#include "leased.h"

#include <malloc.h>
#include <stdlib.h>

#include "../base/lease.h"

/* What the allocator keeps before each piece. */
#define HEADER 8

static gsize
size_of (gpointer memory)
{
  return memory != NULL ? malloc_usable_size (memory) + HEADER : 0;
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
