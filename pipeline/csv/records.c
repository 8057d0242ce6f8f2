/* Span → rows of field ends. The scan writes the ends of all fields of some thousand records in a row; when every
 * record has the right number of fields that already is the matrix wanted, which one look at each row's last entry
 * proves. Otherwise the entries are walked and compacted. Where quotes are not regular the automaton takes one record,
 * and the scan starts again behind it. */
#include "records.h"
#include "records-select.h"
#include "records-walk.h"
#include "utf8.h"

/* Whether @rows rows of entries from @first on each end in a line end. They hold no others when there are @rows in
 * all. */
static gboolean
is_matrix (const PlRecords *records, gsize first, gsize rows, gboolean has_cr)
{
  const char *data = records->data + records->origin;
  const guint32 *last = records->entries + first + records->n_fields - 1;
  gsize n = records->n_fields, good = 0;
  if (has_cr)
    for (gsize i = 0; i < rows; i++)
      good += data[last[i * n]] == '\n' || data[last[i * n]] == '\r';
  else
    for (gsize i = 0; i < rows; i++)
      good += data[last[i * n]] == '\n';
  return good == rows;
}

/* Behind the last line end among the entries from @first on. */
static gsize
whole_records (const PlRecords *records, gsize first, gsize n_entries)
{
  const char *data = records->data + records->origin;
  for (gsize i = n_entries; i > first; i--)
    if (data[records->entries[i - 1]] == '\n' || data[records->entries[i - 1]] == '\r')
      return records->origin + records->entries[i - 1] + 1;
  return records->position;
}

/* One run of the scan from the current position.
 * Returns: whether the record behind what was taken needs the automaton. */
static gboolean
scan_run (PlRecords *records)
{
  gsize n = records->n_fields, first = records->n_rows * n;
  PlScan scan = {
      .data = records->data,
      .length = records->length,
      .base = records->origin,
      .position = records->position,
      .delimiter = records->dialect->delimiter,
      .quote = records->dialect->quote,
      .entries = records->entries,
      .n_entries = first,
      .target = records->max_rows * n,
  };
  pl_scan_kernel ()->index (&scan);
  records->has_quote |= scan.has_quote;
  records->has_cr |= scan.has_cr;

  gsize before = records->position, whole = whole_records (records, first, scan.n_entries);
  gboolean check_bytes = scan.has_special && pl_utf8_check (records->data + before, whole - before) != PL_UTF8_VALID;
  if (scan.lines > 0 && !check_bytes && whole - before <= records->max_record_size && !records->is_explicit
      && first + scan.lines * n <= scan.n_entries && is_matrix (records, first, scan.lines, scan.has_cr)
      && !pl_records_have_blank (records, records->data + records->origin, records->entries + first, scan.lines))
    {
      gsize rows = MIN (scan.lines, records->max_rows - records->n_rows);
      records->n_rows += rows;
      records->n_records += rows;
      records->position = records->origin + records->entries[first + rows * n - 1] + 1;
    }
  else
    records->position = pl_records_take_entries (records, before, first, scan.n_entries, check_bytes);
  /* An unfinished record is scanned again in the next round, unless it never fits one, or nothing follows that would
   * finish it. */
  return scan.irregular || records->position == before || scan.position >= records->length;
}

void
pl_records_stop (PlRecords *records)
{
  records->position = records->length;
  records->found.next = records->found.rows;
}

gboolean
pl_records_next (PlRecords *records)
{
  g_array_set_size (records->defects, 0);
  records->n_rows = 0;
  records->origin = records->position;
  records->first_record = records->n_records;
  records->is_explicit = records->is_edged = !records->regular || records->wants_edges;
  records->has_quote = records->has_cr = records->has_stray = FALSE;
  gboolean more = records->found.next < records->found.rows;
  if (more
      || (records->selects && !records->is_wide && !records->wants_edges && records->position < records->length
          && pl_records_find (records)))
    {
      pl_records_give (records);
      return TRUE;
    }
  records->entries = records->storage + 1;
  records->stride = records->n_fields * (records->is_edged ? 2 : 1);
  records->wants_edges = FALSE;
  while (records->position < records->length && records->n_rows < records->max_rows && !pl_records_are_stopped (records)
         && records->position - records->origin < PL_SCAN_REACH)
    {
      gboolean exact = records->is_edged || scan_run (records);
      if (records->wants_edges)
        break;
      if (exact && records->position < records->length && records->n_rows < records->max_rows
          && !pl_records_are_stopped (records))
        pl_records_walk (records);
    }
  records->is_wide = records->is_explicit || records->has_stray;
  if (records->wants_edges && records->n_rows == 0 && records->defects->len == 0)
    return pl_records_next (records);
  return records->n_rows > 0 || records->defects->len > 0;
}
