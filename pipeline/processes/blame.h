/* Which rows of a block kill workers. */
#pragma once
#include "exchange.h"

G_BEGIN_DECLS

/** pl_blame: @block has killed its workers more often than it may: finds out which of its rows are to blame, does all
 * others, and treats those as bad rows of the source. */
void pl_blame (PlServer *server, PlBlock *block);

G_END_DECLS
