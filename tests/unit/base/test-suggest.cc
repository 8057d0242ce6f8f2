/* "Did you mean …": which name is near enough, and which of several. */
#include <gtest/gtest.h>

#include "../../../pipeline/base/suggest.h"
#include "../../../pipeline/base/words.h"

namespace
{

std::string
suggestion (const char *name, std::vector<const char *> candidates)
{
  candidates.push_back (nullptr);
  const char *found = pl_suggest (name, candidates.data ());
  return found != nullptr ? found : "(none)";
}

TEST (Suggest, CountsEveryKindOfEditAsOne)
{
  EXPECT_EQ (suggestion ("dely", {"distance", "delay"}), "delay"); /* missing */
  EXPECT_EQ (suggestion ("dellay", {"delay"}), "delay");           /* too many */
  EXPECT_EQ (suggestion ("deley", {"delay"}), "delay");            /* wrong */
  EXPECT_EQ (suggestion ("dealy", {"delay"}), "delay");            /* swapped */
}

TEST (Suggest, AllowsAThirdOfTheLengthUpToThree)
{
  EXPECT_EQ (suggestion ("ab", {"ac"}), "ac");
  EXPECT_EQ (suggestion ("ab", {"cd"}), "(none)");
  EXPECT_EQ (suggestion ("abcde", {"abcxy"}), "(none)");                       /* 5 / 3 = 1 < 2 */
  EXPECT_EQ (suggestion ("abcdef", {"abcdxy"}), "abcdxy");                     /* 6 / 3 = 2 */
  EXPECT_EQ (suggestion ("abcdefghi", {"abcdefxyz"}), "abcdefxyz");            /* 3 */
  EXPECT_EQ (suggestion ("abcdefghijklmnop", {"abcdefghijklwxyz"}), "(none)"); /* 4 */
}

TEST (Suggest, IgnoresCaseAndTakesTheNearestThenTheFirst)
{
  EXPECT_EQ (suggestion ("DELAY", {"delays", "delay"}), "delay");
  EXPECT_EQ (suggestion ("cot", {"cat", "cut"}), "cat");
  EXPECT_EQ (suggestion ("Größen", {"größe"}), "größe");
  EXPECT_EQ (suggestion ("Größe", {"GRÖSSE", "grüße"}), "grüße");
}

TEST (Suggest, KnowsWhenThereIsNothing)
{
  EXPECT_EQ (suggestion ("delay", {}), "(none)");
  EXPECT_EQ (suggestion ("", {""}), "");
  EXPECT_EQ (suggestion ("delay", {"", "x", "\xff\xfe\xfd\xfc\xfb"}), "(none)");
  EXPECT_EQ (suggestion ("\xff", {"a"}), "(none)");
}

TEST (Suggest, StandsLongNames)
{
  std::string name (100000, 'a'), other = name + "bb";
  EXPECT_EQ (suggestion (name.c_str (), {other.c_str ()}), other);
}

TEST (Suggest, AnotherLetterIsAnotherName)
{
  const char *const names[] = {"a", "Bc", nullptr};
  EXPECT_EQ (pl_suggest ("b", names), nullptr);
  EXPECT_STREQ (pl_suggest ("A", names), "a");
  EXPECT_STREQ (pl_suggest ("bd", names), "Bc");
}

TEST (Suggest, KnowsTheWordsOfOtherTools)
{
  EXPECT_EQ (suggestion ("avg", {"any", "mean"}), "mean");
  EXPECT_EQ (suggestion ("AVG", {"mean"}), "mean");
  EXPECT_EQ (suggestion ("std_dev", {"std"}), "std");
  EXPECT_EQ (suggestion ("with-columns", {"derive"}), "derive");
  EXPECT_EQ (suggestion ("len", {"count", "length"}), "length");
  EXPECT_EQ (suggestion ("len", {"count"}), "count");
  // A word whose meaning is none here is a misspelt one.
  EXPECT_EQ (suggestion ("sep", {"sem"}), "sem");
  EXPECT_EQ (suggestion ("_", {"mean"}), "(none)");
  EXPECT_EQ (suggestion ("avg average", {"mean"}), "(none)");
}

TEST (Words, AdviseWhatToWrite)
{
  EXPECT_STREQ (pl_words_advice ("MOD"), "write x % y");
  EXPECT_STREQ (pl_words_advice ("to_int"), "write cast(x as type)");
  EXPECT_EQ (pl_words_advice ("sum"), nullptr);
  EXPECT_EQ (pl_words_advice (""), nullptr);
  EXPECT_EQ (pl_words_advice (std::string (1000, 'x').c_str ()), nullptr);
}

} // namespace
