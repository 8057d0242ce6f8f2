/* Sizes, times, shares, counts and flags: parsed whole or refused with a sentence that helps. */
#include <gtest/gtest.h>

#include "../../../pipeline/base/error.h"
#include "../../../pipeline/base/quantity.h"

namespace
{

template <typename Value, typename Parse>
std::string
refusal (Parse parse, Value untouched)
{
  Value value = untouched;
  GError *error = nullptr;
  EXPECT_FALSE (parse (&value, &error));
  EXPECT_EQ (value, untouched);
  EXPECT_TRUE (g_error_matches (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE));
  std::string message = error != nullptr ? error->message : "";
  g_clear_error (&error);
  return message;
}

guint64
size_of (const char *text)
{
  guint64 bytes = 99;
  EXPECT_TRUE (pl_parse_size (text, &bytes, nullptr)) << text;
  return bytes;
}

std::string
size_refusal (const char *text)
{
  return refusal<guint64> ([=] (guint64 *v, GError **e) { return pl_parse_size (text, v, e); }, 99);
}

TEST (Quantity, SizesArePowersOf1024)
{
  EXPECT_EQ (size_of ("0"), 0u);
  EXPECT_EQ (size_of ("4096"), 4096u);
  EXPECT_EQ (size_of (" 17B "), 17u);
  EXPECT_EQ (size_of ("64KiB"), 65536u);
  EXPECT_EQ (size_of ("64K"), 65536u);
  EXPECT_EQ (size_of ("64k"), 65536u);
  EXPECT_EQ (size_of ("4MiB"), 4194304u);
  EXPECT_EQ (size_of ("1GiB"), 1073741824u);
  EXPECT_EQ (size_of ("1G"), 1073741824u);
  EXPECT_EQ (size_of ("18446744073709551615"), G_MAXUINT64);
}

TEST (Quantity, SizesAreRefusedWhole)
{
  for (const char *text : {"", " ", "KiB", "4MB", "1.5GiB", "-1", "+1", "4 KiB", "0x10", "4KiBs", "1e3"})
    EXPECT_EQ (size_refusal (text),
               "'" + std::string (text[0] == ' ' ? "" : text)
                   + "' is not a size; write bytes, or a whole number with KiB, MiB or GiB, as in 64KiB");
  EXPECT_EQ (size_refusal ("18446744073709551616"), "the size '18446744073709551616' is too large");
  EXPECT_EQ (size_refusal ("17179869184GiB"), "the size '17179869184GiB' is too large");
}

TEST (Quantity, DurationsAreMicroseconds)
{
  const std::pair<const char *, guint64> known[] = {{"500ms", 500000},  {"30s", 30000000},   {"5m", 300000000},
                                                    {"2h", 7200000000}, {"1d", 86400000000}, {"7", 7000000}};
  for (auto [text, expected] : known)
    {
      guint64 microseconds = 0;
      EXPECT_TRUE (pl_parse_duration (text, &microseconds, nullptr)) << text;
      EXPECT_EQ (microseconds, expected) << text;
    }
  auto message = [] (const char *text) {
    return refusal<guint64> ([=] (guint64 *v, GError **e) { return pl_parse_duration (text, v, e); }, 1);
  };
  EXPECT_EQ (message ("soon"), "'soon' is not a time; write a whole number with ms, s, m, h or d, as in 30s");
  EXPECT_EQ (message ("999999999999999d"), "the time '999999999999999d' is too large");
}

TEST (Quantity, SharesAreExactlyDivided)
{
  const std::pair<const char *, double> known[]
      = {{"50%", 0.5}, {"0%", 0}, {"100%", 1}, {"0.1%", 0.001}, {"12.5%", 0.125}, {"0.7%", 0.007}};
  for (auto [text, expected] : known)
    {
      double share = -1;
      EXPECT_TRUE (pl_parse_share (text, &share, nullptr)) << text;
      EXPECT_EQ (share, expected) << text;
    }
  for (const char *text :
       {"", "%", "50", "0.5", "101%", "-1%", "5.%", ".5%", "1.2.3%", "50 %", "50%%", "1111111111111111%"})
    EXPECT_EQ (refusal<double> ([=] (double *v, GError **e) { return pl_parse_share (text, v, e); }, 7),
               "'" + std::string (text) + "' is not a share; write a percentage from 0% to 100%, as in 50%");
}

TEST (Quantity, CountsHaveBounds)
{
  guint64 count = 0;
  EXPECT_TRUE (pl_parse_count ("1", 1, 1024, &count, nullptr));
  EXPECT_EQ (count, 1u);
  EXPECT_TRUE (pl_parse_count (" 1024 ", 1, 1024, &count, nullptr));
  EXPECT_EQ (count, 1024u);
  for (const char *text : {"0", "1025", "", "x", "1.0", "-1", "99999999999999999999999"})
    EXPECT_EQ (refusal<guint64> ([=] (guint64 *v, GError **e) { return pl_parse_count (text, 1, 1024, v, e); }, 5),
               "'" + std::string (text) + "' is not a whole number from 1 to 1024");
  EXPECT_EQ (refusal<guint64> ([] (guint64 *v, GError **e) { return pl_parse_count ("x", 0, G_MAXUINT64, v, e); }, 5),
             "'x' is not a whole number of at least 0");
}

TEST (Quantity, FlagsHaveFourSpellings)
{
  for (const char *text : {"true", "yes", "on", "1", " True ", "YES"})
    {
      gboolean flag = FALSE;
      EXPECT_TRUE (pl_parse_flag (text, &flag, nullptr)) << text;
      EXPECT_EQ (flag, TRUE) << text;
    }
  for (const char *text : {"false", "no", "off", "0"})
    {
      gboolean flag = TRUE;
      EXPECT_TRUE (pl_parse_flag (text, &flag, nullptr)) << text;
      EXPECT_EQ (flag, FALSE) << text;
    }
  for (const char *text : {"maybe", "", "2", "tru"})
    EXPECT_EQ (refusal<gboolean> ([=] (gboolean *v, GError **e) { return pl_parse_flag (text, v, e); }, 7),
               "'" + std::string (text) + "' is not a flag; write true or false");
}

} // namespace
