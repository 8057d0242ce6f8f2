/* Finding groups by one short text: hash, look-up and comparison in one pass. */
#pragma once
#include "text.h"
#include "../base/parallel.h"

G_BEGIN_DECLS

/** pl_group_text_kernels: Returns: (transfer none): all that this machine runs, the fastest first, up to one without a
 * name. */
const PlGroupTextKernel *pl_group_text_kernels (void);

G_END_DECLS
