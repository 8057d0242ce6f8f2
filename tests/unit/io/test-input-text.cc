/* What is left out of text and replaced in it before it is read. */
#include "support.h"

#include <gtest/gtest.h>

class InputText : public InFolder
{
};

/* @bytes through the links that @text asks for, read @step bytes at a time. */
static std::string
filtered (const std::string &bytes, const PlInputText &text, size_t step)
{
  g_autoptr (GError) error = nullptr;
  g_assert_true (g_file_set_contents ("filtered", bytes.data (), (gssize) bytes.size (), nullptr));
  g_autoptr (PlOrigin) origin = pl_origin_open ("filtered", &error);
  g_autoptr (PlInput) input = pl_input_open (origin, "filtered", PL_COMPRESSION_NONE, &text, &error);
  std::string all, room (step, '\0');
  for (gssize n; (n = pl_input_read (input, &room[0], step, &error)) > 0;)
    all.append (room, 0, (size_t) n);
  return error != nullptr ? error->message : all;
}

/* What Python gives with errors = "replace". */
TEST_F (InputText, WhatIsNoTextIsReplaced)
{
  const std::string mark = "\xef\xbf\xbd";
  const std::pair<std::string, std::string> cases[] = {
      {"caf\xe9,x\n", "caf" + mark + ",x\n"},
      {"\xe2\x82", mark},
      {"\xe2\x82,", mark + ","},
      {"\xe2,\x82", mark + "," + mark},
      {"\xf0\x9f\x98\x80\xf0\x9f\x98", "\xf0\x9f\x98\x80" + mark},
      {"\xc0\x80", mark + mark},
      {"\xed\xa0\x80", mark + mark + mark},
      {"\xf5\xff\xfe", mark + mark + mark},
      {"\xe0\x80\xaf", mark + mark + mark},
      {"\xf4\x90\x80\x80", mark + mark + mark + mark},
      {"\xc3\xc3\xa9", mark + "\xc3\xa9"},
      {"", ""},
  };
  PlInputText text = {};
  text.replaces = TRUE;
  for (auto &c : cases)
    for (size_t step : {1, 2, 4096})
      EXPECT_EQ (filtered (c.first, text, step), c.second) << testing::PrintToString (c.first);
  /* Characters that two reads divide. */
  std::string many, wanted;
  for (int i = 0; i < 300000; i++)
    {
      many += i % 7 == 0 ? "\xe9" : "\xe2\x82\xac";
      wanted += i % 7 == 0 ? mark : "\xe2\x82\xac";
    }
  EXPECT_TRUE (filtered (many, text, 5000) == wanted);
  text.encoding = "windows-1252";
  EXPECT_EQ (filtered ("\x81\xe9", text, 100), mark + "\xc3\xa9");
  text = {};
  text.drops_nul = TRUE;
  EXPECT_EQ (filtered (std::string ("\0a\0\0,\xff\n\0", 8), text, 3), "a,\xff\n");
}

TEST_F (InputText, FootersAreLeftOut)
{
  const std::pair<std::string, std::vector<std::string> > cases[] = {
      {"a\nb\nc\n", {"a\nb\n", "a\n", "", ""}},
      {"a\nb\nc", {"a\nb\n", "a\n", "", ""}},
      {"a\nb\n\n", {"a\nb\n", "a\n", "", ""}},
      {"a\r\nb\r\nc\r\n", {"a\r\nb\r\n", "a\r\n", "", ""}},
      {"a\rb\rc\r", {"a\rb\r", "a\r", "", ""}},
      {"a\r\n\rb\n", {"a\r\n\r", "a\r\n", "", ""}},
      {"", {"", "", "", ""}},
  };
  PlInputText text = {};
  text.counts_cr = TRUE;
  for (auto &c : cases)
    for (guint i = 0; i < c.second.size (); i++)
      {
        text.footer = i + 1;
        for (size_t step : {1, 2, 4096})
          EXPECT_EQ (filtered (c.first, text, step), c.second[i]) << testing::PrintToString (c.first) << i;
      }
  text.footer = 1;
  text.counts_cr = FALSE;
  EXPECT_EQ (filtered ("a\rb\nc\rd\n", text, 100), "a\rb\n");
  std::string lines;
  for (int i = 0; i < 200000; i++)
    lines += std::to_string (i) + "\r\n";
  text.footer = 60000;
  EXPECT_TRUE (filtered (lines, text, 7777) == lines.substr (0, lines.find ("140000\r\n")));
}
