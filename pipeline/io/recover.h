/* What a killed run has left, undone or done to its end. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_output_recover: before anything is read or written: finishes what killed runs had begun to publish in the folders
 * of @paths (ended by %NULL), and removes their temporaries. */
gboolean pl_output_recover (const char *const *paths, GError **error);

G_END_DECLS
