// The grammar: precedence as canonical text shows it, mistakes with their character, aggregates lifted.
#include "harness.h"
#include "../../../pipeline/expression/lift.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../pipeline/expression/text.h"

TEST (Parse, Precedence)
{
  EXPECT_EQ (canonical ("1 + 2 * 3"), "1 + 2 * 3");
  EXPECT_EQ (canonical ("(1 + 2) * 3"), "(1 + 2) * 3");
  EXPECT_EQ (canonical ("1 - (2 - 3)"), "1 - (2 - 3)");
  EXPECT_EQ (canonical ("(1 - 2) - 3"), "1 - 2 - 3");
  EXPECT_EQ (canonical ("-a ** 2"), "-a ** 2");
  EXPECT_EQ (canonical ("(-a) ** 2"), "(-a) ** 2");
  EXPECT_EQ (canonical ("2 ** (3 ** -1)"), "2 ** 3 ** -1");
  EXPECT_EQ (canonical ("(2 ** 3) ** 4"), "(2 ** 3) ** 4");
  EXPECT_EQ (canonical ("NOT a = 1 OR b AND c"), "not a = 1 or b and c");
  EXPECT_EQ (canonical ("a<>1"), "a != 1");
  EXPECT_EQ (canonical ("x::int + 1"), "cast(x as int) + 1");
  EXPECT_EQ (canonical ("\"Airport Name\" || 'it''s'"), "\"Airport Name\" || 'it''s'");
  EXPECT_EQ (canonical ("a not  between 1 and 2 and b"), "a not between 1 and 2 and b");
  EXPECT_EQ (canonical ("a not in (1,2) and b is not null"), "a not in (1, 2) and b is not null");
  EXPECT_EQ (canonical ("case x when 1 then 'a' end"), "case x when 1 then 'a' else null end");
  EXPECT_EQ (canonical ("Quantile(delay,0.95)"), "quantile(delay, 0.95)");
  EXPECT_EQ (canonical ("count(DISTINCT x) filter (where y>1)"), "count(distinct x) filter (where y > 1)");
  EXPECT_EQ (canonical ("try_cast(x as decimal(18, 2))"), "try_cast(x as decimal(18,2))");
}

TEST (Parse, MistakesCarryTheirCharacter)
{
  EXPECT_EQ (canonical ("'ü' + "), "@6 the expression ends where a value should be");
  EXPECT_EQ (canonical ("a b"), "@2 found b where an operator or the end should be");
  EXPECT_EQ (canonical ("1_000"),
             "@0 '1_000' is neither a number nor a name; write numbers as 1000 or 1.5e3, and names "
             "that start with a digit in double quotes");
  EXPECT_EQ (canonical ("x = 'abc"), "@4 this single quote is never closed; a quote inside a text is doubled: 'it''s'");
  EXPECT_EQ (canonical ("a ! b"),
             "@2 '!' means nothing in an expression; put names that hold it in double quotes, texts in single quotes");
  EXPECT_EQ (canonical ("1 < a < 2"), "@6 found < where 'and' (comparisons do not chain) should be");
  EXPECT_EQ (canonical ("if(a, b)"), "@0 if is called as if(condition, then, else)");
  EXPECT_EQ (canonical ("\xff"), "@0 the expression is not valid UTF-8");
}

static std::string
nested (const char *open, const char *inner, const char *close, int times)
{
  std::string text = inner;
  for (int i = 0; i < times; i++)
    text = open + text + close;
  return text;
}

static std::string
chained (const char *start, const char *suffix, int times)
{
  std::string text = start;
  for (int i = 0; i < times; i++)
    text += suffix;
  return text;
}

TEST (Parse, DepthIsLimited)
{
  std::string deep = " the expression is nested deeper than 200 levels; derive its inner parts as columns of their own "
                     "first";
  EXPECT_EQ (canonical (nested ("(", "1", ")", 199).c_str ()), "1");
  EXPECT_EQ (canonical (nested ("(", "1", ")", 201).c_str ()), "@200" + deep);
  EXPECT_EQ (run (nested ("abs(", "k", ")", 199).c_str ()), "1|2|3|4");
  EXPECT_EQ (canonical (nested ("abs(", "1", ")", 201).c_str ()), "@800" + deep);
  EXPECT_EQ (canonical (nested ("not ", "b", "", 201).c_str ()), "@800" + deep);
  EXPECT_EQ (canonical (nested ("-", "b", "", 201).c_str ()), "@200" + deep);
}

TEST (Parse, ChainsAreLimited)
{
  std::string message = "the expression chains more than 2000 operators; use in (…), or derive parts of it first";
  auto tail = [&] (const std::string &text) { return text.substr (text.find (' ') + 1); };
  EXPECT_EQ (run (chained ("k", " + 1", 1500).c_str ()), "1501|1502|1503|1504");
  EXPECT_EQ (run (chained ("k", " is null", 1500).c_str ()), "false|false|false|false");
  EXPECT_EQ (run (chained ("k", " in (1)", 1).c_str ()), "true|false|false|false");
  for (const char *suffix : {" + 1", " is null", " is not null", " in (b)", " not like 'x'", " between a and b",
                             " and b", " or b", "::int", " || x"})
    EXPECT_EQ (tail (canonical (chained ("k", suffix, 2100).c_str ())), message) << suffix;
}

static gboolean
is_aggregate (const char *name)
{
  return g_str_equal (name, "sum") || g_str_equal (name, "max") || g_str_equal (name, "count");
}

TEST (Lift, SharesEqualCallsAndLeavesScalarMax)
{
  g_autoptr (PlExpression) expression
      = pl_expression_parse ("sum(a) / count(*) + SUM( a ) + max(sum(a), 3)", nullptr, nullptr);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_lifted_call_free);
  ASSERT_TRUE (pl_expression_lift (&expression, is_aggregate, calls, nullptr, nullptr));
  g_autofree char *text = pl_expression_text (expression);
  EXPECT_STREQ (text, "sum(a) / count(*) + sum(a) + max(sum(a), 3)");
  ASSERT_EQ (calls->len, 2u);
  EXPECT_STREQ (((PlLiftedCall *) calls->pdata[0])->label, "sum(a)");
  EXPECT_STREQ (((PlLiftedCall *) calls->pdata[1])->label, "count(*)");
}

TEST (Lift, SharesEachOfManyCalls)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_lifted_call_free);
  for (guint i = 0; i < 4000; i++)
    {
      const guint column = i % 2000;
      const std::string call = "sum(c" + std::to_string (column) + ")";
      g_autoptr (PlExpression) expression = pl_expression_parse (call.c_str (), nullptr, nullptr);
      ASSERT_TRUE (pl_expression_lift (&expression, is_aggregate, calls, nullptr, nullptr));
      EXPECT_EQ (pl_expression_name (expression), "\xff" + std::to_string (column));
    }
  EXPECT_EQ (calls->len, 2000u);
}

TEST (Lift, RefusesAggregatesInside)
{
  guint offset = 0;
  GError *error = nullptr;
  g_autoptr (PlExpression) expression = pl_expression_parse ("sum(1 + max(a))", nullptr, nullptr);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_lifted_call_free);
  EXPECT_FALSE (pl_expression_lift (&expression, is_aggregate, calls, &offset, &error));
  EXPECT_EQ (offset, 8u);
  EXPECT_STREQ (error->message, "max stands inside sum, and one aggregate cannot hold another; compute the inner one "
                                "in a group-by before");
  g_error_free (error);
}
