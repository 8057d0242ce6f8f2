/* Any text as an expression: parsed, checked against a schema with every type, evaluated over a small batch with nulls
 * and extremes, selected by when it is a condition. Also the canonical text must parse again to the same canonical
 * text. */
#include <stdint.h>

#include "../../pipeline/expression/expression.h"
#include "../../stages/functions/registry.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/expression/parser.h"
#include "../../pipeline/expression/text.h"

#define ROWS 5

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  PlSchema *schema;
  PlBatch batch;
  PlArena *arena;
} Table;

static void
add (Table *table, const char *name, PlType type, gconstpointer values)
{
  static guint8 nulls[ROWS] = {0, 0, 0, 0, 1};
  PlColumn *column = pl_arena_alloc0 (table->arena, sizeof *column);
  guint field = table->schema->n_fields;
  pl_schema_add (table->schema, name, type);
  column->type = type;
  column->values = (gpointer) values;
  column->nulls = field % 2 == 0 ? nulls : NULL;
  table->batch.columns[field] = column;
}

static void
make_table (Table *table)
{
  static const guint8 bools[ROWS] = {1, 0, 1, 0, 0};
  static const gint64 ints[ROWS] = {1, -7, G_MAXINT64, G_MININT64, 0};
  static const double floats[ROWS] = {0.5, -0.0, G_MAXDOUBLE, __builtin_nan (""), 0};
  static PlInt128 decimals[ROWS] = {150, -1, 0, 99999, 0};
  static const PlText texts[ROWS]
      = {{"abc", 3, PL_TEXT_PLAIN}, {"Z\303\274,\xff", 5, 0}, {"", 0, 0}, {"007", 3, 0}, {"", 0, 0}};
  static const gint32 dates[ROWS] = {19782, -719162, 2932896, -1, 0};
  static const gint64 times[ROWS] = {1, -62135596800000000, 253402300799999999, -1, 0};
  static PlColumn *columns[16];
  table->arena = pl_arena_new ();
  table->schema = pl_schema_new ();
  table->batch.columns = columns;
  for (guint i = 0; i < 2; i++)
    {
      add (table, i ? "b2" : "b", PL_TYPE (PL_BOOL), bools);
      add (table, i ? "i2" : "i", PL_TYPE (PL_INT), ints);
      add (table, i ? "f2" : "f", PL_TYPE (PL_FLOAT), floats);
      add (table, i ? "m2" : "m", PL_TYPE_DECIMAL (5, 2), decimals);
      add (table, i ? "s2" : "s", PL_TYPE (PL_STRING), texts);
      add (table, i ? "d2" : "d", PL_TYPE (PL_DATE), dates);
      add (table, i ? "t2" : "t", PL_TYPE (PL_TIMESTAMP), times);
    }
  add (table, "n", PL_TYPE (PL_NULL), NULL);
  table->batch.schema = table->schema;
  table->batch.n_rows = ROWS;
  table->batch.arena = pl_arena_new ();
}

static void
check_text (const PlExpression *expression)
{
  g_autofree char *text = pl_expression_text (expression);
  g_autoptr (PlExpression) again = pl_expression_parse (text, NULL, NULL);
  /* Brackets that the text needs may nest it too deep. */
  if (again == NULL)
    return;
  g_autofree char *text_again = pl_expression_text (again);
  g_assert_cmpstr (text, ==, text_again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Table table;
  guint32 rows[ROWS];
  gsize n;
  if (table.schema == NULL)
    make_table (&table);
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (PlExpression) expression = pl_expression_parse (text, NULL, NULL);
  if (expression == NULL)
    return 0;
  check_text (expression);
  if (!pl_expression_check (expression, table.schema, pl_function_table (), NULL, NULL))
    return 0;
  pl_arena_reset (table.batch.arena);
  PlColumn *column = pl_expression_evaluate (expression, &table.batch, NULL);
  if (column != NULL)
    g_assert_true (column->type.kind == pl_expression_type (expression).kind);
  if (pl_expression_type (expression).kind == PL_BOOL)
    pl_expression_select (expression, &table.batch, rows, &n, NULL);
  return 0;
}
