/* The program: makes the process fit to work in, finds the command, and ends with its exit code. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/notice.h"
#include "base/suggest.h"
#include "command/command.h"
#include "command/exit.h"
#include "command/signals.h"

/* Whoever closed 0, 1 or 2 must not find our files there. They are opened the wrong way round, so that using them fails
 * as it would have: rows for a closed stdout are an error, not lost. */
static void
open_standard_descriptors (void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) == -1 && open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
      pl_exit_at_once (70);
}

/* Words of the user's own programs: said with -q, too. */
static void
say_notice (const char *text)
{
  pl_say (PL_LEVEL_INFO, "%s", text);
}

static int
fail_unknown (const char *name)
{
  if (name[0] == '-')
    return pl_say_error (g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                                      "a command is missing in front of '%s'; write pipeline COMMAND %s", name, name));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (const PlCommand *const *command = pl_commands (); *command != NULL; command++)
    if (!(*command)->hidden)
      g_ptr_array_add (names, (gpointer) (*command)->name);
  g_ptr_array_add (names, NULL);
  const char *nearest = pl_suggest (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    return pl_say_error (
        g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE, "unknown command '%s'; did you mean '%s'?", name, nearest));
  return pl_say_error (
      g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE, "unknown command '%s'; `pipeline help` lists them", name));
}

/* With the rights of one user and the job of another, plugins, programs and paths would be one's to choose and the
 * other's to pay for. */
static int
refuse_privileges (void)
{
  return pl_say_error (
      g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                   "this program does not run with the rights of another user or group (set-uid, set-gid, file "
                   "capabilities): take them off the file, and use sudo or a service instead"));
}

static int
run_command (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  GError *error = NULL;
  if (!pl_say_init (&error))
    return pl_say_error (error);
  pl_notice_handle (say_notice);
  if (argc < 2)
    return pl_say_error (
        g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE, "a command is missing; `pipeline help` lists them"));
  const char *name = argv[1];
  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0)
    name = "help";
  else if (strcmp (name, "--version") == 0)
    name = "version";
  const PlCommand *command = pl_command_find (name);
  if (command == NULL)
    return fail_unknown (name);
  if (!command->hidden)
    pl_signals_guard ();
  g_auto (PlCommandLine) line = {.commands = pl_commands (), .command = command};
  if (!pl_command_line_parse (command, argv + 2, &line, &error))
    return pl_say_error (error);
  if (line.help)
    {
      g_autofree char *text = pl_command_help (command);
      return pl_put (text);
    }
  int code = command->run (&line);
  return pl_signals_stopped () && code == pl_signals_exit_code () ? pl_signals_end () : code;
}

int
main (int argc, char **argv)
{
  open_standard_descriptors ();
  if (getauxval (AT_SECURE) != 0)
    return refuse_privileges ();
  int code = run_command (argc, argv);
  pl_exit_allow ();
  return code;
}
