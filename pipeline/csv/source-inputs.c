/* Where [source] says that its bytes are, in files or in what a program prints: finding and opening them, up to their
 * headers. */
#include "source-inputs.h"
#include <string.h>

#include "../base/error.h"
#include "source-private.h"
#include "../base/child-command.h"
#include "header.h"
#include "../io/expand.h"
#include "../io/origin-state.h"

#define SAMPLE_SIZE ((gsize) 64 << 10)

/* The path as it is shown: without the job's folder in front. */
static char *
display_path (const char *path, const char *folder)
{
  if (strcmp (path, "-") == 0)
    return g_strdup ("stdin");
  gsize length = folder != NULL ? strlen (folder) : 0;
  if (length > 0 && strncmp (path, folder, length) == 0
      && (path[length] == G_DIR_SEPARATOR || folder[length - 1] == G_DIR_SEPARATOR))
    {
      path += length;
      while (*path == G_DIR_SEPARATOR)
        path++;
    }
  return g_strdup (path);
}

/* Keys that say how a program is started. */
static const char *const of_command[] = {"environment", "folder"};

static void
refuse (const PlSourceOptions *options, const char *key, const char *message)
{
  pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), G_MAXUINT,
                 PL_JOB_ERROR_BAD_VALUE, "%s", message);
}

void
pl_source_read_inputs (PlSourceOptions *options)
{
  const PlSetting *path = pl_source_find_setting (options, "path");
  gboolean has_command = pl_source_find_setting (options, "command") != NULL;
  options->paths = pl_items_split (path != NULL ? path->value : "", ';');
  if (has_command && path != NULL)
    refuse (options, "command", "'path' and 'command' exclude each other; leave one of them out");
  else if (has_command)
    pl_child_command_read (&options->command, options->settings, options->issues);
  else if (options->paths->len == 0)
    refuse (options, "path", "a source needs path, the files to read, or command, a program that prints them");
  for (guint i = 0; i < G_N_ELEMENTS (of_command) && !has_command; i++)
    if (pl_source_find_setting (options, of_command[i]) != NULL)
      {
        g_autofree char *message = g_strdup_printf ("'%s' is of a command, and this source has none", of_command[i]);
        refuse (options, of_command[i], message);
      }
}

/* What was wrong with a file that is another one by now is no longer of interest: that it changed is. */
static void
blame_change (const PlSourceFile *file, GError **error)
{
  GError *change = NULL;
  gboolean may_follow = (*error)->domain == PL_DATA_ERROR || g_error_matches (*error, PL_IO_ERROR, PL_IO_ERROR_READ);
  if (!may_follow || pl_origin_check (file->origin, file->display, FALSE, &change) != PL_ORIGIN_CHANGED)
    return;
  g_clear_error (error);
  g_propagate_error (error, change);
}

/* @origin: (transfer full); @name: what it is called where it cannot be read; @display: (transfer full) */
static gboolean
add_file (PlSource *source, PlSourceOptions *options, GArray *heads, PlOrigin *origin, const char *path,
          const char *name, char *display, gsize *sampled, GError **error)
{
  PlSourceFile *file = g_new0 (PlSourceFile, 1);
  GError *failure = NULL;
  file->path = g_strdup (path);
  file->display = display;
  file->origin = origin;
  g_ptr_array_add (source->files, file);
  PlHead head = {.file = file};
  gboolean ok = pl_head_read (&head, source, options, name, SAMPLE_SIZE - *sampled, &failure);
  g_array_append_val (heads, head);
  *sampled += MIN (head.sample_length, SAMPLE_SIZE - *sampled);
  if (ok)
    return TRUE;
  blame_change (file, &failure);
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
open_command (PlSource *source, PlSourceOptions *options, GArray *heads, GError **error)
{
  gsize sampled = 0;
  g_autofree char *name = g_strdup (options->command.shown);
  g_autofree char *program = g_strdup (options->command.argv[0]);
  PlOrigin *origin = pl_origin_start (&options->command, error);
  return origin != NULL
         && add_file (source, options, heads, origin, "-", name, g_steal_pointer (&program), &sampled, error);
}

gboolean
pl_source_open_files (PlSource *source, PlSourceOptions *options, GArray *heads, GError **error)
{
  gsize sampled = 0;
  if (options->command.argv != NULL)
    return open_command (source, options, heads, error);
  for (guint i = 0; i < options->paths->len; i++)
    {
      g_autofree char *pattern = pl_item_unquote (((const PlItem *) g_ptr_array_index (options->paths, i))->text);
      g_auto (GStrv) paths = pl_input_expand (pattern, options->folder, error);
      if (paths == NULL)
        return FALSE;
      for (GStrv path = paths; *path != NULL; path++)
        {
          const char *name = strcmp (*path, "-") == 0 ? "standard input" : *path;
          PlOrigin *origin = pl_origin_open (*path, error);
          if (origin == NULL
              || !add_file (source, options, heads, origin, *path, name, display_path (*path, options->folder),
                            &sampled, error))
            return FALSE;
        }
    }
  return TRUE;
}
