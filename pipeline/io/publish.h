/* All outputs of a run, published together. */
#pragma once
#include "output-private.h"
#include "output.h"

G_BEGIN_DECLS

/** pl_output_set_publish: on failure no file has changed, unless the message says so. */
gboolean pl_output_set_publish (PlOutputSet *set, GError **error);

G_END_DECLS
