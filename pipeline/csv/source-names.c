/* What a setting says of one column, and that there is no such column. */
#include "source-names.h"

#include <string.h>

#include "../base/error.h"
#include "../base/name.h"
#include "path-columns.h"

char *
pl_source_split_item (const char *item, const char **rest)
{
  const char *colon = NULL;
  if (*item == '"')
    {
      const char *end = item + 1;
      while (*end != '\0' && (*end != '"' || end[1] == '"'))
        end += *end == '"' ? 2 : 1;
      colon = *end == '"' && end[1] == ':' ? end + 1 : NULL;
    }
  else
    colon = strchr (item, ':');
  *rest = item;
  if (colon == NULL)
    return NULL;
  *rest = colon + 1 + strspn (colon + 1, " ");
  g_autofree char *name = g_strchomp (g_strndup (item, (gsize) (colon - item)));
  return pl_item_unquote (name);
}

void
pl_source_unknown_column (const PlSourceOptions *options, const char *key, guint offset, const GPtrArray *names,
                          const char *name, const char *hint)
{
  if (pl_path_columns_find (options, name) != NULL)
    {
      pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), offset,
                     PL_JOB_ERROR_BAD_VALUE,
                     strcmp (key, "use") == 0 ? "column '%s' is of path-columns, which are all kept"
                                              : "column '%s' is of path-columns; give its type there",
                     name);
      return;
    }
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (candidates, g_ptr_array_index (names, i));
  g_ptr_array_add (candidates, NULL);
  const char *nearest = pl_name_nearest (name, (const char *const *) candidates->pdata);
  g_autofree char *suggestion = nearest != NULL ? pl_name_suggest (nearest) : NULL;
  pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), offset,
                 PL_JOB_ERROR_UNKNOWN_NAME, "unknown column '%s'%s%s%s", name, suggestion != NULL ? "; " : "",
                 suggestion != NULL ? suggestion : "", hint);
}
