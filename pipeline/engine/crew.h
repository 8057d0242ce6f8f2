/* One segment, run: a producer, a crew of workers and the writer, joined by the pool's queues.
 *
 *   thread "producer"   free ─► fill ─► filled
 *   threads "worker"    filled ─► pl_worker_block(), or a worker process does it ─► done
 *   the caller          done ─► writer ─► free
 *
 * In serial runs the caller does all three in turn. */
#pragma once
#include "../base/parallel.h"
#include "failure.h"
#include "processes.h"
#include "producer.h"
#include "run.h"
#include "worker.h"
#include "writer.h"

G_BEGIN_DECLS

typedef struct {
  const PlSegment *segment;
  PlRows *input;               /* (nullable): of a segment without a source */
  gboolean classify;
  const PlRunSettings *settings;
  const PlRunOptions *options; /* (nullable) */
  guint64 bytes_total;         /* for the progress; 0: not known */
  PlPool *pool;
  PlWriter *writer;
  PlProcesses *processes;      /* (nullable): run on these, not on threads */
  guint n_workers;             /* threads, or channels of the processes */
  /* Results: */
  PlPartial **partials;        /* per worker; %NULL where one failed to give any */
  PlFailure failure;
  guint64 limit;               /* the last position that counts, G_MAXUINT64: all do */
  /* Private: */
  PlProducer *producer;
  guint64 n_blocks;            /* atomic: of the segment, once known; G_MAXUINT64 until then */
  guint next_worker;           /* atomic */
} PlCrew;

/** pl_crew_run: runs @crew's segment to its end. Returns: %FALSE with the failure of the smallest position that counts. */
gboolean pl_crew_run (PlCrew *crew, GError **error);
/** pl_crew_clear: frees the results. */
void pl_crew_clear (PlCrew *crew);
/** pl_crew_next: @done: (inout): the worker's done blocks
 *
 * For the loops of workers, threads and proxies of processes. Returns: (nullable): the next filled block, %NULL when there are no more. */
PlBlock *pl_crew_next (PlCrew *crew, PlBunch *done);
/** pl_crew_bunch: Returns: where a worker puts its done blocks, with pl_bunch_push(). */
PlBunch pl_crew_bunch (const PlCrew *crew);
/** pl_crew_fail: reports @error (transfer full) and lowers the bound. Any thread. */
void pl_crew_fail (PlCrew *crew, guint64 position, GError *error);

/** pl_parallel_threads: Returns: (transfer full): tasks on @n_workers threads; free with g_free(). */
PlParallel *pl_parallel_threads (guint n_workers);

G_END_DECLS
