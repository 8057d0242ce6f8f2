// Random operands against what Python computes of them: as two columns, as a constant on either side, and folded.
#include "harness.h"

#include "python-values.h"
#include "../../../pipeline/expression/check.h"
#include "../../../pipeline/expression/evaluate.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../pipeline/base/error.h"
#include "../../../stages/functions/registry.h"

static const char *const operators[] = {"+", "-", "*", "//", "%", "/", "=", "<", ">="};

// Row 0 of "a OP b" over a batch of one row; "overflow" where that is what is wrong.
static std::string
compute (PlTypeKind kind, gpointer a, gpointer b, const std::string &text)
{
  PlColumn columns[2] = {};
  columns[0].type = columns[1].type = PL_TYPE (kind);
  columns[0].values = a;
  columns[1].values = b;
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  pl_schema_add (schema, "a", PL_TYPE (kind));
  pl_schema_add (schema, "b", PL_TYPE (kind));
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  batch.n_rows = 1;
  batch.columns[0] = &columns[0];
  batch.columns[1] = &columns[1];
  GError *error = nullptr;
  std::string result;
  g_autoptr (PlExpression) expression = pl_expression_parse (text.c_str (), nullptr, &error);
  PlColumn *column = nullptr;
  if (expression != nullptr && pl_expression_check (expression, schema, pl_function_table (), nullptr, &error))
    column = pl_expression_evaluate (expression, &batch, &error);
  if (column == nullptr)
    {
      result = error->code == PL_DATA_ERROR_OVERFLOW ? "overflow" : error->message;
      g_error_free (error);
    }
  else if (pl_column_is_null (column, 0))
    result = "null";
  else
    {
      g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
      pl_print_value (&buffer, column, 0);
      result.assign (buffer.data, buffer.length);
    }
  pl_schema_unref (schema);
  pl_arena_free (arena);
  return result;
}

template <typename Case>
static void
compare (PlTypeKind kind, Case test, const std::string &a, const std::string &b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (operators); i++)
    for (const std::string &x : {std::string ("a"), a})
      for (const std::string &y : {std::string ("b"), b})
        {
          std::string text = x + " " + operators[i] + " " + y;
          EXPECT_EQ (compute (kind, &test.a, &test.b, text), test.expected[i]) << a << " " << operators[i] << " " << b;
        }
}

TEST (Python, Ints)
{
  for (const IntCase &test : int_cases)
    compare (PL_INT, test, "(" + std::to_string (test.a) + ")", "(" + std::to_string (test.b) + ")");
}

TEST (Python, Floats)
{
  auto literal = [] (double value) {
    char text[PL_PRINT_MAX];
    return "cast('" + std::string (text, pl_print_float (text, value)) + "' as float)";
  };
  for (const FloatCase &test : float_cases)
    compare (PL_FLOAT, test, literal (test.a), literal (test.b));
}

TEST (Python, PowersRoundingDecimalsAndDates)
{
  for (const ValueCase &test : value_cases)
    {
      std::string rows = run (test.text);
      EXPECT_EQ (rows.substr (0, rows.find ('|')), test.expected) << test.text;
    }
}

// Kleene's tables: the minimum and the maximum of false < null < true.
TEST (Python, ThreeValuedLogicIsMinimumAndMaximum)
{
  const char *values[] = {"false", "null", "true"};
  const char *columns[] = {"(k < 0)", "(if(k < 0, true, null))", "(k > 0)"};
  auto first = [] (const std::string &text) {
    std::string rows = run (text.c_str ());
    return rows.substr (0, rows.find ('|'));
  };
  for (int x = 0; x < 3; x++)
    for (int y = 0; y < 3; y++)
      for (const char *left : {values[x], columns[x]})
        for (const char *right : {values[y], columns[y]})
          {
            EXPECT_EQ (first (std::string (left) + " and " + right), values[MIN (x, y)]) << left << right;
            EXPECT_EQ (first (std::string (left) + " or " + right), values[MAX (x, y)]) << left << right;
          }
  for (int x = 0; x < 3; x++)
    EXPECT_EQ (first (std::string ("not ") + columns[x]), values[2 - x]);
}
