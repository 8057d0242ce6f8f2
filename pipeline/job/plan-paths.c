/* That a run writes nothing over what it reads, nor twice: the job file, inputs, rejects and sinks are files of their
 * own, however their paths are written. Found out before anything is done, because a file that is replaced is lost. */
#include "plan-paths.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  GHashTable *uses; /* of char *: what a file is to the run, by its one name */
  PlIssues *issues;
} Paths;

/* One name for a file however it is written, through links and hard links: its number where it exists, else its place
 * in its folder. */
static char *
identify (const char *path)
{
  struct stat info;
  if (strcmp (path, "-") == 0)
    return g_strdup (path);
  if (stat (path, &info) == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) info.st_dev, (guint64) info.st_ino);
  g_autofree char *link = g_file_read_link (path, NULL);
  g_autofree char *written = g_path_get_dirname (path);
  g_autofree char *folder = g_canonicalize_filename (written, NULL);
  if (link != NULL)
    {
      /* It leads to nothing yet; links that lead to each other lead nowhere, which is found where it is opened. */
      g_autofree char *target = g_canonicalize_filename (link, folder);
      struct stat again;
      if (lstat (target, &again) != 0)
        return identify (target);
    }
  g_autofree char *name = g_path_get_basename (path);
  char *real_folder = realpath (folder, NULL);
  char *result = g_build_filename (real_folder != NULL ? real_folder : folder, name, NULL);
  free (real_folder);
  return result;
}

/* Of several uses the first is told. @use: (transfer full) */
static void
add_use (Paths *paths, const char *path, char *use)
{
  char *identity = identify (path);
  if (!g_hash_table_contains (paths->uses, identity))
    {
      g_hash_table_insert (paths->uses, identity, use);
      return;
    }
  g_free (identity);
  g_free (use);
}

/* /dev/null may be written to by all. */
static gboolean
is_character_device (const char *path)
{
  struct stat info;
  return stat (path, &info) == 0 && S_ISCHR (info.st_mode);
}

/* @key of @node says @path, to be written. @use: (transfer full) */
static void
add_output (Paths *paths, const PlNode *node, const char *key, const char *path, char *use)
{
  const PlSetting *setting = node->settings != NULL ? pl_settings_find (node->settings, key) : NULL;
  g_autofree char *identity = identify (path);
  const char *other = g_hash_table_lookup (paths->uses, identity);
  if (other != NULL && !is_character_device (path))
    pl_issues_add (paths->issues, node->settings, setting, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                   "'%s' %s; write to another file", setting != NULL ? setting->value : path, other);
  add_use (paths, path, use);
}

/* What all files are to the run; what is written twice is an issue. */
static GHashTable *
collect (const PlJob *job, const GPtrArray *nodes, PlIssues *issues)
{
  Paths paths = {g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), issues};
  if (strcmp (job->path, "-") != 0)
    add_use (&paths, job->path, g_strdup ("is the job file"));
  for (guint i = 0; i < nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (nodes, i);
      const GPtrArray *files = node->source != NULL ? node->source->files : NULL;
      /* stdin is not stdout. */
      for (guint j = 0; files != NULL && j < files->len; j++)
        if (strcmp (((const PlSourceFile *) g_ptr_array_index (files, j))->path, "-") != 0)
          add_use (&paths, ((const PlSourceFile *) g_ptr_array_index (files, j))->path,
                   g_strdup_printf ("is an input, of [%s]", node->label));
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (nodes, i);
      if (node->source != NULL && node->source->rejects != NULL)
        add_output (&paths, node, "rejects", node->source->rejects,
                    g_strdup_printf ("gets the rejected rows of [%s]", node->label));
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (nodes, i);
      if (node->sink != NULL)
        add_output (&paths, node, "path", node->sink->path,
                    g_strdup_printf ("gets the rows of [%s] already", node->label));
    }
  return paths.uses;
}

void
pl_paths_check (const PlJob *job, const GPtrArray *nodes, PlIssues *issues)
{
  g_hash_table_unref (collect (job, nodes, issues));
}

char *
pl_plan_use (const PlPlan *plan, const PlJob *job, const char *path)
{
  g_autoptr (PlIssues) said = pl_issues_new ();
  GHashTable *uses = collect (job, plan->nodes, said);
  g_autofree char *identity = identify (path);
  char *use = is_character_device (path) ? NULL : g_strdup (g_hash_table_lookup (uses, identity));
  g_hash_table_unref (uses);
  return use;
}
