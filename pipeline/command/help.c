/* pipeline help [COMMAND] */
#include "command.h"

#include <string.h>

static char *
overview (const PlCommand *const *commands)
{
  GString *text = g_string_new (
      "pipeline COMMAND [OPTION…] ARGUMENT…\n\n"
      "Reads CSV, filters, derives, groups and sorts it on every core, as a job file says.\n\nCommands:\n");
  for (const PlCommand *const *command = commands; *command != NULL; command++)
    {
      if ((*command)->hidden)
        continue;
      g_autofree char *usage = g_strconcat ((*command)->name, " ", (*command)->arguments, NULL);
      g_string_append_printf (text, "  %-16s  %s\n", usage, (*command)->summary);
    }
  g_string_append (
      text, "\n`pipeline help COMMAND` tells the options of a command, `pipeline stages` what a job file may hold.\n");
  return g_string_free (text, FALSE);
}

static int
run (const PlCommandLine *line)
{
  if (line->n_arguments == 0)
    {
      g_autofree char *text = overview (line->commands);
      return pl_put (text);
    }
  const char *name = g_ptr_array_index (line->arguments, 0);
  const PlCommand *const *command = line->commands;
  while (*command != NULL && strcmp ((*command)->name, name) != 0)
    command++;
  if (*command == NULL)
    return pl_say_error (
        g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE, "unknown command '%s'; `pipeline help` lists them", name));
  g_autofree char *text = pl_command_help (*command);
  return pl_put (text);
}

const PlCommand pl_command_help_command = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "Show the commands, or the options of one",
    .description = "",
    .max_arguments = 1,
    .run = run,
};
