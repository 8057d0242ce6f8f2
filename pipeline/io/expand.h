/* Which files a path names, and saying which was not there. */
#pragma once
#include "../base/cleanup.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_path_for_shells: Returns: (transfer full) (nullable): that @written, which leads nowhere, has ~ or $NAME in it,
 * which only a shell would have replaced, and what to write. */
char *pl_path_for_shells (const char *written);
/** pl_input_not_found: sets PL_IO_ERROR_NOT_FOUND for @path, naming the nearest name in the folder, or the first folder
 * of it that is missing. @written: the same path as the user wrote it. */
void pl_input_not_found (const char *path, const char *written, GError **error);

/** pl_input_expand: the files @pattern names: itself, or a sorted glob. Nothing found is PL_IO_ERROR_NOT_FOUND naming
 * the nearest file of that folder. */
GStrv pl_input_expand (const char *pattern, const char *folder, GError **error);

G_END_DECLS
