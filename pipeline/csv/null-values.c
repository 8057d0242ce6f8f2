/* `null-values = NA; price:-1`: texts that are null in all columns, or in one. What stands before a colon is a column,
 * and an item in quotes is a text with whatever is in it; so a misspelt column is an error, and no text that never
 * comes. */
#include "null-values.h"

#include <string.h>

#include "path-columns.h"
#include "source-names.h"

/* What is null by an item: \u00a0 in it is the character, which nobody could see. */
static char *
null_text (const char *item)
{
  g_autofree char *text = pl_item_unquote (item);
  GString *out = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p++)
    {
      gunichar c = 0;
      guint n = 0;
      while (p[0] == '\\' && p[1] == 'u' && n < 4 && g_ascii_isxdigit (p[2 + n]))
        c = c * 16 + (gunichar) g_ascii_xdigit_value (p[2 + n++]);
      if (n < 4 || c == 0 || !g_unichar_validate (c))
        {
          g_string_append_c (out, *p);
          continue;
        }
      g_string_append_unichar (out, c);
      p += 5;
    }
  return g_string_free (out, FALSE);
}

/* The column that @item is for; @text: (out) (transfer full): what is null in it.
 * Returns: (transfer full) (nullable): %NULL: all of them */
static char *
split_value (const char *item, char **text)
{
  const char *rest;
  g_autofree char *name = pl_source_split_item (item, &rest);
  if (name != NULL && *name == '\0' && *item != '"')
    rest = item;
  g_autofree char *value = g_strchomp (g_strdup (rest));
  *text = null_text (value);
  return rest == item ? NULL : g_steal_pointer (&name);
}

static GPtrArray *
list_items (const PlSourceOptions *options)
{
  const PlSetting *setting = pl_source_find_setting (options, "null-values");
  return setting != NULL ? pl_items_split (setting->value, ';') : g_ptr_array_new ();
}

static gboolean
is_column (const PlSourceOptions *options, const GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (strcmp (g_ptr_array_index (names, i), name) == 0)
      return TRUE;
  return pl_path_columns_find (options, name) != NULL || g_strcmp0 (options->filename_column, name) == 0;
}

void
pl_null_values_check (const PlSourceOptions *options, const GPtrArray *names)
{
  g_autoptr (GPtrArray) items = list_items (options);
  for (guint i = 0; i < items->len && !pl_issues_are_enough (options->issues); i++)
    {
      const PlItem *item = g_ptr_array_index (items, i);
      g_autofree char *text = NULL;
      g_autofree char *name = split_value (item->text, &text);
      if (name != NULL && !is_column (options, names, name))
        pl_source_unknown_column (options, "null-values", item->offset, names, name,
                                  " (a text that has a colon stands in quotes)");
    }
}

void
pl_null_values_apply (PlSource *source, const PlSourceOptions *options)
{
  g_autoptr (GPtrArray) items = list_items (options);
  guint n = source->schema->n_fields;
  g_autoptr (GPtrArray) general = g_ptr_array_new_with_free_func (g_free);
  g_autofree GPtrArray **own = g_new0 (GPtrArray *, n + 1);
  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *name = split_value (((const PlItem *) g_ptr_array_index (items, i))->text, &text);
      gint column = name != NULL ? pl_schema_find (source->schema, name) : -1;
      if (name == NULL)
        g_ptr_array_add (general, g_steal_pointer (&text));
      /* Of a column that is not read nothing is null. */
      if (column < 0)
        continue;
      if (own[column] == NULL)
        own[column] = g_ptr_array_new ();
      g_ptr_array_add (own[column], g_steal_pointer (&text));
    }
  source->n_null_values = n;
  source->null_values = g_new0 (GStrv, n + 1);
  for (guint i = 0; i < n; i++)
    {
      if (own[i] == NULL)
        continue;
      for (guint j = 0; j < general->len; j++)
        g_ptr_array_add (own[i], g_strdup (g_ptr_array_index (general, j)));
      g_ptr_array_add (own[i], NULL);
      source->null_values[i] = (GStrv) g_ptr_array_free (own[i], FALSE);
    }
  g_strfreev (source->dialect.null_values);
  source->dialect.null_values = NULL;
  if (general->len == 0)
    return;
  source->dialect.null_values = g_new0 (char *, general->len + 1);
  for (guint i = 0; i < general->len; i++)
    source->dialect.null_values[i] = g_strdup (g_ptr_array_index (general, i));
}
