/* Nanoseconds a row of expressions over batches that stay in the cache; the best of several rounds. Columns: v1 (0 to
 * 9), v2, v3 (0 to 99) ints, n3 as v3 with one null in ten, f1 f2 floats, s one of 100 texts. */
#include <stdio.h>

#include "../../pipeline/expression/expression.h"
#include "../../stages/functions/registry.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/expression/evaluate.h"
#include "../../pipeline/expression/parser.h"

#define ROWS PL_BATCH_ROWS
#define ROUNDS 9
#define BATCHES 2000

static const char *const names[] = {"v1", "v2", "v3", "n3", "f1", "f2", "s"};
static const PlTypeKind kinds[] = {PL_INT, PL_INT, PL_INT, PL_INT, PL_FLOAT, PL_FLOAT, PL_STRING};
static const char *const expressions[] = {
    "v1 = 3",
    "v1 = 3 and v3 > 50",
    "v1 = 3 and n3 > 50",
    "v1 * v3 + v2",
    "v1 * n3 + v2",
    "f1 * f2 + v2",
    "f1 / f2",
    "v3 // 7",
    "v1 in (1, 5, 7)",
    "v3 in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)",
    "s = 'text 7'",
    "s in ('text 1', 'text 2', 'text 3', 'text 5', 'text 8', 'text 13', 'text 21', 'text 34', 'text 55', 'text 89')",
    "case when v3 > 50 then v1 else v2 end",
};

static void
fill (PlBatch *batch)
{
  guint64 state = 1;
  for (guint c = 0; c < G_N_ELEMENTS (names); c++)
    batch->columns[c] = pl_column_new (batch->arena, PL_TYPE (kinds[c]), ROWS);
  batch->columns[3]->nulls = pl_arena_alloc0 (batch->arena, ROWS);
  for (gsize i = 0; i < ROWS; i++)
    for (guint c = 0; c < G_N_ELEMENTS (names); c++)
      {
        state = state * 6364136223846793005u + 1442695040888963407u;
        gint64 number = (gint64) (state >> 33) % (c == 0 ? 10 : 100);
        char text[32];
        if (kinds[c] == PL_INT)
          batch->columns[c]->ints[i] = number;
        else if (kinds[c] == PL_FLOAT)
          batch->columns[c]->floats[i] = (double) number / 7 + 1;
        else
          {
            int length = g_snprintf (text, sizeof text, "text %d", (int) number);
            char *copy = pl_arena_copy (batch->arena, text, (gsize) length);
            batch->columns[c]->texts[i] = (PlText){copy, (guint32) length, PL_TEXT_PLAIN};
          }
        if (c == 3)
          batch->columns[c]->nulls[i] = number % 10 == 0;
      }
}

static double
measure (const PlExpression *expression, PlBatch *batch, PlArena *arena, guint32 *rows)
{
  double best = G_MAXDOUBLE;
  gboolean is_condition = pl_expression_type (expression).kind == PL_BOOL;
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = g_get_monotonic_time ();
      for (guint i = 0; i < BATCHES; i++)
        {
          gsize n;
          pl_arena_reset (arena);
          if (is_condition ? !pl_expression_select (expression, batch, rows, &n, NULL)
                           : pl_expression_evaluate (expression, batch, NULL) == NULL)
            g_error ("the expression fails");
        }
      best = MIN (best, (double) (g_get_monotonic_time () - start) * 1000 / ((double) BATCHES * ROWS));
    }
  return best;
}

int
main (int argc, char **argv)
{
  PlSchema *schema = pl_schema_new ();
  PlArena *columns = pl_arena_new (), *arena = pl_arena_new ();
  PlBatch batch;
  guint32 *rows = g_new (guint32, ROWS);
  for (guint c = 0; c < G_N_ELEMENTS (names); c++)
    pl_schema_add (schema, names[c], PL_TYPE (kinds[c]));
  pl_batch_init (&batch, schema, columns);
  batch.n_rows = ROWS;
  fill (&batch);
  batch.arena = arena;
  for (guint i = 0; i < (argc > 1 ? (guint) argc - 1 : G_N_ELEMENTS (expressions)); i++)
    {
      const char *text = argc > 1 ? argv[i + 1] : expressions[i];
      GError *error = NULL;
      PlExpression *expression = pl_expression_parse (text, NULL, &error);
      if (expression == NULL || !pl_expression_check (expression, schema, pl_function_table (), NULL, &error))
        {
          fprintf (stderr, "%s: %s\n", text, error->message);
          return 1;
        }
      printf ("%6.2f ns/row  %s\n", measure (expression, &batch, arena, rows), text);
      pl_expression_free (expression);
    }
  g_free (rows);
  pl_arena_free (arena);
  pl_arena_free (columns);
  pl_schema_unref (schema);
  return 0;
}
