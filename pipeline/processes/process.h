/* One worker process: started clean by exec of the program, killed when it must be, collected once, and told apart by
 * how it ended.
 *
 * Everybody who talks to it holds a reference; the last one to let go collects it, so no zombie is left. */
#pragma once
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Where a worker process finds its first socket. */
#define PL_WORKER_FD 3
/* Asks it to end at once, with all that it has started; one that does not is killed. */
#define PL_PROCESS_END SIGRTMIN

/* With this exit code it ends when it gets no memory. */
#define PL_PROCESS_NO_MEMORY_CODE 175

typedef enum
{
  PL_PROCESS_RUNS,
  PL_PROCESS_EXITED,    /* detail: the exit code */
  PL_PROCESS_SIGNALLED, /* detail: the signal, from wherever it came */
  PL_PROCESS_TOO_LONG,  /* killed by pl_process_kill(), detail: 0 */
  PL_PROCESS_TOO_LARGE, /* the same */
  PL_PROCESS_NO_MEMORY, /* by the kernel, or of itself: there was no memory left; detail: 0 */
  PL_PROCESS_UNWANTED,  /* killed by pl_process_kill(): nobody needs what it does any more, or it stopped answering */
} PlProcessFate;

typedef struct
{
  pid_t pid;
  guint tasks;  /* atomic: blocks it has done */
  gint retired; /* atomic: it is to get no more work */
  /* Private: */
  guint references; /* atomic */
  pthread_mutex_t lock;
  guint64 kills;      /* pl_memory_kills() when it started */
  PlProcessFate fate; /* PL_PROCESS_RUNS until it has been collected */
  int detail;
  PlProcessFate reason; /* why we killed it */
  gconstpointer culprit;
} PlProcess;

/** pl_process_start: starts `@program worker 3` with @socket as descriptor 3. It dies when the calling thread ends, so
 * that thread must last.
 * Returns: (transfer full): with one reference. */
PlProcess *pl_process_start (const char *program, int socket, GError **error);
PlProcess *pl_process_ref (PlProcess *child);
/** pl_process_unref: @child: (nullable): the last reference waits for its end. */
void pl_process_unref (PlProcess *child);
/** pl_process_kill: @culprit: who made it necessary; see pl_process_fate(). Any thread. */
void pl_process_kill (PlProcess *child, PlProcessFate reason, gconstpointer culprit);
/** pl_process_fate: of one whose socket has been closed: waits until it is gone, but not for long: then kills it.
 * @culprit: (out) (optional) (nullable): of pl_process_kill(). Any thread. */
PlProcessFate pl_process_fate (PlProcess *child, int *detail, gconstpointer *culprit);
/** pl_process_describe: Returns: (transfer full): "worker process 17 was killed by signal 9". */
char *pl_process_describe (PlProcess *child);
/** pl_process_is_stopped: Returns: whether somebody has stopped it (SIGSTOP, a debugger). */
gboolean pl_process_is_stopped (const PlProcess *child);
/** pl_process_memory: Returns: bytes of its own in memory now, shared ones not counted; 0 when it is gone. */
guint64 pl_process_memory (const PlProcess *child);

G_END_DECLS
