/* Worker processes, seen from the main one: started before any thread, told the plan, given blocks.
 *
 * A process has one channel (a socket) per thread of its own; each channel has a thread here that takes blocks from the same queue as
 * thread workers do. A process that dies fails the run, names what it held, and leaves nothing waiting for it. */
#pragma once
#include "pool.h"
#include "run.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct PlProcesses PlProcesses;

/** pl_processes_new: starts @settings' processes. No other thread may exist. */
PlProcesses *pl_processes_new (const PlRunSettings *settings, const char *program, const PlShared *shared, GError **error);
/** pl_processes_free: ends and collects them all. */
void pl_processes_free (PlProcesses *processes);
guint pl_processes_n_channels (const PlProcesses *processes);
/** pl_processes_plan: has every process build the plan. Main thread, while no segment runs. */
gboolean pl_processes_plan (PlProcesses *processes, const PlJob *job, GPtrArray *sources, gboolean to_terminal, GError **error);
/** pl_processes_serve: the body of @channel's thread for one segment of @crew (a #PlCrew). Returns: (transfer full) (nullable): what the worker leaves. */
PlPartial *pl_processes_serve (PlProcesses *processes, guint channel, gpointer crew);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlProcesses, pl_processes_free)

G_END_DECLS
