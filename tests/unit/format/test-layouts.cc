/* JSON lines, tables and Markdown, byte for byte. */
#include <cmath>
#include <gtest/gtest.h>
#include "support.h"

TEST (Jsonl, NativeTypes)
{
  Table table (2);
  table.strings ("s", {"x", std::nullopt});
  table.lexical (table.ints ("n", {1, std::nullopt}), {"+1", ""});
  table.lexical (table.floats ("f", {0.5, 2.0}), {".5", "2."});
  PlColumn *flag = table.add ("b", PL_TYPE (PL_BOOL));
  flag->bools[0] = 1;
  flag->bools[1] = 0;
  table.add ("none", PL_TYPE (PL_NULL));
  EXPECT_EQ (render (options_for ("jsonl"), table), "{\"s\":\"x\",\"n\":1,\"f\":0.5,\"b\":true,\"none\":null}\n"
                                                    "{\"s\":null,\"n\":null,\"f\":2.0,\"b\":false,\"none\":null}\n");
}

TEST (Jsonl, KeepsDigitsAndMendsTheRest)
{
  const std::vector<std::string> texts = {"1.50",
                                          "-0",
                                          "1E+5",
                                          ".5",
                                          "-.5",
                                          "5.",
                                          "1.e3",
                                          " +007.250 ",
                                          "-00.5",
                                          "inf",
                                          "-nan",
                                          "0e1",
                                          "12345678901234567890.123456789012345678901",
                                          "00",
                                          "-"};
  const std::vector<std::string> numbers = {"1.50",
                                            "-0",
                                            "1E+5",
                                            "0.5",
                                            "-0.5",
                                            "5.0",
                                            "1.0e3",
                                            "7.250",
                                            "-0.5",
                                            "null",
                                            "null",
                                            "0e1",
                                            "12345678901234567890.123456789012345678901",
                                            "0",
                                            "null"};
  Table table (texts.size ());
  table.lexical (table.floats ("f", std::vector<std::optional<double> > (texts.size (), 7)), texts);
  std::string expected;
  for (const std::string &number : numbers)
    expected += "{\"f\":" + number + "}\n";
  EXPECT_EQ (render (options_for ("jsonl"), table), expected);
}

TEST (Jsonl, WhatJsonHasNoWordsForIsNull)
{
  Table table (3);
  table.floats ("f", {NAN, INFINITY, -INFINITY});
  EXPECT_EQ (render (options_for ("jsonl"), table), "{\"f\":null}\n{\"f\":null}\n{\"f\":null}\n");
}

TEST (Jsonl, EscapesKeysAndTexts)
{
  Table table (1);
  table.strings ("a\"b", {std::string ("\"\\/\b\f\n\r\t\x01\x1f\x7f\0é", 14)});
  EXPECT_EQ (render (options_for ("jsonl"), table),
             "{\"a\\\"b\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000é\"}\n");
}

TEST (Jsonl, DatesAndDecimals)
{
  Table table (1);
  table.add ("d", PL_TYPE (PL_DATE))->dates[0] = 11353;
  table.add ("t", PL_TYPE (PL_TIMESTAMP))->ints[0] = 1500000;
  table.add ("m", PL_TYPE_DECIMAL (5, 2))->decimals[0] = 150;
  EXPECT_EQ (render (options_for ("jsonl"), table),
             "{\"d\":\"2001-01-31\",\"t\":\"1970-01-01 00:00:01.5\",\"m\":1.50}\n");
}

TEST (Jsonl, FloatFormat)
{
  Table table (1);
  PlFormatOptions options = options_for ("jsonl");
  table.floats ("f", {1.5});
  options.float_format = const_cast<char *> ("%.2f");
  EXPECT_EQ (render (options, table), "{\"f\":1.50}\n");
  options.float_format = const_cast<char *> ("%6.2f");
  EXPECT_EQ (render (options, table), "{\"f\":\"  1.50\"}\n");
}

TEST (TableFormat, AlignsAndRules)
{
  Table table (3);
  table.strings ("carrier", {"UA", "B6", std::nullopt});
  table.ints ("flights", {58665, 7, std::nullopt});
  table.floats ("mean", {3.5, std::nullopt, 12.25});
  table.strings ("note", {"", "x", std::nullopt});
  EXPECT_EQ (render (options_for ("table"), table), "carrier  flights   mean  note\n"
                                                    "-------  -------  -----  ----\n"
                                                    "UA         58665    3.5\n"
                                                    "B6             7         x\n"
                                                    "                  12.25\n");
}

TEST (TableFormat, WithoutHeader)
{
  Table table (2);
  PlFormatOptions options = options_for ("table");
  options.header = FALSE;
  table.strings ("a", {"x", "yyy"});
  table.ints ("b", {10, 2});
  EXPECT_EQ (render (options, table), "x    10\nyyy   2\n");
}

TEST (TableFormat, WidthsAreTerminalColumns)
{
  Table table (3);
  /* A wide ideograph, and an e with a combining accent. */
  table.strings ("s", {"日本", "e\xcc\x81", "abc"});
  table.ints ("n", {1, 2, 3});
  EXPECT_EQ (render (options_for ("table"), table), "s     n\n----  -\n日本  1\ne\xcc\x81     2\nabc   3\n");
}

TEST (TableFormat, ControlCharactersAreShown)
{
  Table table (1);
  table.strings ("s", {std::string ("a\nb\tc\r\x1b[31m\0\xff\xc2\x9b", 15)});
  EXPECT_EQ (render (options_for ("table"), table), "s\n"
                                                    "-------------------------------\n"
                                                    "a\\nb\\tc\\r\\x1b[31m\\x00\\xff\\u009b\n");
}

TEST (TableFormat, NumbersShowTheirTextUnlessThereIsAFormat)
{
  Table table (1);
  table.lexical (table.floats ("f", {1.5}), {"1.500"});
  table.lexical (table.ints ("n", {1}), {"+1"});
  EXPECT_EQ (render (options_for ("table"), table), "    f   n\n-----  --\n1.500  +1\n");
  PlFormatOptions options = options_for ("table");
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_FLOAT)), PL_USE_TEXT | PL_USE_VALUE);
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_DATE)), PL_USE_TEXT);
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_INT)), PL_USE_TEXT | PL_USE_VALUE);
  options.float_format = const_cast<char *> ("%.1f");
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_FLOAT)), PL_USE_VALUE);
  EXPECT_EQ (render (options, table), "  f   n\n---  --\n1.5  +1\n");
}

TEST (TableFormat, NoRows)
{
  Table table (0);
  table.strings ("name", {});
  EXPECT_EQ (render (options_for ("table"), table), "name\n----\n");
}

TEST (Markdown, AlignsAndEscapes)
{
  Table table (3);
  table.strings ("na|me", {"a|b", "two\nlines", "crlf\r\nend\r"});
  table.ints ("n", {1, std::nullopt, 300});
  EXPECT_EQ (render (options_for ("markdown"), table), "| na\\|me          |   n |\n"
                                                       "|:----------------|----:|\n"
                                                       "| a\\|b            |   1 |\n"
                                                       "| two<br>lines    |     |\n"
                                                       "| crlf<br>end<br> | 300 |\n");
}

TEST (Markdown, WithoutHeaderItsCellsAreEmpty)
{
  Table table (1);
  PlFormatOptions options = options_for ("markdown");
  options.header = FALSE;
  options.null_text = const_cast<char *> ("-");
  table.ints ("a", {std::nullopt});
  EXPECT_EQ (render (options, table), "|    |\n|---:|\n|  - |\n");
}
