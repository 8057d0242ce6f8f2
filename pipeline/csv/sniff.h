/* What the first bytes of a file say of it. Private to csv/. */
#pragma once
#include "dialect.h"

G_BEGIN_DECLS

/** pl_sniff_kind: Returns: (nullable): what a file is that is no text of UTF-8, and what to do with it. @data: its
 * first bytes, decompressed but not decoded. */
const char *pl_sniff_kind (const char *data, gsize length);

#define PL_SNIFF_WORKBOOK "an Excel workbook (xlsx), no CSV; save it as CSV first"
#define PL_SNIFF_OPEN_DOCUMENT "an OpenDocument file, no CSV; save it as CSV first"
#define PL_SNIFF_ZIP "a zip archive"
/* How many first bytes of a zip archive tell what it is of. */
#define PL_SNIFF_DOCUMENT 4096
/** pl_sniff_document: Returns: (nullable): what a zip archive that begins with @data is to those who made it, and what
 * to do with it; %NULL: an archive. */
const char *pl_sniff_document (const char *data, gsize length);

/** pl_sniff_trailing: whether each whole record of @data, two at least, has @n fields and one delimiter more at its
 * end.
 * @is_whole: nothing follows @data. */
gboolean pl_sniff_trailing (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole, guint n);
/** pl_sniff_delimiter: comma, semicolon, tab or pipe, whichever divides each record into as many fields, more than one.
 * @why_not: (out) (transfer full): where there is none, or several.
 * Returns: 0 where that is unclear; a comma where none of them occurs. */
char pl_sniff_delimiter (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole, char **why_not);
/** pl_sniff_other: Returns: (transfer full) (nullable): that another delimiter would give several fields in every row,
 * of two at least. */
char *pl_sniff_other (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole);

G_END_DECLS
