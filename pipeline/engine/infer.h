/* Types of a source, from all of its rows. */
#pragma once
#include "../csv/source.h"
#include "../job/plan.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_infer: classifies the whole input of @source on all workers and sets its types.
 * @cancelled: (nullable): as in #PlRunOptions */
gboolean pl_infer (PlSource *source, const PlRunSettings *run, gint *cancelled, GError **error);

G_END_DECLS
