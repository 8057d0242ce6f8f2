/* Values as text: floats as Python's repr writes them, the others to the character. */
#include "helpers.h"

#include <charconv>
#include <cmath>
#include <random>

#include "../../../pipeline/table/parse.h"
#include "../../../pipeline/table/print.h"
#include "float-cases.h"
#include "../../../pipeline/base/error.h"

static std::string
float_text (double value)
{
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_float (out, value));
}

static std::string
int_text (gint64 value)
{
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_int (out, value));
}

static std::string
decimal_text (PlInt128 value, guint scale)
{
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_decimal (out, value, scale));
}

TEST (PrintFloat, IsPythonsRepr)
{
  for (const FloatCase &c : print_cases)
    {
      double value;
      memcpy (&value, &c.bits, sizeof value);
      EXPECT_EQ (float_text (value), c.text);
    }
}

TEST (PrintFloat, ReadsBackAsTheSameDouble)
{
  std::mt19937_64 random (3);
  for (int i = 0; i < 200000; i++)
    {
      guint64 bits = random ();
      double value, back = 0;
      memcpy (&value, &bits, sizeof value);
      if (i % 2 != 0)
        value = static_cast<double> (static_cast<gint64> (bits) >> 20) / std::pow (10, static_cast<double> (bits % 10));
      if (std::isnan (value))
        continue;
      std::string text = float_text (value);
      ASSERT_LE (text.size (), 24u);
      ASSERT_TRUE (pl_parse_float (text.data (), text.size (), &back)) << text;
      ASSERT_EQ (memcmp (&back, &value, sizeof value), 0) << text;
    }
}

TEST (PrintFloat, IsShortestForShortDecimals)
{
  /* Every decimal of up to 6 places reads and prints as itself, by whichever way it is printed. */
  std::mt19937 random (5);
  for (int i = 0; i < 100000; i++)
    {
      guint whole = random () % (i % 3 != 0 ? 1000 : 1999999999), fraction = random () % 1000000;
      char text[32];
      gsize length = static_cast<gsize> (g_snprintf (text, sizeof text, "%u.%06u", whole, fraction));
      while (text[length - 1] == '0' && text[length - 2] != '.')
        length--;
      double value = 0;
      ASSERT_TRUE (pl_parse_float (text, length, &value));
      if (value >= 1e-4)
        {
          ASSERT_EQ (float_text (value), std::string (text, length));
        }
    }
}

/* What is significant of a number's text: without the point, the exponent, and zeros on either side. */
static std::string
significant (const std::string &text)
{
  std::string digits;
  for (char c : text.substr (0, text.find ('e')))
    if (c != '.' && (c != '0' || !digits.empty ()))
      digits += c;
  return digits.substr (0, digits.find_last_not_of ('0') + 1);
}

TEST (PrintFloat, HasTheDigitsThatTheStandardLibraryFinds)
{
  std::mt19937_64 random (7);
  for (int i = 0; i < 200000; i++)
    {
      guint64 fraction = random () >> 12, kept = random () % 52;
      /* Of every size from 1e-4 to beyond 1e9; whole numbers of powers of two, and neighbours of short decimals, are
       * what is decided last. */
      guint64 bits = (1009 + random () % 46) << 52 | (i % 3 != 0 ? fraction : fraction >> kept << kept);
      double value;
      memcpy (&value, &bits, sizeof value);
      if (i % 4 == 0)
        value = std::nextafter (static_cast<double> (random () % 1000000000) / std::pow (10, random () % 14), i % 8);
      char text[64];
      auto result = std::to_chars (text, text + sizeof text, value, std::chars_format::scientific);
      std::string printed = float_text (value);
      double back = 0;
      ASSERT_EQ (significant (printed), significant (std::string (text, result.ptr)));
      ASSERT_TRUE (pl_parse_float (printed.data (), printed.size (), &back));
      ASSERT_EQ (back, value) << printed;
    }
}

TEST (PrintInt, ReachesBothEnds)
{
  EXPECT_EQ (int_text (0), "0");
  EXPECT_EQ (int_text (-1), "-1");
  EXPECT_EQ (int_text (G_MAXINT64), "9223372036854775807");
  EXPECT_EQ (int_text (G_MININT64), "-9223372036854775808");
  for (gint64 power = 1; power < G_GINT64_CONSTANT (1000000000000000000); power *= 10)
    for (gint64 value : {power - 1, power, power + 1, -power})
      EXPECT_EQ (int_text (value), std::to_string (value));
}

TEST (PrintDecimal, WritesEveryDigitOfTheScale)
{
  EXPECT_EQ (decimal_text (150, 2), "1.50");
  EXPECT_EQ (decimal_text (-150, 2), "-1.50");
  EXPECT_EQ (decimal_text (5, 3), "0.005");
  EXPECT_EQ (decimal_text (-5, 3), "-0.005");
  EXPECT_EQ (decimal_text (0, 2), "0.00");
  EXPECT_EQ (decimal_text (0, 0), "0");
  EXPECT_EQ (decimal_text (12, 0), "12");
  EXPECT_EQ (decimal_text (1, 38), "0." + std::string (37, '0') + "1");
  EXPECT_EQ (decimal_text (G_MAXINT64, 19), "0.9223372036854775807");
  PlInt128 largest = 0;
  for (int i = 0; i < 38; i++)
    largest = largest * 10 + 9;
  EXPECT_EQ (decimal_text (largest, 0), std::string (38, '9'));
  EXPECT_EQ (decimal_text (-largest, 38), "-0." + std::string (38, '9'));
  EXPECT_EQ (decimal_text (largest, 20), std::string (18, '9') + "." + std::string (20, '9'));
  PlInt128 wide = static_cast<PlInt128> (G_GUINT64_CONSTANT (10000000000000000000));
  EXPECT_EQ (decimal_text (wide, 0), "10000000000000000000");
  EXPECT_EQ (decimal_text (wide - 1, 0), "9999999999999999999");
  EXPECT_EQ (decimal_text (wide * 1000000007, 4), "1000000007000000000000000.0000");
}

static std::string
timestamp_text (gint64 microseconds, gboolean zoned)
{
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_timestamp (out, microseconds, zoned));
}

TEST (PrintTimestamp, LeavesZerosOff)
{
  EXPECT_EQ (timestamp_text (0, FALSE), "1970-01-01 00:00:00");
  EXPECT_EQ (timestamp_text (0, TRUE), "1970-01-01 00:00:00+00:00");
  EXPECT_EQ (timestamp_text (1, FALSE), "1970-01-01 00:00:00.000001");
  EXPECT_EQ (timestamp_text (500000, FALSE), "1970-01-01 00:00:00.5");
  EXPECT_EQ (timestamp_text (-1, TRUE), "1969-12-31 23:59:59.999999+00:00");
  EXPECT_EQ (timestamp_text (G_GINT64_CONSTANT (981071940120000), FALSE), "2001-02-01 23:59:00.12");
}

TEST (PrintValue, TakesTheTextWhereThereIsOne)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  PlColumn *column = pl_column_new (arena, type_of (PL_INT), 3);
  guint8 nulls[] = {0, 0, 1};
  PlText lexical[] = {text_of ("+7"), text_of ("8"), text_of ("9")};
  column->ints[0] = 7;
  column->ints[1] = 8;
  column->ints[2] = 9;
  column->nulls = nulls;
  pl_print_value (&buffer, column, 0);
  pl_buffer_append_char (&buffer, '|');
  pl_print_value (&buffer, column, 2);
  pl_buffer_append_char (&buffer, '|');
  column->lexical = lexical;
  pl_print_value (&buffer, column, 0);
  pl_print_value (&buffer, column, 2);
  EXPECT_EQ (std::string (buffer.data, buffer.length), "7||+7");
}

TEST (PrintValue, PrintsEveryType)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  auto print = [&] (PlColumn *column) {
    pl_print_value (&buffer, column, 0);
    pl_buffer_append_char (&buffer, ' ');
  };
  PlColumn *column = pl_column_new (arena, type_of (PL_BOOL), 1);
  column->bools[0] = 1;
  print (column);
  column->bools[0] = 0;
  print (column);
  column = pl_column_new (arena, type_of (PL_FLOAT), 1);
  column->floats[0] = 3;
  print (column);
  column = pl_column_new (arena, decimal_of (5, 2), 1);
  column->decimals[0] = 150;
  print (column);
  column = pl_column_new (arena, type_of (PL_STRING), 1);
  column->texts[0] = text_of ("a, b");
  print (column);
  column = pl_column_new (arena, type_of (PL_DATE), 1);
  column->dates[0] = 11323;
  print (column);
  column = pl_column_new (arena, zoned_timestamp (), 1);
  column->ints[0] = 0;
  print (column);
  print (pl_column_null (arena, type_of (PL_NULL), 1));
  EXPECT_EQ (std::string (buffer.data, buffer.length),
             "true false 3.0 1.50 a, b 2001-01-01 1970-01-01 00:00:00+00:00  ");
}

static std::string
formatted (double value, const char *format)
{
  char out[PL_FLOAT_FORMAT_MAX];
  EXPECT_TRUE (pl_float_format_check (format, nullptr)) << format;
  return std::string (out, pl_print_float_format (out, sizeof out, value, format));
}

TEST (FloatFormat, PrintsAsPrintfDoes)
{
  EXPECT_EQ (formatted (1.5, "%.2f"), "1.50");
  EXPECT_EQ (formatted (2.675, "%.2f"), "2.67");
  EXPECT_EQ (formatted (0.125, "%.2f"), "0.12");
  EXPECT_EQ (formatted (0.375, "%.2f"), "0.38");
  EXPECT_EQ (formatted (-0.0, "%.1f"), "-0.0");
  EXPECT_EQ (formatted (1e5, "%.3e"), "1.000e+05");
  EXPECT_EQ (formatted (1e5, "%G"), "100000");
  EXPECT_EQ (formatted (3.14159, "%+08.2f"), "+0003.14");
  EXPECT_EQ (formatted (3.14159, "%-8.2f|"), "3.14    |");
  EXPECT_EQ (formatted (0.5, "%.0f%%"), "0%");
  EXPECT_EQ (formatted (12.5, "EUR %.2f (%%)"), "EUR 12.50 (%)");
  EXPECT_EQ (formatted (INFINITY, "%.2f"), "inf");
  EXPECT_EQ (formatted (-INFINITY, "%.2F"), "-INF");
  EXPECT_EQ (formatted (std::copysign (NAN, -1), "%.2f"), "nan");
  EXPECT_EQ (formatted (-1.7976931348623157e308, "%.30f").size (), 341u);
}

TEST (FloatFormat, SaysWhatIsWrong)
{
  const struct
  {
    const char *format, *message;
  } cases[] = {
      {"", "float format '' has no conversion; write one such as %.2f"},
      {"100%%", "float format '100%%' has no conversion; write one such as %.2f"},
      {"%d", "float format '%d' needs a conversion of f, e or g, as in %.2f"},
      {"%s", "float format '%s' needs a conversion of f, e or g, as in %.2f"},
      {"%", "float format '%' needs a conversion of f, e or g, as in %.2f"},
      {"%.2", "float format '%.2' needs a conversion of f, e or g, as in %.2f"},
      {"%*f", "float format '%*f' needs a conversion of f, e or g, as in %.2f"},
      {"%'f", "float format '%'f' needs a conversion of f, e or g, as in %.2f"},
      {"%lf", "float format '%lf' needs a conversion of f, e or g, as in %.2f"},
      {"%n", "float format '%n' needs a conversion of f, e or g, as in %.2f"},
      {"%f%f", "float format '%f%f' has more than one conversion; write %% for the character itself"},
      {"%65f", "float format '%65f' is wider than 64 characters"},
      {"%99999999999999999999f", "float format '%99999999999999999999f' is wider than 64 characters"},
      {"%.31f", "float format '%.31f' has more than 30 digits behind the point"},
      {"%++++++++++++++++++++++++++++++++f",
       "float format '%++++++++++++++++++++++++++++++++f' repeats its flags; write each once"},
  };
  for (const auto &c : cases)
    {
      GError *error = nullptr;
      EXPECT_FALSE (pl_float_format_check (c.format, &error)) << c.format;
      expect_error (&error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, c.message);
    }
  std::string long_format = std::string (129, 'x') + "%f";
  GError *error = nullptr;
  EXPECT_FALSE (pl_float_format_check (long_format.c_str (), &error));
  expect_error (&error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                ("float format '" + long_format + "' has more than 128 characters around its conversion").c_str ());
  EXPECT_TRUE (pl_float_format_check ((std::string (128, 'x') + "%64.30f").c_str (), nullptr));
}
