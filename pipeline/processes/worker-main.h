/* What a worker process does. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_worker_main: the body of a process worker (`pipeline worker`): serves blocks on @fd until it is closed.
 * Returns: an exit code. */
int pl_worker_main (int fd);

G_END_DECLS
