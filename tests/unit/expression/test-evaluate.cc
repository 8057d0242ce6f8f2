// Values: arithmetic, three-valued logic, guards, casts, errors with their row. Expected values by hand; test-python.cc
// has Python's.
#include "../../../pipeline/expression/kernels.h"
#include "harness.h"
#include "../../../pipeline/expression/check.h"
#include "../../../pipeline/expression/evaluate.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../stages/functions/registry.h"

TEST (Evaluate, Arithmetic)
{
  EXPECT_EQ (run ("k + 1"), "2|3|4|5");
  EXPECT_EQ (run ("10 - k * 2"), "8|6|4|2");
  EXPECT_EQ (run ("k / 2"), "0.5|1.0|1.5|2.0");
  EXPECT_EQ (run ("-7 // k"), "-7|-4|-3|-2");
  EXPECT_EQ (run ("-7 % k"), "0|1|2|1");
  EXPECT_EQ (run ("7 % -k"), "0|-1|-2|-1");
  EXPECT_EQ (run ("k // (k - 2)"), "-1|null|3|2");
  EXPECT_EQ (run ("1 / f"), "2.0|-0.5|null|null");
  EXPECT_EQ (run ("f // 1"), "0.0|-2.0|0.0|null");
  EXPECT_EQ (run ("-2 ** 2 + k"), "-3.0|-2.0|-1.0|0.0");
  EXPECT_EQ (run ("(k - 3) ** 0.5"), "null|null|0.0|1.0");
  EXPECT_EQ (run ("k * 0.1::decimal(3,2) + 1"), "1.10|1.20|1.30|1.40");
  EXPECT_EQ (run ("i + null"), "null|null|null|null");
  EXPECT_EQ (run ("d + 1"), "2024-03-01|1970-01-01|2000-01-02|null");
  EXPECT_EQ (run ("d - '2000-01-01'"), "8825|-10958|0|null");
}

TEST (Evaluate, OverflowNamesTheFirstRow)
{
  EXPECT_EQ (run ("i + k"), "row 2: 9223372036854775807 + 3 is beyond 64-bit integers; cast one side to float");
  EXPECT_EQ (run ("i * k * 2"), "row 2: 9223372036854775807 * 3 is beyond 64-bit integers; cast one side to float");
  EXPECT_EQ (run ("9223372036854775807 + 1"),
             "@20 9223372036854775807 + 1 is beyond 64-bit integers; cast one side to float");
  EXPECT_EQ (run ("-9223372036854775808 + k"), "-9223372036854775807|-9223372036854775806|-9223372036854775805|"
                                               "-9223372036854775804");
  EXPECT_EQ (run ("cast(s as int) + i + k"), "row 0: cannot cast 'abc' to int; try_cast gives null instead");
}

TEST (Evaluate, ThreeValuedLogic)
{
  EXPECT_EQ (run ("b and true"), "true|false|true|null");
  EXPECT_EQ (run ("b and false"), "false|false|false|false");
  EXPECT_EQ (run ("b or true"), "true|true|true|true");
  EXPECT_EQ (run ("b or null"), "true|null|true|null");
  EXPECT_EQ (run ("b and null"), "null|false|null|null");
  EXPECT_EQ (run ("not b"), "false|true|false|null");
  EXPECT_EQ (run ("i = null"), "null|null|null|null");
  EXPECT_EQ (run ("i is null"), "false|false|false|true");
  EXPECT_EQ (run ("k in (1, 3)"), "true|false|true|false");
  EXPECT_EQ (run ("k in (1, null)"), "true|null|null|null");
  EXPECT_EQ (run ("k not in (1, null)"), "false|null|null|null");
  EXPECT_EQ (run ("2 in (5, k)"), "false|true|false|false");
  EXPECT_EQ (run ("k between 2 and 3"), "false|true|true|false");
  EXPECT_EQ (run ("2 between 1 and k"), "false|true|true|true");
  EXPECT_EQ (run ("k not between 2 and 3"), "true|false|false|true");
}

TEST (Evaluate, GuardsKeepRowsOut)
{
  EXPECT_EQ (run ("case when k < 3 then i + 1 else 0 end"), "2|-6|0|0");
  EXPECT_EQ (run ("if(k = 3, 0, i + 1)"), "2|-6|0|null");
  EXPECT_EQ (run ("k = 3 or i + 1 > 0"), "true|false|true|null");
  EXPECT_EQ (run ("k != 3 and i + 1 > 0"), "true|false|false|null");
  EXPECT_EQ (run ("coalesce(i, k * 100)"), "1|-7|9223372036854775807|400");
  EXPECT_EQ (run ("case k when 1 then 'one' when 2 then 'two' end"), "one|two|null|null");
  EXPECT_EQ (run ("case 2 when k then 'x' else 'y' end"), "y|x|y|y");
  EXPECT_EQ (run ("if(k > 1, cast(s as int), 0)"), "row 1: cannot cast 'Zürich' to int; try_cast gives null instead");
}

TEST (Evaluate, Texts)
{
  EXPECT_EQ (run ("s || '-' || k"), "abc-1|Zürich-2|-3|null");
  EXPECT_EQ (run ("s like 'Z_r%'"), "false|true|false|null");
  EXPECT_EQ (run ("s not like '%c'"), "false|true|true|null");
  EXPECT_EQ (run ("'5%' like '5!%' escape '!'"), "true|true|true|true");
  EXPECT_EQ (run ("s = 'abc'"), "true|false|false|null");
  EXPECT_EQ (run ("\"Airport Name\" < 'b'"), "true|true|true|null");
  EXPECT_EQ (run ("try_cast(s as int)"), "null|null|null|null");
  EXPECT_EQ (run ("cast(f as int)"), "1|-2|0|null");
  EXPECT_EQ (run ("cast(2.675 as decimal(5,2))"), "2.68|2.68|2.68|2.68");
}

TEST (Evaluate, DatesBesideTexts)
{
  EXPECT_EQ (run ("d >= '2000-01-01'"), "true|false|true|null");
  EXPECT_EQ (run ("d < '2000-01-01 12:00:00'"), "false|true|true|null");
  EXPECT_EQ (run ("d = 'soon'"), "@4 cannot read 'soon' as a date; write it as '2024-01-31'");
}

TEST (Check, Mistakes)
{
  EXPECT_EQ (run ("i = '5'"),
             "@2 cannot compare int with string; write 5 without quotes, or cast one side: cast(i as string)");
  EXPECT_EQ (run ("s + 1"), "@2 cannot apply + to string and int; join texts with ||, or cast to a number");
  EXPECT_EQ (run ("k and b"), "@0 and needs a condition, and k is int; compare it, as in k != 0");
  EXPECT_EQ (run ("\"Airport Nam\" = 'x'"), "@0 unknown column 'Airport Nam'; did you mean 'Airport Name'?");
  EXPECT_EQ (run ("s = \"Houston\""),
             "@4 unknown column \"Houston\"; if it is meant as text, use single quotes for text: 'Houston'");
  EXPECT_EQ (run ("rond(f)"), "@0 unknown function 'rond'; did you mean 'round'?");
  EXPECT_EQ (run ("round()"), "@0 round cannot take 0 arguments; call it as round(x[, digits])");
  EXPECT_EQ (run ("cast(d as int)"), "@0 cannot cast date to int; date_diff('day', '1970-01-01', x) is its days since "
                                     "1970, year(x) and others are its parts");
  EXPECT_EQ (run ("cast(d as bool)"), "@0 cannot cast date to bool");
  EXPECT_EQ (run ("cast(f as date)"), "@0 cannot cast float to date; date_add('day', cast(x as int), cast('1970-01-01' "
                                      "as date)) takes it for days since 1970");
}

TEST (Select, GivesRowsWhereTrue)
{
  Fixture fixture;
  g_autoptr (PlExpression) where = pl_expression_parse ("k > 1 and f is not null", nullptr, nullptr);
  ASSERT_TRUE (pl_expression_check (where, fixture.schema, pl_function_table (), nullptr, nullptr));
  guint32 rows[4];
  gsize n = 0;
  ASSERT_TRUE (pl_expression_select (where, &fixture.batch, rows, &n, nullptr));
  ASSERT_EQ (n, 2u);
  EXPECT_EQ (rows[0], 1u);
  EXPECT_EQ (rows[1], 2u);
}

TEST (Functions, Round)
{
  EXPECT_EQ (run ("round(2.675, 2)"), "2.68|2.68|2.68|2.68");
  EXPECT_EQ (run ("round(-2.5)"), "-3.0|-3.0|-3.0|-3.0");
  EXPECT_EQ (run ("round(1250, -2) + k"), "1301|1302|1303|1304");
  EXPECT_EQ (run ("abs(-9223372036854775808)"),
             "@0 abs(-9223372036854775808) is beyond 64-bit integers; cast it to float");
}

// Of floats: the digits of the shortest text that reads back, as Python's Decimal (repr (x)).quantize (…, ROUND_DOWN)
// has it.
TEST (Functions, Trunc)
{
  const auto trunc = [] (const std::string &x, const std::string &digits) {
    const std::string result = run (("trunc(cast('" + x + "' as float), " + digits + ")").c_str ());
    return result.substr (0, result.find ('|'));
  };
  EXPECT_EQ (run ("trunc(-2.79)"), "-2.0|-2.0|-2.0|-2.0");
  EXPECT_EQ (run ("trunc(1299, -2) + k"), "1201|1202|1203|1204");
  EXPECT_EQ (run ("trunc(-9223372036854775808, -1)"), run ("-9223372036854775800"));
  EXPECT_EQ (run ("trunc(-1299, -5)"), "0|0|0|0");
  EXPECT_EQ (run ("trunc(cast('-1.2399' as decimal(9,4)), 2)"), "-1.23|-1.23|-1.23|-1.23");
  EXPECT_EQ (run ("trunc(cast('1.2399' as decimal(9,4)), 9)"), "1.2399|1.2399|1.2399|1.2399");
  EXPECT_EQ (run ("trunc(null, 1)"), "null|null|null|null");
  EXPECT_EQ (run ("trunc(2.5, null)"), "null|null|null|null");
  for (const char *same : {"2.3", "0.29", "1.15", "4.35", "1.005", "123456789.123"})
    EXPECT_EQ (trunc (same, "3"), same);
  EXPECT_EQ (trunc ("2.675", "2"), "2.67");
  EXPECT_EQ (trunc ("-0.07", "1"), "-0.0");
  EXPECT_EQ (trunc ("1e23", "-23"), "1e+23");
  EXPECT_EQ (trunc ("1.7976931348623157e308", "-300"), "1.79769313e+308");
  EXPECT_EQ (trunc ("1.5e-310", "310"), "1e-310");
  EXPECT_EQ (trunc ("4e-320", "330"), "4e-320");
  EXPECT_EQ (trunc ("4e-320", "319"), "0.0");
  EXPECT_EQ (trunc ("9007199254740993.0", "4"), trunc ("9007199254740993.0", "0"));
  EXPECT_EQ (trunc ("123456789012345.678", "2"), "123456789012345.67");
  EXPECT_EQ (trunc ("inf", "2"), "inf");
  EXPECT_EQ (trunc ("nan", "0"), "nan");
}

TEST (Evaluate, NanIsTheLargestNumberAndEqualToItself)
{
  const char *nan = "cast(if(k < 3, 'nan', cast(k as string)) as float)"; // nan nan 3.0 4.0
  auto with = [&] (std::string text) {
    for (gsize at; (at = text.find ('@')) != std::string::npos;)
      text.replace (at, 1, nan);
    return run (text.c_str ());
  };
  EXPECT_EQ (with ("@ = @"), "true|true|true|true");
  EXPECT_EQ (with ("@ = 'nan'::float"), "true|true|false|false");
  EXPECT_EQ (with ("@ != 'nan'::float"), "false|false|true|true");
  EXPECT_EQ (with ("@ < 'nan'::float"), "false|false|true|true");
  EXPECT_EQ (with ("@ <= 'nan'::float"), "true|true|true|true");
  EXPECT_EQ (with ("@ > 3"), "true|true|false|true");
  EXPECT_EQ (with ("@ >= 'inf'::float"), "true|true|false|false");
  EXPECT_EQ (with ("3 < @"), "true|true|false|true");
  EXPECT_EQ (with ("3 >= @"), "false|false|true|false");
  EXPECT_EQ (with ("'nan'::float <= @"), "true|true|false|false");
  EXPECT_EQ (with ("'nan'::float > @"), "false|false|true|true");
  EXPECT_EQ (with ("@ < f"), "false|false|false|null");
  EXPECT_EQ (with ("f < @"), "true|true|true|null");
  EXPECT_EQ (with ("@ in (4, 'nan'::float)"), "true|true|false|true");
  EXPECT_EQ (with ("@ between 3.5 and 'nan'::float"), "true|true|false|true");
}

TEST (Evaluate, CastsOfTextsTakeBlanksAndLeadingZeros)
{
  EXPECT_EQ (run ("cast('007' as int) * k"), "7|14|21|28");
  EXPECT_EQ (run ("cast('\t -0012 ' as int) + k"), "-11|-10|-9|-8");
  EXPECT_EQ (run ("cast('-0009223372036854775808' as int) + 0 * k"),
             "-9223372036854775808|-9223372036854775808|-9223372036854775808|-9223372036854775808");
  EXPECT_EQ (run ("cast('000' as int) + k"), "1|2|3|4");
  EXPECT_EQ (run ("cast(' 001.50' as float) * k"), "1.5|3.0|4.5|6.0");
  EXPECT_EQ (run ("cast('+00.250' as decimal(5,2)) * k"), "0.25|0.50|0.75|1.00");
  EXPECT_EQ (run ("cast(if(k = 1, '1e3', '1') as int)"), "1000|1|1|1");
  EXPECT_EQ (run ("cast(if(k = 1, '1.5', '1') as int)"),
             "row 0: cannot cast '1.5' to int; try_cast gives null instead");
  EXPECT_EQ (run ("try_cast('1.0' as int) = k"), "true|false|false|false");
  EXPECT_EQ (run ("cast('1e3' as float) * k"), "1000.0|2000.0|3000.0|4000.0");
  EXPECT_EQ (run ("try_cast('- 1' as int) is null and try_cast(' ' as int) is null and try_cast('-' as float) is null"),
             "true|true|true|true");
}

// Lists long enough for a hash set, beside the same asked item by item.
TEST (Evaluate, LongConstantLists)
{
  EXPECT_EQ (run ("i in (5, 1, 5, 9223372036854775807, 8, 9)"), "true|false|true|null");
  EXPECT_EQ (run ("i not in (5, 1, 5, 9223372036854775807, 8, 9)"), "false|true|false|null");
  EXPECT_EQ (run ("i in (5, 1, null, 6, 8, 9)"), "true|null|null|null");
  EXPECT_EQ (run ("i not in (5, 1, null, 6, 8, 9)"), "false|null|null|null");
  EXPECT_EQ (run ("k in (null, null, null, null, null)"), "null|null|null|null");
  EXPECT_EQ (run ("s in ('a', 'ab', '', 'Zürich', 'abcd')"), "false|true|true|null");
  EXPECT_EQ (run ("s in ('a', 'abc', 'b', 'Zurich', 'abcd', 'a text that is longer than a word of hash')"),
             "true|false|false|null");
  EXPECT_EQ (run ("f in (-0.0, 7, 8, 9, 0.5)"), "true|false|true|null");
  EXPECT_EQ (run ("'nan'::float * k in (1.5, 2, 3, 4, 'nan'::float)"), "true|true|true|true");
  EXPECT_EQ (run ("d in ('2024-02-29', '1969-12-31', '2001-01-01', '2001-01-02')"), "true|true|false|null");
  EXPECT_EQ (run ("k::decimal(4,1) in (1, 2.0::decimal(3,1), 7, 8)"), "true|true|false|false");
  EXPECT_EQ (run ("b in (true, true, true, true)"), "true|false|true|null");
  EXPECT_EQ (run ("3 in (1, 2, 4, 5, 6)"), "false|false|false|false");
  EXPECT_EQ (run ("if(k > 2, k in (1, 2, 3, 5, 7), null)"), "null|null|true|false");
}

TEST (Evaluate, CopiesKeepTheirList)
{
  Fixture fixture;
  PlExpression *where = pl_expression_parse ("s in ('abc', 'x', 'y', 'z')", nullptr, nullptr);
  ASSERT_TRUE (pl_expression_check (where, fixture.schema, pl_function_table (), nullptr, nullptr));
  g_autoptr (PlExpression) copy = pl_expression_copy (where);
  pl_expression_free (where);
  guint32 rows[4];
  gsize n = 0;
  ASSERT_TRUE (pl_expression_select (copy, &fixture.batch, rows, &n, nullptr));
  ASSERT_EQ (n, 1u);
  EXPECT_EQ (rows[0], 0u);
}

TEST (Evaluate, BoolsAreCompared)
{
  EXPECT_EQ (run ("b = (k > 1)"), "false|false|true|null");
  EXPECT_EQ (run ("b != (k > 1)"), "true|true|false|null");
  EXPECT_EQ (run ("b < (k > 1)"), "false|true|false|null");
  EXPECT_EQ (run ("b >= (k > 1)"), "true|false|true|null");
  EXPECT_EQ (run ("b <= true"), "true|true|true|null");
}

// Half a unit goes away from zero, also where nothing but the rounding is left.
TEST (Evaluate, DecimalsLoseAllOfTheirDigits)
{
  std::string below = "0." + std::string (38, '4'), at = "0.5" + std::string (37, '0');
  EXPECT_EQ (run (("cast(cast('" + at + "' as decimal(38,38)) as decimal(1,0))").c_str ()), "1|1|1|1");
  EXPECT_EQ (run (("cast(cast('-" + at + "' as decimal(38,38)) as decimal(1,0))").c_str ()), "-1|-1|-1|-1");
  EXPECT_EQ (run (("cast(cast('" + below + "' as decimal(38,38)) as decimal(1,0))").c_str ()), "0|0|0|0");
}

TEST (Evaluate, AnEscapeOfLikeIsOneCharacterOfAscii)
{
  EXPECT_EQ (run ("'5%' like '5!%' escape if(k < 3, '!', '!!')"),
             "row 2: the escape of like must be one ASCII character, not '!!'");
  EXPECT_EQ (run ("'5%' like '5!%' escape if(k < 2, '!', 'ü')"),
             "row 1: the escape of like must be one ASCII character, not 'ü'");
}

// A text that a column of dates makes a date is shown as one that can be written.
TEST (Evaluate, DatesInMessagesCanBeWritten)
{
  EXPECT_EQ (run ("if(coalesce(d, '2024-02-29'), 1, 2)"),
             "@3 if needs a condition, and coalesce(d, cast('2024-02-29' as date)) is date; compare it, as in "
             "coalesce(d, cast('2024-02-29' as date)) is not null");
}

// The second text is never looked at, so that it need not be there.
TEST (Evaluate, TextsJoinedBeyondWhatATextMayHave)
{
  PlText left[3] = {{"a", 1, 0}, {"b", 1, 0}, {"c", 1, 0}};
  PlText right[3] = {{"x", 1, 0}, {"y", G_MAXUINT32, 0}, {"z", 1, 0}};
  guint8 nulls[3] = {0, 0, 0};
  PlColumn a = {}, b = {};
  a.type = b.type = PL_TYPE (PL_STRING);
  a.texts = left;
  b.texts = right;
  PlArena *arena = pl_arena_new ();
  gsize failed = 0;
  pl_kernel_concat ({&a, FALSE}, {&b, FALSE}, 3, arena, &failed);
  EXPECT_EQ (failed, 1u);
  nulls[1] = 1;
  b.nulls = nulls;
  PlColumn *joined = pl_kernel_concat ({&a, FALSE}, {&b, FALSE}, 3, arena, &failed);
  EXPECT_EQ (failed, PL_NO_ROW);
  EXPECT_EQ (std::string (joined->texts[2].data, joined->texts[2].length), "cz");
  pl_arena_free (arena);
}

// Found by the fuzzer: twice 38 digits wrapped round 128 bits, and failed rows went on with what no decimal holds.
TEST (Evaluate, DecimalsBeyond38Digits)
{
  std::string nines (38, '9');
  EXPECT_EQ (run ((nines + " + k * " + nines).c_str ()),
             "row 0: " + nines + " + " + nines + " is beyond the 38 digits of a decimal; cast one side to float");
  EXPECT_EQ (run (("-" + nines + " - k * " + nines).c_str ()),
             "row 0: -" + nines + " - " + nines + " is beyond the 38 digits of a decimal; cast one side to float");
  EXPECT_EQ (
      run ("i* 4444445222222245222222222222222222* 44444444-i*- 444444444444444444444444422222222222* 44444444-i*- "
           "44444444444444444444444444>=1")
          .substr (0, 7),
      "row 0: "); // 4.4e33 * 4.4e7
}
