/* The k-th least of the numbers of a group. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_numbers_select:
 * @width: 4 or 8
 * @scratch: room for @n values
 * @next: (out): the value of rank @k + 1, or the same value when there is none
 *
 * Returns: the value of rank @k (from 0) of @values, which stay as they are. */
gint64 pl_numbers_select (gconstpointer values, guint width, guint64 n, guint64 k, guint64 *scratch, gint64 *next);

G_END_DECLS
