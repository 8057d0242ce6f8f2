/* Opens a shared object, looks its descriptor through, and lets it say which columns it takes and gives. */
#include "config.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/base/show.h"

#include <dlfcn.h>

/* Longest part of a plugin's message that is shown. */
#define SHOWN_BYTES 500

char *
pl_plugin_words (const char *message)
{
  const char *words = message != NULL ? message : "it fails";
  return pl_show_some (words, strlen (words), SHOWN_BYTES);
}

void
pl_plugin_config_free (gpointer data)
{
  PlPluginConfig *config = data;
  if (config->is_set_up && config->descriptor->setup_free != NULL)
    config->descriptor->setup_free (&config->setup);
  if (config->library != NULL)
    dlclose (config->library);
  g_clear_pointer (&config->input, pl_schema_unref);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_clear_pointer (&config->added, pl_schema_unref);
  g_free (config->label);
  g_free (config->needed);
  g_free (config->targets);
  g_free (config->fields);
  g_free (config->options);
  g_free (config);
}

G_GNUC_PRINTF (3, 4)
static void
report (PlPluginConfig *config, const PlSetting *setting, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  pl_issues_take (config->issues, config->settings, setting, G_MAXUINT, error);
}

static gint32
plugin_type (PlType type)
{
  switch (type.kind)
    {
    case PL_BOOL:
      return PL_PLUGIN_BOOL;
    case PL_INT:
      return PL_PLUGIN_INT;
    case PL_FLOAT:
      return PL_PLUGIN_FLOAT;
    case PL_DECIMAL:
      return PL_PLUGIN_DECIMAL;
    case PL_DATE:
      return PL_PLUGIN_DATE;
    case PL_TIMESTAMP:
      return PL_PLUGIN_TIMESTAMP;
    default:
      /* A column without any value may be taken for texts. */
      return PL_PLUGIN_STRING;
    }
}

static gboolean
own_type (const PlPluginField *field, PlType *type)
{
  switch (field->type)
    {
    case PL_PLUGIN_BOOL:
      *type = PL_TYPE (PL_BOOL);
      return TRUE;
    case PL_PLUGIN_INT:
      *type = PL_TYPE (PL_INT);
      return TRUE;
    case PL_PLUGIN_FLOAT:
      *type = PL_TYPE (PL_FLOAT);
      return TRUE;
    case PL_PLUGIN_DECIMAL:
      *type = PL_TYPE_DECIMAL (field->precision, field->scale);
      return field->precision >= 1 && field->precision <= 38 && field->scale <= field->precision;
    case PL_PLUGIN_STRING:
      *type = PL_TYPE (PL_STRING);
      return TRUE;
    case PL_PLUGIN_DATE:
      *type = PL_TYPE (PL_DATE);
      return TRUE;
    case PL_PLUGIN_TIMESTAMP:
      *type = PL_TYPE (PL_TIMESTAMP);
      return TRUE;
    default:
      return FALSE;
    }
}

/* ---- what the plugin calls while it is set up ---- */

static int
setup_need (PlPluginSetup *setup, uint32_t input)
{
  PlPluginConfig *config = (PlPluginConfig *) setup;
  if (input >= setup->n_inputs)
    return setup->fail (setup, NULL, "it needs a column that there is not");
  config->needed[input] = TRUE;
  return 0;
}

static int
setup_add (PlPluginSetup *setup, const PlPluginField *field)
{
  PlPluginConfig *config = (PlPluginConfig *) setup;
  PlType type;
  if (field->name == NULL || *field->name == '\0' || !g_utf8_validate (field->name, -1, NULL))
    return setup->fail (setup, NULL, "it adds a column without a name");
  if (!own_type (field, &type))
    return setup->fail (setup, NULL, "it adds a column of a type that there is not");
  if (pl_schema_find (config->added, field->name) >= 0)
    return setup->fail (setup, NULL, "it adds a column twice");
  pl_schema_add (config->added, field->name, type);
  return 0;
}

static int
setup_fail (PlPluginSetup *setup, const char *option, const char *message)
{
  PlPluginConfig *config = (PlPluginConfig *) setup;
  const PlSetting *setting = option != NULL ? pl_settings_find (config->settings, option) : NULL;
  g_autofree char *words = pl_plugin_words (message);
  report (config, setting, "the plugin says: %s", words);
  return 1;
}

/* ---- setting it up ---- */

/* Opens the library and takes its descriptor. */
static gboolean
load (PlPluginConfig *config)
{
  const PlSetting *setting = pl_settings_find (config->settings, "library");
  const char *name = setting->value;
  g_autofree char *folder = g_path_get_dirname (config->settings->origin);
  g_autofree char *path = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (folder, name, NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      report (config, setting, "there is no file '%s'", name);
      return FALSE;
    }
  config->library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (config->library == NULL)
    {
      report (config, setting, "cannot load '%s': %s", name, dlerror ());
      return FALSE;
    }
  const PlPluginDescriptor *descriptor = dlsym (config->library, "pl_plugin_descriptor");
  if (descriptor == NULL)
    report (config, setting, "'%s' is not a plugin: it has no pl_plugin_descriptor", name);
  else if (descriptor->abi != PL_PLUGIN_ABI)
    report (config, setting,
            "'%s' is built for version %u of the plugin interface, this program has version %u; build it anew", name,
            descriptor->abi, (guint) PL_PLUGIN_ABI);
  else if (descriptor->size < sizeof *descriptor || descriptor->columns == NULL || descriptor->map == NULL
           || (descriptor->state_new != NULL && descriptor->state_free == NULL))
    report (config, setting, "the descriptor of '%s' is not filled in", name);
  else
    config->descriptor = descriptor;
  return config->descriptor != NULL;
}

static void
describe_job (PlPluginConfig *config)
{
  PlPluginSetup *setup = &config->setup;
  guint n = config->input->n_fields, n_options = 0;
  config->fields = g_new0 (PlPluginField, n + 1);
  for (guint i = 0; i < n; i++)
    {
      PlType type = config->input->fields[i].type;
      config->fields[i] = (PlPluginField){
          .name = config->input->fields[i].name,
          .type = plugin_type (type),
          .precision = type.precision,
          .scale = type.scale,
      };
    }
  config->options = g_new0 (PlPluginOption, config->settings->entries->len + 1);
  for (guint i = 0; i < config->settings->entries->len; i++)
    {
      const PlSetting *entry = config->settings->entries->pdata[i];
      if (strcmp (entry->key, "library") != 0 && strcmp (entry->key, "input") != 0)
        config->options[n_options++] = (PlPluginOption){entry->key, entry->value};
    }
  *setup = (PlPluginSetup){
      .size = sizeof *setup,
      .n_inputs = n,
      .inputs = config->fields,
      .n_options = n_options,
      .options = config->options,
      .need = setup_need,
      .add = setup_add,
      .fail = setup_fail,
  };
  config->needed = g_new0 (guint8, n + 1);
  config->added = pl_schema_new ();
}

static void
set_output (PlPluginConfig *config)
{
  PlSchema *output = config->output = pl_schema_new ();
  config->targets = g_new0 (guint, config->added->n_fields + 1);
  for (guint i = 0; i < config->input->n_fields; i++)
    {
      const PlField *field = &config->input->fields[i];
      gint added = pl_schema_find (config->added, field->name);
      guint index = pl_schema_add_like (output, field->name, added >= 0 ? &config->added->fields[added] : field);
      if (added >= 0)
        config->targets[added] = index;
    }
  for (guint i = 0; i < config->added->n_fields; i++)
    {
      const PlField *field = &config->added->fields[i];
      if (pl_schema_find (config->input, field->name) < 0)
        config->targets[i] = pl_schema_add (output, field->name, field->type);
    }
}

PlPluginConfig *
pl_plugin_config_new (const PlSettings *settings, PlSchema *input, PlIssues *issues)
{
  PlPluginConfig *config = g_new0 (PlPluginConfig, 1);
  guint before = pl_issues_n_errors (issues);
  config->settings = settings;
  config->issues = issues;
  config->label = g_strdup_printf ("plugin %s", settings->name);
  config->input = pl_schema_ref (input);
  if (load (config))
    {
      describe_job (config);
      config->is_set_up = TRUE;
      if (config->descriptor->columns (&config->setup) != 0 && pl_issues_n_errors (issues) == before)
        report (config, NULL, "the plugin does not say what is wrong");
    }
  if (pl_issues_n_errors (issues) > before)
    {
      pl_plugin_config_free (config);
      return NULL;
    }
  config->issues = NULL;
  config->settings = NULL;
  set_output (config);
  return config;
}
