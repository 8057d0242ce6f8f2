/* What runs that were killed have left in the folders of this run's outputs: journals are finished, temporaries removed.
 *
 * Only what nobody has locked, and only what is ours. Journals come first, because the temporaries they list are still wanted. */
#include "publish-journal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
sweep_temporaries (const char *folder, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
      int fd = pl_temporary_adopt (path);
      if (fd < 0)
        continue;
      unlink (path);
      close (fd);
    }
}

static gboolean
settle_journals (const char *folder, const GPtrArray *names, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
      if (!pl_publish_journal_settle (path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
recover_folder (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) journals = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) temporaries = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  /* One that cannot be listed cannot be cleared up; whether it can be written to shows soon enough. */
  if (dir == NULL)
    return TRUE;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (pl_publish_journal_is_name (name))
      g_ptr_array_add (journals, g_strdup (name));
    else if (pl_temporary_is_name (name))
      g_ptr_array_add (temporaries, g_strdup (name));
  g_dir_close (dir);
  if (!settle_journals (folder, journals, error))
    return FALSE;
  sweep_temporaries (folder, temporaries);
  return TRUE;
}

gboolean
pl_output_recover (const char *const *paths, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (; *paths != NULL; paths++)
    {
      if (strcmp (*paths, "-") == 0 || pl_output_is_device (*paths))
        continue;
      g_autofree char *path = pl_output_follow_links (*paths, NULL);
      g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
      char *real = folder != NULL ? realpath (folder, NULL) : NULL;
      gboolean ok = real == NULL || !g_hash_table_add (seen, g_strdup (real)) || recover_folder (real, error);
      free (real);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}
