/* The PlParallel that is none: tasks one after the other in the calling thread. */
#include "parallel.h"

static void
run_serially (PlParallel *self G_GNUC_UNUSED, guint n_tasks, PlTask task, gpointer data)
{
  for (guint i = 0; i < n_tasks; i++)
    task (i, data);
}

PlParallel *
pl_parallel_serial (void)
{
  static PlParallel serial = {.n_workers = 1, .run = run_serially};
  return &serial;
}
