/* Saying what file was not there. Private to io/. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_input_not_found: sets PL_IO_ERROR_NOT_FOUND for @path, naming the nearest name in the folder, or the first folder
 * of it that is missing. @written: the same path as the user wrote it. */
void pl_input_not_found (const char *path, const char *written, GError **error);

G_END_DECLS
