/* "Run these n tasks on the run's workers": the one form of parallelism that a reduce stage may use.
 *
 * The engine supplies an implementation over its worker threads; tests and serial runs use
 * pl_parallel_serial(). Tasks must not depend on each other's order; results must not depend on n_workers. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlParallel PlParallel;
typedef void (*PlTask) (guint index, gpointer data);

struct PlParallel
{
  guint n_workers;
  /* Calls task (0 .. n_tasks - 1, data), some of them at once, and returns when all have returned. */
  void (*run) (PlParallel *self, guint n_tasks, PlTask task, gpointer data);
};

/** pl_parallel_serial: Returns: (transfer none): runs tasks one after the other in the calling thread. */
PlParallel *pl_parallel_serial (void);

G_END_DECLS
