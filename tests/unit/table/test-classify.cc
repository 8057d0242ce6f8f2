/* The type of a text nobody declared, and the texts of bool. */

#include "helpers.h"
#include "../../../pipeline/table/parse.h"

static std::string
class_of (const std::string &text)
{
  return pl_type_name (pl_classify (text.data (), text.size ()));
}

TEST (Classify, FindsTheNarrowestType)
{
  const struct
  {
    const char *text, *name;
  } cases[] = {
      {"true", "bool"},
      {"FALSE", "bool"},
      {"0", "int"},
      {"-12", "int"},
      {"+5", "int"},
      {"9223372036854775807", "int"},
      {"-9223372036854775808", "int"},
      {"9223372036854775808", "decimal(38,0)"},
      {"-9223372036854775809", "decimal(38,0)"},
      {"99999999999999999999999999999999999999", "decimal(38,0)"},
      {"+99999999999999999999999999999999999999", "decimal(38,0)"},
      {"100000000000000000000000000000000000000", "string"},
      {"-100000000000000000000000000000000000000", "string"},
      {"1.5", "float"},
      {"1.", "float"},
      {".5", "float"},
      {"1e5", "float"},
      {"1e-400", "float"},
      {"nan", "float"},
      {"-inf", "float"},
      {"100000000000000000000000000000000000000.5", "float"},
      {"2001-01-31", "date"},
      {"2001/01/31", "date"},
      {"2001-01-31 10:00", "timestamp"},
      {"2001-01-31T10:00:00Z", "timestamp with zone"},
      {"2001/01/31 10:00:00.5-05:00", "timestamp with zone"},
      {"1234-5", "string"},
  };
  for (const auto &c : cases)
    EXPECT_EQ (class_of (c.text), c.name) << c.text;
}

TEST (Classify, LeavesTheRestAsText)
{
  for (const char *text : {"",     " ",          "007",      "-01",        "00",
                           "00.5", "1e400",      "0x10",     "1,000",      "yes",
                           "t",    "2001-02-30", "2001-1-1", "10:00",      "1 ",
                           " 1",   "true ",      "-",        "+",          ".",
                           "e",    "1e",         "nann",     "1234-12345", "2001-01-31 25:00"})
    EXPECT_EQ (class_of (text), "string") << text;
}

TEST (ParseBool, TakesTrueAndFalseInAnyCase)
{
  for (const char *text : {"true", "TRUE", "True", "tRuE"})
    {
      guint8 value = 7;
      EXPECT_TRUE (pl_parse_bool (text, 4, &value));
      EXPECT_EQ (value, 1);
    }
  for (const char *text : {"false", "FALSE", "False"})
    {
      guint8 value = 7;
      EXPECT_TRUE (pl_parse_bool (text, 5, &value));
      EXPECT_EQ (value, 0);
    }
  for (const char *text : {"", "t", "f", "yes", "1", "0", "truee", "tru", "fals", "falsee", " true"})
    {
      guint8 value = 7;
      EXPECT_FALSE (pl_parse_bool (text, strlen (text), &value)) << text;
      EXPECT_EQ (value, 7);
    }
}
