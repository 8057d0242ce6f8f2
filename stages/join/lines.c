/* Reads the job file's lines of a join. */
#include "lines.h"
#include "../../pipeline/base/suggest.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/keys/common.h"
#include "../../pipeline/keys/terms.h"
#include "../clause.h"
#include "../functions/registry.h"
#include <string.h>

/* While the lines are read. */
typedef struct
{
  const PlSettings *settings;
  PlIssues *issues;
  const PlStageInput *inputs;
  PlJoin *join;
} Draft;

static const char *const hows[] = {"inner", "left", "right", "full", "semi", "anti", "cross", NULL};

static PlSpot
spot_at (const Draft *draft, const char *key)
{
  return (PlSpot){draft->settings, pl_settings_find (draft->settings, key), 0, draft->issues};
}

static void complain (const PlSpot *spot, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
complain (const PlSpot *spot, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_BAD_VALUE, "%s", text);
}

/* The index of the value of @key among @words; 0 where the key is left out, or wrong: then an issue is added. */
static guint
read_choice (const Draft *draft, const char *key, const char *const *words, const char *list)
{
  PlSpot spot = spot_at (draft, key);
  if (spot.setting == NULL)
    return 0;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (spot.setting->value, words[i]) == 0)
      return i;
  const char *nearest = pl_suggest (spot.setting->value, words);
  if (nearest != NULL)
    complain (&spot, "'%s' is '%s'; did you mean '%s'?", key, spot.setting->value, nearest);
  else
    complain (&spot, "'%s' is '%s'; write %s", key, spot.setting->value, list);
  return 0;
}

static void
read_choices (const Draft *draft)
{
  static const char *const nulls[] = {"ignore", "match", NULL};
  static const char *const counts[] = {"m:m", "m:1", "1:m", "1:1", NULL};
  PlJoin *join = draft->join;
  join->how = (PlJoinHow) read_choice (draft, "how", hows, "inner, left, right, full, semi, anti or cross");
  join->matches_nulls = read_choice (draft, "null-keys", nulls, "ignore or match") == 1;
  const guint count = read_choice (draft, "validate", counts, "1:1, 1:m, m:1 or m:m");
  join->validate = counts[count];
  join->is_unique[0] = (count & 2) != 0;
  join->is_unique[1] = (count & 1) != 0;
}

/* ---- on ---- */

/* As pl_clause_expression(), but what is wrong is said of the input number @side. */
static PlExpression *
read_expression (const Draft *draft, guint side, const PlSpot *spot, const char *text)
{
  GError *error = NULL;
  guint offset = 0;
  g_autoptr (PlExpression) expression = pl_clause_parse (spot, text);
  if (expression == NULL)
    return NULL;
  if (pl_expression_check (expression, draft->inputs[side].schema, pl_function_table (), &offset, &error))
    return g_steal_pointer (&expression);
  g_prefix_error (&error, "in '%s': ", draft->inputs[side].name);
  pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + offset, error);
  return NULL;
}

/* Returns: (transfer full) (nullable): the term of @text, checked against the input number @side. */
static PlTerm *
read_term (const Draft *draft, guint side, const PlSpot *spot, const char *text)
{
  PlExpression *expression = read_expression (draft, side, spot, text);
  if (expression == NULL)
    return NULL;
  PlTerm *term = g_new0 (PlTerm, 1);
  const gint column = pl_expression_column (expression);
  term->expression = expression;
  term->name = g_strdup (column >= 0 ? draft->inputs[side].schema->fields[column].name : text);
  term->offset = spot->offset;
  return term;
}

/* Says that keys are never equal, and why one is a text or the other is none, if that is known. */
static void
complain_of_types (const Draft *draft, const PlSpot *spot, const PlTerm *left, const PlTerm *right)
{
  const PlType a = pl_expression_type (left->expression), b = pl_expression_type (right->expression);
  const PlTypeOrigin origins[] = {pl_expression_origin (left->expression), pl_expression_origin (right->expression)};
  const guint text = b.kind == PL_STRING, told = origins[text].teller != NULL ? text : !text;
  const PlTypeKind wanted = (PlTypeKind) (told == 1 ? a : b).kind;
  g_autofree char *message
      = g_strdup_printf ("'%s' of '%s' is %s and '%s' of '%s' is %s, which are never equal", left->name,
                         draft->inputs[0].name, pl_type_name (a), right->name, draft->inputs[1].name, pl_type_name (b));
  g_autofree char *advice = g_strdup_printf ("cast one of them, as in cast(%s as %s)", right->name, pl_type_name (a));
  pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset,
                  pl_type_origin_error (origins[told], wanted, message, advice));
}

/* Adds the two terms of an item, whose types must have values in common. */
static void
add_key (const Draft *draft, const PlSpot *spot, PlTerm *left, PlTerm *right)
{
  PlJoin *join = draft->join;
  PlType a = pl_expression_type (left->expression), b = pl_expression_type (right->expression), common;
  if (!pl_key_types_meet (a, b, join->is_unique[0] || join->is_unique[1], &common))
    {
      complain_of_types (draft, spot, left, right);
      pl_term_free (left);
      pl_term_free (right);
      return;
    }
  join->types = g_renew (PlType, join->types, join->keys[0]->len + 1);
  join->types[join->keys[0]->len] = common;
  g_ptr_array_add (join->keys[0], left);
  g_ptr_array_add (join->keys[1], right);
}

/* Whether @text, cut at its =, is an equality, or a name alone. */
static gboolean
check_sides (const PlSpot *spot, const char *text, const GPtrArray *sides)
{
  const char *left = ((const PlItem *) sides->pdata[0])->text;
  if (*left == '\0' || (sides->len == 1 && g_str_has_suffix (text, "=")))
    complain (spot, "a side of '%s' is missing; write LEFT = RIGHT, or a name that both inputs have", text);
  else if (sides->len == 2 && strchr ("<>!", left[strlen (left) - 1]) != NULL)
    complain (spot, "rows are joined where keys are equal; '%s' compares in another way: filter by it behind the join",
              text);
  else
    return TRUE;
  return FALSE;
}

/* An item: LEFT = RIGHT, or what is the same on both sides. */
static void
read_item (const Draft *draft, const PlSpot *on, const PlItem *item)
{
  g_autoptr (GPtrArray) sides = pl_items_split (item->text, '=');
  PlSpot spot = *on;
  PlTerm *terms[2];
  spot.offset = item->offset;
  if (sides->len == 0 || sides->len > 2)
    {
      complain (&spot, sides->len == 0 ? "an empty item in 'on'; write a name that both inputs have, or LEFT = RIGHT"
                                       : "an item of 'on' is a name that both inputs have, or LEFT = RIGHT; put a ';' "
                                         "between two items");
      return;
    }
  if (!check_sides (&spot, item->text, sides))
    return;
  for (guint side = 0; side < 2; side++)
    {
      const PlItem *part = sides->pdata[sides->len == 2 ? side : 0];
      PlSpot at = spot;
      at.offset += part->offset;
      terms[side] = read_term (draft, side, &at, part->text);
    }
  if (terms[0] != NULL && terms[1] != NULL)
    {
      add_key (draft, &spot, terms[0], terms[1]);
      return;
    }
  for (guint side = 0; side < 2; side++)
    if (terms[side] != NULL)
      pl_term_free (terms[side]);
}

static void
read_on (const Draft *draft)
{
  PlSpot spot = spot_at (draft, "on");
  g_autoptr (GPtrArray) items = spot.setting != NULL ? pl_items_split (spot.setting->value, ';') : NULL;
  const gboolean is_cross = draft->join->how == PL_JOIN_CROSS;
  if ((items == NULL || items->len == 0) && !is_cross)
    complain (&spot, "[%s] needs 'on': the names that both inputs have, as in id; day, or LEFT = RIGHT",
              draft->join->name);
  else if (items != NULL && is_cross)
    complain (&spot, "how = cross puts every row beside every other; remove 'on', or choose another 'how'");
  spot.setting = pl_settings_find (draft->settings, "validate");
  if (is_cross && spot.setting != NULL)
    complain (&spot, "how = cross has no keys that could stand twice; remove 'validate'");
  spot.setting = pl_settings_find (draft->settings, "null-keys");
  if (is_cross && spot.setting != NULL)
    complain (&spot, "how = cross has no keys that could be null; remove 'null-keys'");
  spot.setting = pl_settings_find (draft->settings, "on");
  if (is_cross)
    return;
  for (guint i = 0; items != NULL && i < items->len && !pl_issues_are_enough (draft->issues); i++)
    read_item (draft, &spot, items->pdata[i]);
}

/* ---- the output ---- */

/* Whether the right input's @column is a key itself: rows have the same in the left one. */
static gboolean
is_key (const PlJoin *join, guint column)
{
  for (guint k = 0; k < join->keys[1]->len; k++)
    if (pl_expression_column (((const PlTerm *) join->keys[1]->pdata[k])->expression) == (gint) column)
      return TRUE;
  return FALSE;
}

/* Adds a column of the right input to the output. @name: as it is to be called; with the suffix where the left input
 * has that name, unless @is_named, by the job. */
static void
take_column (const Draft *draft, const PlSpot *spot, guint column, const char *name, gboolean is_named)
{
  PlJoin *join = draft->join;
  const PlSetting *suffix = pl_settings_find (draft->settings, "suffix");
  g_autofree char *longer = g_strconcat (name, suffix != NULL ? suffix->value : "_right", NULL);
  if (!is_named && pl_schema_find (join->left, name) >= 0)
    name = longer;
  if (pl_schema_find (join->output, name) >= 0)
    {
      complain (spot, "column '%s' appears twice in the output; %s", name,
                is_named ? "choose another name"
                         : "choose another 'suffix', or name columns: take = name as other_name");
      return;
    }
  pl_schema_add_like (join->output, name, &join->right->fields[column]);
  join->taken = g_renew (guint, join->taken, join->n_taken + 1);
  join->taken[join->n_taken++] = column;
}

static void
read_take (const Draft *draft)
{
  PlSpot spot = spot_at (draft, "take");
  PlJoin *join = draft->join;
  if (spot.setting == NULL)
    {
      spot.setting = pl_settings_find (draft->settings, "suffix");
      for (guint i = 0; i < join->right->n_fields && !pl_join_is_test (join); i++)
        if (!is_key (join, i) && !pl_issues_are_enough (draft->issues))
          take_column (draft, &spot, i, join->right->fields[i].name, FALSE);
      return;
    }
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  if (items->len > 0 && pl_join_is_test (join))
    complain (&spot, "how = %s gives rows of '%s' alone; remove 'take'", hows[join->how], draft->inputs[0].name);
  for (guint i = 0; i < items->len && !pl_issues_are_enough (draft->issues); i++)
    {
      const PlItem *item = items->pdata[i];
      g_autofree char *text = g_strdup (item->text);
      guint name_offset = 0;
      spot.offset = item->offset;
      if (*text == '\0')
        {
          complain (&spot, "an empty item in 'take'; write a column of '%s'", draft->inputs[1].name);
          continue;
        }
      g_autofree char *alias = pl_clause_take_alias (text, &name_offset);
      const gint column = pl_clause_column (&spot, text, join->right);
      if (column >= 0)
        take_column (draft, &spot, (guint) column, alias != NULL ? alias : join->right->fields[column].name,
                     alias != NULL);
    }
}

/* Where rows of the right input go on alone, their keys stand in the left input's columns. */
static void
fill_keys (PlJoin *join)
{
  join->filled = g_new (gint, join->left->n_fields + 1);
  for (guint i = 0; i < join->left->n_fields; i++)
    join->filled[i] = -1;
  if (!pl_join_has_rest (join))
    return;
  for (guint k = join->keys[0]->len; k-- > 0;)
    {
      const gint column = pl_expression_column (((const PlTerm *) join->keys[0]->pdata[k])->expression);
      if (column < 0)
        continue;
      const PlExpression *key = ((const PlTerm *) join->keys[1]->pdata[k])->expression;
      const gint other = pl_expression_column (key);
      const PlField computed = {.type = pl_expression_type (key)};
      join->filled[column] = (gint) k;
      pl_field_join (&join->output->fields[column], other >= 0 ? &join->right->fields[other] : &computed);
    }
}

static void
read_output (const Draft *draft)
{
  PlJoin *join = draft->join;
  join->output = pl_schema_new ();
  for (guint i = 0; i < join->left->n_fields; i++)
    pl_schema_add_like (join->output, join->left->fields[i].name, &join->left->fields[i]);
  fill_keys (join);
  read_take (draft);
}

PlJoin *
pl_join_read (const PlSettings *settings, const PlStageInput *inputs, PlIssues *issues)
{
  const guint before = pl_issues_n_errors (issues);
  PlJoin *join = g_new0 (PlJoin, 1);
  Draft draft = {settings, issues, inputs, join};
  join->references = 1;
  join->name = settings->name[0] != '\0' ? g_strconcat ("join ", settings->name, NULL) : g_strdup ("join");
  join->places = pl_schema_new ();
  pl_schema_add (join->places, "", PL_TYPE (PL_STRING));
  pl_schema_add (join->places, "", PL_TYPE (PL_STRING));
  join->left = pl_schema_ref (inputs[0].schema);
  join->right = pl_schema_ref (inputs[1].schema);
  for (guint side = 0; side < 2; side++)
    {
      join->keys[side] = pl_terms_new ();
      join->inputs[side] = g_strdup (inputs[side].name);
    }
  read_choices (&draft);
  if (pl_issues_n_errors (issues) == before)
    read_on (&draft);
  if (pl_issues_n_errors (issues) == before)
    read_output (&draft);
  if (pl_issues_n_errors (issues) == before)
    {
      join->layout = pl_key_layout_new (join->types, join->keys[0]->len);
      return join;
    }
  pl_join_unref (join);
  return NULL;
}
