/* The formats by name, and by the ending of a path. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

const PlFormat *const *pl_formats (void);
const PlFormat *pl_format_find (const char *name);
/** pl_format_for_path: by the ending, before that of a compression. Returns: (nullable): */
const PlFormat *pl_format_for_path (const char *path);

G_END_DECLS
