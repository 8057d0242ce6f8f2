/* malloc() in the name of the thread's current holder (base/lease.h): for what states allocate piece by piece, a
 * group's values, say. The allocator is asked how large a piece is, so that who frees it need not know. Pieces must be
 * freed by pl_leased_free(), in the same name. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_leased: counts @memory, which malloc(), GLib or aligned_alloc() has just given. Returns: @memory. */
gpointer pl_leased (gpointer memory);
/** pl_leased_new0: Returns: (transfer full): @bytes zeros. */
gpointer pl_leased_new0 (gsize bytes);
/** pl_leased_resize: @old: (nullable) (transfer full): such memory.
 * Returns: (transfer full): @bytes bytes that start with those of @old. */
gpointer pl_leased_resize (gpointer old, gsize bytes);
/** pl_leased_more: Returns: for how many items, at least @needed, an array of @n items of @size bytes gets room. Large
 * ones grow by an eighth: the allocator moves their pages, which is cheap, and room that is not used is leased all the
 * same. */
static inline gsize
pl_leased_more (gsize n, gsize needed, gsize size)
{
  const gsize more = n * size < (gsize) 4 << 20 ? n * 2 : n + n / 8;
  return MAX (more, needed);
}
/** pl_leased_free: @memory: (nullable). */
void pl_leased_free (gpointer memory);

static inline void
pl_leased_clear (gpointer variable)
{
  pl_leased_free (*(gpointer *) variable);
}
/* As g_autofree, for such memory. */
#define pl_leased_auto __attribute__ ((cleanup (pl_leased_clear)))

G_END_DECLS
