/* pipeline run JOB */
#include "command.h"

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {NULL, NULL, NULL};
  int code = pl_session_open (&session, g_ptr_array_index (line->arguments, 0), line);
  if (code != 0 || line->dry_run)
    return code;
  return pl_session_run (&session, line, NULL);
}

const PlCommand pl_command_run = {
    .name = "run",
    .arguments = "JOB",
    .summary = "Run a job",
    .description
    = "JOB is a job file, or - for stdin. All outputs appear together when everything has succeeded; otherwise\n"
      "nothing changes. Silent on success, but rejected rows are always reported.\n",
    .options = PL_OPTION_RUN | PL_OPTION_PROGRESS | PL_OPTION_DRY_RUN,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
