/* Whether rows that are appended to a CSV file have the columns that it has. */
#pragma once
#include "../base/buffer.h"
#include "../table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_appended_check:
 * @begun: the first bytes of the file, all of its first record unless that is very long
 * @header: what the format would begin a new file with
 * @name: the file, for messages
 *
 * Returns: %FALSE with PL_DATA_ERROR_HEADER when the file has another number of columns, or some of the same names in
 * other places. A first record that has none of the names may be a row of a file without a header, and is let be. */
gboolean pl_appended_check (const PlBuffer *begun, const PlBuffer *header, char delimiter, const char *name,
                            GError **error);

G_END_DECLS
