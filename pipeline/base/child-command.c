/* The keys that say which program is run, and how: the same in every group that has them. */
#include "child-command.h"
#include "child.h"

#include <string.h>

void
pl_child_command_clear (PlChildCommand *command)
{
  g_clear_pointer (&command->name, g_free);
  g_clear_pointer (&command->shown, g_free);
  g_clear_pointer (&command->argv, g_strfreev);
  g_clear_pointer (&command->environment, g_strfreev);
  g_clear_pointer (&command->folder, g_free);
}

static gboolean
is_program (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE);
}

/* Whether there is such a program, in the command's PATH or, with a slash in its name, seen from its folder. */
static gboolean
is_there (const PlChildCommand *command)
{
  const char *name = command->argv[0];
  if (strchr (name, '/') != NULL)
    {
      g_autofree char *path
          = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (command->folder, name, NULL);
      return is_program (path);
    }
  const char *path = g_environ_getenv (command->environment, "PATH");
  g_auto (GStrv) folders = g_strsplit (path != NULL ? path : "/bin:/usr/bin", ":", -1);
  for (GStrv folder = folders; *folder != NULL; folder++)
    {
      g_autofree char *candidate = g_build_filename (**folder != '\0' ? *folder : command->folder, name, NULL);
      if (is_program (candidate))
        return TRUE;
    }
  return FALSE;
}

G_GNUC_PRINTF (5, 6)
static void
report (const PlSettings *settings, const PlSetting *setting, guint offset, PlIssues *issues, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  pl_issues_take (issues, settings, setting, offset, error);
}

/* Sets @name in @environment, whose names @indices knows. */
static void
set_variable (GPtrArray *environment, GHashTable *indices, const char *name, const char *value)
{
  char *variable = g_strconcat (name, "=", value, NULL);
  gpointer index;
  if (g_hash_table_lookup_extended (indices, name, NULL, &index))
    {
      g_free (environment->pdata[GPOINTER_TO_UINT (index)]);
      environment->pdata[GPOINTER_TO_UINT (index)] = variable;
      return;
    }
  g_hash_table_insert (indices, g_strdup (name), GUINT_TO_POINTER (environment->len));
  g_ptr_array_add (environment, variable);
}

static void
read_variables (const PlSettings *settings, const PlSetting *setting, PlIssues *issues, GPtrArray *environment,
                GHashTable *indices)
{
  g_autoptr (GPtrArray) items = pl_items_split (setting->value, ';');
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = items->pdata[i];
      g_auto (GStrv) parts = g_strsplit (item->text, "=", 2);
      if (parts[0] == NULL || parts[1] == NULL || *g_strchomp (parts[0]) == '\0')
        {
          report (settings, setting, item->offset, issues, "'%s' is not a variable and its value, as LANG=C",
                  item->text);
          continue;
        }
      g_autofree char *value = pl_item_unquote (g_strchug (parts[1]));
      set_variable (environment, indices, parts[0], value);
    }
}

/* `A=b; C=d` over what we have ourselves. */
static void
read_environment (PlChildCommand *command, const PlSettings *settings, PlIssues *issues)
{
  const PlSetting *setting = pl_settings_find (settings, "environment");
  g_auto (GStrv) own = g_get_environ ();
  GPtrArray *environment = g_ptr_array_new ();
  g_autoptr (GHashTable) indices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (GStrv variable = own; *variable != NULL; variable++)
    {
      g_hash_table_insert (indices, g_strndup (*variable, strcspn (*variable, "=")),
                           GUINT_TO_POINTER (environment->len));
      g_ptr_array_add (environment, g_strdup (*variable));
    }
  if (setting != NULL)
    read_variables (settings, setting, issues, environment, indices);
  g_ptr_array_add (environment, NULL);
  command->environment = (GStrv) g_ptr_array_free (environment, FALSE);
}

gboolean
pl_child_command_read (PlChildCommand *command, const PlSettings *settings, PlIssues *issues)
{
  guint before = pl_issues_n_errors (issues);
  const PlSetting *program = pl_settings_find (settings, "command");
  const PlSetting *folder = pl_settings_find (settings, "folder");
  g_autofree char *home = g_path_get_dirname (settings->origin);
  const char *said = folder != NULL ? folder->value : ".";
  command->name
      = *settings->name != '\0' ? g_strdup_printf ("%s %s", settings->kind, settings->name) : g_strdup (settings->kind);
  command->folder = g_path_is_absolute (said) ? g_strdup (said) : g_build_filename (home, said, NULL);
  if (!g_file_test (command->folder, G_FILE_TEST_IS_DIR))
    report (settings, folder, G_MAXUINT, issues, "there is no folder '%s'", said);
  read_environment (command, settings, issues);
  if (program == NULL)
    report (settings, NULL, G_MAXUINT, issues, "missing key 'command'");
  else if (*program->value == '\0')
    report (settings, program, G_MAXUINT, issues, "the command is empty; write a program and its arguments");
  else if (!g_shell_parse_argv (program->value, NULL, &command->argv, NULL))
    report (settings, program, G_MAXUINT, issues, "the quotes of the command do not match: %s", program->value);
  else if (!is_there (command))
    report (settings, program, G_MAXUINT, issues, "there is no program '%s' %s", command->argv[0],
            strchr (command->argv[0], '/') != NULL ? "to run" : "in PATH");
  else
    command->shown = g_strdup_printf ("'%s' of [%s]", program->value, command->name);
  return pl_issues_n_errors (issues) == before;
}
