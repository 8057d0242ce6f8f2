/* pipeline version */
#include "command.h"

static int
run (const PlCommandLine *line)
{
  (void) line;
  return pl_put ("pipeline " PIPELINE_VERSION "\n");
}

const PlCommand pl_command_version = {
    .name = "version",
    .arguments = "",
    .summary = "Show the version",
    .description = "",
    .run = run,
};
