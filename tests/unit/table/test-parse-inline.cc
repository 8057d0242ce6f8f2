/* The inline readers against the definitions, on texts that are numbers, nearly numbers and noise; in memory that ends where
 * the padding does, so that a sanitizer sees any read beyond it. */
#include "helpers.h"

#include <memory>
#include <random>

#include "../../../pipeline/table/parse-inline.h"

/* A text with nothing before it and just the promised padding, of @filler, behind it. */
struct Padded
{
  std::unique_ptr<char[]> data;
  gsize length;

  Padded (const std::string &text, char filler)
      : data (new char[text.size () + PL_PARSE_PADDING]), length (text.size ())
  {
    memcpy (data.get (), text.data (), length);
    memset (data.get () + length, filler, PL_PARSE_PADDING);
  }
};

struct Result
{
  gboolean ok;
  gint64 number;
  double value;
  guint8 scale;

  bool
  operator== (const Result &other) const
  {
    return ok == other.ok && number == other.number && memcmp (&value, &other.value, sizeof value) == 0
           && scale == other.scale;
  }
};

static const Result untouched = {FALSE, 77, 77.5, 77};

static void
expect_agreement (const std::string &text)
{
  for (char filler : {'\0', '0', '9', '.', '-', '\xff'})
    {
      Padded padded (text, filler);
      const char *data = padded.data.get ();
      gsize length = padded.length;
      Result expected = untouched, actual = untouched;
      expected.ok = pl_parse_int (data, length, &expected.number);
      actual.ok = pl_parse_int_padded (data, length, &actual.number);
      ASSERT_TRUE (expected == actual) << "int '" << text << "'";

      expected = actual = untouched;
      expected.ok = pl_parse_float (data, length, &expected.value);
      actual.ok = pl_parse_float_padded (data, length, &actual.value);
      ASSERT_TRUE (expected == actual) << "float '" << text << "'";

      expected = actual = untouched;
      expected.ok = pl_parse_exact (data, length, &expected.number, &expected.scale);
      actual.ok = pl_parse_exact_padded (data, length, &actual.number, &actual.scale);
      ASSERT_TRUE (expected == actual) << "exact '" << text << "'";

      expected = actual = untouched;
      expected.ok = pl_parse_float (data, length, &expected.value);
      if (expected.ok && !pl_parse_exact (data, length, &expected.number, &expected.scale))
        {
          expected.number = 0;
          expected.scale = PL_SCALE_INEXACT;
        }
      actual.ok = pl_parse_number_padded (data, length, &actual.value, &actual.number, &actual.scale);
      ASSERT_TRUE (expected == actual) << "number '" << text << "'";
    }
}

TEST (ParseInline, AgreesOnEveryTextOfUpToFourCharacters)
{
  const char alphabet[] = "019.-+e";
  for (gsize length = 0; length <= 4; length++)
    {
      gsize n = 1;
      for (gsize i = 0; i < length; i++)
        n *= sizeof alphabet - 1;
      for (gsize code = 0; code < n; code++)
        {
          std::string text;
          for (gsize i = 0, rest = code; i < length; i++, rest /= sizeof alphabet - 1)
            text += alphabet[rest % (sizeof alphabet - 1)];
          expect_agreement (text);
        }
    }
}

TEST (ParseInline, AgreesOnNumbersOfEveryLength)
{
  for (const char *sign : {"", "-", "+"})
    for (gsize length = 1; length <= 22; length++)
      for (gsize point = 0; point <= length; point++)
        for (char first : {'0', '1', '9'})
          {
            std::string digits = std::string (1, first) + std::string ("234567890123456789012").substr (0, length - 1);
            expect_agreement (sign + digits);
            expect_agreement (sign + digits.substr (0, point) + "." + digits.substr (point));
            expect_agreement (sign + std::string (length, first));
          }
}

TEST (ParseInline, AgreesWhereOneCharacterIsWrong)
{
  for (std::string number :
       {"1234567", "12345678", "123456789", "123.4567", "1234567.8", "12345678.9012345", "1234567890123456"})
    for (gsize i = 0; i < number.size (); i++)
      for (int c = 0; c < 256; c++)
        {
          std::string text = number;
          text[i] = static_cast<char> (c);
          expect_agreement (text);
        }
}

TEST (ParseInline, AgreesAround2To53)
{
  for (const char *text : {"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
                           "900719925474099.3", "9.007199254740993", "9.00719925474099", "999999999999999.9",
                           "9999999999999999", "-0", "-0.0", "-.0", "0.", "-0."})
    expect_agreement (text);
}

TEST (ParseInline, AgreesOnNoise)
{
  const char alphabet[] = "00123456789..-+eE ,naif";
  std::mt19937 random (11);
  for (int i = 0; i < 60000; i++)
    {
      std::string text;
      for (gsize n = random () % 20; n > 0; n--)
        text += alphabet[random () % (i % 2 != 0 ? 13 : sizeof alphabet - 1)];
      expect_agreement (text);
    }
}
