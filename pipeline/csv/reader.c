/* Rounds of records → batches: which columns are converted, what becomes of bad rows, where rows stand in the file.
 *
 * A failure is found while its round is converted, but given only with the call after the rows before it have been
 * taken; that is why it waits in `pending`. */
#include "reader.h"
#include "reader-private.h"
#include "../base/show.h"
#include "records-select.h"
#include "records.h"
#include "constant.h"
#include "convert.h"
#include "../base/error.h"
#include "pin-cure.h"
#include "reject.h"
#include "undecoded.h"

/* No value that a key could help with is longer. */
#define MOST_OF_A_VALUE 256

/* What is null in each column, where it is not what is null in all. */
static void
init_nulls (PlCsvReader *reader)
{
  const PlSource *source = reader->source;
  guint n = source->null_values != NULL ? source->n_null_values : 0;
  reader->nulls = g_new0 (PlNullTexts, n + 1);
  for (guint i = 0; i < n; i++)
    if (source->null_values[i] != NULL)
      pl_null_texts_init (&reader->nulls[i], source->null_values[i]);
  reader->nulls[n] = reader->converter.nulls;
}

static void
clear_nulls (PlCsvReader *reader)
{
  guint n = reader->source->null_values != NULL ? reader->source->n_null_values : 0;
  for (guint i = 0; i < n; i++)
    pl_null_texts_clear (&reader->nulls[i]);
  reader->converter.nulls = reader->nulls[n];
  g_free (reader->nulls);
}

void
pl_csv_reader_choose_nulls (PlCsvReader *reader, guint column)
{
  const PlSource *source = reader->source;
  if (source->null_values == NULL)
    return;
  gboolean is_own = column < source->n_null_values && source->null_values[column] != NULL;
  reader->converter.nulls = reader->nulls[is_own ? column : source->n_null_values];
}

PlCsvReader *
pl_csv_reader_new (PlSource *source)
{
  PlCsvReader *reader = g_new0 (PlCsvReader, 1);
  reader->source = source;
  pl_records_init (&reader->records, source, source->on_bad_row == PL_BAD_ROW_FAIL);
  pl_converter_init (&reader->converter, &reader->records, &source->dialect);
  init_nulls (reader);
  reader->scratch = pl_arena_new ();
  reader->rejects = pl_rejects_new ();
  reader->misfit_rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  reader->misfits = g_array_new (FALSE, FALSE, sizeof (Misfit));
  reader->overlong = pl_overlong_new ();
  return reader;
}

void
pl_csv_reader_free (PlCsvReader *reader)
{
  if (reader == NULL)
    return;
  pl_records_clear (&reader->records);
  clear_nulls (reader);
  pl_converter_clear (&reader->converter);
  pl_arena_free (reader->scratch);
  g_array_unref (reader->rejects);
  g_array_unref (reader->misfit_rows);
  g_array_unref (reader->misfits);
  g_array_unref (reader->overlong);
  g_clear_error (&reader->pending);
  g_free (reader);
}

/* Tells the scan which fields of the open file the columns in use are. */
static void
want_fields (PlCsvReader *reader)
{
  const PlSource *source = reader->source;
  g_autofree gboolean *wanted = g_new0 (gboolean, reader->file->n_fields + 1);
  for (guint column = 0; column < source->schema->n_fields; column++)
    if (source->uses[column] != PL_USE_NONE && reader->file->fields[column] >= 0)
      wanted[reader->file->fields[column]] = TRUE;
  pl_records_want (&reader->records, wanted);
  reader->wanted_of = reader->file;
}

void
pl_csv_reader_survey (PlCsvReader *reader, guint file, const char *data, gsize length, gsize ahead, gint before,
                      PlSurvey *survey)
{
  reader->file = g_ptr_array_index (reader->source->files, file);
  reader->records.n_fields = reader->file->n_fields;
  if (reader->wanted_of != reader->file)
    want_fields (reader);
  pl_records_survey (&reader->records, data, length, ahead, before, survey);
}

void
pl_csv_reader_open (PlCsvReader *reader, const PlSpan *span)
{
  reader->span = *span;
  reader->file = g_ptr_array_index (reader->source->files, span->file);
  pl_records_open (&reader->records, span, reader->file);
  if (reader->wanted_of != reader->file)
    want_fields (reader);
  reader->records.stop_at_defect = reader->source->on_bad_row == PL_BAD_ROW_FAIL;
  g_array_set_size (reader->rejects, 0);
  g_clear_error (&reader->pending);
  reader->line_offset = 0;
  reader->line = span->line;
  reader->walk = (Walk){.point = {.state = PL_LEX_RECORD}};
}

guint64
pl_csv_reader_line (PlCsvReader *reader, gsize offset)
{
  if (offset < reader->line_offset)
    {
      reader->line_offset = 0;
      reader->line = reader->span.line;
    }
  const char *data = reader->span.data;
  gboolean counts_cr = reader->source->dialect.line_end == PL_LINE_END_ANY;
  for (gsize p = reader->line_offset; p < offset; p++)
    reader->line += data[p] == '\n' || (data[p] == '\r' && data[p + 1] != '\n' && counts_cr);
  reader->line_offset = offset;
  return reader->line;
}

/* Whether record @number of the span is a row of the round at hand, and which: a batch lives no longer than its round.
 * Of rounds that are only counted nothing is known. */
static gboolean
find_in_round (const PlRecords *records, guint64 number, gsize *row)
{
  if (records->selects && records->selection.counts)
    return FALSE;
  gsize low = 0, high = records->n_rows;
  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      if (pl_records_number (records, middle) < number)
        low = middle + 1;
      else
        high = middle;
    }
  *row = low;
  return low < records->n_rows && pl_records_number (records, low) == number;
}

/* Where record @number is: by walking the span from where the last one was found, because they come in order. */
static void
walk_to (PlCsvReader *reader, guint64 number, gsize *start, gsize *end)
{
  const PlDialect *dialect = &reader->source->dialect;
  Walk walk = reader->walk, at;
  if (number < walk.number)
    walk = (Walk){.point = {.state = PL_LEX_RECORD}};
  at = walk;
  while (walk.next < reader->span.length)
    {
      at = walk;
      PlRecordWalk found = pl_automaton_record (&reader->records.automaton, dialect, reader->span.data,
                                                reader->span.length, walk.next, &walk.point);
      walk.next = found.next;
      *end = found.end;
      if (found.is_record && walk.number++ == number)
        break;
    }
  reader->walk = at;
  *start = at.next;
}

/* Where the record of row @row of @batch is. Returns: its number in the span. */
static guint64
find_record (PlCsvReader *reader, const PlBatch *batch, gsize row, gsize *start, gsize *end)
{
  guint64 number = (pl_batch_source (batch, row) & G_MAXUINT32) - reader->span.first_record;
  gsize index;
  if (find_in_round (&reader->records, number, &index))
    {
      *start = pl_records_start (&reader->records, index);
      *end = pl_records_end (&reader->records, index);
    }
  else
    walk_to (reader, number, start, end);
  return number;
}

static char *
locate_row (const PlBatch *batch, gsize row, gpointer data)
{
  PlCsvReader *reader = data;
  gsize start, end;
  find_record (reader, batch, row, &start, &end);
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT, reader->file->display, pl_csv_reader_line (reader, start));
}

/* Whether a quote stands behind blanks at a field's start, where quotes mean nothing without trim. */
static gboolean
has_indented_quote (const PlDialect *dialect, const char *data, gsize length)
{
  gboolean in_margin = TRUE, any = FALSE;
  for (gsize p = 0; p < length && !dialect->trim && dialect->quote != 0; p++)
    {
      if (data[p] == dialect->quote && in_margin && any)
        return TRUE;
      any = data[p] == ' ' || data[p] == '\t';
      in_margin = data[p] == dialect->delimiter || (in_margin && any);
    }
  return FALSE;
}

/* What helps against a wrong number of fields. */
static const char *
advise_fields (const PlCsvReader *reader, const PlDefect *defect)
{
  const PlDialect *dialect = &reader->source->dialect;
  if (has_indented_quote (dialect, reader->span.data + defect->start, defect->end - defect->start))
    return "; set trim = true to read quotes behind blanks";
  return defect->n_fields < reader->file->n_fields ? "; see short-rows" : "; see long-rows";
}

static char *
describe_defect (const PlCsvReader *reader, const PlDefect *defect)
{
  switch (defect->kind)
    {
    case PL_DEFECT_TOO_LONG:
      return g_strdup_printf ("record is longer than max-record-size (%" G_GUINT64_FORMAT " bytes)",
                              reader->source->max_record_size);
    case PL_DEFECT_UNCLOSED:
      return g_strdup ("quoted field is not closed before the end of the file");
    case PL_DEFECT_BEHIND_QUOTE:
      return g_strdup ("text behind a closing quote; set lax-quotes = true to keep it");
    case PL_DEFECT_NUL:
      return g_strdup ("row holds a NUL byte; see nul-bytes");
    case PL_DEFECT_UTF8:
      return pl_undecoded_advice (reader->source, "row", reader->span.data + defect->start,
                                  defect->end - defect->start);
    case PL_DEFECT_FIELDS:
      break;
    }
  return g_strdup_printf ("row has %" G_GSIZE_FORMAT " %s, expected %u%s", defect->n_fields,
                          defect->n_fields == 1 ? "field" : "fields", reader->file->n_fields,
                          advise_fields (reader, defect));
}

static char *
describe_misfit (PlCsvReader *reader, const Misfit *misfit)
{
  const PlField *field = &reader->source->schema->fields[misfit->column];
  PlFieldView view = pl_field_view (&reader->records, (guint) reader->file->fields[misfit->column]);
  PlText text;
  pl_arena_reset (reader->scratch);
  pl_csv_reader_choose_nulls (reader, misfit->column);
  pl_field_text (&reader->records, &reader->converter.nulls, &view, misfit->row, reader->scratch, &text);
  g_autofree char *shown = pl_show_some (text.data, text.length, PL_WITNESS_SHOWN);
  /* Of rows that are skipped nobody reads the reasons. */
  const gboolean is_told
      = reader->source->readings[misfit->column].is_pinned && reader->source->on_bad_row != PL_BAD_ROW_SKIP;
  g_autofree char *value = g_strndup (text.data, MIN (text.length, MOST_OF_A_VALUE));
  g_autofree char *cure = is_told ? pl_pin_cure (reader->source, misfit->column, value) : NULL;
  return g_strdup_printf ("value '%s' of column '%s' is not of type %s%s", shown, field->name,
                          pl_type_name (field->type), cure != NULL ? cure : "");
}

static guint64
position_of (const PlCsvReader *reader, guint64 record)
{
  return reader->span.position + reader->span.first_record + record;
}

/* The place of the record in [start, end), and what is kept of it. */
static PlReject
reject_of (PlCsvReader *reader, guint64 record, gsize start, gsize end, gboolean is_partial)
{
  PlReject reject = {
      .position = position_of (reader, record),
      .line = pl_csv_reader_line (reader, start),
      .offset = reader->span.offset + start,
      .file = reader->span.file,
      .column = -1,
  };
  pl_reject_set_raw (&reject, reader->span.data + start, end - start, reader->source->max_record_size, is_partial);
  return reject;
}

/* A bad record: the failure to come, or a reject. @reason: (transfer full) */
static void
refuse (PlCsvReader *reader, const PlReject *found, gint column, char *reason, gboolean fail, PlDataErrorCode code)
{
  PlReject reject = *found;
  if (fail)
    {
      g_clear_error (&reader->pending);
      reader->pending = g_error_new (PL_DATA_ERROR, (int) code, "%s:%" G_GUINT64_FORMAT ": %s", reader->file->display,
                                     reject.line, reason);
      reader->pending_position = reject.position;
      g_free (reason);
      return;
    }
  reject.column = column;
  reject.reason = reason;
  if (!pl_rejects_add (reader->rejects, &reject))
    g_free (reason);
}

static void
refuse_defects (PlCsvReader *reader)
{
  for (guint i = 0; i < reader->records.defects->len; i++)
    {
      const PlDefect *defect = &g_array_index (reader->records.defects, PlDefect, i);
      PlReject reject
          = reject_of (reader, defect->record, defect->start, defect->end, defect->kind == PL_DEFECT_TOO_LONG);
      refuse (reader, &reject, -1, describe_defect (reader, defect), reader->records.stop_at_defect,
              PL_DATA_ERROR_BAD_ROW);
    }
}

/* The name of the file, or what its path says. */
static PlColumn *
constant_column (PlCsvReader *reader, guint column, PlArena *arena)
{
  const PlSource *source = reader->source;
  const PlSourceFile *file = reader->file;
  gint field = file->fields[column];
  const char *text = field == -2 ? file->display : file->path_values[PL_FIELD_OF_PATH - field];
  return pl_constant_column (&reader->converter, &source->readings[column], source->schema->fields[column].type,
                             source->uses[column], text, reader->records.n_rows, arena);
}

/* Whether it matters that the type of @column cannot hold a value: a number to sums and to what compares and computes,
 * a time also where it is written anew. */
static gboolean
wants_all_digits (const PlCsvReader *reader, guint column)
{
  const PlSource *source = reader->source;
  const PlType type = source->schema->fields[column].type;
  const guint uses = source->uses[column];
  if (!source->readings[column].is_pinned || (type.kind != PL_FLOAT && type.kind != PL_TIMESTAMP))
    return FALSE;
  if (type.kind == PL_FLOAT)
    return (uses & (PL_USE_EXACT | PL_USE_COMPUTE)) != 0;
  return (uses & PL_USE_COMPUTE) != 0
         || ((uses & PL_USE_TEXT) != 0 && !pl_converter_keeps (&reader->converter, &source->readings[column], type));
}

/* Whether a value of @column in this round would be the first to be told. */
static gboolean
seeks_overlong (const PlCsvReader *reader, guint column)
{
  if (!wants_all_digits (reader, column))
    return FALSE;
  const PlOverlong *known = pl_overlong_find (reader->overlong, column);
  return known == NULL || position_of (reader, reader->records.first_record) < known->position;
}

static void
keep_overlong (PlCsvReader *reader, guint column, const PlOverlongRow *found)
{
  const PlRecords *records = &reader->records;
  PlFieldView view = pl_field_view (records, (guint) reader->file->fields[column]);
  PlText text;
  pl_arena_reset (reader->scratch);
  pl_field_text (records, &reader->converter.nulls, &view, found->row, reader->scratch, &text);
  PlOverlong overlong = {
      .column = column,
      .position = position_of (reader, pl_records_number (records, found->row)),
      .file = reader->span.file,
      .line = pl_csv_reader_line (reader, pl_records_start (records, found->row)),
      .scale = found->scale,
      .text = pl_show_some (text.data, text.length, PL_WITNESS_SHOWN),
  };
  pl_overlong_add (reader->overlong, overlong);
}

/* One column of the round into @batch. @all: whether to go on behind a misfit */
static void
convert_column (PlCsvReader *reader, PlBatch *batch, guint column, gboolean all)
{
  PlSource *source = reader->source;
  PlType type = source->schema->fields[column].type;
  gint field = reader->file->fields[column];
  if (field == -2 || field <= PL_FIELD_OF_PATH)
    batch->columns[column] = constant_column (reader, column, batch->arena);
  else if (field < 0)
    batch->columns[column] = pl_column_null (batch->arena, type, reader->records.n_rows);
  if (field < 0)
    return;
  PlOverlongRow overlong = {G_MAXSIZE, 0};
  g_array_set_size (reader->misfit_rows, 0);
  pl_csv_reader_choose_nulls (reader, column);
  reader->converter.overlong = seeks_overlong (reader, column) ? &overlong : NULL;
  reader->converter.tells_rounded = (source->uses[column] & PL_USE_COMPUTE) != 0;
  PlColumn *converted = pl_convert_column (&reader->converter, (guint) field, type, source->uses[column],
                                           &source->readings[column], all, batch->arena, reader->misfit_rows);
  for (guint i = 0; i < reader->misfit_rows->len; i++)
    {
      Misfit misfit = {g_array_index (reader->misfit_rows, guint32, i), column};
      g_array_append_val (reader->misfits, misfit);
    }
  reader->converter.overlong = NULL;
  if (overlong.row != G_MAXSIZE)
    keep_overlong (reader, column, &overlong);
  if (source->uses[column] != PL_USE_CHECK)
    batch->columns[column] = converted;
}

/* Pinned columns first: rows that these refuse say nothing of the others' types, so that it is not the end when one of
 * them contradicts. */
static void
convert_columns (PlCsvReader *reader, PlBatch *batch)
{
  PlSource *source = reader->source;
  g_array_set_size (reader->misfits, 0);
  for (guint column = 0; column < source->schema->n_fields; column++)
    {
      batch->columns[column] = NULL;
      if (source->uses[column] != PL_USE_NONE && source->readings[column].is_pinned)
        convert_column (reader, batch, column, source->on_bad_row != PL_BAD_ROW_FAIL);
    }
  gboolean all = reader->misfits->len > 0;
  for (guint column = 0; column < source->schema->n_fields; column++)
    if (source->uses[column] != PL_USE_NONE && !source->readings[column].is_pinned)
      convert_column (reader, batch, column, all);
  batch->n_rows = reader->records.n_rows;
}

/* By row; of one row, pinned columns first (a row that they refuse contradicts nothing), then by column. */
static gint
compare_misfits (gconstpointer a, gconstpointer b, gpointer readings)
{
  const Misfit *x = a, *y = b;
  const PlReading *reading = readings;
  if (x->row != y->row)
    return x->row < y->row ? -1 : 1;
  if (reading[x->column].is_pinned != reading[y->column].is_pinned)
    return reading[x->column].is_pinned ? -1 : 1;
  return x->column < y->column ? -1 : x->column > y->column;
}

/* Takes rows with misfits out of @batch, up to the first that is a failure. */
static void
refuse_misfits (PlCsvReader *reader, PlBatch *batch)
{
  PlSource *source = reader->source;
  PlRecords *records = &reader->records;
  if (reader->misfits->len == 0)
    return;
  g_array_sort_with_data (reader->misfits, compare_misfits, source->readings);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  gsize n_kept = 0, row = 0, end = batch->n_rows;
  for (guint i = 0; i < reader->misfits->len; i++)
    {
      const Misfit *misfit = &g_array_index (reader->misfits, Misfit, i);
      if (i > 0 && misfit[-1].row == misfit->row)
        continue;
      gboolean pinned = source->readings[misfit->column].is_pinned,
               fail = !pinned || source->on_bad_row == PL_BAD_ROW_FAIL;
      for (; row < misfit->row; row++)
        kept[n_kept++] = (guint32) row;
      row++;
      PlReject reject
          = reject_of (reader, pl_records_number (records, misfit->row), pl_records_start (records, misfit->row),
                       pl_records_end (records, misfit->row), FALSE);
      refuse (reader, &reject, (gint) misfit->column, describe_misfit (reader, misfit), fail,
              pinned ? PL_DATA_ERROR_BAD_VALUE : PL_DATA_ERROR_CONTRADICTION);
      if (fail)
        {
          end = misfit->row;
          break;
        }
    }
  for (; row < end; row++)
    kept[n_kept++] = (guint32) row;
  pl_batch_slice (batch, 0, end);
  pl_batch_select (batch, kept, n_kept);
}

static void
number_rows (const PlCsvReader *reader, PlBatch *batch)
{
  const PlRecords *records = &reader->records;
  batch->position = position_of (reader, records->first_record);
  batch->offsets = NULL;
  gsize n = batch->n_rows;
  /* Ascending: when the last number is the last row's, none is missing. */
  if (!records->is_explicit || records->numbers[n - 1] == n - 1)
    return;
  batch->offsets = pl_arena_new_array (batch->arena, guint32, n);
  memcpy (batch->offsets, records->numbers, n * sizeof *batch->offsets);
}

/* The record of a row that was given on. */
static PlReject
reject_of_row (PlCsvReader *reader, const PlBatch *batch, gsize row)
{
  gsize start, end;
  guint64 record = find_record (reader, batch, row, &start, &end);
  return reject_of (reader, record, start, end, FALSE);
}

/* A stage further on cannot do its work on a row. Positions that are refused already are passed over: a batch that
 * failed elsewhere is tried again with its first rows. */
static gboolean
refuse_row (const PlBatch *batch, gsize row, const char *reason, gpointer data)
{
  PlCsvReader *reader = data;
  if (reader->source->on_bad_row == PL_BAD_ROW_FAIL)
    return FALSE;
  PlReject reject = reject_of_row (reader, batch, row);
  refuse (reader, &reject, -1, g_strdup (reason), FALSE, PL_DATA_ERROR_BAD_ROW);
  return TRUE;
}

static PlText
originate_row (const PlBatch *batch, gsize row, gpointer data)
{
  PlCsvReader *reader = data;
  PlReject reject = reject_of_row (reader, batch, row);
  return pl_row_origin_save (&reject, reader->source->on_bad_row == PL_BAD_ROW_QUARANTINE, batch->arena);
}

gboolean
pl_csv_reader_read (PlCsvReader *reader, PlBatch *batch, guint64 *position, GError **error)
{
  batch->n_rows = 0;
  batch->locate = locate_row;
  batch->locate_data = reader;
  batch->refuse = refuse_row;
  batch->originate = originate_row;
  while (batch->n_rows == 0)
    {
      if (reader->pending != NULL)
        {
          *position = reader->pending_position;
          g_propagate_error (error, g_steal_pointer (&reader->pending));
          pl_records_stop (&reader->records);
          return FALSE;
        }
      if (!pl_records_next (&reader->records))
        return TRUE;
      refuse_defects (reader);
      if (reader->records.n_rows == 0)
        continue;
      convert_columns (reader, batch);
      number_rows (reader, batch);
      refuse_misfits (reader, batch);
    }
  return TRUE;
}

GArray *
pl_csv_reader_overlong (PlCsvReader *reader)
{
  return reader->overlong;
}

const GArray *
pl_csv_reader_rejects (const PlCsvReader *reader)
{
  return reader->rejects;
}

guint64
pl_csv_reader_records (const PlCsvReader *reader)
{
  return reader->records.n_records;
}
