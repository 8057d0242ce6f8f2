/* Saying what file was not there. Private to io/. */
#pragma once
#include "../base/cleanup.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_input_not_found: sets PL_IO_ERROR_NOT_FOUND for @path, naming the nearest name in the folder, or the first folder
 * of it that is missing. @written: the same path as the user wrote it. */
void pl_input_not_found (const char *path, const char *written, GError **error);

/** pl_input_expand: the files @pattern names: itself, or a sorted glob. Nothing found is PL_IO_ERROR_NOT_FOUND naming
 * the nearest file of that folder. */
GStrv pl_input_expand (const char *pattern, const char *folder, GError **error);

G_END_DECLS
