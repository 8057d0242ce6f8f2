/* A plugin that is loaded and set up for its place in a job. */
#pragma once
#include "../../pipeline/base/settings.h"
#include "../../pipeline/plugin.h"
#include "../../pipeline/table/schema.h"

G_BEGIN_DECLS

typedef struct
{
  PlPluginSetup setup; /* first: the plugin's functions get its address */
  void *library;
  const PlPluginDescriptor *descriptor;
  gboolean is_set_up;
  char *label; /* "plugin score" */
  PlSchema *input, *output;
  PlSchema *added;
  guint8 *needed; /* per input column */
  guint *targets; /* per added column: index in the output */
  PlPluginField *fields;
  PlPluginOption *options;
  /* While it is set up. */
  const PlSettings *settings;
  PlIssues *issues;
} PlPluginConfig;

/** pl_plugin_config_new: loads the shared object that @settings name, and sets it up for the columns of @input. Every
 * mistake goes to @issues, and what the plugin says with them.
 * Returns: (transfer full) (nullable): const from here on. Several threads may use it at once. */
PlPluginConfig *pl_plugin_config_new (const PlSettings *settings, PlSchema *input, PlIssues *issues);
/** pl_plugin_config_free: also where setting up failed. */
void pl_plugin_config_free (gpointer config);
/** pl_plugin_words: Returns: (transfer full): what a plugin says, as it is shown: cut, and without control characters.
 * @message: (nullable) */
char *pl_plugin_words (const char *message);

G_END_DECLS
