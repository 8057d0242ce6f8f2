/* A #GError as bytes, for whoever passes one on to another process or keeps it with other bytes. */
#pragma once
#include "buffer.h"

G_BEGIN_DECLS

/** pl_error_put: appends @error (nullable), with its domain and code, to @buffer. */
void pl_error_put (PlBuffer *buffer, const GError *error);
/** pl_error_get: Returns: (transfer full) (nullable): what pl_error_put() has written; %NULL for none. */
GError *pl_error_get (PlCursor *cursor);

G_END_DECLS
