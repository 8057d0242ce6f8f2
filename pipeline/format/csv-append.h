/* Whether rows that are appended to a CSV file have the columns that it has. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

/** pl_csv_append: PlFormat.append of CSV: the file's first record must be the one that a new file would begin with:
 * the same names in the same order, between the same delimiters. Without a header nothing is compared.
 * Returns: %FALSE with PL_DATA_ERROR_HEADER, which has both. */
gboolean pl_csv_append (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *begun, const char *name,
                        GError **error);

G_END_DECLS
