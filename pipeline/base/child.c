/* Starting, hearing out and collecting a child process.
 *
 * GLib's spawn does what is hard about it: nothing but the three pipes is inherited, and a program that cannot be run
 * is an error here and not an exit code there. A child gets a process group of its own, so that what it has started
 * ends with it, and PR_SET_PDEATHSIG, so that it is gone when we are killed. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "memory.h"
#include "notice.h"
#include "show.h"
#include "thread.h"

/* Of a child's stderr, at most so much is kept: the end. */
#define MAX_WORDS 8192
#define MAX_LINE 500
/* Fewer, larger exchanges; where the system grants no more, the default will do. */
#define PIPE_SIZE (1 << 20)
/* How often a dying child is looked at, and one that takes its time. */
#define GLANCE 1000
#define RARE_GLANCE 20000
#define SOON (100 * 1000)
/* Lines of stderr passed on of one command. */
#define MAX_LINES 100

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
  pl_descriptors_restore (0);
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

/* Those that run, and what those took that do not any more. */
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *running; /* of PlChild *; %NULL before the first */
static guint64 collected;

static void
add_running (PlChild *child)
{
  pthread_mutex_lock (&running_lock);
  if (running == NULL)
    running = g_ptr_array_new ();
  g_ptr_array_add (running, child);
  pthread_mutex_unlock (&running_lock);
}

/* A program that has ended has no memory to be asked for: what was known stays. */
static void
look_at (PlChild *child)
{
  guint64 now, most;
  pl_memory_resident (child->pid, &now, &most);
  child->resident = MAX (child->resident, most);
}

void
pl_child_look (PlChild *child)
{
  pthread_mutex_lock (&running_lock);
  if (child->pid != 0)
    look_at (child);
  pthread_mutex_unlock (&running_lock);
}

static void
remove_running (PlChild *child)
{
  pthread_mutex_lock (&running_lock);
  g_ptr_array_remove_fast (running, child);
  collected += child->resident;
  pthread_mutex_unlock (&running_lock);
}

guint64
pl_child_memory (void)
{
  pthread_mutex_lock (&running_lock);
  guint64 sum = collected;
  for (guint i = 0; running != NULL && i < running->len; i++)
    {
      PlChild *child = g_ptr_array_index (running, i);
      look_at (child);
      sum += child->resident;
    }
  pthread_mutex_unlock (&running_lock);
  return sum;
}

/* On the keeper's thread. */
static PlChild *
start (const PlChildCommand *command, gboolean is_asked, char **why)
{
  g_autoptr (GError) error = NULL;
  PlChild child = {.in = -1, .out = -1, .err = -1};
  if (!g_spawn_async_with_pipes_and_fds (
          command->folder, (const char *const *) command->argv, (const char *const *) command->environment,
          G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_CLOEXEC_PIPES, set_up_child,
          GINT_TO_POINTER (getpid ()), -1, -1, -1, NULL, NULL, 0, &child.pid, is_asked ? &child.in : NULL, &child.out,
          &child.err, &error))
    {
      *why = reason_of (error);
      return NULL;
    }
  if (is_asked)
    make_pipe_ready (child.in);
  make_pipe_ready (child.out);
  make_pipe_ready (child.err);
  child.note = pl_cleanup_process (-child.pid);
  PlChild *started = g_memdup2 (&child, sizeof child);
  add_running (started);
  return started;
}

struct PlChildKeeper
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  GThread *thread;               /* (nullable): until the first child */
  const PlChildCommand *command; /* (nullable): what is asked for */
  gboolean is_asked, answered, closing;
  PlChild *started;
  char *why;
};

static gpointer
keep (gpointer data)
{
  PlChildKeeper *keeper = data;
  pthread_mutex_lock (&keeper->lock);
  for (;;)
    {
      while (!keeper->closing && !(keeper->command != NULL && !keeper->answered))
        pthread_cond_wait (&keeper->changed, &keeper->lock);
      if (keeper->closing)
        break;
      pthread_mutex_unlock (&keeper->lock);
      char *why = NULL;
      PlChild *child = start (keeper->command, keeper->is_asked, &why);
      pthread_mutex_lock (&keeper->lock);
      keeper->started = child;
      keeper->why = why;
      keeper->answered = TRUE;
      pthread_cond_broadcast (&keeper->changed);
    }
  pthread_mutex_unlock (&keeper->lock);
  return NULL;
}

PlChildKeeper *
pl_child_keeper_new (void)
{
  PlChildKeeper *keeper = g_new0 (PlChildKeeper, 1);
  pthread_mutex_init (&keeper->lock, NULL);
  pthread_cond_init (&keeper->changed, NULL);
  return keeper;
}

PlChild *
pl_child_keeper_start (PlChildKeeper *keeper, const PlChildCommand *command, gboolean is_asked, char **why)
{
  pthread_mutex_lock (&keeper->lock);
  while (keeper->command != NULL)
    pthread_cond_wait (&keeper->changed, &keeper->lock);
  keeper->command = command;
  keeper->is_asked = is_asked;
  keeper->answered = FALSE;
  if (keeper->thread == NULL)
    keeper->thread = pl_thread_new ("keeper", keep, keeper);
  pthread_cond_broadcast (&keeper->changed);
  while (!keeper->answered)
    pthread_cond_wait (&keeper->changed, &keeper->lock);
  PlChild *child = g_steal_pointer (&keeper->started);
  *why = g_steal_pointer (&keeper->why);
  keeper->command = NULL;
  pthread_cond_broadcast (&keeper->changed);
  pthread_mutex_unlock (&keeper->lock);
  return child;
}

void
pl_child_keeper_free (PlChildKeeper *keeper)
{
  if (keeper == NULL)
    return;
  pthread_mutex_lock (&keeper->lock);
  keeper->closing = TRUE;
  pthread_cond_broadcast (&keeper->changed);
  pthread_mutex_unlock (&keeper->lock);
  if (keeper->thread != NULL)
    g_thread_join (keeper->thread);
  pthread_mutex_destroy (&keeper->lock);
  pthread_cond_destroy (&keeper->changed);
  g_free (keeper);
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
  g_auto (PlBuffer) words = PL_BUFFER_INIT;
  for (gsize start = 0; start < child->words.length;)
    {
      const char *line = child->words.data + start, *end = memchr (line, '\n', child->words.length - start);
      gsize length = end != NULL ? (gsize) (end - line) : child->words.length - start;
      start += length + 1;
      pl_show_append (&words, line, length - (length > 0 && line[length - 1] == '\r'), PL_SHOW_LINE);
      pl_buffer_append_char (&words, '\n');
    }
  child->words.length = 0;
  return g_strndup (words.data != NULL ? words.data : "", words.length);
}

void
pl_child_pass_on (PlChild *child, const PlChildCommand *command, guint *n_lines)
{
  if (child->words.length == 0)
    return;
  g_autofree char *words = pl_child_take_words (child);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (words), "\n", -1);
  for (GStrv line = lines; *line != NULL && *n_lines <= MAX_LINES; line++)
    if ((*n_lines)++ < MAX_LINES)
      pl_notice ("%s: %s", command->name, *line);
    else
      pl_notice ("%s: more lines on its stderr are not shown", command->name);
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

gboolean
pl_child_has_failed (const PlChild *child)
{
  siginfo_t info = {.si_pid = 0};
  return waitid (P_PID, (id_t) child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0
         && (info.si_code != CLD_EXITED || info.si_status != 0);
}

char *
pl_child_collect (PlChild *child, gint64 patience, PlChildEnd *how)
{
  gint64 begin = g_get_monotonic_time ();
  int status = 0;
  pid_t ended;
  gboolean killed = FALSE;
  *how = PL_CHILD_WELL;
  if (child->pid == 0)
    return NULL;
  pl_child_look (child);
  while ((ended = waitpid (child->pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR))
    {
      pl_child_listen (child);
      gint64 waited = g_get_monotonic_time () - begin;
      if (patience >= 0 && waited >= patience)
        {
          killed = TRUE;
          kill_group (child);
          while ((ended = waitpid (child->pid, &status, 0)) < 0 && errno == EINTR)
            ;
          break;
        }
      g_usleep (waited < SOON ? GLANCE : RARE_GLANCE);
    }
  pl_child_listen (child);
  /* What it has started and left behind goes, too. */
  kill (-child->pid, SIGKILL);
  pl_cleanup_forget (g_steal_pointer (&child->note));
  remove_running (child);
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
