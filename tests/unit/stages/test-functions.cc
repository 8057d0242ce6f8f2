// The registry of scalar functions, and what each family gives; expected values by hand and from Python's datetime.
#include "../expression/harness.h"
#include "../../../stages/functions/registry.h"

#include <set>

static std::string
one (const char *text)
{
  std::string rows = run (text);
  return rows.substr (0, rows.find ('|'));
}

TEST (Functions, AreDocumented)
{
  std::set<std::string> seen;
  auto check = [&] (const PlFunction *function) {
    ASSERT_NE (function->name, nullptr);
    EXPECT_TRUE (seen.insert (function->name).second) << function->name << " is there twice";
    ASSERT_NE (function->signature, nullptr) << function->name;
    EXPECT_EQ (std::string (function->signature).rfind (function->name, 0), 0u) << function->signature;
    ASSERT_NE (function->summary, nullptr) << function->name;
    EXPECT_NE (function->summary[0], '\0') << function->name;
    EXPECT_NE (std::string (function->summary).back (), '.') << function->name;
    ASSERT_NE (function->example, nullptr) << function->name;
    EXPECT_NE (std::string (function->example).find (function->name), std::string::npos) << function->example;
    EXPECT_EQ (run (function->example), "true|true|true|true") << function->example;
  };
  const char *last = "";
  for (const PlFunction *const *function = pl_functions (); *function != nullptr; function++)
    {
      check (*function);
      EXPECT_LT (std::string (last), (*function)->name);
      last = (*function)->name;
      EXPECT_NE ((*function)->bind, nullptr) << last;
      EXPECT_NE ((*function)->evaluate, nullptr) << last;
      EXPECT_EQ (pl_function_table ()->find (last), *function);
    }
  for (const PlFunction *form = pl_language_forms (); form->name != nullptr; form++)
    {
      check (form);
      EXPECT_EQ (pl_function_table ()->find (form->name), nullptr);
    }
  for (const char *name : {"if", "case", "cast", "try_cast", "coalesce", "ifnull", "lpad", "date_diff", "strptime"})
    EXPECT_EQ (seen.count (name), 1u) << name;
}

TEST (Functions, Padding)
{
  EXPECT_EQ (run ("lpad(s, 5)"), "  abc|Züric|     |null");
  EXPECT_EQ (run ("rpad(s, k * 2, 'üx')"), "ab|Züri|üxüxüx|null");
  EXPECT_EQ (run ("lpad(s, 5, '')"), "abc|Züric||null");
  EXPECT_EQ (run ("lpad(s, -1, 'x')"), "|||null");
  EXPECT_EQ (one ("lpad('a', 6, 'xyz')"), "xyzxya");
  EXPECT_EQ (one ("rpad('a', 6, 'xyz')"), "axyzxy");
  EXPECT_EQ (run ("rpad(s, 9223372036854775807, 'ab')"), "row 0: a text would be longer than 1 MiB");
}

TEST (Functions, ConcatTakesAnyType)
{
  EXPECT_EQ (one ("concat('a', null, 1, 2.5, true, cast('2024-01-31' as date))"), "a12.5true2024-01-31");
  EXPECT_EQ (one ("concat(cast('2024-01-31' as date), ' at noon')"), "2024-01-31 at noon");
}

TEST (Functions, TextsThatGrowAreBounded)
{
  EXPECT_EQ (one ("length(repeat('ab', 524288))"), "1048576");
  EXPECT_EQ (run ("repeat(s, 1048577)"), "row 0: a text would be longer than 1 MiB");
  EXPECT_EQ (one ("length(lpad('', 1048576))"), "1048576");
  EXPECT_EQ (run ("lpad(s, 1048577)"), "row 0: a text would be longer than 1 MiB");
  EXPECT_EQ (one ("length(replace(repeat('x', 1024), 'x', repeat('y', 1024)))"), "1048576");
  EXPECT_EQ (run ("replace(s || repeat('x', 1024), 'x', repeat('y', 1025))"),
             "row 0: a text would be longer than 1 MiB");
  EXPECT_EQ (one ("length(replace(repeat('x', 1048576), 'x', '12345678'))"), "8388608");
  EXPECT_EQ (run ("replace(s || repeat('x', 1048576), 'x', '123456789')"),
             "row 0: a text would be longer than 8 times the one it is made of");
}

TEST (Functions, SplitPart)
{
  EXPECT_EQ (run ("split_part('a/b//d', '/', k)"), "a|b||d");
  EXPECT_EQ (run ("split_part('a/b//d', '/', -k)"), "d||b|a");
  EXPECT_EQ (run ("split_part('a--b', '--', k)"), "a|b||");
  EXPECT_EQ (run ("split_part('abc', '', k)"), "abc|||");
  EXPECT_EQ (one ("split_part('abc', '/', 0) = ''"), "true");
  EXPECT_EQ (run ("split_part(s, 'ü', 1)"), "abc|Z||null");
}

TEST (Functions, TrimTakesCharacters)
{
  // 'ü' is C3 BC, 'ö' C3 B6, 'Ã' C3 83: by bytes, C3 would be cut off the others.
  EXPECT_EQ (one ("trim('üöaöü', 'ü')"), "öaö");
  EXPECT_EQ (one ("trim('üöaöü', 'öü')"), "a");
  EXPECT_EQ (one ("rtrim('aÃ', 'ü')"), "aÃ");
  EXPECT_EQ (one ("ltrim('€€5', '€')"), "5");
  EXPECT_EQ (one ("trim('abc', '')"), "abc");
  EXPECT_EQ (one ("trim('xüx', 'xü') = ''"), "true");
  EXPECT_EQ (one ("rtrim('a. ', ' .')"), "a");
}

TEST (Functions, DateDiffCountsStartsOfUnits)
{
  EXPECT_EQ (run ("date_diff('day', d, '2000-01-01')"), "-8825|10958|0|null");
  EXPECT_EQ (run ("date_diff('year', '1999-12-31', d)"), "25|-30|1|null");
  EXPECT_EQ (one ("date_diff('month', '2024-01-31', '2024-02-01')"), "1");
  EXPECT_EQ (one ("date_diff('quarter', '2023-12-31', '2024-04-01')"), "2");
  EXPECT_EQ (one ("date_diff('week', '2024-03-03', '2024-03-04')"), "1"); // Sunday, Monday
  EXPECT_EQ (one ("date_diff('week', '2024-03-04', '2024-03-10')"), "0");
  EXPECT_EQ (one ("date_diff('week', '1969-12-28', '1969-12-29')"), "1");
  EXPECT_EQ (one ("date_diff('hour', '2024-01-01 00:59:59', '2024-01-01 01:00:00')"), "1");
  EXPECT_EQ (one ("date_diff('minute', '1969-12-31 23:59:30', '1970-01-01 00:00:30')"), "1");
  EXPECT_EQ (one ("date_diff('second', '2024-02-28', '2024-03-01')"), "172800");
  EXPECT_EQ (one ("date_diff('microsecond', '1970-01-01', '1969-12-31 23:59:59.999999')"), "-1");
  EXPECT_EQ (run ("date_diff('days', d, d)"),
             "@0 date_diff needs a unit as its first argument: 'year', 'quarter', 'month', 'week', 'day', 'hour', "
             "'minute', 'second', 'millisecond' or 'microsecond'");
  EXPECT_EQ (run ("date_diff('day', k, d)"),
             "@0 date_diff(unit, a, b) cannot take int where it needs timestamp; cast it first");
  EXPECT_EQ (run ("date_diff('day', 'soon', d)"), "@17 cannot cast 'soon' to timestamp; try_cast gives null instead");
}

TEST (Functions, DateAdd)
{
  EXPECT_EQ (run ("date_add('month', k, d)"), "2024-03-29|1970-02-28|2000-04-01|null");
  EXPECT_EQ (run ("date_add('year', 1, d)"), "2025-02-28|1970-12-31|2001-01-01|null");
  EXPECT_EQ (run ("date_add('quarter', -1, d)"), "2023-11-29|1969-09-30|1999-10-01|null");
  EXPECT_EQ (run ("date_add('week', 2, d)"), "2024-03-14|1970-01-14|2000-01-15|null");
  EXPECT_EQ (run ("date_add('hour', -1, d)"), "2024-02-28 23:00:00|1969-12-30 23:00:00|1999-12-31 23:00:00|null");
  EXPECT_EQ (one ("date_add('month', 1, '2023-01-31 10:20:30.5')"), "2023-02-28 10:20:30.5");
  EXPECT_EQ (one ("date_add('day', 1, cast('2024-12-31 23:00:00+00:00' as timestamp with zone))"),
             "2025-01-01 23:00:00+00:00");
  EXPECT_EQ (run ("date_add('month', 96000 * k, d)"), "row 0: date_add of 96000 leads outside the years 0001 to 9999");
  EXPECT_EQ (run ("date_add('day', -9223372036854775807 + k, d)"),
             "row 0: date_add of -9223372036854775806 leads outside the years 0001 to 9999");
}

TEST (Functions, DateTrunc)
{
  EXPECT_EQ (run ("date_trunc('week', d)"), "2024-02-26|1969-12-29|1999-12-27|null");
  EXPECT_EQ (run ("date_trunc('quarter', d)"), "2024-01-01|1969-10-01|2000-01-01|null");
  EXPECT_EQ (one ("date_trunc('hour', '1969-12-31 23:59:59.5')"), "1969-12-31 23:00:00");
  EXPECT_EQ (one ("date_trunc('millisecond', '1969-12-31 23:59:59.123456')"), "1969-12-31 23:59:59.123");
  EXPECT_EQ (one ("date_trunc('month', '2024-02-29 13:00:00')"), "2024-02-01 00:00:00");
  EXPECT_EQ (one ("year('2024-02-29')"), "2024");
}

TEST (Functions, Strftime)
{
  EXPECT_EQ (run ("strftime(d, '%d.%m.%Y')"), "29.02.2024|31.12.1969|01.01.2000|null");
  EXPECT_EQ (run ("strftime(d, '%A %a %B %b %j %u %y')"),
             "Thursday Thu February Feb 060 4 24|Wednesday Wed December Dec 365 3 69|Saturday Sat January Jan 001 6 00|"
             "null");
  EXPECT_EQ (one ("strftime('2024-02-29 00:05:06.000789', '%F %T.%f %I%p|')"), "2024-02-29 00:05:06.000789 12AM");
  EXPECT_EQ (one ("strftime('2024-02-29 12:05:06', '%I %p 100%%')"), "12 PM 100%");
  EXPECT_EQ (one ("strftime('2024-02-29 23:05:06', '%I%z')"), "11");
  EXPECT_EQ (one ("strftime(cast('2024-02-29 23:05:06Z' as timestamp with zone), '%H%z')"), "23+0000");
  EXPECT_EQ (one ("strftime('0001-01-01', '%Y-%j')"), "0001-001");
  EXPECT_EQ (one ("strftime('2024-02-09 23:05:06.9', '%e %h %D %R %s [%Z]')"), " 9 Feb 02/09/24 23:05 1707519906 []");
  EXPECT_EQ (one ("strftime('2024-02-09 03:05:06', '%-d.%-m. %-e %-j %-H %-I %-M %-S')"), "9.2. 9 40 3 3 5 6");
  EXPECT_EQ (one ("strftime('2024-10-20 00:00:00', '%-d.%-m. %-H %-I %-M')"), "20.10. 0 12 0");
  EXPECT_EQ (run ("strftime(d, '%-Y')"), "@0 strftime has no %-Y; there are %Y %y %m %b %h %B %d %e %j %a %A %u %H "
                                         "%I %p %M %S %f %z %Z %s %F %D %T %R %%, and %-d and the like");
  EXPECT_EQ (one ("strftime(cast('1969-12-31 23:59:59.5Z' as timestamp with zone), '%s %Z')"), "-1 UTC");
  std::string formats, epochs;
  for (int i = 0; i < 100; i++)
    {
      formats += "%s";
      epochs += "-62135596800";
    }
  EXPECT_EQ (one (("strftime('0001-01-01', '" + formats + "')").c_str ()), epochs);
  EXPECT_EQ (run ("strftime(d, '%Q')"), "@0 strftime has no %Q; there are %Y %y %m %b %h %B %d %e %j %a %A %u %H "
                                        "%I %p %M %S %f %z %Z %s %F %D %T %R %%, and %-d and the like");
  EXPECT_EQ (run ("strftime(d, '5%')"), "@0 strftime has no %; there are %Y %y %m %b %h %B %d %e %j %a %A %u %H "
                                        "%I %p %M %S %f %z %Z %s %F %D %T %R %%, and %-d and the like");
  EXPECT_EQ (run ("strftime(d, s)"), "@0 strftime(x, format) needs its format as a constant text, such as '%Y-%m-%d'");
  EXPECT_EQ (run (("strftime(d, '" + std::string (201, 'x') + "')").c_str ()),
             "@0 the format of strftime is longer than 200 bytes");
}

TEST (Functions, Strptime)
{
  EXPECT_EQ (run ("strptime(lpad(k::string, 2, '0') || '/2024', '%m/%Y')"),
             "2024-01-01|2024-02-01|2024-03-01|2024-04-01");
  EXPECT_EQ (run ("strptime(lpad(k::string, 2, '0') || '/03/2024', '%d/%m/%Y')"),
             "2024-03-01|2024-03-02|2024-03-03|2024-03-04");
  EXPECT_EQ (one ("strptime('29 Feb 2024 01:02 PM', '%d %b %Y %I:%M %p')"), "2024-02-29 13:02:00");
  EXPECT_EQ (one ("strptime('2024-02-29 01:02 +0200', '%Y-%m-%d %H:%M %z')"), "2024-02-28 23:02:00+00:00");
  EXPECT_EQ (run ("strptime(s, '%Y-%m-%d')"),
             "row 0: cannot read 'abc' by the format '%Y-%m-%d'; try_strptime gives null instead");
  EXPECT_EQ (run ("try_strptime(s, '%Y-%m-%d')"), "null|null|null|null");
  EXPECT_EQ (run ("strptime(s, s)"), "@0 strptime(s, format) needs its format as a constant text, such as '%Y-%m-%d'");
}
