/* What texts look like that are not of a type. */

#include "helpers.h"
#include "../../../pipeline/table/looks.h"

#include <string>

static std::string
date_of (const std::string &text)
{
  char *format = pl_looks_formats (text.data (), text.size ());
  std::string result = format != nullptr ? format : "none";
  g_free (format);
  return result;
}

static std::string
amount_of (const std::string &text)
{
  gsize start, end;
  if (!pl_looks_like_amount (text.data (), text.size (), &start, &end))
    return "none";
  return text.substr (0, start) + "<" + text.substr (start, end - start) + ">" + text.substr (end);
}

static bool
is_beyond (const std::string &text, PlType type)
{
  return pl_looks_beyond (text.data (), text.size (), type) != FALSE;
}

TEST (Looks, DatesTellTheirFormat)
{
  const struct
  {
    const char *text, *format;
  } cases[] = {
      {"31/01/2024", "%d/%m/%Y"},
      {"1/31/2024", "%m/%d/%Y"},
      {"01/02/2024", "%d/%m/%Y or %m/%d/%Y"},
      {"31.01.24", "%d.%m.%y"},
      {"2024.01.31", "%Y.%m.%d"},
      {"20240131", "%Y%m%d"},
      {"20240131T102030Z", "%Y%m%dT%H%M%S%z"},
      {"20240131102030", "%Y%m%d%H%M%S"},
      {"5 Jan 2024", "%d %b %Y"},
      {"5-jan-24", "%d-%b-%y"},
      {"January 5, 2024", "%B %d, %Y"},
      {"Jan 2024", "%b %Y"},
      {"31/01/2024 10:20", "%d/%m/%Y %H:%M"},
      {"01/02/2024 10:20:30.5", "%d/%m/%Y %H:%M:%S.%f or %m/%d/%Y %H:%M:%S.%f"},
      {"1/31/2024 10:20 PM", "%m/%d/%Y %I:%M %p"},
      {"Wed, 31 Jan 2024 10:20:30 GMT", "%a, %d %b %Y %H:%M:%S %Z"},
      {"Thu, 31 Jan 2024 10:20:30 GMT", "none"},
      {"31/02/2024", "none"},
      {"2024-02-30", "none"},
      {"0000-00-00", "none"},
      {"2024013", "none"},
      {"10:20:30", "none"},
      {"1.2.3", "none"},
      {"soon", "none"},
      {"Wed Jan 31 10:20:30 2024", "%a %b %d %H:%M:%S %Y"},
      {"Wed Jan 31 10:20:30 UTC 2024", "%a %b %d %H:%M:%S %Z %Y"},
      {"31/Jan/2024:10:20:30 +0100", "%d/%b/%Y:%H:%M:%S %z"},
      {"2024-01-31 10:20:30,123", "%Y-%m-%d %H:%M:%S,%f"},
      {"24-01-31", "%y-%m-%d or %d-%m-%y"},
      {"2024-031", "%Y-%j"},
      {"2024-01-31Z", "none"},
      {"31.01.2024 +01:00", "none"},
      {"", "none"},
  };
  for (const auto &c : cases)
    EXPECT_EQ (date_of (c.text), c.format) << c.text;
  GPtrArray *zoned = pl_looks_like_date ("31/01/2024 10:20Z", 17, TRUE);
  GPtrArray *bare = pl_looks_like_date ("31/01/2024 10:20Z", 17, FALSE);
  EXPECT_EQ (zoned->len, 1u);
  EXPECT_EQ (bare->len, 0u);
  g_ptr_array_unref (zoned);
  g_ptr_array_unref (bare);
}

TEST (Looks, AmountsHaveASignOfMoneyAtOneEnd)
{
  EXPECT_EQ (amount_of ("50%"), "50<%>");
  EXPECT_EQ (amount_of ("50 %"), "50 <%>");
  EXPECT_EQ (amount_of ("$3"), "<$>3");
  EXPECT_EQ (amount_of ("-$3"), "-<$>3");
  EXPECT_EQ (amount_of ("$-3"), "<$>-3");
  EXPECT_EQ (amount_of ("\u22123 €"), "\u22123 <€>");
  EXPECT_EQ (amount_of ("€1,000.50"), "<€>1,000.50");
  EXPECT_EQ (amount_of ("1.000,50 €"), "1.000,50 <€>");
  EXPECT_EQ (amount_of ("CHF 1'000"), "<CHF> 1'000");
  EXPECT_EQ (amount_of ("CHF 1\u2019000"), "<CHF> 1\u2019000");
  EXPECT_EQ (amount_of ("1 000 USD"), "1 000 <USD>");
  EXPECT_EQ (amount_of ("5\u00a0€"), "5\u00a0<€>");
  EXPECT_EQ (amount_of ("R$5"), "<R$>5");
  /* Units that are part of the number, or no units. */
  for (const char *none : {"3K",
                           "1.5M",
                           "5CR",
                           "12km",
                           "3 kg",
                           "5a",
                           "A17",
                           "50",
                           "",
                           "%",
                           "USD",
                           "$3 each",
                           "5 of the best sort",
                           "x1x",
                           "# 4",
                           "3|",
                           "4*",
                           "$5$",
                           "5$5",
                           "(5)",
                           "10:",
                           "5 $ 5",
                           "$ 5 %",
                           "5 usd",
                           "\u2212",
                           "\xff"
                           "5"})
    EXPECT_EQ (amount_of (none), "none") << none;
}

TEST (Looks, WhatStandsForAMinus)
{
  for (const std::string text : {"\u2212", "\u20135", "\uff0d1"})
    EXPECT_EQ (pl_looks_minus (text.data (), text.size ()), 3u) << text;
  for (const std::string text : {"", "-", "\xe2\x88", "x", "5\u2212"})
    EXPECT_EQ (pl_looks_minus (text.data (), text.size ()), 0u) << text;
}

TEST (Looks, NumbersThatATypeHasNoRoomFor)
{
  EXPECT_TRUE (is_beyond ("9223372036854775808", PL_TYPE (PL_INT)));
  EXPECT_TRUE (is_beyond (" 1e400 ", PL_TYPE (PL_INT)));
  EXPECT_FALSE (is_beyond ("9223372036854775807", PL_TYPE (PL_INT)));
  EXPECT_FALSE (is_beyond ("2.5", PL_TYPE (PL_INT)));
  EXPECT_FALSE (is_beyond ("x", PL_TYPE (PL_INT)));
  EXPECT_TRUE (is_beyond ("1e400", PL_TYPE (PL_FLOAT)));
  EXPECT_TRUE (is_beyond ("-1e400", PL_TYPE (PL_FLOAT)));
  EXPECT_FALSE (is_beyond ("1e300", PL_TYPE (PL_FLOAT)));
  EXPECT_FALSE (is_beyond ("0e400", PL_TYPE (PL_FLOAT)));
  EXPECT_TRUE (is_beyond ("1000", PL_TYPE_DECIMAL (5, 2)));
  EXPECT_FALSE (is_beyond ("999.999", PL_TYPE_DECIMAL (5, 2)));
  EXPECT_FALSE (is_beyond ("1e400", PL_TYPE (PL_DATE)));
}

TEST (Looks, WordsForNothing)
{
  for (const std::string text : {"NA", "n/a", " NULL ", "-", "None", "#N/A", "\\N"})
    EXPECT_TRUE (pl_looks_null (text.data (), text.size ())) << text;
  for (const std::string text : {"", "0", "no", "Nancy"})
    EXPECT_FALSE (pl_looks_null (text.data (), text.size ())) << text;
}
