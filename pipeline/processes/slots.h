/* Worker processes, seen from the main one: a slot for each, in which a process takes the place of one that died or
 * retired.
 *
 *   slot 0   child 4711 ═╦═ channel 0 ◄── thread "worker" of a segment (proxy.c)
 *                        ╚═ channel 1 ◄── another, with threads-per-process = 2
 *   slot 1   child 4712 ═╦═ …
 *
 * The first children start before the main process has any thread; later ones by a thread of their own, which lasts as
 * long as they do, because the kernel counts the thread that started a process as its parent. Every child gets the plan
 * before its first block. */
#pragma once
#include "../flow/blocks.h"
#include "../job/plan.h"
#include "process.h"

G_BEGIN_DECLS

typedef struct PlProcesses PlProcesses;

/* One thread's line to one thread of a child. Used by one thread at a time. */
typedef struct
{
  guint slot;
  guint place;      /* among the channels of its slot */
  int fd;           /* -1: attached to nobody */
  PlProcess *child; /* (nullable) */
  PlBuffer out, in;
  gsize held; /* bytes of them, as the lease knows them */
} PlChannel;

/** pl_processes_new: starts @settings' processes. No other thread may exist. */
PlProcesses *pl_processes_new (const PlRunSettings *settings, const char *program, const PlShared *shared,
                               GError **error);
/** pl_processes_free: ends and collects them all. */
void pl_processes_free (PlProcesses *processes);
/** pl_processes_plan: has every process build the plan. Main thread, while no segment runs. */
gboolean pl_processes_plan (PlProcesses *processes, const PlJob *job, GPtrArray *sources, gboolean to_terminal,
                            GError **error);
/** pl_processes_channel: Returns: (transfer none): channel @index, one for each thread of each process. */
PlChannel *pl_processes_channel (PlProcesses *processes, guint index);
/** pl_processes_isolate: Returns: (transfer none): @channel, where its child has no other; else a channel to a child
 * that nobody else uses until pl_processes_rejoin(), which may have to be waited for. */
PlChannel *pl_processes_isolate (PlProcesses *processes, PlChannel *channel);
void pl_processes_rejoin (PlProcesses *processes, PlChannel *isolated, PlChannel *channel);

/** pl_channel_attach: @channel is attached to nobody: gives it the child of its slot, a new one where there is none.
 * Returns: %FALSE when none can be had: @error is PL_WORKER_ERROR_DIED when one could be started, but died before it
 * was ready. */
gboolean pl_channel_attach (PlProcesses *processes, PlChannel *channel, GError **error);
/** pl_channel_detach: lets go of a child, which gets no new channels: the next one to attach gets another. */
void pl_channel_detach (PlProcesses *processes, PlChannel *channel);
/** pl_channel_follow: tells the lease of messages what @channel holds. */
void pl_channel_follow (const PlProcesses *processes, PlChannel *channel);
/** pl_channel_account: takes note of @account (transfer full): what the process at the other end has used. */
void pl_channel_account (PlProcesses *processes, const PlChannel *channel, PlMemoryAccount *account);
/** pl_processes_memory: adds to @account what processes have told: of a process and those that took its place, the
 * larger numbers. */
void pl_processes_memory (PlProcesses *processes, PlMemoryAccount *account);
/** pl_channel_is_gone: whether the other end has been closed. Does not wait. */
gboolean pl_channel_is_gone (const PlChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlProcesses, pl_processes_free)

G_END_DECLS
