/* Memory on huge pages, where that pays: one place for all that is large and freed as a whole. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a huge page. */
#define PL_HUGE_PAGE ((gsize) 2 << 20)

/** pl_huge_new: Returns: (transfer full): @bytes bytes, uninitialised, at a cache line's start; at a huge page's where
 * they are some of them. To be freed with free(). There is no memory: pl_no_memory(). */
gpointer pl_huge_new (gsize bytes);

G_END_DECLS
