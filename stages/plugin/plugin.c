/* plugin: a stage from a shared object, through the plain structs of pipeline/plugin.h. */
#include "../stage.h"
#include "config.h"
#include "visit.h"

typedef struct
{
  const PlPluginConfig *config;
  void *state; /* the plugin's */
} Keep;

static gpointer
plugin_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  PlPluginConfig *config = pl_plugin_config_new (settings, input, issues);
  if (config != NULL)
    *output = pl_schema_ref (config->output);
  return config;
}

static void
plugin_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const PlPluginConfig *config = data;
  for (guint i = 0; i < config->input->n_fields; i++)
    {
      if (config->needed[i])
        input_uses[i] |= PL_USE_VALUE | PL_USE_COMPUTE;
      if (pl_schema_find (config->added, config->input->fields[i].name) < 0)
        input_uses[i] |= output_uses[pl_schema_find (config->output, config->input->fields[i].name)];
    }
}

static gpointer
plugin_state_new (gconstpointer data)
{
  const PlPluginConfig *config = data;
  Keep *keep = g_new0 (Keep, 1);
  keep->config = config;
  if (config->descriptor->state_new != NULL)
    keep->state = config->descriptor->state_new (&config->setup);
  return keep;
}

static void
plugin_state_free (gpointer state)
{
  Keep *keep = state;
  if (keep != NULL && keep->config->descriptor->state_free != NULL)
    keep->config->descriptor->state_free (keep->state);
  g_free (keep);
}

static gboolean
plugin_process (gconstpointer data, gpointer state, PlBatch *batch, GError **error)
{
  const PlPluginConfig *config = data;
  const Keep *keep = state;
  PlColumn **results = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * (config->added->n_fields + 1));
  if (!pl_plugin_map (config, keep->state, batch, results, error))
    return FALSE;
  PlColumn **columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * (config->output->n_fields + 1));
  memcpy (columns, batch->columns, sizeof (PlColumn *) * config->input->n_fields);
  for (guint i = 0; i < config->added->n_fields; i++)
    columns[config->targets[i]] = results[i];
  batch->columns = columns;
  batch->schema = config->output;
  return TRUE;
}

static const PlSettingKey plugin_keys[] = {
    {"library", "path", NULL, "The shared object, seen from the job file's folder", TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_plugin = {
    .name = "plugin",
    .summary = "Adds columns that a shared object computes",
    .description
    = "A function in C over batches of typed columns, built against the installed header pipeline/plugin.h and "
      "loaded when the job is read. All keys but `library` are options of the plugin's own. It must treat every row "
      "by itself.\n\n"
      "A job with a plugin runs in worker processes unless [run] says otherwise, so that a crash is that of a "
      "worker, which is "
      "replaced, and of a row, which is named.",
    .example = "[plugin distance]\nlibrary = ./distance.so\nunit = km\n",
    .rows = PL_ROWS_REJECTED,
    .code = PL_CODE_FOREIGN,
    .keys = plugin_keys,
    .free_keys = "an option of the plugin: name = value",
    .configure = plugin_configure,
    .config_free = pl_plugin_config_free,
    .require = plugin_require,
    .state_new = plugin_state_new,
    .state_free = plugin_state_free,
    .map = &(const PlMapStage){.process = plugin_process},
};
