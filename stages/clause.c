/* The common grammar of stage keys. Lists are cut by pl_items_split(); what an item means is decided here, so that
 * `a; b desc` and `expr as name` read the same in every stage. Nothing here touches data. */
#include "clause.h"
#include "../pipeline/base/name.h"
#include "../pipeline/base/quantity.h"
#include "functions/registry.h"
#include "../pipeline/expression/check.h"
#include "../pipeline/expression/parser.h"
#include "../pipeline/keys/terms.h"

gboolean
pl_clause_is_column (const PlSettingKey *keys, const PlSetting *setting)
{
  if (setting->quoted)
    return TRUE;
  /* `input` belongs to every group and is the job layer's, as `inputs` is. */
  if (strcmp (setting->key, "input") == 0)
    return FALSE;
  for (const PlSettingKey *key = keys; key->name != NULL; key++)
    if (strcmp (key->name, setting->key) == 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_name_byte (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (guchar) c >= 0x80;
}

/* The byte after a quoted text that starts at @text. */
static const char *
skip_quoted (const char *text)
{
  char quote = *text++;
  while (*text != '\0' && *text != quote)
    text++;
  return *text == '\0' ? text : text + 1;
}

char *
pl_clause_take_alias (char *text, guint *offset)
{
  const char *as = NULL;
  guint depth = 0;
  for (const char *p = text; *p != '\0';)
    {
      if (*p == '\'' || *p == '"')
        {
          p = skip_quoted (p);
          continue;
        }
      if (*p == '(')
        depth++;
      else if (*p == ')' && depth > 0)
        depth--;
      else if (depth == 0 && p > text && !is_name_byte (p[-1]) && g_ascii_strncasecmp (p, "as", 2) == 0
               && !is_name_byte (p[2]))
        as = p;
      p++;
    }
  if (as == NULL)
    return NULL;
  const char *name = as + 2;
  while (g_ascii_isspace (*name))
    name++;
  if (*name == '\0')
    return NULL;
  *offset = (guint) g_utf8_strlen (text, name - text);
  char *alias = pl_item_unquote (name);
  text[as - text] = '\0';
  g_strchomp (text);
  return alias;
}

/* Cuts @word (any case) and the spaces before it off the end of @text. */
static gboolean
take_word (char *text, const char *word)
{
  gsize length = strlen (text), n = strlen (word);
  if (length <= n || g_ascii_strcasecmp (text + length - n, word) != 0 || is_name_byte (text[length - n - 1])
      || text[length - n - 1] == '.')
    return FALSE;
  text[length - n] = '\0';
  g_strchomp (text);
  return TRUE;
}

PlExpression *
pl_clause_parse (const PlSpot *spot, const char *text)
{
  GError *error = NULL;
  guint offset = 0;
  PlExpression *expression = pl_expression_parse (text, &offset, &error);
  if (expression == NULL)
    pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + offset, error);
  return expression;
}

PlExpression *
pl_clause_expression (const PlSpot *spot, const char *text, PlSchema *schema)
{
  GError *error = NULL;
  guint offset = 0;
  g_autoptr (PlExpression) expression = pl_clause_parse (spot, text);
  if (expression == NULL)
    return NULL;
  if (!pl_expression_check (expression, schema, pl_function_table (), &offset, &error))
    {
      pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset + offset, error);
      return NULL;
    }
  return g_steal_pointer (&expression);
}

gboolean
pl_clause_check_condition (const PlSpot *spot, guint offset, const char *text, const PlExpression *expression)
{
  PlType type = pl_expression_type (expression);
  if (type.kind == PL_BOOL || type.kind == PL_NULL)
    return TRUE;
  g_autofree char *message
      = g_strdup_printf ("a condition must be true or false, but '%s' is of type %s", text, pl_type_name (type));
  pl_issues_take (
      spot->issues, spot->settings, spot->setting, offset,
      pl_type_origin_error (pl_expression_origin (expression), PL_BOOL, message, "compare it with something"));
  return FALSE;
}

PlExpression *
pl_clause_condition (const PlSpot *spot, const char *text, PlSchema *schema)
{
  g_autoptr (PlExpression) expression = pl_clause_expression (spot, text, schema);
  if (expression == NULL || !pl_clause_check_condition (spot, spot->offset, text, expression))
    return NULL;
  return g_steal_pointer (&expression);
}

gint
pl_clause_column (const PlSpot *spot, const char *text, const PlSchema *schema)
{
  g_autofree char *name = pl_item_unquote (text);
  gint index = pl_schema_find (schema, name);
  if (index >= 0)
    return index;
  g_autofree const char **names = pl_schema_names (schema);
  const char *nearest = pl_name_nearest (name, names);
  g_autofree char *suggestion = nearest != NULL ? pl_name_suggest (nearest) : NULL;
  if (suggestion != NULL)
    pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown column '%s'; %s", name, suggestion);
  else
    pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown column '%s'", name);
  return -1;
}

gboolean
pl_clause_count (const PlSpot *spot, guint64 minimum, guint64 *count)
{
  GError *error = NULL;
  if (pl_parse_count (spot->setting->value, minimum, G_MAXUINT64, count, &error))
    return TRUE;
  pl_issues_take (spot->issues, spot->settings, spot->setting, G_MAXUINT, error);
  return FALSE;
}

/* `desc nulls last`, read from its end. */
static void
take_direction (PlTerm *term, char *text)
{
  g_autofree char *whole = g_strdup (text);
  if (take_word (text, "first") && take_word (text, "nulls"))
    term->nulls_first = TRUE;
  else
    {
      strcpy (text, whole);
      if (!(take_word (text, "last") && take_word (text, "nulls")))
        strcpy (text, whole);
    }
  if (take_word (text, "desc"))
    term->descending = TRUE;
  else
    take_word (text, "asc");
}

/* A constant is the same in all rows: who writes one means the column of that name, or of that number. With a name of
 * its own it is a column of the output. */
static gboolean
is_constant (const PlSpot *spot, const PlExpression *expression, const char *text)
{
  const PlColumn *constant = pl_expression_constant (expression);
  if (constant == NULL)
    return FALSE;
  if (constant->type.kind == PL_STRING && !pl_column_is_null (constant, 0))
    pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_BAD_VALUE,
                   "%s is a text, the same in all rows; if a column is meant, write \"%.*s\"", text,
                   (int) constant->texts[0].length, constant->texts[0].data);
  else
    pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_BAD_VALUE,
                   "%s is a constant, the same in all rows; write the name of a column", text);
  return TRUE;
}

GPtrArray *
pl_clause_terms (const PlSpot *spot, PlSchema *schema, PlTermsFlags flags)
{
  GPtrArray *terms = pl_terms_new ();
  g_autoptr (GPtrArray) items = pl_items_split (spot->setting->value, ';');
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot->issues); i++)
    {
      PlItem *item = items->pdata[i];
      PlSpot at = *spot;
      at.offset += item->offset;
      if (*item->text == '\0')
        {
          pl_issues_add (spot->issues, spot->settings, spot->setting, at.offset, PL_JOB_ERROR_BAD_VALUE,
                         "an empty item in '%s'; write a column between two semicolons", spot->setting->key);
          continue;
        }
      PlTerm *term = g_new0 (PlTerm, 1);
      g_autofree char *text = g_strdup (item->text);
      guint name_offset = 0;
      term->offset = at.offset;
      if (flags & PL_TERMS_NAMED)
        term->name = pl_clause_take_alias (text, &name_offset);
      if (flags & PL_TERMS_ORDERED)
        take_direction (term, text);
      const gboolean has_alias = term->name != NULL;
      if (!has_alias)
        {
          g_autoptr (PlExpression) bare = pl_expression_parse (text, NULL, NULL);
          const char *name = bare != NULL ? pl_expression_name (bare) : NULL;
          term->name = g_strdup (name != NULL ? name : text);
        }
      term->expression = pl_clause_expression (&at, text, schema);
      if (term->expression == NULL || (!has_alias && is_constant (&at, term->expression, text)))
        pl_term_free (term);
      else
        g_ptr_array_add (terms, term);
    }
  return terms;
}
