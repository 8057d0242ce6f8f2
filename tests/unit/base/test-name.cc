/* Names of columns with characters that are not seen: cleaned, and suggested with what helps. */
#include <gtest/gtest.h>

#include "../../../pipeline/base/name.h"

#include <string>

namespace
{

std::string
take (char *text)
{
  std::string result = text;
  g_free (text);
  return result;
}

TEST (Name, IsCleanedAround)
{
  EXPECT_EQ (take (pl_name_clean ("name")), "name");
  EXPECT_EQ (take (pl_name_clean (" \u200bname\u00a0\t")), "name");
  EXPECT_EQ (take (pl_name_clean ("Total \r\n Amount")), "Total Amount");
  EXPECT_EQ (take (pl_name_clean ("a\u00a0b  c")), "a\u00a0b  c");
  EXPECT_EQ (take (pl_name_clean ("\n")), "");
  EXPECT_EQ (take (pl_name_clean ("\xff ")), "\xff ");
}

TEST (Name, IsFoundWithoutWhatIsNotSeen)
{
  const char *const names[] = {"k", "id\u00a0\u00a0\u00a0\u3000", "Net\u00a0 Price\u00a0of\u2003it", "\xff", nullptr};
  EXPECT_STREQ (pl_name_nearest ("id", names), names[1]);
  EXPECT_STREQ (pl_name_nearest ("Net Price of it", names), names[2]);
  EXPECT_STREQ (pl_name_nearest ("net pric of it", names), nullptr);
  EXPECT_STREQ (pl_name_nearest ("ke", names), names[0]);
  EXPECT_STREQ (pl_name_nearest ("other", names), nullptr);
  EXPECT_STREQ (pl_name_nearest ("\xff", names), nullptr);
}

TEST (Name, IsListedInQuotesWhereItsEndIsNotSeen)
{
  const char *const names[] = {"a", " b", "c\u00a0", "d e", "f, g", "", nullptr};
  EXPECT_EQ (take (pl_name_list (names)), "a, \" b\", \"c\u00a0\", d e, \"f, g\", ");
}

TEST (Name, IsSuggestedWithWhatIsNotSeen)
{
  const std::string trim = " in it? trim = true of its source makes it '";
  const std::string named = " in it? columns = … of its source, with header = true, gives it another name";
  EXPECT_EQ (take (pl_name_suggest ("Net Price")), "did you mean 'Net Price'?");
  EXPECT_EQ (take (pl_name_suggest ("é")), "did you mean 'é'?");
  EXPECT_EQ (take (pl_name_suggest ("a\rb")), "did you mean 'a\rb', with a line end" + trim + "a b'");
  EXPECT_EQ (take (pl_name_suggest (" a")), "did you mean ' a', with a blank too many" + trim + "a'");
  EXPECT_EQ (take (pl_name_suggest ("a  b")), "did you mean 'a  b', with a blank too many" + named);
  EXPECT_EQ (take (pl_name_suggest ("a\tb\n")), "did you mean 'a\tb\n', with a tab" + named);
  EXPECT_EQ (take (pl_name_suggest ("a\u00a0")),
             "did you mean 'a\\u00a0', with U+00A0, which is not seen," + trim + "a'");
  EXPECT_EQ (take (pl_name_suggest ("\xff")), "did you mean '\xff'?");
}

} // namespace
