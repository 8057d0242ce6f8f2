/* Runs of one job file, one at a time.
 *
 * The lock is a flock on the job file itself: nothing to create, to clear up or to find, and the kernel frees it,
 * however a run ends. (An editor that puts a new file in the job's place puts it without the lock: a run that began
 * before is then not noticed.) */
#pragma once
#include "../table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_LOCK_TAKEN,   /* kept until the process ends */
  PL_LOCK_HELD,    /* by another run: @error says by which */
  PL_LOCK_STOPPED, /* by a signal, while waiting */
  PL_LOCK_FAILED,  /* @error */
} PlLockResult;

/** pl_lock_job: @wait: for as long as it takes. */
PlLockResult pl_lock_job (const char *path, gboolean wait, GError **error);

G_END_DECLS
