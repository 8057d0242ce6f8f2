/* Reads the job file's lines of a group-by: aggregate calls are lifted out of each expression and become calls of the
 * configuration; what is left around them reads the keys and the aggregates' results. */
#include "lines.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/base/suggest.h"
#include "../functions/registry.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/expression/lift.h"
#include "../../pipeline/expression/parser.h"
#include "../../pipeline/expression/text.h"
#include "../aggregates/registry.h"
#include "../../pipeline/keys/terms.h"
#include "../clause.h"

/* One `name = expression` line, or having, on its way. */
typedef struct
{
  PlSpot spot;
  PlExpression *expression; /* NULL: a mistake was found */
} Line;

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

/* The text of one of several values that are told apart together. -0.0 is 0.0 to groups, and to this, too. */
static char *
part_text (const PlExpression *part, PlType type, gboolean is_last)
{
  g_autofree char *text = pl_expression_text (part);
  g_autofree char *value
      = g_strdup_printf (type.kind == PL_FLOAT ? "cast((%s) + 0.0 as string)" : "cast(%s as string)", text);
  return is_last ? g_steal_pointer (&value) : g_strdup_printf ("length(%s) || ':' || %s", value, value);
}

/* count(distinct a, b) counts texts of both, each but the last with its length in front, so that no two are alike by
 * chance; they are null where one of both is. */
static gboolean
join_distinct (const PlGroupConfig *config, PlLiftedCall *call, guint *offset, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (!call->distinct || call->args->len < 2 || g_strcmp0 (call->name, "count") != 0)
    return TRUE;
  for (guint a = 0; a < call->args->len; a++)
    {
      g_autoptr (PlExpression) checked = pl_expression_copy (call->args->pdata[a]);
      if (!pl_expression_check (checked, config->input, pl_function_table (), offset, error))
        return FALSE;
      g_autofree char *part = part_text (call->args->pdata[a], pl_expression_type (checked), a + 1 == call->args->len);
      g_string_append_printf (text, "%s%s", a > 0 ? " || " : "", part);
    }
  PlExpression *joined = pl_expression_parse (text->str, offset, error);
  if (joined == NULL)
    return FALSE;
  g_ptr_array_set_size (call->args, 0);
  g_ptr_array_add (call->args, joined);
  return TRUE;
}

/* An unknown column in a call may be one that this group-by computes. */
static void
explain_alias (const PlGroupConfig *config, const PlSettings *settings, const PlLiftedCall *call, GError **error)
{
  if (!g_error_matches (*error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME))
    return;
  for (guint i = 0; i < settings->entries->len; i++)
    {
      const char *name = ((const PlSetting *) settings->entries->pdata[i])->key;
      if (pl_schema_find (config->input, name) >= 0)
        continue;
      if (call->filter != NULL && pl_expression_reads (call->filter, name))
        {
          g_clear_error (error);
          g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME,
                       "'%s' is computed by this group-by, and a filter of one of its aggregates looks at single rows; "
                       "having looks at what is computed",
                       name);
          return;
        }
      for (guint a = 0; a < call->args->len; a++)
        if (pl_expression_reads (call->args->pdata[a], name))
          {
            g_clear_error (error);
            g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME,
                         "'%s' is computed by this group-by, and no aggregate of it can take that; compute it in a "
                         "stage before",
                         name);
            return;
          }
    }
}

static void
read_line (PlGroupConfig *config, Line *line)
{
  const PlSpot *spot = &line->spot;
  guint before = config->lifted->len, n_errors = pl_issues_n_errors (spot->issues), offset = 0;
  GError *error = NULL;
  line->expression = pl_clause_parse (spot, spot->setting->value);
  if (line->expression == NULL)
    return;
  if (!pl_expression_lift (&line->expression, is_aggregate, config->lifted, &offset, &error))
    pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + offset, error);
  for (guint i = before; i < config->lifted->len; i++)
    {
      GError *unbound = NULL;
      /* Added in any case, so that the indices of those behind it stay right. */
      const gboolean is_joined = join_distinct (config, config->lifted->pdata[i], &offset, &unbound);
      guint at = offset;
      if (pl_group_config_add_call (config, config->lifted->pdata[i], &at, is_joined ? &unbound : NULL) && is_joined)
        continue;
      explain_alias (config, spot->settings, config->lifted->pdata[i], &unbound);
      pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + (is_joined ? at : offset), unbound);
    }
  if (pl_issues_n_errors (spot->issues) != n_errors)
    g_clear_pointer (&line->expression, pl_expression_free);
}

/* The first column of the input that @expression reads although it is neither a key nor an aggregate; NULL: none. */
static const char *
find_loose_column (const PlGroupConfig *config, const PlExpression *expression, PlSchema *schema)
{
  g_autoptr (PlSchema) wide = pl_schema_new ();
  g_autoptr (PlExpression) copy = pl_expression_copy (expression);
  for (guint i = 0; i < schema->n_fields; i++)
    pl_schema_add_like (wide, schema->fields[i].name, &schema->fields[i]);
  for (guint i = 0; i < config->input->n_fields; i++)
    if (pl_schema_find (schema, config->input->fields[i].name) < 0)
      pl_schema_add_like (wide, config->input->fields[i].name, &config->input->fields[i]);
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

/* The first line behind @line whose column @expression reads, so that it knows no such column; NULL: none. */
static const char *
find_later_line (const Line *line, const PlExpression *expression, PlSchema *schema)
{
  const GPtrArray *entries = line->spot.settings->entries;
  guint at = 0;
  while (at < entries->len && entries->pdata[at] != line->spot.setting)
    at++;
  for (guint i = at + 1; i < entries->len; i++)
    {
      const char *name = ((const PlSetting *) entries->pdata[i])->key;
      if (pl_schema_find (schema, name) < 0 && pl_expression_reads (expression, name))
        return name;
    }
  return NULL;
}

/* Checks what stands around the aggregates. */
static gboolean
check_line (const PlGroupConfig *config, Line *line, PlSchema *schema)
{
  const PlSpot *spot = &line->spot;
  guint offset = 0;
  GError *error = NULL;
  g_autoptr (PlExpression) original = pl_expression_copy (line->expression);
  if (pl_expression_check (line->expression, schema, &group_functions, &offset, &error))
    return TRUE;
  const char *later = find_later_line (line, original, schema);
  const char *loose = find_loose_column (config, original, schema);
  if (later != NULL)
    {
      g_error_free (error);
      pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset + offset, PL_JOB_ERROR_EXPRESSION,
                     "column '%s' is computed by a line below; put that one first", later);
    }
  else if (loose == NULL)
    pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + offset, error);
  else
    {
      g_error_free (error);
      pl_issues_add (
          spot->issues, spot->settings, spot->setting, spot->offset + offset, PL_JOB_ERROR_EXPRESSION,
          "column '%s' is neither a key nor inside an aggregate; add it to 'by', or write max(%s), for example", loose,
          loose);
    }
  return FALSE;
}

static void
add_output (PlGroupConfig *config, Line *line)
{
  const PlSpot *spot = &line->spot;
  const char *name = spot->setting->key;
  if (pl_schema_find (config->output, name) >= 0)
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "column '%s' appears twice in the output; rename the key ('%s as other_name') or the aggregate",
                   name, name);
  else if (line->expression == NULL || !check_line (config, line, config->inner))
    pl_schema_add (config->output, name, PL_TYPE (PL_NULL));
  else
    {
      const PlField field
          = {.type = pl_expression_type (line->expression), .origin = pl_expression_origin (line->expression)};
      pl_schema_add_like (config->output, name, &field);
      pl_schema_add_like (config->inner, name, &field);
      g_ptr_array_add (config->outputs, g_steal_pointer (&line->expression));
    }
}

static void
add_having (PlGroupConfig *config, Line *line)
{
  const PlSpot *spot = &line->spot;
  config->shown = pl_schema_new ();
  for (guint i = 0; i < config->output->n_fields; i++)
    pl_schema_add_like (config->shown, config->output->fields[i].name, &config->output->fields[i]);
  pl_group_config_add_hidden (config, config->shown);
  if (line->expression == NULL || !check_line (config, line, config->shown))
    return;
  pl_clause_check_condition (spot, G_MAXUINT, spot->setting->value, line->expression);
  config->having = g_steal_pointer (&line->expression);
}

static GPtrArray *
read_keys (const PlSpot *spot, PlSchema *input)
{
  GPtrArray *keys = spot->setting != NULL ? pl_clause_terms (spot, input, PL_TERMS_NAMED) : g_ptr_array_new ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint k = 0; k < keys->len; k++)
    {
      const PlTerm *term = keys->pdata[k];
      if (!g_hash_table_add (names, term->name))
        pl_issues_add (spot->issues, spot->settings, spot->setting, term->offset, PL_JOB_ERROR_BAD_VALUE,
                       "key '%s' appears twice; remove it or write '%s as other_name'", term->name, term->name);
    }
  return keys;
}

static PlGroupOrder
read_order (const PlSpot *spot)
{
  static const char *const names[] = {"key", "appearance", "any", NULL};
  const char *value = spot->setting != NULL ? spot->setting->value : "key";
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (value, names[i]) == 0)
      return (PlGroupOrder) i;
  const char *nearest = pl_suggest (value, names);
  if (nearest != NULL)
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "unknown order '%s'; did you mean '%s'?", value, nearest);
  else
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "unknown order '%s'; write key, appearance or any", value);
  return PL_GROUPS_BY_KEY;
}

/* Reads all lines and `having`; the configuration's outputs are what could be read of them.
 * Returns: how many lines there are. */
static guint
read_lines (PlGroupConfig *config, const PlSpot *at, const PlSettingKey *keys)
{
  const PlSettings *settings = at->settings;
  g_autofree Line *lines = g_new0 (Line, settings->entries->len + 1);
  guint n_lines = 0;
  PlSpot spot = *at;
  for (guint i = 0; i < settings->entries->len && !pl_issues_are_enough (spot.issues); i++)
    {
      spot.setting = settings->entries->pdata[i];
      if (pl_clause_is_column (keys, spot.setting))
        {
          lines[n_lines].spot = spot;
          read_line (config, &lines[n_lines++]);
        }
    }
  Line having = {spot, NULL};
  having.spot.setting = pl_settings_find (settings, "having");
  if (having.spot.setting != NULL)
    read_line (config, &having);
  pl_group_config_add_hidden (config, config->inner);
  for (guint i = 0; i < n_lines; i++)
    add_output (config, &lines[i]);
  if (having.spot.setting != NULL)
    add_having (config, &having);
  for (guint i = 0; i < n_lines; i++)
    pl_expression_free (lines[i].expression);
  pl_expression_free (having.expression);
  return n_lines;
}

PlGroupConfig *
pl_group_lines_read (const PlSettings *settings, const PlSettingKey *keys, PlSchema *input, PlIssues *issues)
{
  const guint before = pl_issues_n_errors (issues);
  PlSpot spot = {settings, pl_settings_find (settings, "order"), 0, issues};
  const PlGroupOrder order = read_order (&spot);
  spot.setting = pl_settings_find (settings, "by");
  g_autofree char *label
      = g_strdup_printf (*settings->name != '\0' ? "[%s %s]" : "[%s]", settings->kind, settings->name);
  PlGroupConfig *config = pl_group_config_new (label, input, read_keys (&spot, input), order);
  const guint n_lines = read_lines (config, &spot, keys);
  if (n_lines == 0 && config->keys->len == 0 && pl_issues_n_errors (issues) == before)
    pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "nothing to compute; add 'by' or a line such as 'rows = count()'");
  if (pl_issues_n_errors (issues) == before)
    {
      pl_group_config_lay_out (config);
      return config;
    }
  pl_group_config_free (config);
  return NULL;
}
