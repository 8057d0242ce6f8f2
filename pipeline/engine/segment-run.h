/* One segment, run: a producer, a crew of workers and the writer, joined by the pool's queues.
 *
 *   thread "producer"   free ─► fill ─► filled
 *   threads "worker"    filled ─► pl_worker_block(), or a worker process does it ─► done
 *   the caller          done ─► writer ─► free
 *
 * In serial runs the caller does all three in turn. */
#pragma once
#include "../flow/desk.h"
#include "../flow/producer.h"
#include "../processes/indices.h"
#include "../processes/slots.h"
#include "run.h"
#include "writer.h"

G_BEGIN_DECLS

/* What earlier segments left to a reduce stage that goes on in later ones. */
typedef struct
{
  const PlStep *step;
  GPtrArray *states; /* (nullable): owned; the stage's */
  guint64 rows_in;
} PlStash;

typedef struct
{
  PlDesk desk;          /* its segment, input, settings, pool and number of workers are the caller's to set */
  const PlStash *stash; /* per segment that reads a reduce stage's rows; (nullable): none */
  gboolean classify;
  const PlRunOptions *options; /* (nullable) */
  guint64 n_before;            /* blocks of the segments before: see PlBlockTask.base */
  guint64 bytes_total;         /* for the progress; 0: not known */
  PlWriter *writer;
  PlProcesses *processes; /* (nullable): run on these, not on threads */
  /* Result: */
  guint64 limit; /* the last position that counts, G_MAXUINT64: all do */
  /* Private: */
  PlIndices *indices; /* (nullable): for the processes */
  PlProducer *producer;
  guint64 n_blocks;  /* atomic: of the segment, once known; G_MAXUINT64 until then */
  guint next_worker; /* atomic */
} PlCrew;

/** pl_crew_run: runs @crew's segment to its end.
 * Returns: %FALSE with the failure of the smallest position that counts. */
gboolean pl_crew_run (PlCrew *crew, GError **error);
/** pl_crew_clear: frees the results. */
void pl_crew_clear (PlCrew *crew);

G_END_DECLS
