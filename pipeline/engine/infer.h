/* Types of a source, from all of its rows. */
#pragma once
#include "../csv/source.h"
#include "../job/plan.h"
#include "../memory/budget.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_infer: classifies the whole input of @source on all workers and sets its types.
 * @budget: (nullable): of the run whose memory it is; in it reading is held as that source's own is
 * @cancelled: (nullable): as in #PlRunOptions */
gboolean pl_infer (PlSource *source, const PlRunSettings *run, PlBudget *budget, gint *cancelled, GError **error);

G_END_DECLS
