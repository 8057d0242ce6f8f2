/* Nanoseconds a row of reading CSV, step by step: survey, index, and the reader with two columns of nine used.
 *
 *   ninja -C build tests/bench-csv && build/tests/bench-csv [ROWS]
 *
 * The rows have the shape of the db-benchmark's group-by data: three string keys, three integer keys, two small
 * integers, one float. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../pipeline/csv/reader.h"
#include "../../pipeline/csv/scan.h"

#define ROUNDS 41

/* Microseconds of this thread: other programs on the machine do not count. */
static gint64
cpu_time (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static GString *
make_rows (guint n)
{
  GString *text = g_string_new (NULL);
  GRand *random = g_rand_new_with_seed (1);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "id%03d,id%03d,id%010d,%d,%d,%d,%d,%d,%.6g\n", g_rand_int_range (random, 1, 101),
                            g_rand_int_range (random, 1, 101), g_rand_int_range (random, 1, 100001),
                            g_rand_int_range (random, 1, 101), g_rand_int_range (random, 1, 101),
                            g_rand_int_range (random, 1, 100001), g_rand_int_range (random, 1, 6),
                            g_rand_int_range (random, 1, 16), g_rand_double_range (random, 0, 100));
  g_rand_free (random);
  g_string_append_len (text, "                                                                ", 64);
  g_string_truncate (text, text->len - 64);
  return text;
}

static PlSource *
make_source (guint8 key_use, guint8 int_use, guint8 float_use)
{
  static const PlTypeKind kinds[] = {PL_STRING, PL_STRING, PL_STRING, PL_INT, PL_INT, PL_INT, PL_INT, PL_INT, PL_FLOAT};
  PlSource *source = g_new0 (PlSource, 1);
  source->dialect = (PlDialect){.delimiter = ',', .quote = '"', .escape = '"'};
  source->max_record_size = 16 << 20;
  source->schema = pl_schema_new ();
  source->readings = g_new0 (PlReading, 9);
  source->uses = g_new0 (guint8, 9);
  source->files = g_ptr_array_new ();
  PlSourceFile *file = g_new0 (PlSourceFile, 1);
  file->display = g_strdup ("bench.csv");
  file->n_fields = 9;
  file->fields = g_new0 (gint, 9);
  g_ptr_array_add (source->files, file);
  for (guint i = 0; i < 9; i++)
    {
      char name[2] = {(char) ('a' + (char) i), 0};
      pl_schema_add (source->schema, name, PL_TYPE (kinds[i]));
      file->fields[i] = (gint) i;
    }
  source->uses[0] = key_use;
  source->uses[6] = int_use;
  source->uses[8] = float_use;
  return source;
}

/* Short rows of two fields, a place and a temperature. */
static GString *
make_short_rows (guint n)
{
  GString *text = g_string_new (NULL);
  GRand *random = g_rand_new_with_seed (1);
  for (guint i = 0; i < n; i++)
    {
      for (gint length = g_rand_int_range (random, 3, 15); length > 0; length--)
        g_string_append_c (text, (char) g_rand_int_range (random, 'a', 'z'));
      g_string_append_printf (text, ",%.1f\n", g_rand_double_range (random, -20, 45));
    }
  g_rand_free (random);
  g_string_append_len (text, "                                                                ", 64);
  g_string_truncate (text, text->len - 64);
  return text;
}

static PlSource *
make_short_source (void)
{
  PlSource *source = g_new0 (PlSource, 1);
  source->dialect = (PlDialect){.delimiter = ',', .quote = '"', .escape = '"'};
  source->max_record_size = 16 << 20;
  source->schema = pl_schema_new ();
  source->readings = g_new0 (PlReading, 2);
  source->uses = g_new0 (guint8, 2);
  source->uses[0] = PL_USE_TEXT;
  source->uses[1] = PL_USE_EXACT;
  source->files = g_ptr_array_new ();
  PlSourceFile *file = g_new0 (PlSourceFile, 1);
  file->display = g_strdup ("bench.csv");
  file->n_fields = 2;
  file->fields = g_new0 (gint, 2);
  file->fields[1] = 1;
  g_ptr_array_add (source->files, file);
  pl_schema_add (source->schema, "place", PL_TYPE (PL_STRING));
  pl_schema_add (source->schema, "temperature", PL_TYPE (PL_FLOAT));
  return source;
}

/* The same rows in other dress: what a reader must not fall off a cliff for. */
typedef enum
{
  SHAPE_PLAIN,
  SHAPE_CRLF,
  SHAPE_SEMICOLON,
  SHAPE_QUOTED,
  SHAPE_DOUBLED, /* and a quote in the first field of every eighth row */
  SHAPE_BLANK,   /* a blank line behind every 64th row */
  SHAPE_ESCAPE,
  N_SHAPES
} Shape;

static GString *
dress_rows (const GString *text, Shape shape)
{
  GString *dressed = g_string_sized_new (text->len * 2);
  gboolean quoted = shape == SHAPE_QUOTED || shape == SHAPE_DOUBLED;
  guint row = 0;
  if (quoted)
    g_string_append_c (dressed, '"');
  for (gsize i = 0; i < text->len; i++)
    switch (text->str[i])
      {
      case '\n':
        row++;
        g_string_append (dressed, quoted ? "\"\n" : shape == SHAPE_CRLF ? "\r\n" : "\n");
        if (shape == SHAPE_BLANK && row % 64 == 0)
          g_string_append_c (dressed, '\n');
        if (quoted && i + 1 < text->len)
          g_string_append (dressed, shape == SHAPE_DOUBLED && row % 8 == 0 ? "\"\"\"" : "\"");
        break;
      case ',':
        g_string_append (dressed, quoted ? "\",\"" : shape == SHAPE_SEMICOLON ? ";" : ",");
        break;
      default:
        g_string_append_c (dressed, text->str[i]);
      }
  for (guint i = 0; i < 64; i++)
    g_string_append_c (dressed, ' ');
  g_string_truncate (dressed, dressed->len - 64);
  return dressed;
}

static gint64
read_all (PlSource *source, const GString *text)
{
  g_autoptr (PlCsvReader) reader = pl_csv_reader_new (source);
  g_autoptr (PlArena) arena = pl_arena_new ();
  gint64 start = cpu_time ();
  PlSpan span = {.data = text->str, .length = text->len, .line = 1};
  pl_csv_reader_open (reader, &span);
  for (;;)
    {
      PlBatch batch;
      guint64 position;
      pl_arena_reset (arena);
      pl_batch_init (&batch, source->schema, arena);
      if (!pl_csv_reader_read (reader, &batch, &position, NULL) || batch.n_rows == 0)
        break;
    }
  return cpu_time () - start;
}

static gint64
survey_all (const PlScanKernel *kernel, const GString *text)
{
  PlSurvey survey;
  gint64 start = cpu_time ();
  kernel->survey (',', '"', text->str, text->len, -1, &survey);
  return cpu_time () - start;
}

static gint64
resolve_all (const PlSource *source, const GString *text)
{
  PlSurvey survey;
  PlLexPoint point = {.state = PL_LEX_RECORD, .line = 1};
  gint64 start = cpu_time ();
  pl_csv_survey (&source->dialect, text->str, text->len, -1, &survey);
  point = pl_csv_resolve (&source->dialect, &survey, text->str, text->len, point);
  g_assert (point.state == PL_LEX_RECORD);
  return cpu_time () - start;
}

static gint64
index_all (const PlScanKernel *kernel, const GString *text)
{
  g_autofree guint32 *entries = g_new (guint32, 20000);
  gint64 start = cpu_time ();
  PlScan scan
      = {.data = text->str, .length = text->len, .delimiter = ',', .quote = '"', .entries = entries, .target = 18432};
  while (scan.position < scan.length)
    {
      scan.n_entries = 0;
      kernel->index (&scan);
    }
  return cpu_time () - start;
}

static void
report (const char *label, gint64 best, guint rows, gsize bytes)
{
  printf ("%-38s %6.2f ns/row  %6.2f GB/s\n", label, 1000.0 * (double) best / rows,
          (double) bytes / 1000.0 / (double) best);
}

int
main (int argc, char **argv)
{
  guint rows = argc > 1 ? (guint) atoi (argv[1]) : 200000;
  GString *text = make_rows (rows);
  for (const PlScanKernel *const *kernel = pl_scan_kernels (); *kernel != NULL; kernel++)
    {
      gint64 survey = G_MAXINT64, index = G_MAXINT64;
      for (guint i = 0; i < ROUNDS; i++)
        {
          survey = MIN (survey, survey_all (*kernel, text));
          index = MIN (index, index_all (*kernel, text));
        }
      g_autofree char *label = g_strdup_printf ("survey, %s", (*kernel)->name),
                      *other = g_strdup_printf ("index, %s", (*kernel)->name);
      report (label, survey, rows, text->len);
      report (other, index, rows, text->len);
    }
  static const struct
  {
    const char *label;
    guint8 key, integer, number;
  } cases[] = {
      {"read nothing", 0, 0, 0},
      {"read one string", PL_USE_TEXT, 0, 0},
      {"read one int", 0, PL_USE_VALUE, 0},
      {"read one float", 0, 0, PL_USE_VALUE},
      {"read one float, exact only", 0, 0, PL_USE_EXACT},
      {"read string and int", PL_USE_TEXT, PL_USE_VALUE, 0},
  };
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      PlSource *source = make_source (cases[c].key, cases[c].integer, cases[c].number);
      gint64 best = G_MAXINT64;
      for (guint i = 0; i < ROUNDS; i++)
        best = MIN (best, read_all (source, text));
      report (cases[c].label, best, rows, text->len);
      /* pl_source_free() frees what make_source() made. */
      pl_source_free (source);
    }
  GString *brief = make_short_rows (rows);
  PlSource *short_source = make_short_source ();
  gint64 short_index = G_MAXINT64, short_read = G_MAXINT64;
  for (guint i = 0; i < ROUNDS; i++)
    {
      short_index = MIN (short_index, index_all (pl_scan_kernel (), brief));
      short_read = MIN (short_read, read_all (short_source, brief));
    }
  report ("index, short rows", short_index, rows, brief->len);
  report ("read string and float, short rows", short_read, rows, brief->len);
  pl_source_free (short_source);
  g_string_free (brief, TRUE);
  static const char *const shapes[N_SHAPES]
      = {"plain", "CRLF", "semicolons", "all quoted", "doubled quotes", "blank lines", "escapes"};
  for (guint shape = 0; shape < N_SHAPES; shape++)
    {
      PlSource *source = make_source (PL_USE_TEXT, PL_USE_VALUE, 0);
      GString *dressed = dress_rows (text, (Shape) shape);
      source->dialect.delimiter = shape == SHAPE_SEMICOLON ? ';' : ',';
      source->dialect.escape = shape == SHAPE_ESCAPE ? '\\' : '"';
      gint64 best = G_MAXINT64, survey = G_MAXINT64;
      for (guint i = 0; i < ROUNDS; i++)
        {
          best = MIN (best, read_all (source, dressed));
          survey = MIN (survey, resolve_all (source, dressed));
        }
      g_autofree char *label = g_strdup_printf ("read string and int, %s", shapes[shape]),
                      *other = g_strdup_printf ("survey and resolve, %s", shapes[shape]);
      report (other, survey, rows, dressed->len);
      report (label, best, rows, dressed->len);
      pl_source_free (source);
      g_string_free (dressed, TRUE);
    }
  g_string_free (text, TRUE);
  return 0;
}
