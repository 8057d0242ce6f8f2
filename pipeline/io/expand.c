/* Paths and patterns of a source → files, and good advice when there are none.
 *
 * Patterns are glob(7)'s: * ? [ ]. A file whose very name holds such characters is found before it is read as a
 * pattern. Matches are sorted by bytes, not by locale, because the order of files is the order of rows. */
#include "expand.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/error.h"
#include "../base/suggest.h"

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

void
pl_input_not_found (const char *path, const char *written, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *written_folder = g_path_get_dirname (written);
  gboolean has_pattern = strpbrk (written, "*?[") != NULL;
  struct stat info;

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

/* The job's folder is no pattern, whatever it is called. */
static char *
escape_pattern (const char *text)
{
  GString *escaped = g_string_new (NULL);

  for (; *text != '\0'; text++)
    {
      if (strchr ("*?[]\\", *text) != NULL)
        g_string_append_c (escaped, '\\');
      g_string_append_c (escaped, *text);
    }
  return g_string_free (escaped, FALSE);
}

/* The folder that glob() could not list on this thread, and why. */
static __thread char *unlisted_folder;
static __thread int unlisted_reason;

static int
remember_unlisted (const char *folder, int reason)
{
  if (reason == ENOENT)
    return 0;
  unlisted_folder = g_strdup (folder);
  unlisted_reason = reason;
  return 1;
}

/* A folder that cannot be listed is no empty one: its files would be missing without a word. */
static GStrv
match (const char *pattern, const char *written, GError **error)
{
  GPtrArray *paths = g_ptr_array_new ();
  glob_t found = {0};
  int code = glob (pattern, GLOB_NOSORT, remember_unlisted, &found);

  if (code == GLOB_ABORTED)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot list the folder %s for %s: %s", unlisted_folder,
                   written, g_strerror (unlisted_reason));
      g_clear_pointer (&unlisted_folder, g_free);
      globfree (&found);
      g_ptr_array_unref (paths);
      return NULL;
    }
  if (code == 0)
    for (gsize i = 0; i < found.gl_pathc; i++)
      if (!g_file_test (found.gl_pathv[i], G_FILE_TEST_IS_DIR))
        g_ptr_array_add (paths, g_strdup (found.gl_pathv[i]));
  globfree (&found);
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  return (GStrv) g_ptr_array_free (paths, FALSE);
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
  if (strpbrk (pattern, "*?[") != NULL)
    {
      g_autofree char *escaped = here ? NULL : escape_pattern (folder);
      g_autofree char *full = here ? g_strdup (pattern) : g_build_filename (escaped, pattern, NULL);
      g_auto (GStrv) found = match (full, pattern, error);

      if (found == NULL)
        return NULL;
      if (found[0] != NULL)
        return g_steal_pointer (&found);
    }
  pl_input_not_found (path, pattern, error);
  return NULL;
}
