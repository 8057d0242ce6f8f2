/* plugin: a stage from a shared object, through the plain structs of pipeline/plugin.h.
 *
 * Values are handed over where they stand; results are made in the batch's arena and looked through, because what a
 * plugin writes is not our own: a flag that is neither 0 nor 1, or a text that is not UTF-8, must not travel on. */
#include "../../pipeline/plugin.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/base/show.h"
#include "../../pipeline/table/calendar.h"
#include "../../pipeline/base/arena.h"
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/base/settings.h"
#include "../../pipeline/table/batch.h"
#include "../stage.h"

#include <dlfcn.h>

/* Longest part of a plugin's message that is shown. */
#define SHOWN_BYTES 500

G_STATIC_ASSERT (sizeof (PlPluginText) == sizeof (PlText));
G_STATIC_ASSERT (G_STRUCT_OFFSET (PlPluginText, length) == G_STRUCT_OFFSET (PlText, length));
G_STATIC_ASSERT (sizeof (PlPluginDecimal) == sizeof (PlInt128));

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
  /* While it is configured. */
  const PlSettings *settings;
  PlIssues *issues;
} PluginConfig;

/* What a plugin sees of a batch, and what only we do. */
typedef struct
{
  PlPluginBatch shown; /* first */
  PlBatch *batch;
  char **messages; /* (nullable): per row that failed, in the batch's arena */
} Visit;

typedef struct
{
  const PluginConfig *config;
  void *state; /* the plugin's */
} Keep;

static void
plugin_config_free (gpointer data)
{
  PluginConfig *config = data;
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
report (PluginConfig *config, const PlSetting *setting, const char *format, ...)
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

/* What the plugin calls while it is set up. */

static int
setup_need (PlPluginSetup *setup, uint32_t input)
{
  PluginConfig *config = (PluginConfig *) setup;
  if (input >= setup->n_inputs)
    return setup->fail (setup, NULL, "it needs a column that there is not");
  config->needed[input] = TRUE;
  return 0;
}

static int
setup_add (PlPluginSetup *setup, const PlPluginField *field)
{
  PluginConfig *config = (PluginConfig *) setup;
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
  PluginConfig *config = (PluginConfig *) setup;
  const PlSetting *setting = option != NULL ? pl_settings_find (config->settings, option) : NULL;
  const char *words = message != NULL ? message : "it fails";
  g_autofree char *shown_words = pl_show_some (words, strlen (words), SHOWN_BYTES);
  report (config, setting, "the plugin says: %s", shown_words);
  return 1;
}

/* Opens the library and takes its descriptor. */
static gboolean
load (PluginConfig *config)
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
describe_job (PluginConfig *config)
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
set_output (PluginConfig *config)
{
  PlSchema *output = config->output = pl_schema_new ();
  config->targets = g_new0 (guint, config->added->n_fields + 1);
  for (guint i = 0; i < config->input->n_fields; i++)
    {
      const PlField *field = &config->input->fields[i];
      gint added = pl_schema_find (config->added, field->name);
      guint place = pl_schema_add (output, field->name, added >= 0 ? config->added->fields[added].type : field->type);
      if (added >= 0)
        config->targets[added] = place;
    }
  for (guint i = 0; i < config->added->n_fields; i++)
    {
      const PlField *field = &config->added->fields[i];
      if (pl_schema_find (config->input, field->name) < 0)
        config->targets[i] = pl_schema_add (output, field->name, field->type);
    }
}

static gpointer
plugin_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  PluginConfig *config = g_new0 (PluginConfig, 1);
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
      plugin_config_free (config);
      return NULL;
    }
  config->issues = NULL;
  config->settings = NULL;
  set_output (config);
  *output = pl_schema_ref (config->output);
  return config;
}

static void
plugin_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const PluginConfig *config = data;
  for (guint i = 0; i < config->input->n_fields; i++)
    {
      if (config->needed[i])
        input_uses[i] |= PL_USE_VALUE;
      if (pl_schema_find (config->added, config->input->fields[i].name) < 0)
        input_uses[i] |= output_uses[pl_schema_find (config->output, config->input->fields[i].name)];
    }
}

static gpointer
plugin_state_new (gconstpointer data)
{
  const PluginConfig *config = data;
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

/* What the plugin calls on a batch. */

static void *
visit_allocate (PlPluginBatch *shown, size_t size)
{
  return pl_arena_alloc (((Visit *) shown)->batch->arena, size);
}

static int
visit_fail (PlPluginBatch *shown, size_t row, const char *message)
{
  Visit *visit = (Visit *) shown;
  PlArena *arena = visit->batch->arena;
  const char *words = message != NULL ? message : "it fails";
  g_autofree char *shown_words = pl_show_some (words, strlen (words), SHOWN_BYTES);
  row = MIN (row, shown->n_rows - 1);
  if (visit->messages == NULL)
    visit->messages = pl_arena_alloc0 (arena, sizeof (char *) * shown->n_rows);
  if (visit->messages[row] == NULL)
    visit->messages[row] = pl_arena_copy (arena, shown_words, strlen (shown_words));
  return 1;
}

static const void *
all_values (const PlColumn *column, gsize n_rows, PlArena *arena)
{
  return column->type.kind == PL_NULL ? pl_arena_alloc0 (arena, sizeof (PlText) * n_rows) : column->values;
}

static const guint8 *
all_nulls (const PlColumn *column, gsize n_rows, PlArena *arena)
{
  if (column->type.kind != PL_NULL)
    return column->nulls;
  return memset (pl_arena_alloc (arena, n_rows), 1, n_rows);
}

/* The values and the text of a decimal's range. */
static PlInt128
decimal_limit (guint precision)
{
  PlInt128 limit = 1;
  while (precision-- > 0)
    limit *= 10;
  return limit;
}

/* What is wrong with row @row of a result. Flags are made 0 or 1. */
static const char *
find_wrong (PlColumn *column, gsize row, PlInt128 limit)
{
  const PlText *text;
  switch (column->type.kind)
    {
    case PL_BOOL:
      column->bools[row] = column->bools[row] != 0;
      return NULL;
    case PL_STRING:
      text = &column->texts[row];
      if (text->length > 0 && (text->data == NULL || !g_utf8_validate_len (text->data, text->length, NULL)))
        return "a text that is not UTF-8";
      column->texts[row] = (PlText){text->length > 0 ? text->data : "", text->length, 0};
      return NULL;
    case PL_DECIMAL:
      return column->decimals[row] >= limit || column->decimals[row] <= -limit ? "a decimal out of its range" : NULL;
    case PL_DATE:
      return column->dates[row] < PL_DATE_MIN || column->dates[row] > PL_DATE_MAX ? "a date that is none" : NULL;
    case PL_TIMESTAMP:
      return column->ints[row] < PL_TIMESTAMP_MIN || column->ints[row] > PL_TIMESTAMP_MAX ? "a timestamp that is none"
                                                                                          : NULL;
    default:
      return NULL;
    }
}

/* Looks a result through. */
static void
check_result (Visit *visit, PlColumn *column, const char *name)
{
  PlInt128 limit = decimal_limit (column->type.precision);
  gsize n_rows = visit->shown.n_rows, n_nulls = 0;
  for (gsize row = 0; row < n_rows; row++)
    {
      column->nulls[row] = column->nulls[row] != 0;
      n_nulls += column->nulls[row];
      const char *wrong = column->nulls[row] ? NULL : find_wrong (column, row, limit);
      if (column->nulls[row] && column->type.kind == PL_STRING)
        column->texts[row] = (PlText){"", 0, 0};
      if (wrong == NULL)
        continue;
      g_autofree char *message = g_strdup_printf ("it gave %s for column '%s'", wrong, name);
      visit->shown.fail (&visit->shown, row, message);
    }
  if (n_nulls == 0)
    column->nulls = NULL;
}

static void
begin_visit (const PluginConfig *config, Visit *visit, PlBatch *batch, PlColumn **results)
{
  guint n = config->input->n_fields, n_added = config->added->n_fields;
  PlPluginColumn *inputs = pl_arena_alloc0 (batch->arena, sizeof *inputs * (n + 1));
  PlPluginResult *shown = pl_arena_alloc0 (batch->arena, sizeof *shown * (n_added + 1));
  for (guint i = 0; i < n; i++)
    if (config->needed[i])
      inputs[i] = (PlPluginColumn){all_nulls (batch->columns[i], batch->n_rows, batch->arena),
                                   all_values (batch->columns[i], batch->n_rows, batch->arena)};
  for (guint i = 0; i < n_added; i++)
    {
      PlType type = config->added->fields[i].type;
      results[i] = pl_column_new (batch->arena, type, batch->n_rows);
      memset (results[i]->values, 0, pl_type_width (type) * batch->n_rows);
      pl_column_add_nulls (results[i], batch->arena, batch->n_rows);
      shown[i] = (PlPluginResult){results[i]->nulls, results[i]->values};
    }
  *visit = (Visit){
      .shown = {
          .size = sizeof visit->shown,
          .n_inputs = n,
          .n_results = n_added,
          .n_rows = batch->n_rows,
          .inputs = inputs,
          .results = shown,
          .allocate = visit_allocate,
          .fail = visit_fail,
      },
      .batch = batch,
  };
}

/* Maps the batch once. Returns: %FALSE with messages. */
static gboolean
map (const Keep *keep, Visit *visit, PlBatch *batch, PlColumn **results)
{
  const PluginConfig *config = keep->config;
  begin_visit (config, visit, batch, results);
  if (config->descriptor->map (keep->state, &visit->shown) != 0 && visit->messages == NULL)
    visit->shown.fail (&visit->shown, 0, "it does not say what is wrong");
  for (guint i = 0; i < config->added->n_fields; i++)
    check_result (visit, results[i], config->added->fields[i].name);
  return visit->messages == NULL;
}

/* Takes the rows with messages out of @batch. Returns: %FALSE with @error when one of them is a failure. */
static gboolean
refuse (const PluginConfig *config, const Visit *visit, PlBatch *batch, GError **error)
{
  gsize n = 0;
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  for (gsize row = 0; row < batch->n_rows; row++)
    {
      if (visit->messages[row] == NULL)
        {
          kept[n++] = (guint32) row;
          continue;
        }
      g_autofree char *reason = g_strdup_printf ("[%s]: %s", config->label, visit->messages[row]);
      if (batch->refuse == NULL || !batch->refuse (batch, row, reason, batch->locate_data))
        return pl_batch_fail (batch, row, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "%s", reason);
    }
  pl_batch_select (batch, kept, n);
  return TRUE;
}

static gboolean
plugin_process (gconstpointer data, gpointer state, PlBatch *batch, GError **error)
{
  const PluginConfig *config = data;
  PlColumn **results = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * (config->added->n_fields + 1));
  Visit visit;
  /* When rows are refused the others are mapped again: a map that failed may have left them open. */
  while (batch->n_rows > 0 && !map (state, &visit, batch, results))
    if (!refuse (config, &visit, batch, error))
      return FALSE;
  if (batch->n_rows == 0)
    for (guint i = 0; i < config->added->n_fields; i++)
      results[i] = pl_column_null (batch->arena, config->added->fields[i].type, 0);
  PlColumn **columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * (config->output->n_fields + 1));
  memcpy (columns, batch->columns, sizeof (PlColumn *) * config->input->n_fields);
  for (guint i = 0; i < config->added->n_fields; i++)
    columns[config->targets[i]] = results[i];
  batch->columns = columns;
  batch->schema = config->output;
  return TRUE;
}

static const PlKey plugin_keys[] = {
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
    .is_foreign = TRUE,
    .keys = plugin_keys,
    .free_keys = "an option of the plugin: name = value",
    .configure = plugin_configure,
    .config_free = plugin_config_free,
    .require = plugin_require,
    .state_new = plugin_state_new,
    .state_free = plugin_state_free,
    .map = &(const PlMapStage){.process = plugin_process},
};
