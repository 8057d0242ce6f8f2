/* Tasks of a finishing reduce stage on threads. Threads are started for each run: finishing is rare and heavy, and no
 * thread may wait around while worker processes are being started. */
#include "parallel.h"
#include "../base/thread.h"
#include "../base/lease.h"

typedef struct
{
  guint n_tasks;
  guint next; /* atomic */
  PlTask task;
  gpointer data;
  PlLease *lease; /* (nullable): of who starts the tasks, which are theirs */
} Work;

static gpointer
work_thread (gpointer data)
{
  Work *work = data;
  guint index;
  PlLease *before = pl_lease_enter (work->lease);
  while ((index = __atomic_fetch_add (&work->next, 1, __ATOMIC_ACQ_REL)) < work->n_tasks)
    work->task (index, work->data);
  pl_lease_enter (before);
  return NULL;
}

static void
threads_run (PlParallel *self, guint n_tasks, PlTask task, gpointer data)
{
  Work work = {n_tasks, 0, task, data, pl_lease_current ()};
  guint n_threads = MIN (self->n_workers, n_tasks);
  g_autofree GThread **threads = g_new0 (GThread *, n_threads + 1);
  for (guint i = 1; i < n_threads; i++)
    threads[i] = pl_thread_new ("task", work_thread, &work);
  work_thread (&work);
  for (guint i = 1; i < n_threads; i++)
    g_thread_join (threads[i]);
}

PlParallel *
pl_parallel_threads (guint n_workers)
{
  PlParallel *parallel = g_new (PlParallel, 1);
  *parallel = (PlParallel){.n_workers = MAX (n_workers, 1), .run = threads_run};
  return parallel;
}
