// Evaluates an expression over a small fixed batch and gives the rows as text: "1|null|3".
#pragma once
#include <gtest/gtest.h>
#include <string>

#include "../../../pipeline/expression/expression.h"
#include "../../../pipeline/table/print.h"
#include "../../../stages/functions/registry.h"
#include "../../../pipeline/expression/check.h"
#include "../../../pipeline/expression/evaluate.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../pipeline/expression/text.h"

// Columns of four rows, the last one null but for `k`:
//   i int 1 -7 9223372036854775807 null; f float 0.5 -2.0 0.0 null; s string 'abc' 'Zürich' '' null;
//   b bool true false true null; d date 2024-02-29 1969-12-31 2000-01-01 null; k int 1 2 3 4; "Airport Name" string
struct Fixture
{
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  PlBatch batch;
  guint8 nulls[4] = {0, 0, 0, 1};
  gint64 ints[4] = {1, -7, G_MAXINT64, 0};
  double floats[4] = {0.5, -2.0, 0.0, 0};
  PlText texts[4] = {{"abc", 3, 0}, {"Z\303\274rich", 7, 0}, {"", 0, 0}, {"", 0, 0}};
  guint8 bools[4] = {1, 0, 1, 0};
  gint32 dates[4] = {19782, -1, 10957, 0};
  gint64 keys[4] = {1, 2, 3, 4};
  PlColumn columns[7] = {};

  void
  add (guint index, const char *name, PlTypeKind kind, gpointer values, guint8 *column_nulls)
  {
    columns[index].type = PlType{(guint8) kind, 0, 0, 0};
    columns[index].values = values;
    columns[index].nulls = column_nulls;
    pl_schema_add (schema, name, columns[index].type);
  }

  Fixture ()
  {
    add (0, "i", PL_INT, ints, nulls);
    add (1, "f", PL_FLOAT, floats, nulls);
    add (2, "s", PL_STRING, texts, nulls);
    add (3, "b", PL_BOOL, bools, nulls);
    add (4, "d", PL_DATE, dates, nulls);
    add (5, "k", PL_INT, keys, nullptr);
    add (6, "Airport Name", PL_STRING, texts, nulls);
    pl_batch_init (&batch, schema, arena);
    batch.n_rows = 4;
    for (guint i = 0; i < 7; i++)
      batch.columns[i] = &columns[i];
  }

  ~Fixture ()
  {
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }

  static std::string
  take (GError *error, guint offset)
  {
    std::string text = error->message;
    g_error_free (error);
    return "@" + std::to_string (offset) + " " + text;
  }

  // The rows, or "@offset message" of a mistake, or "row N: message" of a failing row.
  std::string
  run (const char *text)
  {
    guint offset = 0;
    GError *error = nullptr;
    g_autoptr (PlExpression) expression = pl_expression_parse (text, &offset, &error);
    if (expression == nullptr || !pl_expression_check (expression, schema, pl_function_table (), &offset, &error))
      return take (error, offset);
    PlColumn *column = pl_expression_evaluate (expression, &batch, &error);
    if (column == nullptr)
      {
        std::string message = "row " + std::to_string (batch.failed_row) + ": " + error->message;
        g_error_free (error);
        return message;
      }
    std::string rows;
    for (gsize i = 0; i < batch.n_rows; i++)
      {
        g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
        pl_print_value (&buffer, column, i);
        rows += i > 0 ? "|" : "";
        rows += pl_column_is_null (column, i) ? "null" : std::string (buffer.data ? buffer.data : "", buffer.length);
      }
    return rows;
  }
};

static inline std::string
run (const char *text)
{
  Fixture fixture;
  return fixture.run (text);
}

static inline std::string
canonical (const char *text)
{
  guint offset = 0;
  GError *error = nullptr;
  g_autoptr (PlExpression) expression = pl_expression_parse (text, &offset, &error);
  if (expression == nullptr)
    return Fixture::take (error, offset);
  g_autofree char *result = pl_expression_text (expression);
  return result;
}
