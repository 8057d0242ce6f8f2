/* Nanoseconds a value of printing rows of one column, by kind of value, as CSV and as JSON lines; the best of several
 * rounds. The batches stay in the cache.
 *
 *   ninja -C build tests/bench-print && build/tests/bench-print */
#include <stdio.h>
#include <time.h>

#include "../../pipeline/format/format.h"
#include "../../pipeline/format/registry.h"

#define ROWS PL_BATCH_ROWS
#define ROUNDS 9
#define BATCHES 500

typedef struct
{
  const char *name;
  PlTypeKind kind;
  gint64 most;    /* values are below */
  double divisor; /* of floats */
} Case;

static const Case cases[] = {
    {"int below 100", PL_INT, 100, 1},
    {"int of 7 digits", PL_INT, 10000000, 1},
    {"int of 18 digits", PL_INT, G_GINT64_CONSTANT (1000000000000000000), 1},
    {"float of 2 fraction digits", PL_FLOAT, 1000000, 100},
    {"float of 17 digits", PL_FLOAT, 1000000, 7},
    {"decimal", PL_DECIMAL, 1000000, 1},
    {"date", PL_DATE, 20000, 1},
    {"timestamp", PL_TIMESTAMP, G_GINT64_CONSTANT (1700000000000000), 1},
    {"bool", PL_BOOL, 2, 1},
    {"text", PL_STRING, 1000, 1},
    {"text with quotes", PL_STRING, -1000, 1},
};

/* In nanoseconds, of this process: other programs do not show. */
static gint64
cpu_time (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

static PlType
type_of (const Case *test)
{
  return test->kind == PL_DECIMAL ? PL_TYPE_DECIMAL (18, 2) : PL_TYPE (test->kind);
}

static void
put (const Case *test, PlColumn *column, gsize row, gint64 number, PlArena *arena)
{
  char text[32];
  switch (test->kind)
    {
    case PL_FLOAT:
      column->floats[row] = (double) number / test->divisor;
      break;
    case PL_DECIMAL:
      column->decimals[row] = number;
      break;
    case PL_DATE:
      column->dates[row] = (gint32) number;
      break;
    case PL_BOOL:
      column->bools[row] = (guint8) number;
      break;
    case PL_STRING:
      g_snprintf (text, sizeof text, test->most < 0 ? "a \"text\" %d" : "a text, %d", (int) number);
      column->texts[row] = (PlText){pl_arena_copy (arena, text, strlen (text)), (guint32) strlen (text), 0};
      break;
    default:
      column->ints[row] = number;
    }
}

static PlColumn *
make_column (const Case *test, PlArena *arena)
{
  PlColumn *column = pl_column_new (arena, type_of (test), ROWS);
  guint64 state = 1;
  for (gsize row = 0; row < ROWS; row++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      put (test, column, row, (gint64) (state >> 1) % ABS (test->most), arena);
    }
  return column;
}

static double
measure (PlBatch *batch, const PlFormat *format)
{
  const PlFormatOptions options = {.format = format, .header = TRUE, .delimiter = ',', .null_text = (char *) ""};
  g_auto (PlBuffer) out = PL_BUFFER_INIT;
  gint64 best = G_MAXINT64;
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = cpu_time ();
      for (guint i = 0; i < BATCHES; i++)
        {
          out.length = 0;
          gboolean printed = format->rows (&options, batch, &out, NULL);
          g_assert (printed);
        }
      best = MIN (best, cpu_time () - start);
    }
  return (double) best / ((double) BATCHES * ROWS);
}

int
main (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlArena) arena = pl_arena_new ();
      PlSchema *schema = pl_schema_new ();
      PlBatch batch;
      pl_schema_add (schema, "value", type_of (&cases[i]));
      pl_batch_init (&batch, schema, arena);
      batch.n_rows = ROWS;
      batch.columns[0] = make_column (&cases[i], arena);
      printf ("%-28s csv %6.2f ns, jsonl %6.2f ns\n", cases[i].name, measure (&batch, pl_format_find ("csv")),
              measure (&batch, pl_format_find ("jsonl")));
      pl_schema_unref (schema);
    }
  return 0;
}
