/* Starting, hearing out and collecting a child process.
 *
 * GLib's spawn does what is hard about it: nothing but the three pipes is inherited, and a program that cannot be run is
 * an error here and not an exit code there. A child gets a process group of its own, so that what it has started ends with it, and
 * PR_SET_PDEATHSIG, so that it is gone when we are killed. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a child's stderr, at most so much is kept: the end. */
#define MAX_WORDS 8192
#define MAX_LINE 500
/* Fewer, larger exchanges; where the system grants no more, the default will do. */
#define PIPE_SIZE (1 << 20)
/* How often a dying child is looked at. */
#define GLANCE 1000

void
pl_child_command_clear (PlChildCommand *command)
{
  g_clear_pointer (&command->name, g_free);
  g_clear_pointer (&command->argv, g_strfreev);
  g_clear_pointer (&command->environment, g_strfreev);
  g_clear_pointer (&command->folder, g_free);
}

static gboolean
is_program (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE);
}

gboolean
pl_child_command_find (const PlChildCommand *command)
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

/* In the child, before the program: system calls only. */
static void
set_up_child (gpointer parent)
{
  sigset_t none;
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  /* What we ignore is no business of its. */
  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* Died before the line above. */
  if (getppid () != GPOINTER_TO_INT (parent))
    _exit (127);
}

static void
make_pipe_ready (int fd)
{
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  fcntl (fd, F_SETPIPE_SZ, PIPE_SIZE);
}

/* GLib says `Failed to execute child process “x” (Exec format error)`: what stands in brackets is new. */
static char *
reason_of (const GError *error)
{
  const char *open = strrchr (error->message, '(');
  gsize length = open != NULL ? strlen (open) : 0;
  return length > 2 && open[length - 1] == ')' ? g_strndup (open + 1, length - 2) : g_strdup (error->message);
}

PlChild *
pl_child_start (const PlChildCommand *command, char **why)
{
  g_autoptr (GError) error = NULL;
  PlChild child = {.in = -1, .out = -1, .err = -1};
  if (!g_spawn_async_with_pipes_and_fds (
          command->folder, (const char *const *) command->argv, (const char *const *) command->environment,
          G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_CLOEXEC_PIPES, set_up_child,
          GINT_TO_POINTER (getpid ()), -1, -1, -1, NULL, NULL, 0, &child.pid, &child.in, &child.out, &child.err,
          &error))
    {
      *why = reason_of (error);
      return NULL;
    }
  make_pipe_ready (child.in);
  make_pipe_ready (child.out);
  make_pipe_ready (child.err);
  child.note = pl_cleanup_process (-child.pid);
  return g_memdup2 (&child, sizeof child);
}

void
pl_child_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
pl_child_listen (PlChild *child)
{
  char piece[4096];
  while (child->err >= 0)
    {
      gssize n = read (child->err, piece, sizeof piece);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0)
        {
          pl_child_close (&child->err);
          return;
        }
      pl_buffer_append (&child->words, piece, (gsize) n);
      if (child->words.length > MAX_WORDS)
        {
          gsize surplus = child->words.length - MAX_WORDS / 2;
          memmove (child->words.data, child->words.data + surplus, MAX_WORDS / 2);
          child->words.length = MAX_WORDS / 2;
        }
    }
}

char *
pl_child_take_words (PlChild *child)
{
  char *words = g_utf8_make_valid (child->words.data != NULL ? child->words.data : "", (gssize) child->words.length);
  child->words.length = 0;
  return words;
}

char *
pl_child_last_line (const char *words)
{
  g_auto (GStrv) lines = g_strsplit (words, "\n", -1);
  for (guint i = g_strv_length (lines); i > 0; i--)
    {
      char *line = g_strstrip (lines[i - 1]);
      if (*line == '\0')
        continue;
      if (g_utf8_strlen (line, -1) <= MAX_LINE)
        return g_strdup (line);
      g_autofree char *start = g_utf8_substring (line, 0, MAX_LINE);
      return g_strconcat (start, "…", NULL);
    }
  return NULL;
}

static void
kill_group (const PlChild *child)
{
  kill (-child->pid, SIGKILL);
  kill (child->pid, SIGKILL);
}

char *
pl_child_collect (PlChild *child, gint64 patience, PlChildEnd *how)
{
  gint64 end = g_get_monotonic_time () + patience;
  int status = 0;
  pid_t ended;
  gboolean killed = FALSE;
  *how = PL_CHILD_WELL;
  if (child->pid == 0)
    return NULL;
  while ((ended = waitpid (child->pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR))
    {
      pl_child_listen (child);
      if (g_get_monotonic_time () >= end)
        {
          killed = TRUE;
          kill_group (child);
          while ((ended = waitpid (child->pid, &status, 0)) < 0 && errno == EINTR)
            ;
          break;
        }
      g_usleep (GLANCE);
    }
  pl_child_listen (child);
  /* What it has started and left behind goes, too. */
  kill (-child->pid, SIGKILL);
  pl_cleanup_forget (g_steal_pointer (&child->note));
  child->pid = 0;
  if (killed || ended < 0)
    return NULL;
  if (WIFSIGNALED (status))
    {
      *how = PL_CHILD_KILLED;
      return g_strdup_printf ("was killed by signal %d", WTERMSIG (status));
    }
  *how = WEXITSTATUS (status) == 0 ? PL_CHILD_WELL : PL_CHILD_FAILED;
  return g_strdup_printf ("ended with exit code %d", WEXITSTATUS (status));
}

void
pl_child_free (PlChild *child)
{
  if (child == NULL)
    return;
  pl_child_close (&child->in);
  pl_child_close (&child->out);
  if (child->pid != 0)
    {
      PlChildEnd end;
      kill_group (child);
      g_free (pl_child_collect (child, 0, &end));
    }
  pl_child_close (&child->err);
  pl_buffer_clear (&child->words);
  g_free (child);
}
