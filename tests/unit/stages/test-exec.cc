// exec: what answers are taken for what, record by record, and rows through real programs under every split.
#include "harness.hh"
#include "../../../stages/exec/answer.h"
#include "../../../stages/exec/json.h"

namespace
{

// The texts of a CSV record, "-" for null, or why it is none.
std::string
split_csv (const std::string &record, guint n)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlText texts[8] = {};
  guint8 nulls[8] = {};
  char *reason = NULL;
  if (!pl_answer_split_csv (record.data (), record.size (), n, texts, nulls, arena, &reason))
    return take (reason);
  std::string result;
  for (guint i = 0; i < n; i++)
    result += (i > 0 ? "|" : "") + (nulls[i] ? std::string ("-") : std::string (texts[i].data, texts[i].length));
  return result;
}

// The texts of columns a and b.
std::string
split_json (const std::string &line)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  g_autoptr (PlSchema) schema = pl_schema_new ();
  pl_schema_add (schema, "a", PL_TYPE (PL_STRING));
  pl_schema_add (schema, "b", PL_TYPE (PL_STRING));
  PlText texts[2] = {};
  guint8 nulls[2] = {};
  char *reason = NULL;
  if (!pl_answer_split_json (line.data (), line.size (), schema, texts, nulls, arena, &reason))
    return take (reason);
  std::string result;
  for (guint i = 0; i < 2; i++)
    result += (i > 0 ? "|" : "") + (nulls[i] ? std::string ("-") : std::string (texts[i].data, texts[i].length));
  return result;
}

TEST (ExecAnswer, RecordsOfCsv)
{
  EXPECT_EQ (split_csv ("a,b\n", 2), "a|b");
  EXPECT_EQ (split_csv ("a,b\r\n", 2), "a|b");
  EXPECT_EQ (split_csv ("\"a, \"\"b\"\"\n\",\n", 2), "a, \"b\"\n|-");
  EXPECT_EQ (split_csv ("\"\",\"x\"\n", 2), "|x");
  EXPECT_EQ (split_csv ("\n", 1), "-");
  EXPECT_EQ (split_csv ("a \"b\",c\"\n", 2), "a \"b\"|c\"");
}

TEST (ExecAnswer, RecordsThatAreNone)
{
  EXPECT_EQ (split_csv ("a\n", 2), "answered 'a', which has 1 field, expected 2");
  EXPECT_EQ (split_csv ("a,b,c\n", 1), "answered 'a,b,c', which has 3 fields, expected 1");
  EXPECT_EQ (split_csv ("\"a\"b,c\n", 2), "answered '\"a\"b,c', where text stands behind a closing quote");
  EXPECT_EQ (split_csv ("\"a\n", 1), "answered '\"a', where text stands behind a closing quote");
  EXPECT_EQ (split_csv (std::string (70, 'x') + "\n", 2),
             "answered '" + std::string (64, 'x') + "…', which has 1 field, expected 2");
}

TEST (ExecAnswer, ObjectsOfJson)
{
  EXPECT_EQ (split_json ("{\"b\": 1.50, \"a\": \"x\"}\n"), "x|1.50");
  EXPECT_EQ (split_json (" { \"a\" : null , \"c\" : [1, {\"d\": []}, \"]\"] , \"b\" : true } \r\n"), "-|true");
  EXPECT_EQ (split_json ("{\"a\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\", \"b\": \"\"}"),
             "\"\\/\b\f\n\r\té😀|");
  EXPECT_EQ (split_json ("{\"a\": [1, 2], \"b\": {\"x\": -0.5e+3}}"), "[1, 2]|{\"x\": -0.5e+3}");
}

TEST (ExecAnswer, LinesThatAreNoObjects)
{
  const std::string none = "answered a line that is not a JSON object: ";
  EXPECT_EQ (split_json ("{\"a\": 1}"), "answered an object without 'b'");
  EXPECT_EQ (split_json ("\n"), none + "something that is no object");
  EXPECT_EQ (split_json ("[1]"), none + "something that is no object");
  EXPECT_EQ (split_json ("{\"a\": 1, \"b\": 2} x"), none + "text behind the object");
  EXPECT_EQ (split_json ("{\"a\" 1}"), none + "an object without a name or a colon");
  EXPECT_EQ (split_json ("{\"a\": }"), none + "something that is no value");
  EXPECT_EQ (split_json ("{\"a\": 01}"), none + "something that is no value");
  EXPECT_EQ (split_json ("{\"a\": 1.}"), none + "a number that ends with its point");
  EXPECT_EQ (split_json ("{\"a\": 1e}"), none + "a number without the digits of its exponent");
  EXPECT_EQ (split_json ("{\"a\": tru}"), none + "something that is no value");
  EXPECT_EQ (split_json ("{\"a\": \"x}"), none + "a text that is not closed");
  EXPECT_EQ (split_json ("{\"a\": \"x\\"), none + "a text that is not closed");
  EXPECT_EQ (split_json ("{\"a\": \"\\x\"}"), none + "an unknown escape in a text");
  EXPECT_EQ (split_json ("{\"a\": \"\\u00g0\"}"), none + "a \\u without four hexadecimal digits");
  EXPECT_EQ (split_json ("{\"a\": \"\\ud83d\"}"), none + "half a character behind \\u");
  EXPECT_EQ (split_json ("{\"a\": \"\\ude00\"}"), none + "half a character behind \\u");
  EXPECT_EQ (split_json ("{\"a\": \"\\u0000\"}"), none + "a NUL in a text");
  EXPECT_EQ (split_json ("{\"a\": \"\x01\"}"), none + "a control character in a text");
  EXPECT_EQ (split_json ("{\"a\": [1, 2"), none + "a list or an object that is not closed");
  EXPECT_EQ (split_json ("{\"a\": " + std::string (100, '[')), none + "values nested more than 64 deep");
  EXPECT_EQ (split_json ("{\"a\":"), none + "a value that is missing");
}

// Cut off anywhere, a line is refused and never read past its end.
TEST (ExecAnswer, LinesCutOffAnywhere)
{
  const std::string line = "{\"a\": [1.5e3, {\"x\": \"\\ud83d\\ude00\\n\"}], \"b\": null}";
  ASSERT_EQ (split_json (line).substr (0, 5), "[1.5e");
  for (gsize length = 0; length < line.size (); length++)
    {
      g_autofree char *part = (char *) g_memdup2 (line.data (), length + (length == 0));
      EXPECT_NE (split_json (std::string (part, length)).find ("answered "), std::string::npos) << length;
    }
}

TEST (Exec, RowsComeBackAsTheyWent)
{
  const char *rows = "id:int,s,x:float\n1,a,1.50\n2,\"\",\n3,b c,nan\n4,,-1e300\n5,é,0.1\n";
  EXPECT_EQ (run ("exec", "command = cat", rows), "id,s,x\n1,a,1.50\n2,\"\",\n3,b c,nan\n4,,-1e300\n5,é,0.1\n");
  EXPECT_EQ (run ("exec", "command = cat\nformat = jsonl", "id:int,s\n1,a\n2,\"\"\n3,b c\n4,\n"),
             "id,s\n1,a\n2,\"\"\n3,b c\n4,\n");
}

TEST (Exec, AnswersReplaceOrJoinTheRow)
{
  const char *rows = "a:int,b,c\n1,x,y\n2,z,\n";
  EXPECT_EQ (run ("exec", "command = cat\nsend = c; a\nheader = false\nappend = d:string; e:int", rows),
             "a,b,c,d,e\n1,x,y,y,1\n2,z,,,2\n");
  EXPECT_EQ (run ("exec", "command = cat\nsend = c; a\nheader = false\nappend = b:string; \"e f\":int", rows),
             "a,b,c,e f\n1,y,y,1\n2,,,2\n");
  EXPECT_EQ (run ("exec", "command = cat\nsend = a\nheader = false\ncolumns = n:decimal(5,2)", rows), "n\n1\n2\n");
}

TEST (Exec, AProgramThatAnswersAtItsEndIsFoundOut)
{
  EXPECT_EQ (take (pl_harness_run ("exec", "command = tr a-z A-Z\nheader = false", "s\nab\nc\nd\ne\n", PlSplit{})),
             "s\nAB\nC\nD\nE\n");
}

TEST (Exec, AnswersOfTheWrongTypeNameTheValue)
{
  EXPECT_EQ (run ("exec", "command = cat\nsend = s\nheader = false\nappend = n:int", "s\n1\nx\n"),
             "error: 'cat' of [exec x] answered 'x' for column 'n', which is not of type int");
}

TEST (Exec, AProgramThatCannotBeRun)
{
  EXPECT_EQ (issues ("exec", "", "a"), "1:1: [exec x] needs the key 'command'\n");
  EXPECT_EQ (issues ("exec", "command = cat\ntimeout = 0s", "a"),
             "3:11: timeout '0s' is no time at all; write none for no limit\n");
  EXPECT_EQ (issues ("exec", "command = /no/such/program", "a"),
             "2:11: there is no program '/no/such/program' to run\n");
}

} // namespace
