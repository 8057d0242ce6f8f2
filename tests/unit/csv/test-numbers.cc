/* The ways of reading short numbers in registers agree with the parsers that define them, on everything they take; and they take what is common. */
#include "../../../pipeline/csv/number-avx2.h"
#include "../../../pipeline/csv/number-inline.h"
#include "../../../pipeline/table/parse.h"
#include "oracle.h"
#include <gtest/gtest.h>

namespace
{

using Decimal = gboolean (*) (const char *data, gsize length, gint64 *mantissa, guint8 *scale);

gboolean
portable (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  return pl_short_decimal (data, length, mantissa, scale);
}

#if defined(__x86_64__)
PL_NUMBER_AVX2 gboolean
avx2 (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  return pl_short_decimal_avx2 (data, length, mantissa, scale);
}
#endif

std::vector<Decimal>
all_ways ()
{
  std::vector<Decimal> ways = {portable};
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi"))
    ways.push_back (avx2);
#endif
  return ways;
}

/* @text and what might stand behind it in a file. */
std::string
padded (const std::string &text, const char *behind)
{
  std::string data = text;
  while (data.size () < text.size () + 24)
    data += behind;
  return data;
}

TEST (Numbers, CommonDecimalsAreTaken)
{
  const struct
  {
    const char *text;
    gint64 mantissa;
    guint8 scale;
  } cases[] = {{"0", 0, 0},
               {"7", 7, 0},
               {"-7", -7, 0},
               {"0.5", 5, 1},
               {"-23.3", -233, 1},
               {"33.993103", 33993103, 6},
               {"12345678", 12345678, 0},
               {"100.25", 10025, 2},
               {"0.10", 10, 2},
               {"12345678.1234567", 123456781234567, 7},
               {"-123456.789", -123456789, 3},
               {"1.23456789012345", 123456789012345, 14}};
  for (Decimal way : all_ways ())
    for (const auto &test : cases)
      for (const char *behind : {",", ".", "9", "\n"})
        {
          gint64 mantissa;
          guint8 scale;
          std::string data = padded (test.text, behind);
          ASSERT_TRUE (way (data.data (), strlen (test.text), &mantissa, &scale)) << test.text;
          EXPECT_EQ (mantissa, test.mantissa) << test.text;
          EXPECT_EQ (scale, test.scale) << test.text;
        }
}

TEST (Numbers, WhatIsTakenIsWhatTheParsersSay)
{
  oracle::Random random = {9};
  const std::string odd = "..--+e /:x0";
  const auto ways = all_ways ();
  for (int i = 0; i < 400000; i++)
    {
      std::string text;
      for (guint32 length = random.below (20), j = 0; j < length; j++)
        text += random.below (40) == 0 ? odd[random.below ((guint32) odd.size ())] : (char) ('0' + random.below (10));
      if (i % 2 && text.size () > 1)
        text[1 + random.below ((guint32) text.size () - 1)] = '.';
      if (i % 5 == 0 && !text.empty ())
        text[0] = '-';
      std::string data = padded (text, i % 3 == 0 ? "." : i % 3 == 1 ? "4" : ",");
      gint64 value, expected;
      guint8 scale, expected_scale;
      for (Decimal way : ways)
        if (way (data.data (), text.size (), &value, &scale))
          {
            ASSERT_TRUE (pl_parse_exact (text.data (), text.size (), &expected, &expected_scale)) << text;
            ASSERT_EQ (value, expected) << text;
            ASSERT_EQ (scale, expected_scale) << text;
          }
      if (pl_short_int (data.data (), text.size (), &value))
        {
          ASSERT_TRUE (pl_parse_int (text.data (), text.size (), &expected)) << text;
          ASSERT_EQ (value, expected) << text;
        }
    }
}

} // namespace
