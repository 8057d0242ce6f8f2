/* Records one by one: entries that are no clean matrix, and, where quotes are not regular, what the automaton finds. */
#include "records-walk.h"
#include "utf8.h"

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
  gsize last = pl_without_cr (records->data, records->length, start, end);
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

gsize
pl_records_take_entries (PlRecords *records, gsize start, gsize first, gsize n_entries, gboolean check_bytes)
{
  const char *data = records->data + records->origin;
  gsize row = first;
  for (gsize i = first; i < n_entries && !pl_records_are_stopped (records) && records->n_rows < records->max_rows; i++)
    {
      gsize entry = records->entries[i], end = records->origin + entry;
      if (data[entry] != '\n' && data[entry] != '\r')
        continue;
      gboolean blank = i == row && pl_without_cr (records->data, records->length, start, end) == start;
      if (blank && !records->dialect->blank_rows)
        make_explicit (records);
      else
        take_record (records, start, end, records->entries + row, i + 1 - row, check_bytes);
      row = i + 1;
      start = end + 1;
    }
  return start;
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

void
pl_records_walk (PlRecords *records)
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
    add_defect (records, PL_DEFECT_BEHIND_QUOTE, start, pl_without_cr (data, records->length, start, p), walk.n_fields);
  else
    take_record (records, start, p, records->entries + records->n_rows * records->n_fields, walk.n_fields,
                 walk.special);
}
