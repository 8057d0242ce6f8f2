/* Waiting until an output can go on: for another run, or for the reader of a pipe. */
#pragma once
#include "output-private.h"

G_BEGIN_DECLS

/* What a wait has come to; all zero at its beginning. */
typedef struct
{
  gint64 since;
  gboolean said;
} PlOutputWait;

/** pl_output_wait: waits a little. After two seconds it is said what for.
 * @fd: (or -1): not longer than until it can be written to
 * @what: "a reader of the pipe"
 *
 * Returns: %FALSE with PL_WORKER_ERROR_CANCELLED. */
gboolean pl_output_wait (const PlOutput *output, PlOutputWait *wait, int fd, const char *what, GError **error);

G_END_DECLS
