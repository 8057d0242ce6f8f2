/* Which aggregate calls of a group-by use the states of another one. */
#pragma once
#include "config.h"

G_BEGIN_DECLS

/** pl_group_find_owners: @owners[c] becomes the call whose states call c of @calls[0 .. n) uses: one that takes the
 * same and is willing to share, or c itself. */
void pl_group_find_owners (const PlGroupCall *calls, guint n, guint *owners);

G_END_DECLS
