/* pipeline check JOB */
#include "command.h"

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  const char *path = g_ptr_array_index (line->arguments, 0);
  int code = pl_session_open (&session, path, line);
  if (code == 0 && line->verbose)
    pl_say (PL_LEVEL_INFO, "%s: no mistakes found", path);
  return code;
}

const PlCommand pl_command_check = {
    .name = "check",
    .arguments = "JOB",
    .summary = "Check a job without running it",
    .description
    = "Reads the job and the headers of its inputs, checks every key, column and expression, and reports all\n"
      "mistakes in one go. Nothing is written.\n",
    .options = PL_OPTION_RUN,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
