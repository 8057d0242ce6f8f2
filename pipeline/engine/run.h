/* Runs a checked job: the one entry point of the engine.
 *
 * The graph is cut behind every reduce stage into segments. A segment has one input (a source, or the rows of a reduce
 * stage) and a tree of map stages that ends in reduce stages and sinks; segments run one after the other, each
 * on all workers. */
#pragma once
#include "../job/plan.h"
#include "../memory/budget.h"

G_BEGIN_DECLS

typedef struct
{
  const char *worker_program; /* (nullable): for mode processes; default /proc/self/exe */
  gboolean to_terminal;
  /* (nullable): called from the main thread a few times a second. */
  void (*progress) (guint64 bytes_done, guint64 bytes_total, guint64 rows, gpointer data);
  gpointer progress_data;
  /* (nullable): called from any thread, while the run goes on: somebody should look at something. @is_wrong: it is not
   * as it should be, as opposed to merely slow. */
  void (*notice) (gboolean is_wrong, const char *message);
  gint *cancelled; /* (nullable): once it is not 0, the run stops with PL_WORKER_ERROR_CANCELLED; a signal handler may
                      set it */
} PlRunOptions;

/* One line of the account of rows. */
typedef struct
{
  char *label;
  guint64 rows_in, rows_out, batches;
  gint64 nanoseconds;
  const char *missing;    /* (nullable) (unowned): what the rows in that did not come out are called: "filtered" */
  gboolean stopped_early; /* no more rows were needed: how many came in is a matter of luck */
} PlStepSummary;
typedef struct
{
  char *name;
  guint64 records, rejected;
} PlSourceSummary;

typedef struct
{
  GArray *sources; /* of PlSourceSummary */
  GArray *steps;   /* of PlStepSummary, per node of the plan */
  guint64 bytes_read;
  guint64 bytes_written; /* to all outputs, as they are in the end */
  gint64 microseconds;
  guint passes;            /* 1; more when types had to be widened, or a file grew */
  guint deaths;            /* worker processes that died, or had to be killed */
  guint repeated;          /* blocks that were done again, because what a dead worker had gathered from them was lost */
  PlMemoryAccount *memory; /* of all processes; of a run that failed: as far as it is known */
  guint64 memory_limit;    /* bytes; G_MAXUINT64: none */
  guint retired;           /* worker processes that made way for others: max-tasks-per-child, worker-memory-limit */
} PlRunSummary;
void pl_run_summary_free (PlRunSummary *summary);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlRunSummary, pl_run_summary_free)

/** pl_run:
 * @job, @sources: as pl_plan_open_sources() gave them; source types may be widened
 * @summary: (optional) (out): also of a run that failed: as far as it came
 *
 * Returns: %TRUE when every output has been published. On failure no output file has changed.
 */
gboolean pl_run (const PlJob *job, GPtrArray *sources, const PlRunOptions *options, PlRunSummary **summary,
                 PlIssues *issues, GError **error);

G_END_DECLS
