/* What is an int, a decimal, a float and an exact decimal, and what is not. */

#include "helpers.h"
#include <cinttypes>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <random>

#include "float-cases.h"
#include "../../../pipeline/table/parse.h"
#include "../../../pipeline/table/batch.h"

static uint64_t
bits_of (double value)
{
  uint64_t bits;
  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static std::string
int_of (const std::string &text)
{
  gint64 value = 77;
  if (pl_parse_int (text.data (), text.size (), &value))
    return std::to_string (value);
  return value == 77 ? "no" : "changed";
}

TEST (ParseInt, TakesDigitsWithASign)
{
  EXPECT_EQ (int_of ("0"), "0");
  EXPECT_EQ (int_of ("-0"), "0");
  EXPECT_EQ (int_of ("+7"), "7");
  EXPECT_EQ (int_of ("-1234567"), "-1234567");
  EXPECT_EQ (int_of ("12345678"), "12345678");
  EXPECT_EQ (int_of ("123456789"), "123456789");
  EXPECT_EQ (int_of ("1234567890123456"), "1234567890123456");
  EXPECT_EQ (int_of ("999999999999999999"), "999999999999999999");
}

TEST (ParseInt, EndsAt64Bits)
{
  EXPECT_EQ (int_of ("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ (int_of ("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ (int_of ("9223372036854775808"), "no");
  EXPECT_EQ (int_of ("-9223372036854775809"), "no");
  EXPECT_EQ (int_of ("9999999999999999999"), "no");
  EXPECT_EQ (int_of ("18446744073709551617"), "no");
  EXPECT_EQ (int_of ("10000000000000000000000"), "no");
}

TEST (ParseInt, RefusesEverythingElse)
{
  for (const char *text :
       {"",         "-",        "+",        "--1",        "+-1",        "00",    "007", "-01", " 1",
        "1 ",       "1.0",      "1e3",      "0x10",       "1_000",      "1,000", "abc", "1a",  "a1",
        "1234567a", "a2345678", "1234567:", "123456789/", "12345678:0", "\xff",  "-00", "1-",  "\xd9\xa1"})
    EXPECT_EQ (int_of (text), "no") << text;
  EXPECT_EQ (int_of (std::string ("1\0", 2)), "no");
}

static std::string
float_of (const std::string &text)
{
  double value = 77;
  if (!pl_parse_float (text.data (), text.size (), &value))
    return value == 77 ? "no" : "changed";
  char out[40];
  g_snprintf (out, sizeof out, "%a", value);
  return out;
}

TEST (ParseFloat, RoundsAsPythonDoes)
{
  for (const FloatCase &c : read_cases)
    {
      double value = 77;
      ASSERT_TRUE (pl_parse_float (c.text, strlen (c.text), &value)) << c.text;
      EXPECT_EQ (bits_of (value), c.bits) << c.text << " " << value;
    }
}

TEST (ParseFloat, RoundsAsStrtodDoes)
{
  std::mt19937_64 random (7);
  char text[64];
  for (int i = 0; i < 200000; i++)
    {
      guint64 bits = random ();
      int n;
      switch (i % 4)
        {
        case 0:
          n = g_snprintf (text, sizeof text, "%.*f", static_cast<int> (bits % 8),
                          static_cast<double> (static_cast<gint64> (bits >> 8)) / 1e9);
          break;
        case 1:
          n = g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT "e%d", bits, static_cast<int> (bits % 600) - 320);
          break;
        case 2:
          n = g_snprintf (text, sizeof text, "0.%019" G_GUINT64_FORMAT,
                          bits % G_GUINT64_CONSTANT (10000000000000000000));
          break;
        default:
          double value;
          memcpy (&value, &bits, sizeof value);
          n = g_snprintf (text, sizeof text, "%.17g", value);
          break;
        }
      double expected = strtod (text, nullptr), value = 77;
      gboolean is_number = i % 4 == 3 || std::isfinite (expected);
      ASSERT_EQ (pl_parse_float (text, static_cast<gsize> (n), &value), is_number) << text;
      if (is_number && !std::isnan (expected))
        {
          ASSERT_EQ (bits_of (value), bits_of (expected)) << text;
        }
    }
}

TEST (ParseFloat, TakesNanAndInfinities)
{
  for (const char *text : {"inf", "INF", "Inf", "+inf", "infinity", "Infinity", "+INFINITY"})
    EXPECT_EQ (float_of (text), "inf") << text;
  EXPECT_EQ (float_of ("-inf"), "-inf");
  EXPECT_EQ (float_of ("-Infinity"), "-inf");
  for (const char *text : {"nan", "NaN", "NAN", "+nan", "-nan"})
    {
      double value = 0;
      EXPECT_TRUE (pl_parse_float (text, strlen (text), &value)) << text;
      EXPECT_TRUE (std::isnan (value));
    }
}

TEST (ParseFloat, RefusesDigitsThatOverflow)
{
  for (const char *text :
       {"1e309", "-1e309", "1e400", "1.7976931348623159e308", "1.797693134862315808e308", "1e99999999999999999999",
        "179769313486231590772930519078902473361797697894230657273430081157732675805500963132708477322407536021120113"
        "879871393357658789768814416622492847430639474124377767893424865485276302219601246094119453082952085005768838"
        "15068234246288147391311054082723716335051068458629823994724593847971630483535632962422413721600"})
    EXPECT_EQ (float_of (text), "no") << text;
  EXPECT_EQ (float_of ("1e-99999999999999999999"), "0x0p+0");
  EXPECT_EQ (float_of ("-1e-400"), "-0x0p+0");
}

TEST (ParseFloat, RefusesEverythingElse)
{
  for (const char *text :
       {"",      ".",       "-",         "+",     "-.",   "e5",     ".e5", "1e",  "1e+",   "1e-", "1e5.0",
        "1.2.3", "00",      "00.5",      "01",    "-007", "1 ",     " 1",  "1,5", "0x1p3", "1f",  "1d",
        "infi",  "infinit", "infinityy", "na",    "nann", "nan(1)", "--1", "+-1", "1e5e5", "1_0", "1e 5",
        "in",    "1..",     "..1",       "1e++5", "\xff", "inf ",   "1E",  "-e1"})
    EXPECT_EQ (float_of (text), "no") << text;
}

TEST (ParseFloat, ReadsDigitsBeyondAnyExponentLimit)
{
  EXPECT_EQ (float_of (std::string (400, '1')), "no");
  EXPECT_EQ (float_of ("0." + std::string (400, '0') + "1"), "0x0p+0");
  EXPECT_EQ (float_of ("1" + std::string (300, '0') + "e-300"), "0x1p+0");
  EXPECT_EQ (float_of ("0." + std::string (999, '0') + "1e1000"), "0x1p+0");
  EXPECT_EQ (float_of ("0." + std::string (99999, '0') + "1e100000"), "0x1p+0");
  EXPECT_EQ (float_of ("1" + std::string (100000, '0') + "e-100000"), "0x1p+0");
  EXPECT_EQ (float_of ("0.1" + std::string (1000, '0')), "0x1.999999999999ap-4");
}

TEST (ParseFloat, DoesNotAskTheLocale)
{
  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == nullptr)
    GTEST_SKIP () << "no locale with a decimal comma here";
  double value = 0;
  EXPECT_TRUE (pl_parse_float ("1.5", 3, &value));
  EXPECT_EQ (value, 1.5);
  EXPECT_FALSE (pl_parse_float ("1,5", 3, &value));
  setlocale (LC_NUMERIC, "C");
}

static std::string
exact_of (const std::string &text)
{
  gint64 mantissa = 77;
  guint8 scale = 78;
  if (pl_parse_exact (text.data (), text.size (), &mantissa, &scale))
    return std::to_string (mantissa) + "/" + std::to_string (scale);
  return mantissa == 77 && scale == 78 ? "no" : "changed";
}

TEST (ParseExact, KeepsDigitsAsWritten)
{
  EXPECT_EQ (exact_of ("1.50"), "150/2");
  EXPECT_EQ (exact_of ("0"), "0/0");
  EXPECT_EQ (exact_of ("-0.0"), "0/1");
  EXPECT_EQ (exact_of ("12"), "12/0");
  EXPECT_EQ (exact_of ("12."), "12/0");
  EXPECT_EQ (exact_of (".5"), "5/1");
  EXPECT_EQ (exact_of ("-4.567891"), "-4567891/6");
  EXPECT_EQ (exact_of ("+1"), "1/0");
  EXPECT_EQ (exact_of ("0.000000000000000001"), "1/18");
  EXPECT_EQ (exact_of ("0.000000000000000000"), "0/18");
  EXPECT_EQ (exact_of ("999999999999999999"), "999999999999999999/0");
  EXPECT_EQ (exact_of ("-999999999.999999999"), "-999999999999999999/9");
}

TEST (ParseExact, TakesExponentsThatLeaveAScale)
{
  EXPECT_EQ (exact_of ("1.5e1"), "15/0");
  EXPECT_EQ (exact_of ("1.50e1"), "150/1");
  EXPECT_EQ (exact_of ("1e-5"), "1/5");
  EXPECT_EQ (exact_of ("1E-18"), "1/18");
  EXPECT_EQ (exact_of ("1e0"), "1/0");
  EXPECT_EQ (exact_of ("1e1"), "10/0");
  EXPECT_EQ (exact_of ("1.5e2"), "150/0");
  EXPECT_EQ (exact_of ("-1e17"), "-100000000000000000/0");
  EXPECT_EQ (exact_of ("1e18"), "no");
  EXPECT_EQ (exact_of ("1e-19"), "no");
  EXPECT_EQ (exact_of ("10e-19"), "1/18");
  EXPECT_EQ (exact_of ("0e1"), "0/0");
  EXPECT_EQ (exact_of ("0e99999999999999999999"), "0/0");
}

// The same number has the same answer, however many zeros are written.
TEST (ParseExact, TakesZerosAtTheEndForNoDigits)
{
  EXPECT_EQ (exact_of ("0.30000000000000000000"), "3/1");
  EXPECT_EQ (exact_of ("-12345678.90000000000000000000"), "-123456789/1");
  EXPECT_EQ (exact_of ("100000000000000000.0"), "100000000000000000/0");
  EXPECT_EQ (exact_of ("0.0000000000000000000"), "0/0");
  EXPECT_EQ (exact_of ("0.1000000000000000010"), "100000000000000001/18");
  EXPECT_EQ (exact_of ("0.1000000000000000001"), "no");
  EXPECT_EQ (exact_of ("1.00000000000000000000e-18"), "1/18");
  EXPECT_EQ (exact_of ("123456789012345678.000000000000000000000000000000"), "123456789012345678/0");
  EXPECT_EQ (exact_of ("1000000000000000000.0e-5"), "10000000000000/0");
}

TEST (ParseExact, EndsAt18DigitsAndScale18)
{
  EXPECT_EQ (exact_of ("1000000000000000000"), "no");
  EXPECT_EQ (exact_of ("0.0000000000000000001"), "no");
  for (const char *text : {"", "nan", "inf", "-inf", "1e", "abc", "007", ".", "1e99999999999999999999"})
    EXPECT_EQ (exact_of (text), "no") << text;
}

static std::string
decimal_text (const std::string &text, guint precision, guint scale)
{
  PlInt128 value = 77;
  if (!pl_parse_decimal (text.data (), text.size (), precision, scale, &value))
    return value == 77 ? "no" : "changed";
  std::string digits;
  bool negative = value < 0;
  for (PlUint128 rest = static_cast<PlUint128> (negative ? -value : value); rest > 0; rest /= 10)
    digits.insert (digits.begin (), static_cast<char> ('0' + static_cast<int> (rest % 10)));
  return (negative ? "-" : "") + (digits.empty () ? "0" : digits);
}

TEST (ParseDecimal, ScalesToItsType)
{
  EXPECT_EQ (decimal_text ("1.5", 18, 2), "150");
  EXPECT_EQ (decimal_text ("-1.5", 18, 2), "-150");
  EXPECT_EQ (decimal_text ("+12", 18, 2), "1200");
  EXPECT_EQ (decimal_text ("0.05", 18, 2), "5");
  EXPECT_EQ (decimal_text ("-0", 18, 2), "0");
  EXPECT_EQ (decimal_text ("12", 18, 0), "12");
}

TEST (ParseDecimal, DropsTrailingZerosOnly)
{
  EXPECT_EQ (decimal_text ("1.5000", 18, 2), "150");
  EXPECT_EQ (decimal_text ("1.00", 18, 0), "1");
  EXPECT_EQ (decimal_text ("1." + std::string (60, '0'), 18, 2), "100");
  EXPECT_EQ (decimal_text ("1.501", 18, 2), "no");
  EXPECT_EQ (decimal_text ("1.5001", 18, 3), "no");
}

TEST (ParseDecimal, EndsAtItsPrecision)
{
  EXPECT_EQ (decimal_text ("999.99", 5, 2), "99999");
  EXPECT_EQ (decimal_text ("-999.99", 5, 2), "-99999");
  EXPECT_EQ (decimal_text ("1000", 5, 2), "no");
  EXPECT_EQ (decimal_text ("0.99", 2, 2), "99");
  EXPECT_EQ (decimal_text ("1.00", 2, 2), "no");
  EXPECT_EQ (decimal_text (std::string (38, '9'), 38, 0), std::string (38, '9'));
  EXPECT_EQ (decimal_text ("-" + std::string (38, '9'), 38, 0), "-" + std::string (38, '9'));
  EXPECT_EQ (decimal_text ("1" + std::string (38, '0'), 38, 0), "no");
  EXPECT_EQ (decimal_text ("0." + std::string (38, '9'), 38, 38), std::string (38, '9'));
}

TEST (ParseDecimal, RefusesEverythingElse)
{
  for (const char *text :
       {"", "-", ".", "1.", ".5", "01", "00.1", "1e3", "1.2.3", "1.a", "a", " 1", "1 ", "nan", "1,5", "--1", "1.5-"})
    EXPECT_EQ (decimal_text (text, 18, 4), "no") << text;
}
