/* The order of groups in the output. */
#pragma once
#include "merged.h"

G_BEGIN_DECLS

/** pl_group_rows_order: puts ids in the order that the configuration asks for. They come ordered by hash, then key:
 * nobody's favourite, but the same on every run. */
void pl_group_rows_order (PlGroupRows *rows, PlParallel *parallel);
/** pl_group_rows_order_keys: puts them in the order of keys, whatever is asked for. */
void pl_group_rows_order_keys (PlGroupRows *rows, PlParallel *parallel);

G_END_DECLS
