/* The exchange of a batch of rows with a program, whatever the program does. */
#pragma once
#include "../../pipeline/base/cleanup.h"
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

gpointer pl_exec_state_new (gconstpointer config);
void pl_exec_state_free (gpointer state);
gboolean pl_exec_process (gconstpointer config, gpointer state, PlBatch *batch, GError **error);
gboolean pl_exec_end (gconstpointer config, gpointer state, GError **error);

G_END_DECLS
