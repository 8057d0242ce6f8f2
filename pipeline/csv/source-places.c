/* Where [source] says that its bytes are: in files, or in what a program prints. */
#include "source-private.h"

/* Keys that say how a program is started. */
static const char *const of_command[] = {"environment", "folder"};

static void
refuse (const PlSourceOptions *options, const char *key, const char *message)
{
  pl_issues_add (options->issues, options->settings, pl_source_find_setting (options, key), G_MAXUINT,
                 PL_JOB_ERROR_BAD_VALUE, "%s", message);
}

void
pl_source_read_places (PlSourceOptions *options)
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
