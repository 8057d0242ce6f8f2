/* Span → rows of field ends. The scan writes the ends of all fields of some thousand records in a row; when every record has the right
 * number of fields that already is the matrix wanted, which one look at each row's last entry proves. Otherwise the entries are
 * walked and compacted. Where quotes are not regular the automaton takes one record, and the scan starts again behind it. */
#include "records.h"
#include "utf8.h"

/* Entries of a round: enough for 2,048 rows of 128 fields; wider tables get shorter rounds. */
#define MAX_ENTRIES ((gsize) 1 << 18)
#define MIN_ROWS 16

void
pl_records_init (PlRecords *records, const PlSource *source, gboolean stop_at_defect)
{
  *records = (PlRecords){
      .dialect = &source->dialect,
      .regular = pl_dialect_is_regular (&source->dialect),
      .stop_at_defect = stop_at_defect,
      .max_record_size = source->max_record_size,
      .defects = g_array_new (FALSE, FALSE, sizeof (PlDefect)),
      .starts = g_new (guint32, PL_BATCH_ROWS),
      .numbers = g_new (guint32, PL_BATCH_ROWS),
  };
  pl_automaton_init (&records->automaton, &source->dialect);
}

void
pl_records_clear (PlRecords *records)
{
  g_array_unref (records->defects);
  g_free (records->selection.wanted);
  g_free (records->selection.ends);
  g_free (records->selection.behind);
  g_free (records->slots);
  g_free (records->starts);
  g_free (records->numbers);
  g_free (records->storage);
  g_free (records->ahead);
}

void
pl_records_open (PlRecords *records, const PlSpan *span, guint n_fields)
{
  records->n_fields = n_fields;
  records->max_rows = CLAMP (MAX_ENTRIES / n_fields, MIN_ROWS, PL_BATCH_ROWS);
  gsize size = (records->max_rows + 1) * n_fields + PL_SCAN_SLACK;
  if (size > records->entries_size)
    {
      g_free (records->storage);
      records->storage = g_new (guint32, size + 1);
      records->storage[0] = G_MAXUINT32;
      records->entries_size = size;
    }
  PlFound *found = &records->found;
  if (!found->is_ahead || found->data != span->data || found->length > span->length)
    found->rows = found->next = 0;
  found->is_ahead = FALSE;
  records->data = span->data;
  records->length = span->length;
  records->position = 0;
  records->n_records = 0;
  records->n_rows = 0;
  g_array_set_size (records->defects, 0);
}

/* Behind the last byte of a record whose last field ends at @end: the CR of CR LF does not belong to it. */
static inline gsize
without_cr (const char *data, gsize length, gsize start, gsize end)
{
  return end - (end > start && end < length && data[end] == '\n' && data[end - 1] == '\r');
}

gsize
pl_records_end (const PlRecords *records, gsize row)
{
  gsize end = records->origin + records->entries[(row + 1) * records->stride - 1];
  return without_cr (records->data, records->length, pl_records_start (records, row), end);
}

/* From here on every row's start and number are kept, because one was left out. */
static void
make_explicit (PlRecords *records)
{
  if (records->is_explicit)
    return;
  for (gsize row = 0; row < records->n_rows; row++)
    {
      records->starts[row] = (guint32) (pl_records_start (records, row) - records->origin);
      records->numbers[row] = (guint32) row;
    }
  records->is_explicit = TRUE;
}

static void
add_defect (PlRecords *records, PlDefectKind kind, gsize start, gsize end, gsize n_fields)
{
  PlDefect defect = {kind, records->n_records++, start, end, n_fields};
  g_array_append_val (records->defects, defect);
  make_explicit (records);
}

/* Takes the record [start, end) in, whose field ends stand at @entries, as a row or as a defect. */
static void
take_record (PlRecords *records, gsize start, gsize end, const guint32 *entries, gsize n, gboolean check_bytes)
{
  gsize last = without_cr (records->data, records->length, start, end);
  if (last - start > records->max_record_size)
    {
      add_defect (records, PL_DEFECT_TOO_LONG, start, last, n);
      return;
    }
  if (check_bytes)
    {
      PlUtf8 utf8 = pl_utf8_check (records->data + start, last - start);
      if (utf8 != PL_UTF8_VALID)
        {
          add_defect (records, utf8 == PL_UTF8_NUL ? PL_DEFECT_NUL : PL_DEFECT_UTF8, start, last, n);
          return;
        }
    }
  if (n != records->n_fields)
    {
      add_defect (records, PL_DEFECT_FIELDS, start, last, n);
      return;
    }
  guint32 *row = records->entries + records->n_rows * n;
  if (row != entries)
    memmove (row, entries, n * sizeof *row);
  if (records->is_explicit)
    {
      records->starts[records->n_rows] = (guint32) (start - records->origin);
      records->numbers[records->n_rows] = (guint32) (records->n_records - records->first_record);
    }
  records->n_rows++;
  records->n_records++;
}

static inline gboolean
stopped (const PlRecords *records)
{
  return records->stop_at_defect && records->defects->len > 0;
}

/* Walks entries that are not a clean matrix, record by record. Returns: behind the last whole record. */
static gsize
take_entries (PlRecords *records, gsize start, gsize first, gsize n_entries, gboolean check_bytes)
{
  const char *data = records->data + records->origin;
  gsize row = first;
  for (gsize i = first; i < n_entries && !stopped (records) && records->n_rows < records->max_rows; i++)
    {
      gsize entry = records->entries[i], end = records->origin + entry;
      if (data[entry] != '\n' && data[entry] != '\r')
        continue;
      gboolean blank = i == row && without_cr (records->data, records->length, start, end) == start;
      if (blank && !records->dialect->blank_rows)
        make_explicit (records);
      else
        take_record (records, start, end, records->entries + row, i + 1 - row, check_bytes);
      row = i + 1;
      start = end + 1;
    }
  return start;
}

/* Whether @rows rows of entries from @first on each end in a line end. They hold no others when there are @rows in all. */
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

gboolean
pl_records_have_blank (const PlRecords *records, const char *data, const guint32 *entries, gsize rows)
{
  gsize blanks = 0;
  if (records->n_fields > 1 || records->dialect->blank_rows)
    return FALSE;
  for (gssize i = 0; i < (gssize) rows; i++)
    {
      const guint32 start = entries[i - 1] + 1;
      blanks += entries[i] - start < 1u + (data[start] == '\r');
    }
  return blanks > 0;
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

/* One run of the scan from the current position. Returns: whether the record behind what was taken needs the automaton. */
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
    records->position = take_entries (records, before, first, scan.n_entries, check_bytes);
  /* An unfinished record is scanned again in the next round, unless it never fits one, or nothing follows that would finish it. */
  return scan.irregular || records->position == before || scan.position >= records->length;
}

/* What the automaton finds out about one record. */
typedef struct
{
  gsize n_fields;
  gboolean behind_quote, special;
} Walk;

static void
add_field (PlRecords *records, Walk *walk, gsize end)
{
  if (walk->n_fields < records->n_fields && end - records->origin <= G_MAXUINT32)
    records->entries[records->n_rows * records->n_fields + walk->n_fields] = (guint32) (end - records->origin);
  walk->n_fields++;
}

/* Takes the record at the current position (or the blank line, or the comment) the exact way. */
static void
walk_record (PlRecords *records)
{
  const char *data = records->data;
  gsize start = records->position, p = start;
  const guint8 *classes = records->automaton.classes;
  PlLexPoint point = {.state = PL_LEX_RECORD};
  Walk walk = {0};
  for (; p < records->length; p++)
    {
      guint8 state = point.state, class = classes[(guint8) data[p]];
      pl_automaton_step (&records->automaton, &point, data[p]);
      walk.special |= (gint8) data[p] <= 0;
      if (class == PL_CLASS_OTHER)
        {
          /* More of them do not change the state again. */
          walk.behind_quote |= state == PL_LEX_CLOSED;
          for (; p + 1 < records->length && classes[(guint8) data[p + 1]] == PL_CLASS_OTHER; p++)
            walk.special |= (gint8) data[p + 1] <= 0;
          continue;
        }
      records->has_quote |= point.state == PL_LEX_QUOTED;
      records->has_stray |= state == PL_LEX_PLAIN && class == PL_CLASS_QUOTE;
      walk.behind_quote |= state == PL_LEX_CLOSED && class != PL_CLASS_QUOTE && point.state >= PL_LEX_PLAIN;
      if (point.state == PL_LEX_FIELD)
        add_field (records, &walk, p);
      if (point.state != PL_LEX_RECORD)
        continue;
      /* The line has ended; of CR LF the LF is its end. */
      if (point.after_cr)
        {
          records->has_cr = TRUE;
          p += p + 1 < records->length && data[p + 1] == '\n';
        }
      records->position = p + 1;
      if (state == PL_LEX_COMMENT || (state == PL_LEX_RECORD && !records->dialect->blank_rows))
        {
          make_explicit (records);
          return;
        }
      break;
    }
  if (p >= records->length)
    {
      records->position = records->length;
      if (point.state == PL_LEX_COMMENT || p == start)
        return;
      if (point.state == PL_LEX_QUOTED || point.state == PL_LEX_ESCAPED)
        {
          gboolean too_long = p - start > records->max_record_size;
          add_defect (records, too_long ? PL_DEFECT_TOO_LONG : PL_DEFECT_UNCLOSED, start, p, walk.n_fields + 1);
          return;
        }
    }
  add_field (records, &walk, p);
  if (walk.behind_quote && !records->dialect->lax_quotes && p - start <= records->max_record_size)
    add_defect (records, PL_DEFECT_BEHIND_QUOTE, start, without_cr (data, records->length, start, p), walk.n_fields);
  else
    take_record (records, start, p, records->entries + records->n_rows * records->n_fields, walk.n_fields,
                 walk.special);
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
  records->is_explicit = FALSE;
  records->has_quote = records->has_cr = records->has_stray = FALSE;
  gboolean more = records->found.next < records->found.rows;
  if (more
      || (records->selects && !records->is_wide && records->position < records->length && pl_records_find (records)))
    {
      pl_records_give (records);
      return TRUE;
    }
  records->entries = records->storage + 1;
  records->stride = records->n_fields;
  while (records->position < records->length && records->n_rows < records->max_rows && !stopped (records)
         && records->position - records->origin < PL_SCAN_REACH)
    {
      gboolean exact = !records->regular;
      if (!exact)
        exact = scan_run (records);
      if (exact && records->position < records->length && records->n_rows < records->max_rows && !stopped (records))
        walk_record (records);
    }
  records->is_wide = records->is_explicit || records->has_stray;
  return records->n_rows > 0 || records->defects->len > 0;
}
