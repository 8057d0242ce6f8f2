/* Paths and patterns of a source → files, and good advice when there are none.
 *
 * Patterns are those of pattern.h. A file whose very name holds such characters is found before it is read as a
 * pattern. */
#include "expand.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/error.h"
#include "../base/suggest.h"
#include "pattern.h"

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The entry of @folder whose name is nearest to @name. */
static char *
nearest_entry (const char *folder, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  if (dir == NULL)
    return NULL;

  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *entry;
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (entry));
  /* Folders are listed in no order; ties between suggestions must not depend on it. */
  g_ptr_array_sort (names, compare_paths);
  g_ptr_array_add (names, NULL);
  return g_strdup (pl_suggest (name, (const char *const *) names->pdata));
}

/* @written with its last component replaced by @name: advice in the user's own terms. */
static char *
sibling (const char *written, const char *name)
{
  const char *slash = strrchr (written, '/');

  if (slash == NULL)
    return g_strdup (name);
  return g_strdup_printf ("%.*s%s", (int) (slash - written + 1), written, name);
}

char *
pl_path_for_shells (const char *written)
{
  const char *dollar = strchr (written, '$');
  gsize length = 0;
  while (dollar != NULL && (g_ascii_isalnum (dollar[1 + length]) || dollar[1 + length] == '_'))
    length++;
  if (*written == '~')
    return g_strdup ("no shell reads it, so ~ is no folder; write the whole path, or ${HOME} with --var "
                     "HOME=\"$HOME\"");
  if (length == 0)
    return NULL;
  g_autofree char *name = g_strndup (dollar + 1, length);
  return g_strdup_printf ("no shell reads it, so $%s is not replaced; write ${%s} with --var %s=\"$%s\"", name, name,
                          name, name);
}

/* Where the name of a zip archive ends that @path leads into, in bytes; 0: it does not. */
static gsize
find_archive (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  for (const char *p = lower; (p = strstr (p, ".zip/")) != NULL; p++)
    {
      gsize length = (gsize) (p - lower) + 4;
      g_autofree char *archive = g_strndup (path, length);
      if (g_file_test (archive, G_FILE_TEST_IS_REGULAR))
        return length;
    }
  return 0;
}

/* Whether @path leads into a zip archive, with how to read that. */
static gboolean
leads_into_archive (const char *path, const char *written, GError **error)
{
  gsize length = find_archive (path), behind = length > 0 ? strlen (path) - length : 0;
  if (length == 0 || behind >= strlen (written))
    return FALSE;
  gsize n = strlen (written) - behind;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND,
               "cannot find %s: what is in a zip archive is chosen by members; write path = %.*s and members = %s",
               written, (int) n, written, written + n + 1);
  return TRUE;
}

void
pl_input_not_found (const char *path, const char *written, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *written_folder = g_path_get_dirname (written);
  gboolean has_pattern = pl_pattern_is (written);
  struct stat info;

  g_autofree char *for_shells = pl_path_for_shells (written);
  if (for_shells != NULL)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find %s: %s", written, for_shells);
      return;
    }

  if (leads_into_archive (path, written, error))
    return;
  if (stat (path, &info) != 0 && errno != ENOENT && errno != ENOTDIR)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot open %s: %s", written, g_strerror (errno));
      return;
    }
  if (g_file_test (folder, G_FILE_TEST_EXISTS) && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find %s: %s is a file, not a folder", written,
                   written_folder);
      return;
    }
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR) && !has_pattern)
    {
      g_autofree char *above = g_path_get_dirname (folder);
      g_autofree char *name = g_path_get_basename (folder);
      g_autofree char *nearest = nearest_entry (above, name);
      g_autofree char *advice = nearest != NULL ? sibling (written_folder, nearest) : NULL;

      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find %s: there is no folder %s%s%s%s", written,
                   written_folder, advice != NULL ? "; did you mean " : "", advice != NULL ? advice : "",
                   advice != NULL ? "?" : "");
      return;
    }

  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *nearest = nearest_entry (folder, name);
  g_autofree char *advice = nearest != NULL ? sibling (written, nearest) : NULL;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "%s %s%s%s%s",
               has_pattern ? "no file matches" : "cannot find", written, advice != NULL ? "; did you mean " : "",
               advice != NULL ? advice : "", advice != NULL ? "?" : "");
}

GStrv
pl_input_expand (const char *pattern, const char *folder, GError **error)
{
  gboolean here = folder == NULL || *folder == '\0' || strcmp (folder, ".") == 0 || g_path_is_absolute (pattern)
                  || strcmp (pattern, "-") == 0;
  g_autofree char *path = here ? g_strdup (pattern) : g_build_filename (folder, pattern, NULL);

  if (strcmp (pattern, "-") == 0 || g_file_test (path, G_FILE_TEST_EXISTS))
    {
      const char *const one[] = {path, NULL};
      return g_strdupv ((GStrv) one);
    }
  if (pl_pattern_is (pattern))
    {
      g_autofree char *missing = NULL;
      g_auto (GStrv) found = pl_pattern_match (pattern, here ? NULL : folder, &missing, error);
      if (missing != NULL)
        {
          g_autofree char *place = here ? g_strdup (missing) : g_build_filename (folder, missing, NULL);
          pl_input_not_found (place, missing, error);
        }

      if (found == NULL)
        return NULL;
      if (found[0] != NULL)
        return g_steal_pointer (&found);
    }
  pl_input_not_found (path, pattern, error);
  return NULL;
}
