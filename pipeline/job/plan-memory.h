/* `memory-limit`, and what follows from it: how much a run may have, and how large its blocks are. */
#pragma once
#include "plan.h"

G_BEGIN_DECLS

/** pl_run_memory_init: @run has its mode, workers and blocks already. */
void pl_run_memory_init (PlRunSettings *run, const PlSettings *group, PlIssues *issues);
/** pl_run_memory_fit: makes blocks fewer and smaller where `memory-limit` wants it and the job does not say how many
 * and how large. When it is known how large they would be without. */
void pl_run_memory_fit (PlRunSettings *run, const PlSettings *group);
/** pl_run_room: Returns: how many bytes of `memory-limit` all processes of the run may have, without what a worker
 * process has before it does anything. */
guint64 pl_run_room (const PlRunSettings *run);
/** pl_run_hand_over: Returns: bytes of states from which on a worker process hands them over: on the way they are there
 * twice, and their message once more. */
gint64 pl_run_hand_over (const PlRunSettings *run);
/** pl_run_blocks: Returns: bytes that the run's blocks may have in memory; G_MAXUINT64: any. */
guint64 pl_run_blocks (const PlRunSettings *run);

G_END_DECLS
