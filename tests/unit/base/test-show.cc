/* What of others' text is escaped, and that characters are cut whole. */
#include <gtest/gtest.h>

#include "../../../pipeline/base/show.h"

namespace
{

std::string
shown (const std::string &text, PlShow how = PL_SHOW_LINE)
{
  PlBuffer out = PL_BUFFER_INIT;
  pl_show_append (&out, text.data (), text.size (), how);
  std::string result (out.data != nullptr ? out.data : "", out.length);
  pl_buffer_clear (&out);
  return result;
}

std::string
some (const std::string &text, gsize most)
{
  g_autofree char *result = pl_show_some (text.data (), text.size (), most);
  return result;
}

TEST (Show, LineEndsAndControlsAreEscaped)
{
  EXPECT_EQ (shown ("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ (shown (std::string ("\x1b[31m\0\x07\x7f", 8)), "\\x1b[31m\\x00\\x07\\x7f");
  for (char c = 1; c < 0x20; c++)
    EXPECT_EQ (shown (std::string (1, c))[0], '\\') << int (c);
}

TEST (Show, WhatIsNotSeenAsItselfIsEscaped)
{
  struct
  {
    const char *text, *shown;
  } const cases[] = {
      {"\u0080", "\\u0080"}, {"\u009b31m", "\\u009b31m"}, {"\u009f", "\\u009f"},         {"\u00ad", "\\u00ad"},
      {"\u061c", "\\u061c"}, {"\u200b", "\\u200b"},       {"\u200c", "\\u200c"},         {"\u200d", "\\u200d"},
      {"\u200e", "\\u200e"}, {"\u200f", "\\u200f"},       {"\u2028", "\\u2028"},         {"\u2029", "\\u2029"},
      {"\u202a", "\\u202a"}, {"\u202e", "\\u202e"},       {"\u2060", "\\u2060"},         {"\u2066", "\\u2066"},
      {"\u2069", "\\u2069"}, {"\ufeff", "\\ufeff"},       {"\U000e0041", "\\U000e0041"},
  };
  for (const auto &c : cases)
    EXPECT_EQ (shown (c.text), c.shown);
}

TEST (Show, BytesThatAreNoTextAreEscapedOneByOne)
{
  EXPECT_EQ (shown ("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ (shown ("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ (shown ("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ (shown ("\xc0\xaf"), "\\xc0\\xaf");
}

TEST (Show, OtherTextStays)
{
  const std::string text = "C:\\n 'x' \"y\" é 日本 \u00a1 \u2027 \u2070 👍 ~";
  EXPECT_EQ (shown (text), text);
  EXPECT_EQ (shown (shown ("a\nb\u202e")), shown ("a\nb\u202e"));
}

TEST (Show, MessagesEscapeBlanksOfOtherKinds)
{
  const std::string text = "a\u00a0b\u115f\u2003\u202f\u2800\u3000\u3164c ";
  EXPECT_EQ (shown (text), "a\\u00a0b\\u115f\\u2003\\u202f\\u2800\\u3000\\u3164c ");
  EXPECT_EQ (shown (text, PL_SHOW_CELL), text);
}

TEST (Show, CellsKeepJoiners)
{
  EXPECT_EQ (shown ("\u200c\u200d\u200b\n", PL_SHOW_CELL), "\u200c\u200d\\u200b\\n");
}

TEST (Show, CutsAtACharacter)
{
  EXPECT_EQ (some ("abc", 3), "abc");
  EXPECT_EQ (some ("abcd", 3), "abc…");
  EXPECT_EQ (some ("aé", 2), "a…");
  EXPECT_EQ (some ("a€", 3), "a…");
  EXPECT_EQ (some ("a👍", 4), "a…");
  EXPECT_EQ (some ("a👍b", 5), "a👍…");
  /* Five continuing bytes are no character: there is none to keep whole. */
  EXPECT_EQ (some ("\x80\x80\x80\x80\x80\x80", 5), "\\x80\\x80\\x80\\x80\\x80…");
}

} // namespace
