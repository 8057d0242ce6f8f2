/* Any text as CSV: cut into blocks of any size, surveyed, resolved and read as the engine does, its rows must be those
 * of libcsv, or, where the dialect has an escape or comment character or there is text behind a closing quote, those of
 * the plain reading below. In dialects that neither knows, they must be those of the text in one block.
 *
 *   byte 0  delimiter, quote, escape, comment     byte 2  fields a record, columns used
 *   byte 1  block size                            byte 3  types of the columns, ragged rows
 */
#include <csv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../pipeline/csv/boundary.h"
#include "../../pipeline/csv/reader.h"
#include "../../pipeline/table/parse.h"

#define CONTROL 4
#define MAX_FIELDS 9
#define PADDING 64

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  PlSource source;
  PlSourceFile file;
  PlReading readings[MAX_FIELDS];
  guint8 uses[MAX_FIELDS];
  gint fields[MAX_FIELDS];
  gsize block;
} Case;

/* What both readers tell of the rows: for each used field its value, with its length or a mark. */
typedef struct
{
  const Case *test;
  GString *rows;
  GString *row;
  GString *field; /* the plain reading's */
  guint n_fields;
  gboolean good;
} Expected;

/* Delimiters of several bytes, runs of blanks, line ends, trim, ragged rows, and all of them together. */
static void
make_other_dialect (Case *test, const uint8_t *control)
{
  static const char *const delimiters[] = {",", "||", "aab", "\xc2\xa6", " ", "\t", "::", ";"};
  PlDialect *dialect = &test->source.dialect;
  const char *delimiter = delimiters[control[0] & 7];
  dialect->delimiter = *delimiter;
  dialect->blanks = *delimiter == ' ';
  if (delimiter[1] != '\0')
    g_strlcpy (dialect->separator, delimiter, sizeof dialect->separator);
  dialect->line_end = (PlLineEnd) ((control[0] >> 3 & 3) % 3);
  dialect->trim = (control[0] & 32) != 0;
  dialect->lax_quotes = (control[0] & 64) != 0;
  dialect->blank_rows = (control[3] & 8) != 0;
  test->file.is_trailing = (control[3] & 16) != 0 && delimiter[1] == '\0' && !dialect->blanks;
  g_strlcpy (dialect->comment, control[3] & 32 ? (control[2] & 1 ? "#" : "//") : "", sizeof dialect->comment);
  dialect->fills_short = (control[3] & 64) != 0;
  dialect->cuts_long = (control[3] & 128) != 0;
}

static gboolean
is_other_dialect (const uint8_t *control)
{
  return (control[0] & 128) != 0;
}

static void
make_case (Case *test, const uint8_t *control)
{
  static const char *const names[MAX_FIELDS] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  static const PlTypeKind kinds[] = {PL_STRING, PL_INT, PL_FLOAT};
  memset (test, 0, sizeof *test);
  PlDialect *dialect = &test->source.dialect;
  dialect->delimiter = ",;\t|"[control[0] & 3];
  dialect->quote = dialect->escape = control[0] & 4 ? '\'' : '"';
  if (control[0] & 8)
    dialect->escape = '\\';
  if (control[0] & 16)
    dialect->comment[0] = '#';
  dialect->lax_quotes = TRUE;
  if (is_other_dialect (control))
    make_other_dialect (test, control);
  test->block = control[1] < 128 ? control[1] + 1u : (control[1] - 127u) * 61u;
  test->file.n_fields = 1 + control[2] % MAX_FIELDS;
  test->file.display = (char *) "fuzz.csv";
  test->file.fields = test->fields;
  test->source.schema = pl_schema_new ();
  for (guint i = 0; i < test->file.n_fields; i++)
    {
      PlTypeKind kind = kinds[control[3] / (1u << i % 4) % 3];
      pl_schema_add (test->source.schema, names[i], PL_TYPE (kind));
      test->fields[i] = (gint) i;
      test->readings[i].is_pinned = test->readings[i].is_certain = TRUE;
      if (control[2] & 16u << i % 4)
        test->uses[i] = kind == PL_STRING ? PL_USE_TEXT : PL_USE_VALUE | PL_USE_EXACT;
    }
  test->source.encoding = (char *) "utf-8";
  test->source.readings = test->readings;
  test->source.uses = test->uses;
  test->source.on_bad_row = PL_BAD_ROW_SKIP;
  test->source.max_record_size = 1 << 30;
  test->source.files = g_ptr_array_new ();
  g_ptr_array_add (test->source.files, &test->file);
}

static void
clear_case (Case *test)
{
  pl_schema_unref (test->source.schema);
  g_ptr_array_unref (test->source.files);
}

static void
expect_field (Expected *expected, const char *data, gsize length)
{
  const Case *test = expected->test;
  guint i = expected->n_fields++;
  if (data != NULL && !g_utf8_validate_len (data, length, NULL))
    expected->good = FALSE;
  if (i >= test->file.n_fields || test->uses[i] == PL_USE_NONE)
    return;
  PlTypeKind kind = test->source.schema->fields[i].type.kind;
  gint64 whole = 0, exact = 0;
  double number = 0;
  guint8 scale = PL_SCALE_INEXACT;
  if (data == NULL || (length == 0 && kind != PL_STRING))
    g_string_append (expected->row, "null;");
  else if (kind == PL_STRING)
    {
      g_string_append_printf (expected->row, "%" G_GSIZE_FORMAT ":", length);
      g_string_append_len (expected->row, data, (gssize) length);
      g_string_append_c (expected->row, ';');
    }
  else if (kind == PL_INT)
    {
      expected->good &= pl_parse_int (data, length, &whole) || pl_parse_loose_int (data, length, &whole);
      g_string_append_printf (expected->row, "%" G_GINT64_FORMAT ";", whole);
    }
  else
    {
      gboolean is_plain = pl_parse_float (data, length, &number);
      gboolean is_exact = is_plain && pl_parse_exact (data, length, &exact, &scale);
      PlInt128 decimal;
      expected->good &= is_plain || pl_parse_loose_float (data, length, &number);
      for (guint digits = 0; !is_plain && !is_exact && digits <= 18; digits++)
        is_exact = pl_parse_loose_decimal (data, length, 18, digits, &decimal);
      if (is_exact)
        g_string_append (expected->row, "exact ");
      g_string_append_printf (expected->row, "%a;", number);
    }
}

static void
expect_record (Expected *expected)
{
  if (expected->good && expected->n_fields == expected->test->file.n_fields)
    {
      g_string_append_c (expected->rows, '\n');
      g_string_append_len (expected->rows, expected->row->str, (gssize) expected->row->len);
    }
  g_string_truncate (expected->row, 0);
  expected->n_fields = 0;
  expected->good = TRUE;
}

static void
csv_field (void *data, size_t length, void *expected)
{
  expect_field (expected, data, length);
}

static void
csv_record (int end, void *expected)
{
  (void) end;
  expect_record (expected);
}

static int
no_space (unsigned char byte)
{
  (void) byte;
  return 0;
}

static void
expect_by_libcsv (Expected *expected, const char *text, gsize length)
{
  const PlDialect *dialect = &expected->test->source.dialect;
  struct csv_parser parser;
  csv_init (&parser, CSV_EMPTY_IS_NULL);
  csv_set_space_func (&parser, no_space);
  csv_set_delim (&parser, (unsigned char) dialect->delimiter);
  csv_set_quote (&parser, (unsigned char) dialect->quote);
  csv_parse (&parser, text, length, csv_field, csv_record, expected);
  /* Only a field with its quote open is not given to anybody. */
  if (parser.pstate == 2 && parser.quoted)
    expected->good = FALSE;
  csv_fini (&parser, csv_field, csv_record, expected);
  csv_free (&parser);
}

/* Whether blanks, if any, and a comment's first byte stand at @p. */
static gboolean
begins_comment (const PlDialect *dialect, const char *text, gsize p, gsize length)
{
  while (p < length && (text[p] == ' ' || text[p] == '\t') && text[p] != dialect->delimiter)
    p++;
  return dialect->comment[0] != '\0' && p < length && text[p] == dialect->comment[0];
}

/* Whether text stands behind a closing quote, where quotes are doubled. */
static gboolean
has_tail (const PlDialect *dialect, const char *text, gsize length)
{
  gboolean quoted = FALSE, at_start = TRUE;
  for (gsize p = 0; p < length; p++)
    {
      char c = text[p];
      if (!quoted && c == dialect->quote && at_start)
        quoted = TRUE;
      else if (quoted && c == dialect->quote && p + 1 < length && text[p + 1] == dialect->quote)
        p++;
      else if (quoted && c == dialect->quote)
        {
          quoted = FALSE;
          if (p + 1 < length && text[p + 1] != dialect->delimiter && text[p + 1] != '\n' && text[p + 1] != '\r')
            return TRUE;
        }
      at_start = !quoted && (c == dialect->delimiter || c == '\n' || c == '\r');
    }
  return FALSE;
}

/* The same, a byte at a time, with escapes and comments. */
static void
expect_plainly (Expected *expected, const char *text, gsize length)
{
  const PlDialect *dialect = &expected->test->source.dialect;
  gboolean escapes = dialect->escape != dialect->quote;
  for (gsize p = 0; p < length;)
    {
      char c = text[p];
      if (c == '\n' || c == '\r')
        {
          p++;
          continue;
        }
      if (begins_comment (dialect, text, p, length))
        {
          while (p < length && text[p] != '\n' && text[p] != '\r')
            p++;
          continue;
        }
      for (gboolean more = TRUE; more;)
        {
          GString *field = g_string_truncate (expected->field, 0);
          gboolean quoted = p < length && text[p] == dialect->quote, open = quoted;
          for (p += quoted; p < length; p++)
            {
              c = text[p];
              if (!open && (c == dialect->delimiter || c == '\n' || c == '\r'))
                break;
              if (open && escapes && c == dialect->escape && p + 1 < length)
                {
                  char next = text[++p];
                  if (next != dialect->quote && next != dialect->escape)
                    g_string_append_c (field, c);
                  g_string_append_c (field, next);
                }
              else if (open && c == dialect->quote)
                {
                  open = p + 1 < length && text[p + 1] == dialect->quote;
                  p += open;
                  if (open)
                    g_string_append_c (field, c);
                }
              else
                g_string_append_c (field, c);
            }
          expected->good &= !open;
          expect_field (expected, quoted || field->len > 0 ? field->str : NULL, field->len);
          more = p < length && text[p] == dialect->delimiter;
          p++;
        }
      expect_record (expected);
    }
}

static void
print_row (const Case *test, const PlBatch *batch, gsize row, GString *rows)
{
  g_string_append_c (rows, '\n');
  for (guint i = 0; i < test->file.n_fields; i++)
    {
      const PlColumn *column = batch->columns[i];
      if (column == NULL)
        continue;
      if (pl_column_is_null (column, row))
        g_string_append (rows, "null;");
      else if (column->type.kind == PL_STRING)
        {
          g_string_append_printf (rows, "%u:", column->texts[row].length);
          g_string_append_len (rows, column->texts[row].data, column->texts[row].length);
          g_string_append_c (rows, ';');
        }
      else if (column->type.kind == PL_INT)
        g_string_append_printf (rows, "%" G_GINT64_FORMAT ";", column->ints[row]);
      else
        {
          if (column->exact_scales == NULL || column->exact_scales[row] != PL_SCALE_INEXACT)
            g_string_append (rows, "exact ");
          g_string_append_printf (rows, "%a;", column->floats[row]);
        }
    }
}

static void
read_span (Case *test, PlCsvReader *reader, const PlSpan *span, GString *rows)
{
  PlArena *arena = pl_arena_new ();
  pl_csv_reader_open (reader, span);
  for (;;)
    {
      PlBatch batch;
      guint64 position;
      pl_arena_reset (arena);
      pl_batch_init (&batch, test->source.schema, arena);
      g_assert_true (pl_csv_reader_read (reader, &batch, &position, NULL));
      if (batch.n_rows == 0)
        break;
      pl_batch_settle (&batch);
      for (gsize row = 0; row < batch.n_rows; row++)
        print_row (test, &batch, row, rows);
    }
  pl_arena_free (arena);
}

static gboolean
same_survey (const PlSurvey *a, const PlSurvey *b)
{
  return a->regular[0] == b->regular[0] && a->regular[1] == b->regular[1] && a->parity == b->parity
         && a->lines == b->lines && a->leading_lf == b->leading_lf && a->before == b->before && a->last == b->last;
}

static void
read_blocks (Case *test, const char *text, gsize size, GString *rows)
{
  const PlDialect *dialect = &test->source.dialect;
  PlCsvReader *reader = pl_csv_reader_new (&test->source);
  PlLexPoint start = {.state = PL_LEX_RECORD, .line = 1};
  for (gsize offset = 0; offset < size; offset += test->block)
    {
      gsize length = MIN (test->block, size - offset), rest = 0;
      const char *block = text + offset;
      gint before = offset == 0 ? -1 : (guint8) block[-1];
      PlSurvey survey, alone;
      PlLexPoint point;
      pl_csv_reader_survey (reader, 0, block, length, MIN (size - offset - length, 100), before, &survey);
      pl_csv_survey (dialect, block, length, before, &alone);
      if (!same_survey (&survey, &alone))
        abort ();
      PlLexPoint end = pl_csv_resolve (dialect, &survey, block, length, start), tail = end;
      gsize first = pl_csv_first_record (dialect, block, length, start, &point);
      if (first < length)
        {
          if (!pl_csv_record_end (dialect, block + length, size - offset - length, &tail, &rest))
            rest = size - offset - length;
          PlSpan span = {.data = block + first, .length = length - first + rest, .line = point.line};
          read_span (test, reader, &span, rows);
        }
      start = end;
    }
  pl_csv_reader_free (reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < CONTROL)
    return 0;
  Case test;
  make_case (&test, data);
  size -= CONTROL;
  char *text = g_malloc (size + PADDING);
  memcpy (text, data + CONTROL, size);
  memset (text + size, '"', PADDING);
  GString *rows = g_string_new (NULL);
  Expected expected = {.test = &test,
                       .rows = g_string_new (NULL),
                       .row = g_string_new (NULL),
                       .field = g_string_new (NULL),
                       .good = TRUE};
  if (is_other_dialect (data))
    {
      gsize block = test.block;
      test.block = size + 1;
      read_blocks (&test, text, size, expected.rows);
      test.block = block;
    }
  else if (test.source.dialect.comment[0] == '\0' && !has_tail (&test.source.dialect, text, size)
           && test.source.dialect.escape == test.source.dialect.quote)
    expect_by_libcsv (&expected, text, size);
  else
    expect_plainly (&expected, text, size);
  read_blocks (&test, text, size, rows);
  if (!g_string_equal (rows, expected.rows))
    {
      fprintf (stderr, "expected:%s\nread:%s\n", expected.rows->str, rows->str);
      abort ();
    }
  g_string_free (rows, TRUE);
  g_string_free (expected.rows, TRUE);
  g_string_free (expected.row, TRUE);
  g_string_free (expected.field, TRUE);
  g_free (text);
  clear_case (&test);
  return 0;
}
