/* A batch as a plugin sees it, and what the plugin makes of it. */
#pragma once
#include "../../pipeline/table/batch.h"
#include "config.h"

G_BEGIN_DECLS

/** pl_plugin_map: lets the plugin compute its columns for @batch; rows that it refuses are taken out of the batch where
 * the batch may lose them (PlBatch.refuse), else they are failures.
 * @state: the plugin's own, of this worker
 * @results: gets a column for each that the plugin adds, in the batch's arena */
gboolean pl_plugin_map (const PlPluginConfig *config, void *state, PlBatch *batch, PlColumn **results, GError **error);

G_END_DECLS
