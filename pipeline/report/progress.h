/* The one line that tells how far a run is. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_progress_line: @bytes_total: 0 when it is not known. @elapsed: microseconds.
 * Returns: (transfer full): "42%  118.3 MB/s  1200000 rows  0:07 left", without a line end. */
char *pl_progress_line (guint64 bytes_done, guint64 bytes_total, guint64 rows, gint64 elapsed);

G_END_DECLS
