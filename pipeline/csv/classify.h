/* What the texts of records are, in place of their values. */
#pragma once
#include "evidence.h"
#include "reader.h"

G_BEGIN_DECLS

/** pl_csv_reader_classify: instead of reading: adds every text of column i of the span to @evidence[i], unless that is
 * closed. Bad records do not count, nor do rows that pinned columns refuse.
 * @left: (inout): of so many rows, the first ones */
void pl_csv_reader_classify (PlCsvReader *reader, PlEvidence *evidence, guint64 *left);

G_END_DECLS
