/* Every sub-command, in the order that help lists them. */
#include <string.h>

#include "command.h"

extern const PlCommand pl_command_run, pl_command_check, pl_command_plan, pl_command_stages, pl_command_head,
    pl_command_schema, pl_command_describe, pl_command_help_command, pl_command_version, pl_command_worker;

static const PlCommand *const commands[] = {
    &pl_command_run,
    &pl_command_check,
    &pl_command_plan,
    &pl_command_stages,
    &pl_command_head,
    &pl_command_schema,
    &pl_command_describe,
    &pl_command_help_command,
    &pl_command_version,
    &pl_command_worker,
    NULL,
};

const PlCommand *const *
pl_commands (void)
{
  return commands;
}

const PlCommand *
pl_command_find (const char *name)
{
  for (gsize i = 0; commands[i] != NULL; i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}
