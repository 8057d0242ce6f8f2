/* Starting and collecting worker processes: see process.h. posix_spawn(), because a fork of a process with threads may
 * not even allocate. */
#include "process.h"
#include "../base/descriptors.h"
#include "../base/error.h"
#include "../base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a process that closed its socket may take to be gone, in ms, before it is killed. */
#define PATIENCE 1000
/* The same for one that is asked to end by PL_PROCESS_END. */
#define BRIEF_PATIENCE 100

extern char **environ;

static int
spawn (pid_t *pid, const char *program, int socket)
{
  char number[] = {'0' + PL_WORKER_FD, 0};
  char *argv[] = {"pipeline", "worker", number, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, socket, PL_WORKER_FD);
  posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int result = posix_spawn (pid, program, &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy (&actions);
  return result;
}

PlProcess *
pl_process_start (const char *program, int socket, GError **error)
{
  pid_t pid = 0;
  guint64 kills = pl_memory_kills ("");
  int result = spawn (&pid, program, socket);
  if (result != 0)
    {
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "cannot start worker process %s: %s", program,
                   g_strerror (result));
      return NULL;
    }
  pl_descriptors_restore (pid);
  PlProcess *child = g_new0 (PlProcess, 1);
  child->pid = pid;
  child->kills = kills;
  child->references = 1;
  pthread_mutex_init (&child->lock, NULL);
  return child;
}

PlProcess *
pl_process_ref (PlProcess *child)
{
  __atomic_add_fetch (&child->references, 1, __ATOMIC_RELAXED);
  return child;
}

void
pl_process_unref (PlProcess *child)
{
  if (child == NULL || __atomic_sub_fetch (&child->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  pl_process_fate (child, NULL, NULL);
  pthread_mutex_destroy (&child->lock);
  g_free (child);
}

/* Asked first, so that it can take with it what it has started; then killed. It is not collected yet. */
static gboolean
end (pid_t pid)
{
  siginfo_t info = {.si_pid = 0};
  if (kill (pid, PL_PROCESS_END) != 0)
    return FALSE;
  for (guint i = 0; i < BRIEF_PATIENCE && info.si_pid == 0; i++)
    {
      if (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        break;
      if (info.si_pid == 0)
        g_usleep (1000);
    }
  return kill (pid, SIGKILL) == 0;
}

void
pl_process_kill (PlProcess *child, PlProcessFate reason, gconstpointer culprit)
{
  pthread_mutex_lock (&child->lock);
  if (child->fate == PL_PROCESS_RUNS && child->reason == PL_PROCESS_RUNS && end (child->pid))
    {
      child->reason = reason;
      child->culprit = culprit;
    }
  pthread_mutex_unlock (&child->lock);
}

/* A kill of the kernel's looks like any other, but is counted. */
static gboolean
lacked_memory (const PlProcess *child, PlProcessFate fate, int detail)
{
  if (fate == PL_PROCESS_EXITED)
    return detail == PL_PROCESS_NO_MEMORY_CODE;
  return fate == PL_PROCESS_SIGNALLED && detail == SIGKILL && pl_memory_kills ("") > child->kills;
}

/* Under the lock. */
static void
collect (PlProcess *child)
{
  int status = 0;
  pid_t ended = 0;
  for (guint i = 0; i < PATIENCE && (ended = waitpid (child->pid, &status, WNOHANG)) == 0; i++)
    g_usleep (1000);
  if (ended == 0)
    {
      child->reason = child->reason != PL_PROCESS_RUNS ? child->reason : PL_PROCESS_UNWANTED;
      kill (child->pid, SIGKILL);
      while (waitpid (child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    }
  gboolean signalled = WIFSIGNALED (status);
  gboolean by_us = signalled && (WTERMSIG (status) == SIGKILL || WTERMSIG (status) == PL_PROCESS_END);
  gboolean ours = by_us && child->reason != PL_PROCESS_RUNS;
  child->fate = ours ? child->reason : signalled ? PL_PROCESS_SIGNALLED : PL_PROCESS_EXITED;
  child->detail = ours ? 0 : signalled ? WTERMSIG (status) : WEXITSTATUS (status);
  if (lacked_memory (child, child->fate, child->detail))
    {
      child->fate = PL_PROCESS_NO_MEMORY;
      child->detail = 0;
    }
}

PlProcessFate
pl_process_fate (PlProcess *child, int *detail, gconstpointer *culprit)
{
  pthread_mutex_lock (&child->lock);
  if (child->fate == PL_PROCESS_RUNS)
    collect (child);
  PlProcessFate fate = child->fate;
  if (detail != NULL)
    *detail = child->detail;
  if (culprit != NULL)
    *culprit = child->culprit;
  pthread_mutex_unlock (&child->lock);
  return fate;
}

char *
pl_process_describe (PlProcess *child)
{
  int detail;
  char limit[256];
  switch (pl_process_fate (child, &detail, NULL))
    {
    case PL_PROCESS_NO_MEMORY:
      pl_memory_limit ("", 0, limit, sizeof limit);
      return g_strdup_printf ("worker process %d ended because there was no memory left (%s)", (int) child->pid, limit);
    case PL_PROCESS_EXITED:
      return g_strdup_printf ("worker process %d ended with exit code %d", (int) child->pid, detail);
    case PL_PROCESS_SIGNALLED:
      return g_strdup_printf ("worker process %d was killed by signal %d", (int) child->pid, detail);
    case PL_PROCESS_TOO_LONG:
      return g_strdup_printf ("worker process %d took longer than task-timeout and was killed", (int) child->pid);
    case PL_PROCESS_TOO_LARGE:
      return g_strdup_printf ("worker process %d grew beyond twice worker-memory-limit and was killed",
                              (int) child->pid);
    case PL_PROCESS_RUNS:
    case PL_PROCESS_UNWANTED:
    default:
      return g_strdup_printf ("worker process %d stopped answering and was killed", (int) child->pid);
    }
}

guint64
pl_process_memory (const PlProcess *child)
{
  unsigned long long size = 0, resident = 0, shared = 0;
  char path[32];
  g_snprintf (path, sizeof path, "/proc/%d/statm", (int) child->pid);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return 0;
  int n = fscanf (file, "%llu %llu %llu", &size, &resident, &shared);
  fclose (file);
  return n == 3 && resident > shared ? (resident - shared) * (guint64) sysconf (_SC_PAGESIZE) : 0;
}

gboolean
pl_process_is_stopped (const PlProcess *child)
{
  char path[32], state = 0;
  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) child->pid);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return FALSE;
  /* The name in brackets is that of the program, or of its link in /proc: it has no bracket in it. */
  gboolean known = fscanf (file, "%*d (%*[^)]) %c", &state) == 1;
  fclose (file);
  return known && (state == 'T' || state == 't');
}
