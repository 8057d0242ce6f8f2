/* All outputs of a run, published together. */
#pragma once
#include "output-private.h"
#include "output.h"

G_BEGIN_DECLS

/** pl_output_wait: waits a little. After two seconds it is said what for.
 * @fd: (or -1): not longer than until it can be written to
 * @what: "a reader of the pipe"
 *
 * Returns: %FALSE with PL_WORKER_ERROR_CANCELLED. */
gboolean pl_output_wait (const PlOutput *output, PlOutputWait *wait, int fd, const char *what, GError **error);
/** pl_output_set_publish: on failure no file has changed, unless the message says so. */
gboolean pl_output_set_publish (PlOutputSet *set, GError **error);

G_END_DECLS
