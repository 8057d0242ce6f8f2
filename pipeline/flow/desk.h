/* Where the workers of a segment get their blocks, and leave what they have found: the same for threads and for the
 * proxies of processes.
 *
 *   pool->filled ─► pl_desk_next() ─► a worker ─► bunch ─► pool->done ─► pl_desk_done()
 *                                        └─► pl_desk_leave(), pl_desk_fail()
 *
 * It neither fills blocks nor writes what they give, and knows nothing of who works. */
#pragma once
#include "pool.h"
#include "failure.h"
#include "parcel.h"
#include "queue.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct
{
  const PlSegment *segment;
  PlRows *input;      /* (nullable): of a segment without a source */
  PlParcels *parcels; /* (nullable): the same for worker processes */
  const PlRunSettings *settings;
  PlPool *pool;
  guint n_workers; /* threads, or channels of processes */
  gint *cancelled; /* (nullable): once it is not 0, the run stops with PL_WORKER_ERROR_CANCELLED */
  /* (nullable): called from any thread: somebody should look at something. @is_wrong: it is not as it should be, as
   * opposed to merely slow. */
  void (*notice) (gboolean is_wrong, const char *message);
  /* Results: */
  GPtrArray *partials; /* of PlPartial *: what workers left */
  PlFailure failure;
  guint n_deaths;   /* atomic, as the next two: worker processes that died */
  guint n_repeated; /* blocks that were done again, because what they gave was lost */
  guint n_retired;  /* worker processes that made way for new ones */
  guint n_refused;  /* rows of parcels that nobody got, because they kill workers */
  /* Private: */
  pthread_mutex_t lock; /* of partials */
} PlDesk;

/** pl_desk_open: readies what is behind the settings, the pool and its chain for a segment. */
void pl_desk_open (PlDesk *desk);
/** pl_desk_clear: frees the results. */
void pl_desk_clear (PlDesk *desk);
/** pl_desk_next: @done: (inout): the worker's done blocks
 *
 * For the loops of workers. Returns: (nullable): the next filled block, %NULL when there are no more. */
PlBlock *pl_desk_next (PlDesk *desk, PlBunch *done);
/** pl_desk_poll: the same for proxies of processes. @block: (out): the next filled block, %NULL when there are no more.
 * Returns: %FALSE when none came within @microseconds. */
gboolean pl_desk_poll (PlDesk *desk, PlBunch *done, guint64 microseconds, PlBlock **block);
/** pl_desk_done: for the writer. Returns: (nullable): the next done block; %NULL when none came within @microseconds,
 * or there are no more. */
PlBlock *pl_desk_done (PlDesk *desk, guint64 microseconds);
/** pl_desk_end: for the producer, behind the last filled block: nothing follows. */
void pl_desk_end (PlDesk *desk);
/** pl_desk_bunch: Returns: where a worker puts its done blocks, with pl_bunch_push(). */
PlBunch pl_desk_bunch (const PlDesk *desk);
/** pl_desk_leave: takes @partial (transfer full). Any thread. */
void pl_desk_leave (PlDesk *desk, PlPartial *partial);
/** pl_desk_is_cancelled: whether the run has been stopped; it fails then. Any thread. */
gboolean pl_desk_is_cancelled (PlDesk *desk);
/** pl_desk_fail: reports @error (transfer full) and lowers the bound. Any thread. */
void pl_desk_fail (PlDesk *desk, guint64 position, GError *error);

static inline void
pl_desk_count (guint *counter)
{
  __atomic_add_fetch (counter, 1, __ATOMIC_RELAXED);
}

G_END_DECLS
