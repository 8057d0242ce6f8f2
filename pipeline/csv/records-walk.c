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

/* Whether a record of @n fields can be a row all the same, of empty fields where it lacks some, or without its last
 * ones. */
static gboolean
is_ragged (const PlRecords *records, gsize n, gsize end)
{
  const PlDialect *dialect = records->dialect;
  if (records->is_trailing && n == records->n_fields + 1 && records->data[end - 1] == dialect->delimiter)
    return TRUE;
  return n < records->n_fields ? dialect->fills_short : n > records->n_fields && dialect->cuts_long;
}

/* Gives a short row empty fields at its end, @end. */
static void
fill_row (PlRecords *records, guint32 *row, gsize end, gsize n)
{
  for (gsize i = n; i < records->n_fields; i++)
    {
      row[2 * i] = (guint32) (end - records->origin) - 1;
      row[2 * i + 1] = (guint32) (end - records->origin);
    }
}

/* Takes the record [start, end) in, whose field ends stand at @entries, as a row or as a defect.
 * Returns: %FALSE, and takes nothing, when it is a row whose fields need edges. */
static gboolean
take_record (PlRecords *records, gsize start, gsize end, const guint32 *entries, gsize n, gboolean check_bytes)
{
  gsize last = pl_without_cr (records->data, records->length, start, end);
  if (last - start > records->max_record_size)
    {
      add_defect (records, PL_DEFECT_TOO_LONG, start, last, n);
      return TRUE;
    }
  if (check_bytes)
    {
      PlUtf8 utf8 = pl_utf8_check (records->data + start, last - start);
      if (utf8 != PL_UTF8_VALID)
        {
          add_defect (records, utf8 == PL_UTF8_NUL ? PL_DEFECT_NUL : PL_DEFECT_UTF8, start, last, n);
          return TRUE;
        }
    }
  if (n != records->n_fields && !is_ragged (records, n, last))
    {
      add_defect (records, PL_DEFECT_FIELDS, start, last, n);
      return TRUE;
    }
  guint32 *row = records->entries + records->n_rows * records->stride;
  if (records->is_edged)
    {
      fill_row (records, row, last, n);
      records->ends[records->n_rows] = (guint32) (last - records->origin);
    }
  else if (n != records->n_fields)
    {
      records->wants_edges = TRUE;
      return FALSE;
    }
  else if (row != entries)
    memmove (row, entries, n * sizeof *row);
  if (records->is_explicit)
    {
      records->starts[records->n_rows] = (guint32) (start - records->origin);
      records->numbers[records->n_rows] = (guint32) (records->n_records - records->first_record);
    }
  records->n_rows++;
  records->n_records++;
  return TRUE;
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
      gsize last = pl_without_cr (records->data, records->length, start, end);
      if (i == row && pl_dialect_is_blank (records->dialect, records->data + start, last - start))
        make_explicit (records);
      else if (!take_record (records, start, end, records->entries + row, i + 1 - row, check_bytes))
        return start;
      row = i + 1;
      start = end + 1;
    }
  return start;
}

/* What the automaton finds out about one record. */
typedef struct
{
  PlFieldWalk field;
  gsize n_fields;
  gboolean behind_quote, special;
} Walk;

static void
add_field (PlRecords *records, Walk *walk, gsize start, gsize end)
{
  guint32 *row = records->entries + records->n_rows * records->stride;
  gsize i = walk->n_fields++;
  if (i >= records->n_fields || end - records->origin > G_MAXUINT32)
    return;
  if (records->is_edged)
    {
      row[2 * i] = (guint32) (start - records->origin) - 1;
      row[2 * i + 1] = (guint32) (end - records->origin);
    }
  else
    row[i] = (guint32) (end - records->origin);
}

/* The record [start, end) has been walked; its line end, if any, stands at @end. */
static void
take_walked (PlRecords *records, Walk *walk, gsize start, gsize end)
{
  gsize last = pl_without_cr (records->data, records->length, start, end);
  add_field (records, walk, walk->field.start, records->is_edged ? MAX (last, walk->field.start) : end);
  if (walk->behind_quote && !records->dialect->lax_quotes && end - start <= records->max_record_size)
    add_defect (records, PL_DEFECT_BEHIND_QUOTE, start, last, walk->n_fields);
  else if (!take_record (records, start, end, records->entries + records->n_rows * records->stride, walk->n_fields,
                         walk->special))
    records->position = start;
}

/* Moves @walk over a record from @position on, to its line end or the end of the data. Returns: the state before it. */
static guint8
walk_record (PlRecords *records, Walk *walk, gsize *position)
{
  const PlAutomaton *automaton = &records->automaton;
  const char *data = records->data;
  const guint8 *classes = automaton->classes;
  guint8 state = PL_LEX_RECORD;
  gsize p = *position, length = records->length;
  for (; p < length; p++)
    {
      guint8 class = classes[(guint8) data[p]], next = automaton->next[state][class];
      gsize start = walk->field.start, end;
      walk->behind_quote |= pl_automaton_shows_tail (automaton, state, class, next);
      if (next == PL_LEX_RECORD)
        break;
      walk->special |= (gint8) data[p] <= 0;
      records->has_quote |= next == PL_LEX_QUOTED;
      records->has_stray |= class == PL_CLASS_QUOTE && next == PL_LEX_PLAIN;
      if (pl_automaton_field (automaton, &walk->field, state, next, p, &end))
        add_field (records, walk, start, end);
      state = next;
      /* More of them do not change the state again. */
      if (class == PL_CLASS_OTHER)
        for (; p + 1 < length && classes[(guint8) data[p + 1]] == PL_CLASS_OTHER; p++)
          walk->special |= (gint8) data[p + 1] <= 0;
    }
  gsize start = walk->field.start, end;
  if (p == length && state == PL_LEX_CR_GAP
      && pl_automaton_field (automaton, &walk->field, state, PL_LEX_PLAIN, p, &end))
    add_field (records, walk, start, end);
  *position = p;
  return state;
}

void
pl_records_walk (PlRecords *records)
{
  const char *data = records->data;
  gsize start = records->position, p = start;
  Walk walk = {.field.start = start};
  guint8 state = walk_record (records, &walk, &p);
  gboolean is_comment = state == PL_LEX_COMMENT || state == PL_LEX_CR_COMMENT;
  gboolean is_whole = p < records->length;
  walk.behind_quote |= !is_whole && pl_automaton_ends_in_tail (&records->automaton, state);
  if (is_whole && data[p] == '\r' && records->automaton.classes['\r'] == PL_CLASS_CR)
    {
      /* Of CR LF the LF is the line's end. */
      records->has_cr = TRUE;
      p += p + 1 < records->length && data[p + 1] == '\n';
    }
  records->has_cr |= p > start && data[p - 1] == '\r';
  records->position = p + is_whole;
  if (!is_whole && (state == PL_LEX_QUOTED || state == PL_LEX_ESCAPED))
    {
      gboolean too_long = p - start > records->max_record_size;
      add_defect (records, too_long ? PL_DEFECT_TOO_LONG : PL_DEFECT_UNCLOSED, start, p, walk.n_fields + 1);
      return;
    }
  gsize last = pl_without_cr (data, records->length, start, p);
  if (is_comment || (!is_whole && p == start)
      || (walk.n_fields == 0 && pl_dialect_is_blank (records->dialect, data + start, last - start)))
    make_explicit (records);
  else
    take_walked (records, &walk, start, p);
}
