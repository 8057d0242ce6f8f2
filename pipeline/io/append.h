/* Outputs that are added to a file that is there. */
#pragma once
#include "output-private.h"
#include "output.h"

G_BEGIN_DECLS

/** pl_output_is_same: whether @now is the state of the target that appending began with. */
gboolean pl_output_is_same (const PlOutput *output, const struct stat *now);
gboolean pl_output_fail_changed (const PlOutput *output, GError **error);
/** pl_output_set_begin: behind the last pl_output_set_add(), before anything is written: locks what is appended to
 * until it is published, and reads its end. On failure (PL_IO_ERROR_BUSY; PL_IO_ERROR_CREATE for a target that is
 * damaged) nothing has changed. */
gboolean pl_output_set_begin (PlOutputSet *set, GError **error);
/** pl_output_begun: behind pl_output_set_begin(), of an output that is not new: the first bytes of the text that is
 * there, @length and 64 KiB at most. @begun: they are added to it */
gboolean pl_output_begun (const PlOutput *output, gsize length, PlBuffer *begun, GError **error);

G_END_DECLS
