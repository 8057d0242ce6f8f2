/* One segment, run: a producer, a crew of workers and the writer, joined by the pool's queues.
 *
 *   thread "producer"   free ─► fill ─► filled
 *   threads "worker"    filled ─► pl_worker_block(), or a worker process does it ─► done
 *   the caller          done ─► writer ─► free
 *
 * In serial runs the caller does all three in turn. */
#pragma once
#include "../base/parallel.h"
#include "../flow/failure.h"
#include "../processes/slots.h"
#include "../flow/producer.h"
#include "run.h"
#include "../flow/worker.h"
#include "writer.h"

G_BEGIN_DECLS

typedef struct
{
  const PlSegment *segment;
  PlRows *input; /* (nullable): of a segment without a source */
  gboolean classify;
  const PlRunSettings *settings;
  const PlRunOptions *options; /* (nullable) */
  guint64 bytes_total;         /* for the progress; 0: not known */
  PlPool *pool;
  PlWriter *writer;
  PlProcesses *processes; /* (nullable): run on these, not on threads */
  guint n_workers;        /* threads, or channels of the processes */
  /* Results: */
  GPtrArray *partials; /* of PlPartial *: what workers left; at least one */
  PlFailure failure;
  guint64 limit;    /* the last position that counts, G_MAXUINT64: all do */
  guint n_deaths;   /* atomic, as the next two: worker processes that died */
  guint n_repeated; /* blocks that were done again, because what they gave was lost */
  guint n_retired;  /* worker processes that made way for new ones */
  /* Private: */
  pthread_mutex_t lock; /* of partials */
  PlProducer *producer;
  guint64 n_blocks;  /* atomic: of the segment, once known; G_MAXUINT64 until then */
  guint next_worker; /* atomic */
} PlCrew;

/** pl_crew_run: runs @crew's segment to its end.
 * Returns: %FALSE with the failure of the smallest position that counts. */
gboolean pl_crew_run (PlCrew *crew, GError **error);
/** pl_crew_clear: frees the results. */
void pl_crew_clear (PlCrew *crew);
/** pl_crew_next: @done: (inout): the worker's done blocks
 *
 * For the loops of workers. Returns: (nullable): the next filled block, %NULL when there are no more. */
PlBlock *pl_crew_next (PlCrew *crew, PlBunch *done);
/** pl_crew_bunch: Returns: where a worker puts its done blocks, with pl_bunch_push(). */
PlBunch pl_crew_bunch (const PlCrew *crew);
/** pl_crew_poll: the same for proxies of processes. @block: (out): the next filled block, %NULL when there are no more.
 * Returns: %FALSE when none came within @microseconds. */
gboolean pl_crew_poll (PlCrew *crew, PlBunch *done, guint64 microseconds, PlBlock **block);
/** pl_crew_leave: takes @partial (transfer full). Any thread. */
void pl_crew_leave (PlCrew *crew, PlPartial *partial);
/** pl_crew_is_cancelled: whether the run has been stopped; it fails then. Any thread. */
gboolean pl_crew_is_cancelled (PlCrew *crew);

static inline void
pl_crew_count (guint *counter)
{
  __atomic_add_fetch (counter, 1, __ATOMIC_RELAXED);
}
/** pl_crew_fail: reports @error (transfer full) and lowers the bound. Any thread. */
void pl_crew_fail (PlCrew *crew, guint64 position, GError *error);

/** pl_parallel_threads: Returns: (transfer full): tasks on @n_workers threads; free with g_free(). */
PlParallel *pl_parallel_threads (guint n_workers);

G_END_DECLS
