/* The one failure a run reports: the one with the smallest position.
 *
 * Workers fail in any order of time; what they report is kept only when it lies before what is known. It is right
 * because everything before a failure is still worked on: see PlChain.bound. */
#pragma once
#include <glib.h>
#include <pthread.h>

G_BEGIN_DECLS

typedef struct
{
  pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer knows this one */
  guint64 position;     /* G_MAXUINT64: none */
  GError *error;
} PlFailure;

void pl_failure_init (PlFailure *failure);
void pl_failure_clear (PlFailure *failure);
/** pl_failure_report: takes @error (transfer full); of two with one position the first stays. Any thread. */
void pl_failure_report (PlFailure *failure, guint64 position, GError *error);
/** pl_failure_take: after the workers have ended.
 * Returns: (transfer full) (nullable): the failure, when it is not behind @limit. */
GError *pl_failure_take (PlFailure *failure, guint64 limit);

G_END_DECLS
