/* Whether the files of a run are still what they were when it looked at them first. */
#pragma once
#include "../base/cleanup.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_inputs_check: @sources: (element-type PlSource). Behind a pass that went well, before anything is published. Says
 * of files that have grown that they have.
 * @again: (out): nothing is wrong, but whether it is right can be told only by another pass
 * Returns: %FALSE with PL_IO_ERROR_BUSY, naming the file. */
gboolean pl_inputs_check (const GPtrArray *sources, gboolean *again, GError **error);
/** pl_inputs_blame: @failure: (inout): why a pass failed. Where a file has changed, this is the reason, whatever it
 * looked like. */
void pl_inputs_blame (const GPtrArray *sources, GError **failure);

G_END_DECLS
