/* How many processors there are. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_processors: Returns: how many processors this process may use at once, by its affinity and its control group; at
 * least 1. */
guint pl_processors (void);

G_END_DECLS
