/* A crew's thread that has worker processes do its blocks, whatever becomes of them. */
#pragma once
#include "../engine/segment-run.h"
#include "redo-log.h"
#include "pace.h"

G_BEGIN_DECLS

/* How an exchange with a worker process ended. */
typedef enum
{
  PL_SERVE_ANSWERED,
  PL_SERVE_DIED,     /* with the task in its hands */
  PL_SERVE_VANISHED, /* without anything to do with the task: it was idle, waited for the block before, or another
                        channel's task was to blame */
  PL_SERVE_STOPPED,  /* the run is over */
} PlServeOutcome;

/* One thread's business with its channel, for one segment. */
typedef struct
{
  PlCrew *crew;
  PlChannel *channel;
  PlBunch done; /* blocks on their way to the writer */
  PlJournal journal;
  PlPace pace;
  gboolean has_begun; /* the child knows the segment */
  gboolean is_over;   /* nothing more is given out */
  gboolean is_stateless;
  gboolean has_handed_over; /* with the last answer */
  PlPartial *gathered;      /* (nullable): what was handed over, as far as it can be put together */
  GPtrArray *others;        /* of PlPartial *: the rest */
  /* Of the last death: */
  char *obituary; /* "worker process 17 was killed by signal 9" */
  PlProcessFate fate;
  int fate_detail;
  PlBlock scratch; /* for what a block that is done again gives again */
} PlServer;

/** pl_processes_serve: the body of thread @index for one segment of @crew. Leaves what the workers gathered with the
 * crew. */
void pl_processes_serve (PlCrew *crew, guint index);

/* For exchange.c and blame.c: */

/** pl_serve_task: has the worker do @task; what it gives is added to @into. */
PlServeOutcome pl_serve_task (PlServer *server, const PlBlockTask *task, PlBlock *into);
/** pl_serve_pause: waits before retry @retry, unless the run is stopped. */
void pl_serve_pause (PlServer *server, guint retry);
/** pl_serve_give_up: fails the run at @task: the last death was one too many for it. */
void pl_serve_give_up (PlServer *server, const PlBlockTask *task);
/** pl_convict: @block has killed its workers more often than it may: finds out which of its rows are to blame, does all
 * others, and treats those as bad rows of the source. */
void pl_convict (PlServer *server, PlBlock *block);

G_END_DECLS
