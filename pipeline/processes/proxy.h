/* A thread that has a worker process do its blocks, whatever becomes of the process: blocks of the desk go out and come
 * back, what was lost with a dead worker is done again, and what was gathered is left with the desk. */
#pragma once
#include "../flow/desk.h"
#include "indices.h"
#include "slots.h"

G_BEGIN_DECLS

/** pl_proxy_run: the body of thread @index for one segment. Leaves what the workers gathered with @desk. */
void pl_proxy_run (PlProcesses *processes, PlDesk *desk, const PlIndices *indices, guint index);

G_END_DECLS
