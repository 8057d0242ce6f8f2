/* How many files may be open at once. */
#pragma once
#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/** pl_descriptors_raise: raises this process's soft limit to the hard one, as far as that makes sense.
 * Returns: the limit. Any thread. */
guint64 pl_descriptors_raise (void);
/** pl_descriptors_restore: gives @pid (0: the caller) the limit that this process was started with: programs that use
 * select(), or close all they could have open, count on it. A system call, and no more. */
void pl_descriptors_restore (pid_t pid);

G_END_DECLS
