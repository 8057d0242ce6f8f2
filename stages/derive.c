/* derive: computes columns.
 *
 * Each entry is one step; a step's expression is checked against the schema the earlier steps have left, which is one
 * that grows: what a step needs of it is in its checked expression. Columns are never changed in place: another branch
 * of the graph may hold them. */
#include "clause.h"
#include "../pipeline/expression/evaluate.h"

typedef struct
{
  PlExpression *expression;
  guint target; /* index in the output */
} Step;

typedef struct
{
  Step *steps;
  guint n_steps;
  guint n_inputs;
  PlSchema *output;
} DeriveConfig;

static void
derive_config_free (gpointer data)
{
  DeriveConfig *config = data;
  for (guint i = 0; i < config->n_steps; i++)
    pl_expression_free (config->steps[i].expression);
  g_free (config->steps);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_free (config);
}

static PlSchema *
copy_schema (const PlSchema *schema)
{
  PlSchema *copy = pl_schema_new ();
  for (guint i = 0; i < schema->n_fields; i++)
    pl_schema_add_like (copy, schema->fields[i].name, &schema->fields[i]);
  return copy;
}

/* Gives @schema, which is still ours alone, a column @name of what @expression (nullable) gives: in its place, or at
 * the end. Returns: where. */
static guint
put_column (PlSchema *schema, const char *name, const PlExpression *expression)
{
  PlField field = {.type = PL_TYPE (PL_NULL)};
  if (expression != NULL)
    field = (PlField){.type = pl_expression_type (expression), .origin = pl_expression_origin (expression)};
  gint found = pl_schema_find (schema, name);
  if (found < 0)
    return pl_schema_add_like (schema, name, &field);
  schema->fields[found].type = field.type;
  schema->fields[found].origin = field.origin;
  return (guint) found;
}

static const PlSettingKey derive_keys[] = {
    {NULL, NULL, NULL, NULL, FALSE},
};

static gpointer
derive_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  DeriveConfig *config = g_new0 (DeriveConfig, 1);
  config->steps = g_new0 (Step, settings->entries->len);
  config->n_inputs = input->n_fields;
  PlSchema *schema = config->output = copy_schema (input);
  gboolean failed = FALSE;
  for (guint i = 0; i < settings->entries->len && !pl_issues_are_enough (issues); i++)
    {
      const PlSetting *setting = settings->entries->pdata[i];
      if (!pl_clause_is_column (derive_keys, setting))
        continue;
      PlSpot spot = {settings, setting, 0, issues};
      PlExpression *expression = pl_clause_expression (&spot, setting->value, schema);
      if (expression == NULL)
        {
          /* Later lines may use the column: one mistake is one message. */
          put_column (schema, setting->key, NULL);
          failed = TRUE;
          continue;
        }
      Step *step = &config->steps[config->n_steps++];
      step->expression = expression;
      step->target = put_column (schema, setting->key, expression);
    }
  failed = failed || pl_issues_are_enough (issues);
  if (!failed && config->n_steps == 0)
    {
      pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                     "nothing to derive; add a line such as 'total = price * quantity'");
      failed = TRUE;
    }
  *output = pl_schema_ref (config->output);
  if (failed)
    {
      derive_config_free (config);
      return NULL;
    }
  return config;
}

/* Backwards through the steps: what is wanted of a step's column is wanted of what it reads. */
static void
derive_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const DeriveConfig *config = data;
  g_autofree guint8 *uses = g_memdup2 (output_uses, config->output->n_fields);
  for (guint i = config->n_steps; i-- > 0;)
    {
      const Step *step = &config->steps[i];
      guint8 wanted = uses[step->target];
      uses[step->target] = PL_USE_NONE;
      /* Also computed when nobody reads it: whether a run fails must not depend on what follows. */
      pl_expression_require (step->expression, uses, wanted != PL_USE_NONE ? wanted : PL_USE_VALUE);
    }
  for (guint i = 0; i < config->n_inputs; i++)
    input_uses[i] |= uses[i];
}

static gboolean
derive_may_fail (gconstpointer data)
{
  const DeriveConfig *config = data;
  for (guint i = 0; i < config->n_steps; i++)
    if (pl_expression_may_fail (config->steps[i].expression))
      return TRUE;
  return FALSE;
}

static gboolean
derive_process (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, GError **error)
{
  const DeriveConfig *config = data;
  PlColumn **columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * config->output->n_fields);
  memcpy (columns, batch->columns, sizeof (PlColumn *) * config->n_inputs);
  batch->columns = columns;
  batch->schema = config->output;
  for (guint i = 0; i < config->n_steps; i++)
    {
      const Step *step = &config->steps[i];
      PlColumn *column = pl_expression_evaluate (step->expression, batch, error);
      if (column == NULL)
        return FALSE;
      columns[step->target] = column;
    }
  return TRUE;
}

const PlStage pl_stage_derive = {
    .name = "derive",
    .summary = "Adds or replaces columns computed from others",
    .description
    = "Each line is `column = expression`. Lines are worked from top to bottom and see what the lines above them "
      "made. A column that exists is replaced in its place; a new one is appended. A column whose name is also a "
      "key, or holds characters that INI forbids, is written \"in quotes\".",
    .example = "[derive speed]\nlate = delay > 15\nroute = origin || '-' || destination\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_KEPT,
    .keys = derive_keys,
    .free_keys = "a column: name = expression",
    .configure = derive_configure,
    .config_free = derive_config_free,
    .require = derive_require,
    .map = &(const PlMapStage){.process = derive_process, .may_fail = derive_may_fail},
};
