/* union: the rows of several inputs, one input behind the other.
 *
 * Rows are in this order because the engine reads the inputs in it (flow/segment.h); what is done here is to give the
 * batches of each input the same columns: a configuration an input, which says where each column comes from. */
#include "../pipeline/expression/widen.h"
#include "clause.h"

typedef struct
{
  gint source; /* column of the input; -1: it lacks it, and nulls stand for it */
  PlType from; /* its type there */
  guint8 uses; /* what is wanted of it in the output */
} Pick;

/* What is done with one input. */
typedef struct
{
  Pick *picks; /* one an output column */
  PlSchema *output;
} UnionConfig;

/* While configuring. */
typedef struct
{
  const PlSettings *settings;
  const PlStageInput *inputs;
  guint n_inputs;
  gboolean by_position, fills_in;
  PlSchema *output;
  PlIssues *issues;
} Draft;

static void
union_config_free (gpointer data)
{
  UnionConfig *config = data;
  if (config == NULL)
    return;
  pl_schema_unref (config->output);
  g_free (config->picks);
  g_free (config);
}

static void complain (const Draft *draft, guint input, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Adds an issue at the name of the input number @input. */
static void
complain (const Draft *draft, guint input, const char *format, ...)
{
  const PlSetting *setting = pl_settings_find (draft->settings, "inputs");
  g_autoptr (GPtrArray) items = pl_items_split (setting->value, ';');
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pl_issues_add (draft->issues, draft->settings, setting, ((const PlItem *) g_ptr_array_index (items, input))->offset,
                 PL_JOB_ERROR_BAD_VALUE, "%s", text);
}

static void
read_choices (Draft *draft)
{
  PlSpot spot = {draft->settings, pl_settings_find (draft->settings, "match"), 0, draft->issues};
  if (spot.setting != NULL)
    {
      draft->by_position = strcmp (spot.setting->value, "position") == 0;
      if (!draft->by_position && strcmp (spot.setting->value, "name") != 0)
        pl_issues_add (draft->issues, draft->settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                       "'match' is '%s'; write name or position", spot.setting->value);
    }
  spot.setting = pl_settings_find (draft->settings, "missing");
  if (spot.setting == NULL)
    return;
  draft->fills_in = strcmp (spot.setting->value, "null") == 0;
  if (!draft->fills_in && strcmp (spot.setting->value, "error") != 0)
    pl_issues_add (draft->issues, draft->settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'missing' is '%s'; write error or null", spot.setting->value);
  else if (draft->fills_in && draft->by_position)
    pl_issues_add (draft->issues, draft->settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "a column that is missing has no position; write match = name, or remove 'missing'");
}

/* The place of the output's column @field in the columns of input number @i; -1: it has none. */
static gint
find_source (const Draft *draft, guint i, guint field)
{
  return draft->by_position ? (gint) field
                            : pl_schema_find (draft->inputs[i].schema, draft->output->fields[field].name);
}

/* Makes @field as wide as it must be. Where one of both is text by that and the other is none, the text tells why: in
 * files of one source it would be told of, too. */
static void
join_field (PlField *field, const PlField *more)
{
  const PlField own = *field;
  pl_field_join (field, more);
  if (field->type.kind != PL_STRING || pl_type_equal (own.type, more->type) || own.type.kind == PL_NULL
      || more->type.kind == PL_NULL || (own.type.kind == PL_STRING && own.origin.beside.kind != PL_NULL))
    return;
  const PlField *told = own.type.kind == PL_STRING ? &own : more;
  if (told->origin.teller == NULL)
    return;
  field->origin = told->origin;
  field->origin.beside = (told == more ? &own : more)->type;
}

/* The columns of all inputs, as wide as they must be. */
static void
join_columns (Draft *draft)
{
  for (guint i = 0; i < draft->n_inputs; i++)
    {
      const PlSchema *schema = draft->inputs[i].schema;
      if (draft->by_position && i > 0 && schema->n_fields != draft->inputs[0].schema->n_fields)
        {
          complain (draft, i, "'%s' has %u column%s and '%s' has %u; match = position needs as many of each",
                    draft->inputs[i].name, schema->n_fields, schema->n_fields == 1 ? "" : "s", draft->inputs[0].name,
                    draft->inputs[0].schema->n_fields);
          continue;
        }
      for (guint j = 0; j < schema->n_fields; j++)
        {
          const PlField *field = &schema->fields[j];
          gint index = draft->by_position && i > 0 ? (gint) j : pl_schema_find (draft->output, field->name);
          if (index < 0)
            pl_schema_add_like (draft->output, field->name, field);
          else
            join_field (&draft->output->fields[index], field);
        }
    }
}

static void
find_missing (const Draft *draft)
{
  for (guint i = 0; i < draft->n_inputs; i++)
    for (guint j = 0; j < draft->output->n_fields && !pl_issues_are_enough (draft->issues); j++)
      {
        const char *name = draft->output->fields[j].name;
        guint other = 0;
        if (find_source (draft, i, j) >= 0)
          continue;
        while (pl_schema_find (draft->inputs[other].schema, name) < 0)
          other++;
        complain (draft, i,
                  "'%s' has no column '%s', which '%s' has; missing = null puts nulls there, and match = position "
                  "goes by the place of columns",
                  draft->inputs[i].name, name, draft->inputs[other].name);
      }
}

static gpointer
make_config (const Draft *draft, guint i)
{
  UnionConfig *config = g_new0 (UnionConfig, 1);
  config->output = pl_schema_ref (draft->output);
  config->picks = g_new (Pick, draft->output->n_fields + 1);
  for (guint j = 0; j < draft->output->n_fields; j++)
    {
      gint source = find_source (draft, i, j);
      PlType from = source >= 0 ? draft->inputs[i].schema->fields[source].type : PL_TYPE (PL_NULL);
      config->picks[j] = (Pick){source, from, PL_USE_NONE};
    }
  return config;
}

static gboolean
union_configure (const PlSettings *settings, const PlStageInput *inputs, guint n_inputs, gpointer *configs,
                 PlSchema **output, PlIssues *issues)
{
  guint before = pl_issues_n_errors (issues);
  Draft draft = {.settings = settings, .inputs = inputs, .n_inputs = n_inputs, .issues = issues};
  read_choices (&draft);
  if (pl_issues_n_errors (issues) > before)
    return FALSE;
  draft.output = *output = pl_schema_new ();
  join_columns (&draft);
  if (pl_issues_n_errors (issues) == before && !draft.fills_in && !draft.by_position)
    find_missing (&draft);
  if (pl_issues_n_errors (issues) > before)
    return FALSE;
  for (guint i = 0; i < n_inputs; i++)
    configs[i] = make_config (&draft, i);
  return TRUE;
}

static void
union_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const UnionConfig *config = data;
  for (guint j = 0; j < config->output->n_fields; j++)
    {
      Pick *pick = &config->picks[j];
      pick->uses = output_uses[j];
      if (pick->source >= 0)
        input_uses[pick->source] |= pl_widen_require (pick->from, config->output->fields[j].type, output_uses[j]);
    }
}

static gboolean
union_may_fail (gconstpointer data)
{
  const UnionConfig *config = data;
  for (guint j = 0; j < config->output->n_fields; j++)
    if (config->picks[j].source >= 0 && pl_widen_may_fail (config->picks[j].from, config->output->fields[j].type))
      return TRUE;
  return FALSE;
}

static gboolean
union_process (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, GError **error)
{
  const UnionConfig *config = data;
  PlMisfit misfit = {.row = G_MAXSIZE};
  for (guint j = 0; j < config->output->n_fields; j++)
    {
      const Pick *pick = &config->picks[j];
      if (pick->source >= 0 && batch->columns[pick->source] != NULL)
        pl_widen_seek (&misfit, batch, batch->columns[pick->source], &batch->schema->fields[pick->source],
                       config->output->fields[j].type, pick->uses);
    }
  if (!pl_widen_fail (batch, &misfit, error))
    return FALSE;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, config->output->n_fields);
  for (guint j = 0; j < config->output->n_fields; j++)
    {
      const Pick *pick = &config->picks[j];
      PlType type = config->output->fields[j].type;
      PlColumn *column = pick->source >= 0 ? batch->columns[pick->source] : NULL;
      if (column != NULL)
        columns[j] = pl_widen_column (column, type, batch->n_rows, batch->arena);
      else
        columns[j] = pick->source < 0 ? pl_column_null (batch->arena, type, batch->n_rows) : NULL;
    }
  batch->columns = columns;
  batch->schema = config->output;
  return TRUE;
}

static const PlSettingKey union_keys[] = {
    {"match", "choice name|position", "name", "What makes columns of two inputs one: their names or their places",
     FALSE},
    {"missing", "choice error|null", "error", "What becomes of a column that an input lacks, where names match", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_union = {
    .name = "union",
    .summary = "Puts the rows of several sources or stages behind each other",
    .description
    = "`inputs` names sources and stages; the rows of the first come first, then those of the second, and so on. "
      "Columns are matched by name, in the order of the first input, or by position; a column gets the narrowest type "
      "that holds the values of all inputs (int and float give float, or a decimal where floats have no room for the "
      "ints; int and text give text), and what passes through is written as it stood. A column that one input lacks is "
      "an error unless `missing = null`. Rows are passed on as they are read; only those of an input that would come "
      "too early, because it is read before one that is named in front of it, are kept until it is their turn.",
    .example = "[union flights]\ninputs = january; february\nmissing = null\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_KEPT,
    .keys = union_keys,
    .configure_inputs = union_configure,
    .config_free = union_config_free,
    .require = union_require,
    .map = &(const PlMapStage){.process = union_process, .may_fail = union_may_fail},
};
