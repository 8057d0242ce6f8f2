/* Rounds of records → evidence of types, in place of batches: for a sample, and for a whole input whose sample was
 * contradicted. */
#include "classify.h"
#include "convert.h"
#include "number-inline.h"
#include "reader-private.h"
#include "records.h"

/* So many texts of a sample tell. */
#define MANY_TEXTS 128

/* Marks the rows of the round that pinned columns refuse. Returns: (nullable): none, and @n_good is all of them. */
static const guint8 *
find_refused (PlCsvReader *reader, gsize *n_good)
{
  PlSource *source = reader->source;
  const gsize n = reader->records.n_rows;
  guint8 *refused = NULL;
  *n_good = n;
  for (guint column = 0; column < source->schema->n_fields; column++)
    {
      PlType type = source->schema->fields[column].type;
      gint field = reader->file->fields[column];
      if (!source->readings[column].is_pinned || type.kind == PL_STRING || field < 0)
        continue;
      g_array_set_size (reader->misfit_rows, 0);
      pl_csv_reader_choose_nulls (reader, column);
      pl_convert_column (&reader->converter, (guint) field, type, PL_USE_CHECK, &source->readings[column], TRUE,
                         reader->scratch, reader->misfit_rows);
      if (reader->misfit_rows->len > 0 && refused == NULL)
        refused = pl_arena_alloc0 (reader->scratch, n);
      for (guint i = 0; i < reader->misfit_rows->len; i++)
        {
          guint32 row = g_array_index (reader->misfit_rows, guint32, i);
          *n_good -= !refused[row];
          refused[row] = 1;
        }
    }
  return refused;
}

/* The first @n rows of the round that are not refused, or all. Returns: how many rows of the round that are. */
static gsize
find_last (const guint8 *refused, gsize n_rows, gsize n_good, guint64 n)
{
  gsize row = 0;
  if (n >= n_good)
    return n_rows;
  for (guint64 good = 0; good < n; row++)
    good += refused == NULL || !refused[row];
  return row;
}

static gboolean
is_quoted (const PlCsvReader *reader, const PlFieldView *view, gsize row)
{
  const PlDialect *dialect = reader->records.dialect;
  gsize length;
  const char *raw = pl_field_raw (view, row, &length);
  return dialect->quote != 0 && length > 0 && *raw == dialect->quote;
}

static void
witness (PlCsvReader *reader, PlEvidence *evidence, PlGuess guess, const PlFieldView *view, gsize row, PlText text)
{
  if (pl_evidence_add (evidence, guess))
    pl_evidence_witness (evidence, guess, reader->span.file,
                         pl_csv_reader_line (reader, pl_records_start (&reader->records, row)), text,
                         is_quoted (reader, view, row));
}

/* Short numbers, which are most texts of numeric columns, without the detour: the same is added as by it. */
static inline gboolean
add_short (PlEvidence *evidence, const char *data, gsize length)
{
  gint64 mantissa;
  guint8 scale;
  if (length > 15)
    return FALSE;
  if (pl_guess_has (evidence->guess, PL_SEEN_INT) && pl_short_int (data, length, &mantissa))
    {
      pl_evidence_add_int (evidence, data, length);
      return TRUE;
    }
  if (!pl_guess_has (evidence->guess, PL_SEEN_FLOAT) || !pl_short_decimal (data, length, &mantissa, &scale)
      || scale == 0)
    return FALSE;
  gsize sign = *data == '-', whole = data[sign] == '0' ? 0 : length - sign - 1 - scale;
  /* Zeros at the end are no digits. */
  while (scale > 0 && G_UNLIKELY (data[--length] == '0'))
    scale--;
  pl_evidence_add_float (evidence, whole, scale);
  return TRUE;
}

/* Whether a sample need not look on: a column of many texts, not always the same one, and nothing else, is one of
 * texts. */
static gboolean
is_plain_text (const PlEvidence *evidence, PlText text)
{
  const PlWitness *first;
  return evidence->counts[PL_SEEN_TEXT] >= MANY_TEXTS
         && (evidence->guess.seen & ~(1u << PL_SEEN_EMPTY | 1u << PL_SEEN_UNREAD)) == 1u << PL_SEEN_TEXT
         && (first = pl_evidence_first (evidence, PL_SEEN_TEXT)) != NULL
         && (strlen (first->text) != text.length || memcmp (first->text, text.data, text.length) != 0);
}

static void
classify_field (PlCsvReader *reader, guint column, gsize n_rows, const guint8 *refused, PlEvidence *evidence)
{
  PlFieldView view = pl_field_view (&reader->records, (guint) reader->file->fields[column]);
  pl_csv_reader_choose_nulls (reader, column);
  const PlGuessStyle *style = &reader->source->readings[column].style;
  gboolean quick = !reader->converter.restyles && style->formats == 0;
  for (gsize row = 0; row < n_rows; row++)
    {
      PlText text;
      if ((refused != NULL && refused[row])
          || !pl_field_text (&reader->records, &reader->converter.nulls, &view, row, reader->scratch, &text))
        continue;
      if (quick && text.length > 0 && add_short (evidence, text.data, text.length))
        continue;
      witness (reader, evidence, pl_converter_guess (&reader->converter, style, text), &view, row, text);
      if (evidence->is_sample && is_plain_text (evidence, text))
        {
          evidence->is_closed = TRUE;
          return;
        }
    }
}

void
pl_csv_reader_classify (PlCsvReader *reader, PlEvidence *evidence, guint64 *left)
{
  PlSource *source = reader->source;
  reader->records.stop_at_defect = FALSE;
  reader->records.found.rows = 0;
  /* Columns are looked at that are not read. */
  reader->records.selects = FALSE;
  reader->wanted_of = NULL;
  while (*left > 0 && pl_records_next (&reader->records))
    {
      gsize n_good;
      pl_arena_reset (reader->scratch);
      const guint8 *refused = find_refused (reader, &n_good);
      gsize n_rows = find_last (refused, reader->records.n_rows, n_good, *left);
      *left -= MIN (*left, n_good);
      for (guint column = 0; column < source->schema->n_fields; column++)
        if (!evidence[column].is_closed && reader->file->fields[column] >= 0)
          classify_field (reader, column, n_rows, refused, &evidence[column]);
    }
}
