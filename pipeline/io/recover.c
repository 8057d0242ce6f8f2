/* What runs that were killed have left in the folders of this run's outputs: journals are finished, temporaries
 * removed.
 *
 * Only what nobody has locked, and only what is ours. Journals come first, because the temporaries they list are still
 * wanted. */
#include "recover.h"
#include "publish-journal.h"
#include "temporary.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
sweep_temporaries (const PlFolder *folder, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      int fd = pl_temporary_adopt (folder, g_ptr_array_index (names, i));
      if (fd < 0)
        continue;
      unlinkat (folder->fd, g_ptr_array_index (names, i), 0);
      close (fd);
    }
}

static gboolean
resolve_journals (PlFolder *folder, const GPtrArray *names, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    if (!pl_publish_journal_resolve (folder, g_ptr_array_index (names, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
recover_folder (PlFolder *folder, GError **error)
{
  g_autoptr (GPtrArray) journals = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) temporaries = g_ptr_array_new_with_free_func (g_free);
  int fd = pl_folder_list (folder);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  /* One that cannot be listed cannot be cleared up; whether it can be written to shows soon enough. */
  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return TRUE;
    }
  while ((entry = readdir (dir)) != NULL)
    if (pl_publish_journal_is_name (entry->d_name))
      g_ptr_array_add (journals, g_strdup (entry->d_name));
    else if (pl_temporary_is_name (entry->d_name))
      g_ptr_array_add (temporaries, g_strdup (entry->d_name));
  closedir (dir);
  if (!resolve_journals (folder, journals, error))
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
      g_auto (PlTarget) target = {.fd = -1};
      if (strcmp (*paths, "-") == 0 || !pl_target_find (&target, *paths, NULL, NULL) || target.is_descriptor)
        continue;
      if (g_hash_table_add (seen, g_strdup (target.folder->path)) && !recover_folder (target.folder, error))
        return FALSE;
    }
  return TRUE;
}
