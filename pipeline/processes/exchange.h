/* One task of a proxy's worker process, and its answer; who dies meanwhile, and who is waited for. What is done with
 * it is the proxy's (proxy.h). */
#pragma once
#include "../base/error.h"
#include "../flow/desk.h"
#include "indices.h"
#include "pace.h"
#include "redo-log.h"
#include "slots.h"

G_BEGIN_DECLS

/* How long, in ms, a wait may overlook that the run was stopped, a limit passed, an idle worker gone. */
#define PL_LOOK_EVERY 100

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
  PlDesk *desk;
  PlProcesses *processes;
  PlChannel *channel;
  const PlIndices *indices; /* that the segment's steps ask */
  PlBunch done;             /* blocks on their way to the writer */
  PlRedoLog log;
  PlPace pace;
  gboolean has_begun; /* the child knows the segment */
  gboolean is_over;   /* nothing more is given out */
  gboolean is_stateless;
  gboolean has_handed_over; /* with the last answer */
  PlPartial *gathered;      /* (nullable): what was handed over, as far as it can be put together */
  GPtrArray *others;        /* of PlPartial *: the rest */
  /* Of the last death: */
  char *death; /* "worker process 17 was killed by signal 9" */
  PlProcessFate fate;
  int fate_detail;
  PlPacker packer; /* without a source: of the rows that are sent */
  PlBlock scratch; /* for what a block that is done again gives again */
} PlServer;

/** pl_serve_task: has the worker do @task, of block @given, whose bytes still are as they were; what it gives is added
 * to @into. */
PlServeOutcome pl_serve_task (PlServer *server, const PlBlockTask *task, const PlBlock *given, PlBlock *into);
/** pl_serve_pause: waits before retry @retry, unless the run is stopped. */
void pl_serve_pause (PlServer *server, guint retry);
/** pl_serve_give_up: fails the run at @task: the last death was one too many for it. */
void pl_serve_give_up (PlServer *server, const PlBlockTask *task);
/** pl_serve_gather: has the worker hand over and forget the segment. What it does not hand over is in the redo log as
 * lost. */
PlServeOutcome pl_serve_gather (PlServer *server);
/** pl_serve_make_ready: sees to a child that knows the segment. PL_SERVE_VANISHED: the one there was has died
 * meanwhile, and the redo log is not what it was. */
PlServeOutcome pl_serve_make_ready (PlServer *server);
/** pl_serve_lost: the child is gone. */
void pl_serve_lost (PlServer *server);
/** pl_serve_is_stopped: whether nothing more is to be done. */
gboolean pl_serve_is_stopped (PlServer *server);
/** pl_serve_fail: ends the run with @error (transfer full). */
void pl_serve_fail (PlServer *server, GError *error);
/** pl_serve_death_code: Returns: the code of an error that ends the run because of the last death. */
PlWorkerErrorCode pl_serve_death_code (const PlServer *server);

G_END_DECLS
