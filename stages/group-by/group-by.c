/* group-by: one row per distinct key.
 *
 * This file reads the job file's lines: aggregate calls are lifted out of each expression and bound to columns of the input;
 * what is left around them reads the keys and the aggregates' results. The work is in state.c and merged.c. */
#include "group-by.h"
#include "../../pipeline/base/suggest.h"
#include "../functions/functions.h"

static const PlKey group_keys[] = {
    {"by", "columns", NULL, "The keys: columns, or 'expression as name'; without it, all rows are one group", FALSE},
    {"order", "choice key|appearance|any", "key",
     "The order of the output: by the keys, by each group's first row, or whatever is cheapest (the same on every run)",
     FALSE},
    {"having", "expression", NULL, "A condition on the output row; aggregate calls may stand in it", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

/* One `name = expression` line, or having, on its way. */
typedef struct
{
  PlPlace place;
  PlExpression *expression; /* NULL: a mistake was found */
} Line;

static void
group_call_clear (gpointer data)
{
  pl_aggregate_call_free (((PlGroupCall *) data)->call);
}

static void
group_config_free (gpointer data)
{
  PlGroupConfig *config = data;
  g_clear_pointer (&config->keys, g_ptr_array_unref);
  pl_key_layout_free (config->layout);
  g_array_unref (config->calls);
  g_array_unref (config->owners);
  g_ptr_array_unref (config->args);
  g_ptr_array_unref (config->filters);
  g_ptr_array_unref (config->lifted);
  g_ptr_array_unref (config->outputs);
  pl_expression_free (config->having);
  g_clear_pointer (&config->inner, pl_schema_unref);
  g_clear_pointer (&config->shown, pl_schema_unref);
  g_clear_pointer (&config->output, pl_schema_unref);
  pl_schema_unref (config->input);
  g_free (config);
}

static PlGroupConfig *
group_config_new (PlSchema *input)
{
  PlGroupConfig *config = g_new0 (PlGroupConfig, 1);
  config->input = pl_schema_ref (input);
  config->lifted = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_lifted_call_free);
  config->args = g_ptr_array_new ();
  config->filters = g_ptr_array_new ();
  config->calls = g_array_new (FALSE, TRUE, sizeof (PlGroupCall));
  g_array_set_clear_func (config->calls, group_call_clear);
  config->owners = g_array_new (FALSE, TRUE, sizeof (PlGroupCall));
  config->outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_expression_free);
  return config;
}

static gboolean
is_aggregate (const char *name)
{
  return pl_aggregate_find (name) != NULL;
}

static gpointer
make_function_names (gpointer unused G_GNUC_UNUSED)
{
  GPtrArray *names = g_ptr_array_new ();
  for (const PlAggregate *const *aggregate = pl_aggregates (); *aggregate != NULL; aggregate++)
    g_ptr_array_add (names, (gpointer) (*aggregate)->name);
  for (const char *const *name = pl_function_table ()->names (); *name != NULL; name++)
    if (!is_aggregate (*name))
      g_ptr_array_add (names, (gpointer) *name);
  g_ptr_array_add (names, NULL);
  return g_ptr_array_free (names, FALSE);
}

static const char *const *
function_names (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_function_names, NULL);
}

static const PlFunction *
find_function (const char *name)
{
  return pl_function_table ()->find (name);
}

/* Around aggregates stand scalar functions; but what was meant by a name that is none may be either. */
static const PlFunctionTable group_functions
    = {find_function, function_names, "'pipeline stages --aggregates' and --functions list what there is"};

/* Checks @expression against the input and adds it to @list unless an equal one is there. Returns: its index, -1 after an issue. */
static gint
add_shared (PlGroupConfig *config, const PlPlace *place, GPtrArray *list, GHashTable *texts, PlExpression *expression)
{
  g_autofree char *text = pl_expression_text (expression);
  guint offset = 0;
  GError *error = NULL;
  if (!pl_expression_check (expression, config->input, pl_function_table (), &offset, &error))
    {
      pl_issues_take (place->issues, place->settings, place->setting, place->offset + offset, error);
      return -1;
    }
  gpointer index;
  if (g_hash_table_lookup_extended (texts, text, NULL, &index))
    return GPOINTER_TO_INT (index);
  g_hash_table_insert (texts, g_steal_pointer (&text), GINT_TO_POINTER (list->len));
  g_ptr_array_add (list, expression);
  return (gint) list->len - 1;
}

typedef struct
{
  GHashTable *args, *filters; /* canonical text → index in config->args and config->filters */
} Texts;

static gboolean
bind_filter (PlGroupConfig *config, const PlPlace *place, Texts *texts, const PlLiftedCall *lifted, gint *index)
{
  *index = -1;
  if (lifted->filter == NULL)
    return TRUE;
  *index = add_shared (config, place, config->filters, texts->filters, lifted->filter);
  if (*index < 0)
    return FALSE;
  PlType type = pl_expression_type (config->filters->pdata[*index]);
  if (type.kind == PL_BOOL || type.kind == PL_NULL)
    return TRUE;
  pl_issues_add (place->issues, place->settings, place->setting, place->offset + lifted->offset, PL_JOB_ERROR_TYPE,
                 "the condition of a filter must be true or false, not of type %s", pl_type_name (type));
  return FALSE;
}

/* Appends the bound call of @lifted, or an empty one of type null after an issue, so that indices stay right. */
static void
bind_call (PlGroupConfig *config, const PlPlace *place, Texts *texts, const PlLiftedCall *lifted)
{
  PlGroupCall use = {NULL, {0}, -1, 0};
  const char *name = lifted->name;
  gboolean valid = TRUE;
  if (lifted->distinct && strcmp (name, "count") == 0 && lifted->args->len == 1)
    name = "nunique";
  else if (lifted->distinct)
    {
      pl_issues_add (place->issues, place->settings, place->setting, place->offset + lifted->offset,
                     PL_JOB_ERROR_EXPRESSION, "distinct works in count(distinct x) only, not in %s", lifted->name);
      valid = FALSE;
    }
  /* More than there is room for no aggregate takes; pl_aggregate_call_new() says so. */
  for (guint a = 0; a < MIN (lifted->args->len, G_N_ELEMENTS (use.args)) && valid; a++)
    {
      gint index = add_shared (config, place, config->args, texts->args, lifted->args->pdata[a]);
      valid = index >= 0;
      use.args[a] = (guint) index;
    }
  if (valid)
    valid = bind_filter (config, place, texts, lifted, &use.filter);
  if (valid)
    {
      GError *error = NULL;
      use.call = pl_aggregate_call_new (pl_aggregate_find (name), lifted->label,
                                        (PlExpression *const *) lifted->args->pdata, lifted->args->len, &error);
      if (use.call == NULL)
        pl_issues_take (place->issues, place->settings, place->setting, place->offset + lifted->offset, error);
    }
  g_array_append_val (config->calls, use);
}

static void
read_line (PlGroupConfig *config, Texts *texts, Line *line)
{
  const PlPlace *place = &line->place;
  guint before = config->lifted->len, n_errors = pl_issues_n_errors (place->issues), offset = 0;
  GError *error = NULL;
  line->expression = pl_clause_parse (place, place->setting->value);
  if (line->expression == NULL)
    return;
  if (!pl_expression_lift (&line->expression, is_aggregate, config->lifted, &offset, &error))
    pl_issues_take (place->issues, place->settings, place->setting, place->offset + offset, error);
  for (guint i = before; i < config->lifted->len; i++)
    bind_call (config, place, texts, config->lifted->pdata[i]);
  if (pl_issues_n_errors (place->issues) != n_errors)
    g_clear_pointer (&line->expression, pl_expression_free);
}

static void
add_hidden (PlSchema *schema, const PlGroupConfig *config)
{
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      g_autofree char *name = g_strdup_printf ("#%u", c);
      pl_schema_add (schema, name, call != NULL ? call->result : PL_TYPE (PL_NULL));
    }
}

/* The first column of the input that @expression reads although it is neither a key nor an aggregate; NULL: none. */
static const char *
find_loose_column (const PlGroupConfig *config, const PlExpression *expression, PlSchema *schema)
{
  g_autoptr (PlSchema) wide = pl_schema_new ();
  g_autoptr (PlExpression) copy = pl_expression_copy (expression);
  for (guint i = 0; i < schema->n_fields; i++)
    pl_schema_add (wide, schema->fields[i].name, schema->fields[i].type);
  for (guint i = 0; i < config->input->n_fields; i++)
    if (pl_schema_find (schema, config->input->fields[i].name) < 0)
      pl_schema_add (wide, config->input->fields[i].name, config->input->fields[i].type);
  if (!pl_expression_check (copy, wide, pl_function_table (), NULL, NULL))
    return NULL;
  g_autofree guint8 *uses = g_new0 (guint8, wide->n_fields + 1);
  pl_expression_require (copy, uses, PL_USE_VALUE);
  for (guint i = schema->n_fields; i < wide->n_fields; i++)
    if (uses[i] != 0)
      {
        gint index = pl_schema_find (config->input, wide->fields[i].name);
        return config->input->fields[index].name;
      }
  return NULL;
}

/* Checks what stands around the aggregates. */
static gboolean
check_line (const PlGroupConfig *config, Line *line, PlSchema *schema)
{
  const PlPlace *place = &line->place;
  guint offset = 0;
  GError *error = NULL;
  g_autoptr (PlExpression) original = pl_expression_copy (line->expression);
  if (pl_expression_check (line->expression, schema, &group_functions, &offset, &error))
    return TRUE;
  const char *loose = find_loose_column (config, original, schema);
  if (loose == NULL)
    pl_issues_take (place->issues, place->settings, place->setting, place->offset + offset, error);
  else
    {
      g_error_free (error);
      pl_issues_add (
          place->issues, place->settings, place->setting, place->offset + offset, PL_JOB_ERROR_EXPRESSION,
          "column '%s' is neither a key nor inside an aggregate; add it to 'by', or write max(%s), for example", loose,
          loose);
    }
  return FALSE;
}

static void
add_output (PlGroupConfig *config, Line *line)
{
  const PlPlace *place = &line->place;
  const char *name = place->setting->key;
  if (pl_schema_find (config->output, name) >= 0)
    pl_issues_add (place->issues, place->settings, place->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "column '%s' appears twice in the output; rename the key ('%s as other_name') or the aggregate",
                   name, name);
  else if (line->expression == NULL || !check_line (config, line, config->inner))
    pl_schema_add (config->output, name, PL_TYPE (PL_NULL));
  else
    {
      pl_schema_add (config->output, name, pl_expression_type (line->expression));
      g_ptr_array_add (config->outputs, g_steal_pointer (&line->expression));
    }
}

static void
add_having (PlGroupConfig *config, Line *line)
{
  const PlPlace *place = &line->place;
  config->shown = pl_schema_new ();
  for (guint i = 0; i < config->output->n_fields; i++)
    pl_schema_add (config->shown, config->output->fields[i].name, config->output->fields[i].type);
  add_hidden (config->shown, config);
  if (line->expression == NULL || !check_line (config, line, config->shown))
    return;
  PlType type = pl_expression_type (line->expression);
  if (type.kind != PL_BOOL && type.kind != PL_NULL)
    pl_issues_add (place->issues, place->settings, place->setting, G_MAXUINT, PL_JOB_ERROR_TYPE,
                   "a condition must be true or false, but '%s' is of type %s; compare it with something",
                   place->setting->value, pl_type_name (type));
  config->having = g_steal_pointer (&line->expression);
}

static void
read_keys (PlGroupConfig *config, const PlPlace *place)
{
  if (place->setting != NULL)
    config->keys = pl_clause_terms (place, config->input, PL_TERMS_NAMED);
  else
    config->keys = g_ptr_array_new ();
  g_autofree PlType *types = g_new0 (PlType, config->keys->len + 1);
  config->inner = pl_schema_new ();
  config->output = pl_schema_new ();
  for (guint k = 0; k < config->keys->len; k++)
    {
      const PlTerm *term = config->keys->pdata[k];
      types[k] = pl_expression_type (term->expression);
      if (pl_schema_find (config->output, term->name) >= 0)
        pl_issues_add (place->issues, place->settings, place->setting, term->offset, PL_JOB_ERROR_BAD_VALUE,
                       "key '%s' appears twice; remove it or write '%s as other_name'", term->name, term->name);
      pl_schema_add (config->inner, term->name, types[k]);
      pl_schema_add (config->output, term->name, types[k]);
    }
  config->layout = pl_key_layout_new (types, config->keys->len);
}

static void
read_order (PlGroupConfig *config, const PlPlace *place)
{
  static const char *const names[] = {"key", "appearance", "any", NULL};
  const char *value = place->setting != NULL ? place->setting->value : "key";
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (value, names[i]) == 0)
      {
        config->order = (PlGroupOrder) i;
        return;
      }
  const char *nearest = pl_suggest (value, names);
  if (nearest != NULL)
    pl_issues_add (place->issues, place->settings, place->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "unknown order '%s'; did you mean '%s'?", value, nearest);
  else
    pl_issues_add (place->issues, place->settings, place->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "unknown order '%s'; write key, appearance or any", value);
}

static gboolean
take_the_same (const PlGroupCall *a, const PlGroupCall *b)
{
  gboolean same = a->filter == b->filter && a->call->n_args == b->call->n_args;
  for (guint i = 0; i < a->call->n_args && same; i++)
    same = a->args[i] == b->args[i];
  return same;
}

/* How many owners can be updated at once. */
static guint
count_joined (const GArray *owners)
{
  guint n = 1;
  for (; n < MIN (owners->len, PL_JOINED_MAX); n++)
    {
      const PlGroupCall *before = &g_array_index (owners, PlGroupCall, n - 1), *use = before + 1;
      const PlAggregate *aggregate = use->call->aggregate;
      if (aggregate->joins == NULL || aggregate->joins != before->call->aggregate->joins || before->filter >= 0
          || use->filter >= 0 || !aggregate->joins (before->call, use->call))
        break;
    }
  return n > 1 ? n : 0;
}

/* Which call has states of its own, and where: calls that take the same share them where they can. */
static void
lay_out_states (PlGroupConfig *config)
{
  PlGroupCall *calls = (PlGroupCall *) (gpointer) config->calls->data;
  const guint n = config->calls->len;
  g_autofree guint *owners = g_new (guint, n + 1);
  g_autofree gboolean *is_shared = g_new0 (gboolean, n + 1);
  for (guint c = 0; c < n; c++)
    {
      owners[c] = c;
      for (guint o = 0; o < n && owners[c] == c && !is_shared[c]; o++)
        if (o != c && calls[o].call->owner == NULL && take_the_same (&calls[c], &calls[o])
            && pl_aggregate_call_share (calls[c].call, calls[o].call))
          {
            owners[c] = o;
            is_shared[o] = TRUE;
          }
    }
  for (guint c = 0; c < n; c++)
    if (owners[c] == c)
      {
        calls[c].offset = config->n_payload * sizeof (guint64);
        config->n_payload += calls[c].call->state_size / sizeof (guint64);
        config->reads_positions = config->reads_positions || calls[c].call->aggregate->reads_positions;
        g_array_append_val (config->owners, calls[c]);
      }
  for (guint c = 0; c < n; c++)
    calls[c].offset = calls[owners[c]].offset;
  config->n_joined = count_joined (config->owners);
}

static gpointer
group_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  guint before = pl_issues_n_errors (issues), n_lines = 0;
  PlGroupConfig *config = group_config_new (input);
  PlPlace place = {settings, pl_settings_find (settings, "order"), 0, issues};
  g_autofree Line *lines = g_new0 (Line, settings->entries->len + 1);
  Texts texts = {g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                 g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  read_order (config, &place);
  place.setting = pl_settings_find (settings, "by");
  read_keys (config, &place);
  if (config->order == PL_GROUPS_BY_HASH)
    pl_key_layout_fix_seed (config->layout);
  for (guint i = 0; i < settings->entries->len; i++)
    {
      place.setting = settings->entries->pdata[i];
      if (pl_clause_is_column (group_keys, place.setting))
        {
          lines[n_lines].place = place;
          read_line (config, &texts, &lines[n_lines++]);
        }
    }
  Line having = {place, NULL};
  having.place.setting = pl_settings_find (settings, "having");
  if (having.place.setting != NULL)
    read_line (config, &texts, &having);
  add_hidden (config->inner, config);
  for (guint i = 0; i < n_lines; i++)
    add_output (config, &lines[i]);
  if (having.place.setting != NULL)
    add_having (config, &having);
  if (n_lines == 0 && config->keys->len == 0 && pl_issues_n_errors (issues) == before)
    pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "nothing to compute; add 'by' or a line such as 'rows = count()'");
  for (guint i = 0; i < n_lines; i++)
    pl_expression_free (lines[i].expression);
  pl_expression_free (having.expression);
  g_hash_table_unref (texts.args);
  g_hash_table_unref (texts.filters);
  if (pl_issues_n_errors (issues) != before)
    {
      group_config_free (config);
      return NULL;
    }
  lay_out_states (config);
  *output = pl_schema_ref (config->output);
  return config;
}

static void
group_require (gconstpointer data, G_GNUC_UNUSED const guint8 *output_uses, guint8 *input_uses)
{
  const PlGroupConfig *config = data;
  pl_terms_require (config->keys, input_uses);
  for (guint f = 0; f < config->filters->len; f++)
    pl_expression_require (config->filters->pdata[f], input_uses, PL_USE_VALUE);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->calls, PlGroupCall, c);
      for (guint a = 0; a < use->call->n_args; a++)
        pl_expression_require (config->args->pdata[use->args[a]], input_uses, use->call->arg_uses[a]);
    }
}

static gpointer
group_state_new (gconstpointer config)
{
  return pl_group_state_new (config);
}

static void
group_state_free (gpointer state)
{
  pl_group_state_free (state);
}

static gboolean
group_consume (G_GNUC_UNUSED gconstpointer config, gpointer state, PlBatch *batch, GError **error)
{
  return pl_group_state_consume (state, batch, error);
}

static void
group_save (G_GNUC_UNUSED gconstpointer config, gpointer state, PlBuffer *buffer)
{
  pl_group_state_settle (state);
  pl_group_state_save (state, buffer);
}

static gpointer
group_load (gconstpointer config, PlCursor *cursor)
{
  PlGroupState *state = pl_group_state_new (config);
  if (pl_group_state_load (state, cursor))
    return state;
  pl_group_state_free (state);
  return NULL;
}

static gboolean
group_merge (G_GNUC_UNUSED gconstpointer config, gpointer into, gpointer from)
{
  return pl_group_state_absorb (into, from);
}

static PlRows *
group_finish (gconstpointer config, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  g_autofree PlGroupState **taken = g_new (PlGroupState *, n_states);
  for (guint s = 0; s < n_states; s++)
    taken[s] = g_steal_pointer (&states[s]);
  return pl_group_finish (config, taken, n_states, parallel, error);
}

const PlStage pl_stage_group_by = {
    .name = "group-by",
    .summary = "One row per distinct key, with aggregates",
    .description
    = "Each line is `column = expression` with aggregate calls in it: count(), sum(x), mean(x), quantile(x, 0.95), "
      "count(distinct x), or arithmetic on them such as max(x) - min(x). `filter (where …)` behind a call restricts "
      "the rows it sees. Around the calls only keys may be used. Aggregates skip nulls; null is a key of its own, "
      "all NaN are one key. Without `by` there is one row, even when the input is empty.\n\n"
      "The output is ordered by the keys, nulls last. `order = appearance` keeps the order in which keys first occur.",
    .example = "[group-by by-route]\nby = origin; year(date) as year\nflights = count()\nmean_delay = mean(delay)\n"
               "late = count() filter (where delay > 15)\nhaving = flights >= 10\n",
    .kind = PL_STAGE_REDUCE,
    .takes_slices = TRUE,
    .rows = PL_ROWS_AGGREGATED,
    .keys = group_keys,
    .free_keys = "a column: name = expression with aggregate calls",
    .configure = group_configure,
    .config_free = group_config_free,
    .require = group_require,
    .state_new = group_state_new,
    .state_free = group_state_free,
    .consume = group_consume,
    .save = group_save,
    .load = group_load,
    .merge = group_merge,
    .finish = group_finish,
};
