/* Threads for what is done in parts when a segment ends: see base/parallel.h for who uses them. */
#pragma once
#include "../base/parallel.h"

G_BEGIN_DECLS

/** pl_parallel_threads: Returns: (transfer full): tasks on @n_workers threads; free with g_free(). */
PlParallel *pl_parallel_threads (guint n_workers);

G_END_DECLS
