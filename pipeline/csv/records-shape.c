/* The shape of what a span is cut into: making room for it, and where a row of it ends. */
#include "records-shape.h"

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
      .ends = g_new (guint32, PL_BATCH_ROWS),
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
  g_free (records->ends);
  g_free (records->storage);
  g_free (records->ahead);
}

void
pl_records_open (PlRecords *records, const PlSpan *span, const PlSourceFile *file)
{
  const guint n_fields = file->n_fields;
  records->n_fields = n_fields;
  records->is_trailing = file->is_trailing;
  records->max_rows = CLAMP (MAX_ENTRIES / n_fields, MIN_ROWS, PL_BATCH_ROWS);
  const PlDialect *dialect = records->dialect;
  gboolean may_be_edged = !records->regular || dialect->fills_short || dialect->cuts_long || file->is_trailing;
  gsize size = (records->max_rows + 1) * n_fields * (may_be_edged ? 2 : 1) + PL_SCAN_SLACK;
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
  records->wants_edges = FALSE;
  g_array_set_size (records->defects, 0);
}

gsize
pl_records_end (const PlRecords *records, gsize row)
{
  if (records->is_edged)
    return records->origin + records->ends[row];
  gsize end = records->origin + records->entries[(row + 1) * records->stride - 1];
  return pl_without_cr (records->data, records->length, pl_records_start (records, row), end);
}

gboolean
pl_records_have_blank (const PlRecords *records, const char *data, const guint32 *entries, gsize rows)
{
  gsize blanks = 0;
  if (records->n_fields > 1 || records->dialect->blank_rows)
    return FALSE;
  if (records->dialect->trim)
    {
      for (gssize i = 0; i < (gssize) rows && blanks == 0; i++)
        {
          const guint32 start = entries[i - 1] + 1;
          gsize length = entries[i] - start;
          length -= length > 0 && data[start + length - 1] == '\r';
          blanks += pl_dialect_is_blank (records->dialect, data + start, length);
        }
      return blanks > 0;
    }
  for (gssize i = 0; i < (gssize) rows; i++)
    {
      const guint32 start = entries[i - 1] + 1;
      blanks += entries[i] - start < 1u + (data[start] == '\r');
    }
  return blanks > 0;
}
