/* The ways of reading short numbers in registers agree with the parsers that define them, on everything they take; and
 * they take what is common. */
#include "../../../pipeline/csv/number-avx2.h"
#include "../../../pipeline/csv/number-inline.h"
#include "../../../pipeline/table/parse.h"
#include "oracle.h"
#include "../../../pipeline/table/powers.h"
#include <algorithm>
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
/* Three numbers and @data in one of the four lanes, which its length picks. */
PL_NUMBER_AVX2 PlQuad
quad_with (const char *data, gsize length)
{
  static const char others[] = "-6.25,123456789,0                               ";
  const char *texts[4] = {others, others + 6, others + 16, data};
  gsize lengths[4] = {5, 9, 1, length};
  std::swap (texts[length % 4], texts[3]);
  std::swap (lengths[length % 4], lengths[3]);
  PlQuad quad;
  std::copy (texts, texts + 4, quad.data);
  quad.lengths = _mm256_set_epi64x ((gint64) lengths[3], (gint64) lengths[2], (gint64) lengths[1], (gint64) lengths[0]);
  return quad;
}

PL_NUMBER_AVX2 gboolean
avx2 (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  __m256i mantissas, scales;
  PlQuad quad = quad_with (data, length);
  if (!pl_quad_decimals (&quad, &mantissas, &scales))
    return FALSE;
  gint64 all[4] = {-625, 123456789, 0, 0};
  guint8 all_scales[4] = {2, 0, 0, 0};
  std::swap (all[length % 4], all[3]);
  std::swap (all_scales[length % 4], all_scales[3]);
  gint64 numbers[4];
  guint32 bytes = pl_quad_bytes (scales);
  memcpy (numbers, &mantissas, sizeof numbers);
  for (gsize lane = 0; lane < 4; lane++)
    if (lane != length % 4)
      {
        EXPECT_EQ (numbers[lane], all[lane]);
        EXPECT_EQ (bytes >> 8 * lane & 255, all_scales[lane]);
      }
  *mantissa = numbers[length % 4];
  *scale = (guint8) (bytes >> 8 * (length % 4));
  __m256d doubles;
  if (pl_quad_doubles (mantissas, scales, pl_double_powers_of_10, &doubles))
    {
      double values[4], expected;
      memcpy (values, &doubles, sizeof values);
      EXPECT_TRUE (pl_parse_float (data, length, &expected));
      EXPECT_EQ (values[length % 4], expected);
    }
  else
    EXPECT_GE (std::abs (*mantissa), G_GINT64_CONSTANT (1) << 51);
  return TRUE;
}

/* Ints: like pl_short_int(), but for texts of 17 characters. */
PL_NUMBER_AVX2 gboolean
avx2_int (const char *data, gsize length, gint64 *value)
{
  static const char others[] = "12345678,-9,7                                   ";
  __m256i numbers;
  PlQuad quad;
  const char *texts[4] = {others, others + 9, others + 12, data};
  std::copy (texts, texts + 4, quad.data);
  quad.lengths = _mm256_set_epi64x ((gint64) length, 1, 2, 8);
  if (!pl_quad_ints (&quad, &numbers))
    return FALSE;
  gint64 all[4];
  memcpy (all, &numbers, sizeof all);
  EXPECT_EQ (all[0], 12345678);
  EXPECT_EQ (all[1], -9);
  EXPECT_EQ (all[2], 7);
  *value = all[3];
  return TRUE;
}
#endif

gboolean
has_avx2 ()
{
#if defined(__x86_64__)
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi");
#else
  return FALSE;
#endif
}

std::vector<Decimal>
all_ways ()
{
  std::vector<Decimal> ways = {portable};
#if defined(__x86_64__)
  if (has_avx2 ())
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
      gboolean short_int = pl_short_int (data.data (), text.size (), &value);
      if (short_int)
        {
          ASSERT_TRUE (pl_parse_int (text.data (), text.size (), &expected)) << text;
          ASSERT_EQ (value, expected) << text;
        }
#if defined(__x86_64__)
      gint64 number;
      if (has_avx2 () && text.size () <= 16)
        {
          ASSERT_EQ (avx2_int (data.data (), text.size (), &number), short_int) << text;
          if (short_int)
            {
              ASSERT_EQ (number, value) << text;
            }
        }
#endif
    }
}

} // namespace
