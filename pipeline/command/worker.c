/* pipeline worker FD: the body of a process worker; started by the engine only. */
#include <signal.h>

#include "../base/quantity.h"
#include "command.h"
#include "../processes/worker-main.h"

static int
run (const PlCommandLine *line)
{
  guint64 fd;
  GError *error = NULL;
  if (!pl_parse_count (g_ptr_array_index (line->arguments, 0), 0, G_MAXINT, &fd, &error))
    {
      error->code = PL_JOB_ERROR_USAGE;
      return pl_say_error (error);
    }
  /* ^C, ^\ and systemd send their signals to every process of a run; the main one decides what becomes of its
   * workers. */
  signal (SIGINT, SIG_IGN);
  signal (SIGQUIT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  return pl_worker_main ((int) fd);
}

const PlCommand pl_command_worker = {
    .name = "worker",
    .arguments = "FD",
    .summary = "Serve a run as one of its worker processes",
    .description = "",
    .min_arguments = 1,
    .max_arguments = 1,
    .hidden = TRUE,
    .run = run,
};
