/* Records of which only some fields are wanted, or none: their ends alone are written (scan.h), in rounds of their own
 * or, where nothing is quoted, while the block is surveyed. Whatever is not as it should be is left to records.c. */
#include "records-select.h"
#include "utf8.h"

/* Entries that a survey finds: these stay in the second-level cache, with the block. */
#define AHEAD_ENTRIES ((gsize) 1 << 15)

void
pl_records_want (PlRecords *records, const gboolean *wanted)
{
  guint n = records->n_fields;
  records->found = (PlFound){.next = 0};
  records->selects = records->regular && pl_scan_kernel ()->select != NULL;
  if (!records->selects)
    return;
  PlScanSelection *selection = &records->selection;
  g_free (selection->wanted);
  g_free (selection->ends);
  g_free (selection->behind);
  g_free (records->slots);
  *selection = (PlScanSelection){
      .n_fields = n,
      .wanted = g_new0 (guint64, n),
      .ends = g_new0 (guint64, n),
      .behind = g_new (guint32, n + 64 + 1),
  };
  records->slots = g_new (gint, n);
  /* Blank lines among records of one field only show by their entries. */
  selection->counts = n > 1 || records->dialect->blank_rows;
  for (guint i = 0; i < n; i++)
    {
      gboolean needed = i == n - 1 || wanted[i] || wanted[i + 1];
      selection->counts &= !wanted[i];
      records->slots[i] = needed ? (gint) selection->n_wanted++ : -1;
    }
  for (guint phase = 0; phase < n; phase++)
    for (guint bit = 0; bit < 64; bit++)
      {
        guint field = (phase + bit) % n;
        selection->wanted[phase] |= (guint64) (records->slots[field] >= 0) << bit;
        selection->ends[phase] |= (guint64) (field == n - 1) << bit;
      }
  for (guint i = 0; i <= n + 64; i++)
    selection->behind[i] = i % n;
}

gboolean
pl_records_find (PlRecords *records)
{
  const PlScanSelection *selection = &records->selection;
  gsize n = selection->n_wanted;
  PlScan scan = {
      .data = records->data,
      .length = records->length,
      .base = records->position,
      .position = records->position,
      .delimiter = records->dialect->delimiter,
      .quote = records->dialect->quote,
      .entries = records->storage + 1,
      .target = records->max_rows * n,
  };
  pl_scan_kernel ()->select (&scan, selection);
  PlFound found = {
      .data = records->data + records->position,
      .entries = scan.entries,
      .rows = selection->counts ? scan.lines : MIN (scan.lines, records->max_rows),
      .has_quote = scan.has_quote,
      .has_cr = scan.has_cr,
  };
  if (found.rows == 0)
    return FALSE;
  if (!selection->counts && pl_records_have_blank (records, found.data, found.entries, found.rows))
    return FALSE;
  found.length = selection->counts ? scan.line_end - records->position : scan.entries[found.rows * n - 1] + 1;
  if (found.length > records->max_record_size
      || (scan.has_special && pl_utf8_check (found.data, found.length) != PL_UTF8_VALID))
    return FALSE;
  /* What is left of a span that has been scanned to its end is an unfinished record. */
  found.is_wide = scan.irregular || scan.position >= scan.length;
  records->found = found;
  return TRUE;
}

void
pl_records_give (PlRecords *records)
{
  PlFound *found = &records->found;
  gsize n = records->selection.n_wanted, rows = MIN (found->rows - found->next, records->max_rows);
  records->has_quote = found->has_quote;
  records->has_cr = found->has_cr;
  records->stride = n;
  records->entries = found->entries + (records->selection.counts ? 0 : found->next * n);
  records->origin = (gsize) (found->data - records->data);
  records->n_rows = rows;
  records->n_records += rows;
  found->next += rows;
  if (found->next < found->rows)
    return;
  records->position = records->origin + found->length;
  /* In a word of 64 bytes, somewhat more than the mean, and even. */
  records->selection.expected = (guint) (found->rows * n * 74 / found->length / 2 * 2 + 2);
  records->is_wide = found->is_wide;
}

/* Where the first record begins in a block without quotes, and without CRs but before LFs, that does not begin inside
 * quotes. Returns: @length when that cannot be said. */
static gsize
plain_start (const PlDialect *dialect, const char *data, gsize length, gint before)
{
  if (before == -1 || before == '\n')
    return 0;
  const char *feed = memchr (data, '\n', length);
  gsize n = feed == NULL ? length : (gsize) (feed + 1 - data);
  const char *cr = memchr (data, '\r', n);
  gboolean plain
      = before != '\r' && (cr == NULL || cr + 1 == feed)
        && (dialect->quote == 0 || (before != (guint8) dialect->quote && memchr (data, dialect->quote, n) == NULL));
  return plain ? n : length;
}

/* LFs in data[0 .. length). */
static guint64
count_feeds (const char *data, gsize length)
{
  guint64 n = 0;
  for (gsize p = 0; p < length; p++)
    n += data[p] == '\n';
  return n;
}

/* Finds records from data[start] on, as long as there are no quotes, and no CRs but before LFs.
 * Returns: the scan; its entries count from @start. */
static PlScan
find_ahead (PlRecords *records, const char *data, gsize start, gsize length, gsize ahead)
{
  const PlScanSelection *selection = &records->selection;
  if (records->ahead == NULL)
    {
      records->ahead = g_new (guint32, AHEAD_ENTRIES + PL_SCAN_SLACK + 1);
      records->ahead[0] = G_MAXUINT32;
    }
  PlScan scan = {
      .data = data,
      .length = start + MIN ((selection->counts ? length : length + ahead) - start, records->max_record_size),
      .base = start,
      .position = start,
      .delimiter = records->dialect->delimiter,
      .quote = records->dialect->quote,
      .plain = TRUE,
      .entries = records->ahead + 1,
      .target = AHEAD_ENTRIES,
  };
  pl_scan_kernel ()->select (&scan, selection);
  PlFound found
      = {.data = data + start, .entries = scan.entries, .rows = scan.lines, .has_cr = scan.has_cr, .is_ahead = TRUE};
  gsize n = selection->n_wanted;
  /* Records that begin behind the block are another one's. */
  while (!selection->counts && found.rows > 1 && start + found.entries[(found.rows - 1) * n - 1] + 1 >= length)
    found.rows--;
  if (found.rows > 0)
    found.length = selection->counts ? scan.line_end - start : found.entries[found.rows * n - 1] + 1;
  if (found.rows > 0 && !selection->counts && pl_records_have_blank (records, found.data, found.entries, found.rows))
    return scan;
  if (found.rows > 0 && (!scan.has_special || pl_utf8_check (found.data, found.length) == PL_UTF8_VALID))
    records->found = found;
  return scan;
}

void
pl_records_survey (PlRecords *records, const char *data, gsize length, gsize ahead, gint before, PlSurvey *survey)
{
  const PlDialect *dialect = records->dialect;
  gsize start = records->selects ? plain_start (dialect, data, length, before) : length;
  records->found = (PlFound){.next = 0};
  if (start >= length)
    {
      pl_csv_survey (dialect, data, length, before, survey);
      return;
    }
  PlScan scan = find_ahead (records, data, start, length, ahead);
  gsize end = MIN (scan.position, length);
  gint last = end > 0 ? (guint8) data[end - 1] : before;
  pl_csv_survey (dialect, data + end, length - end, last, survey);
  /* Nothing before `end` has to do with quotes, and every line there ends in an LF. Of a CR LF that the block's end
   * divides, the CR is what counts. */
  survey->lines += scan.lines + (start > 0) + (end == length && data[length - 1] == '\r')
                   - (scan.position > length ? count_feeds (data + length, scan.position - length) : 0);
  survey->leading_lf = data[0] == '\n';
  survey->before = before;
  survey->last = (guint8) data[length - 1];
}
