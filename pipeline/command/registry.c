/* Every sub-command, in the order that help lists them. */
#include <string.h>

#include "command.h"

#define COMMANDS(X)                                                                                                    \
  X (run)                                                                                                              \
  X (check)                                                                                                            \
  X (plan)                                                                                                             \
  X (stages)                                                                                                           \
  X (head)                                                                                                             \
  X (schema)                                                                                                           \
  X (describe)                                                                                                         \
  X (help_command)                                                                                                     \
  X (version)                                                                                                          \
  X (worker)

#define DECLARE(name) extern const PlCommand pl_command_##name;
COMMANDS (DECLARE)

#define ADDRESS(name) &pl_command_##name,
static const PlCommand *const commands[] = {COMMANDS (ADDRESS) NULL};

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
