/* One worker process: started clean by exec of the program, killed when it must be, collected once, and told apart by how it ended.
 *
 * Everybody who talks to it holds a reference; the last one to let go collects it, so no zombie is left. */
#pragma once
#include <glib.h>
#include <pthread.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Where a worker process finds its first socket. */
#define PL_WORKER_FD 3

typedef enum {
  PL_CHILD_RUNS,
  PL_CHILD_EXITED,      /* detail: the exit code */
  PL_CHILD_SIGNALLED,   /* detail: the signal, from wherever it came */
  PL_CHILD_TOO_LONG,    /* killed by pl_child_kill(), detail: 0 */
  PL_CHILD_TOO_LARGE,   /* the same */
  PL_CHILD_UNWANTED,    /* the same: nobody needs what it does any more, or it stopped answering */
} PlChildFate;

typedef struct {
  pid_t pid;
  guint tasks;          /* atomic: blocks it has done */
  gint retired;         /* atomic: it is to get no more work */
  /* Private: */
  guint references;     /* atomic */
  pthread_mutex_t lock;
  PlChildFate fate;     /* PL_CHILD_RUNS until it has been collected */
  int detail;
  PlChildFate reason;   /* why we killed it */
  gconstpointer culprit;
} PlChild;

/** pl_child_start: starts `@program worker 3` with @socket as descriptor 3. It dies when the calling thread ends, so that thread must last.
 * Returns: (transfer full): with one reference. */
PlChild *pl_child_start (const char *program, int socket, GError **error);
PlChild *pl_child_ref (PlChild *child);
/** pl_child_unref: @child: (nullable): the last reference waits for its end. */
void pl_child_unref (PlChild *child);
/** pl_child_kill: @culprit: who made it necessary; see pl_child_fate(). Any thread. */
void pl_child_kill (PlChild *child, PlChildFate reason, gconstpointer culprit);
/** pl_child_fate: of one whose socket has been closed: waits until it is gone, but not for long: then kills it.
 * @culprit: (out) (optional) (nullable): of pl_child_kill(). Any thread. */
PlChildFate pl_child_fate (PlChild *child, int *detail, gconstpointer *culprit);
/** pl_child_describe: Returns: (transfer full): "worker process 17 was killed by signal 9". */
char *pl_child_describe (PlChild *child);
/** pl_child_memory: Returns: bytes of its own in memory now, shared ones not counted; 0 when it is gone. */
guint64 pl_child_memory (const PlChild *child);

G_END_DECLS
