/* Records one by one, the exact way. Private to csv/. */
#pragma once
#include "records-shape.h"

G_BEGIN_DECLS

/** pl_records_are_stopped: whether a bad record has ended the round. */
static inline gboolean
pl_records_are_stopped (const PlRecords *records)
{
  return records->stop_at_defect && records->defects->len > 0;
}

/** pl_records_take_entries: walks the entries [@first, @n_entries), which are not a clean matrix; the first record
 * begins at @start.
 * @check_bytes: whether some may hold NUL or bytes that are no UTF-8
 *
 * Returns: behind the last whole record. */
gsize pl_records_take_entries (PlRecords *records, gsize start, gsize first, gsize n_entries, gboolean check_bytes);
/** pl_records_walk: takes the record at the current position (or the blank line, or the comment) with the automaton. */
void pl_records_walk (PlRecords *records);

G_END_DECLS
