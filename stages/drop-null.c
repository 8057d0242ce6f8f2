/* drop-null: leaves out rows that have nulls.
 *
 * `how = any`, `how = all` and `at-least` are one thing: how many of the columns must have a value. */
#include "../pipeline/table/column.h"
#include "clause.h"

typedef struct
{
  guint n_fields;
  guint *columns; /* that are looked at */
  guint n_columns;
  guint least; /* of them must have a value */
} DropNullConfig;

static void
drop_null_config_free (gpointer data)
{
  DropNullConfig *config = data;
  g_free (config->columns);
  g_free (config);
}

static void
add_column (DropNullConfig *config, const PlSpot *spot, guint column, const PlSchema *input)
{
  for (guint i = 0; i < config->n_columns; i++)
    if (config->columns[i] == column)
      {
        pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' stands twice in 'columns'", input->fields[column].name);
        return;
      }
  config->columns[config->n_columns++] = column;
}

static void
read_columns (DropNullConfig *config, PlSpot spot, const PlSchema *input)
{
  config->columns = g_new (guint, input->n_fields + 1);
  spot.setting = pl_settings_find (spot.settings, "columns");
  if (spot.setting == NULL)
    {
      for (guint i = 0; i < input->n_fields; i++)
        config->columns[config->n_columns++] = i;
      return;
    }
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      const PlItem *item = g_ptr_array_index (items, i);
      spot.offset = item->offset;
      const gint found = pl_clause_column (&spot, item->text, input);
      if (found >= 0)
        add_column (config, &spot, (guint) found, input);
    }
  if (items->len == 0)
    pl_issues_add (spot.issues, spot.settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'columns' names no column; leave the key out to look at all");
}

/* Reads `how` and `at-least`, once the columns are known. */
static void
read_least (DropNullConfig *config, PlSpot spot)
{
  const PlSetting *how = pl_settings_find (spot.settings, "how");
  guint64 least = config->n_columns;
  if (how != NULL && strcmp (how->value, "all") == 0)
    least = 1;
  else if (how != NULL && strcmp (how->value, "any") != 0)
    pl_issues_add (spot.issues, spot.settings, how, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'how' is '%s'; write any or all", how->value);
  spot.setting = pl_settings_find (spot.settings, "at-least");
  if (spot.setting != NULL && how != NULL)
    pl_issues_add (spot.issues, spot.settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'at-least' says how many columns must have a value, and so does 'how'; leave one of them out");
  else if (spot.setting != NULL && pl_clause_count (&spot, 1, &least) && least > config->n_columns)
    pl_issues_add (spot.issues, spot.settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "at-least '%s' is more than the %u columns there are: no row would be left", spot.setting->value,
                   config->n_columns);
  config->least = (guint) least;
}

static gpointer
drop_null_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  DropNullConfig *config = g_new0 (DropNullConfig, 1);
  const PlSpot spot = {settings, NULL, 0, issues};
  const guint before = pl_issues_n_errors (issues);
  *output = pl_schema_ref (input);
  config->n_fields = input->n_fields;
  read_columns (config, spot, input);
  if (pl_issues_n_errors (issues) == before)
    read_least (config, spot);
  if (pl_issues_n_errors (issues) == before)
    return config;
  drop_null_config_free (config);
  return NULL;
}

static void
drop_null_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const DropNullConfig *config = data;
  for (guint i = 0; i < config->n_fields; i++)
    input_uses[i] |= output_uses[i];
  for (guint c = 0; c < config->n_columns; c++)
    input_uses[config->columns[c]] |= PL_USE_VALUE;
}

static gboolean
drop_null_may_fail (G_GNUC_UNUSED gconstpointer data)
{
  return FALSE;
}

/* Adds to @values, a row each, where @column has one. */
static void
count_values (const PlColumn *column, gsize n, guint32 *values)
{
  if (column->type.kind == PL_NULL)
    return;
  for (gsize i = 0; i < n; i++)
    values[i] += column->nulls == NULL || !column->nulls[i];
}

static gboolean
drop_null_process (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, G_GNUC_UNUSED GError **error)
{
  const DropNullConfig *config = data;
  guint32 *values = pl_arena_alloc0 (batch->arena, (batch->n_rows + 1) * sizeof *values);
  guint32 *rows = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  gsize n = 0;
  for (guint c = 0; c < config->n_columns; c++)
    {
      PlColumn *column = batch->columns[config->columns[c]];
      /* Of slices, what is null is only known then. */
      pl_column_settle (column, batch->n_rows, batch->arena);
      count_values (column, batch->n_rows, values);
    }
  for (guint32 row = 0; row < batch->n_rows; row++)
    {
      rows[n] = row;
      n += values[row] >= config->least;
    }
  if (n < batch->n_rows)
    pl_batch_select (batch, rows, n);
  return TRUE;
}

static const PlSettingKey drop_null_keys[] = {
    {"columns", "columns", NULL, "The columns that are looked at; all when left out", FALSE},
    {"how", "choice any|all", "any", "Whether a row goes when any of them is null, or only when all are", FALSE},
    {"at-least", "count", NULL, "In place of how: a row stays when at least so many of them have a value", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_drop_null = {
    .name = "drop-null",
    .summary = "Leaves out rows that have nulls",
    .description = "Rows that stay go on unchanged and in their order. What is null is what the source says: an empty "
                   "field that is not quoted, and its `null-values`.",
    .example = "[drop-null known]\ncolumns = delay; distance\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_FILTERED,
    .keys = drop_null_keys,
    .configure = drop_null_configure,
    .config_free = drop_null_config_free,
    .require = drop_null_require,
    .map = &(const PlMapStage){.process = drop_null_process, .may_fail = drop_null_may_fail},
};
