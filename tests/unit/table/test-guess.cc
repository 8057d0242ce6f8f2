/* What types texts come to that nobody declared, and the texts of bool. */

#include "helpers.h"
#include "../../../pipeline/table/guess.h"
#include "../../../pipeline/table/parse.h"
#include "../../../pipeline/table/print.h"

#include <random>
#include <vector>

static PlGuess
guess_of (const std::vector<std::string> &texts)
{
  PlGuess guess = {};
  for (const std::string &text : texts)
    guess = pl_guess_join (guess, pl_guess_text (text.data (), text.size ()));
  return guess;
}

static std::string
class_of (const std::vector<std::string> &texts)
{
  const PlGuessStyle plain = {};
  return pl_type_name (pl_guess_type (guess_of (texts), &plain, nullptr));
}

TEST (Guess, FindsTheNarrowestTypeOfAText)
{
  const struct
  {
    const char *text, *name;
  } cases[] = {
      {"true", "bool"},
      {"FALSE", "bool"},
      {"0", "int"},
      {"-12", "int"},
      {"+5", "int"},
      {"9223372036854775807", "int"},
      {"-9223372036854775808", "int"},
      {"9223372036854775808", "decimal(38,0)"},
      {"-9223372036854775809", "decimal(38,0)"},
      {"99999999999999999999999999999999999999", "decimal(38,0)"},
      {"+99999999999999999999999999999999999999", "decimal(38,0)"},
      {"100000000000000000000000000000000000000", "string"},
      {"-100000000000000000000000000000000000000", "string"},
      {"1.5", "float"},
      {"1.", "float"},
      {".5", "float"},
      {"1e5", "float"},
      {"1e+5", "float"},
      {"0e0", "float"},
      {"-0.0", "float"},
      {"0.30000000000000004", "float"},
      {"4.5035996273704955", "float"},
      {"-1.7976931348623157e308", "float"},
      {"9.007199254740993", "float"},
      {"1.50000000000000000000000", "float"},
      {"nan", "float"},
      {"-inf", "float"},
      {"0.12345678901234567", "decimal(38,17)"},
      {"8.9999999999999983", "decimal(38,16)"},
      {"0.10000000000000001", "decimal(38,17)"},
      {"1234567890.123456789", "decimal(38,9)"},
      {"2001-01-31", "date"},
      {"2001/01/31", "date"},
      {"2001-01-31 10:00", "timestamp"},
      {"2001-01-31T10:00:00Z", "timestamp with zone"},
      {"2001/01/31 10:00:00.5-05:00", "timestamp with zone"},
      {"2001-01-31 10:00:00+0100", "timestamp with zone"},
      {"2001-01-31 10:00:00 +01:00", "timestamp with zone"},
      {"2001-01-31 10:00:00 UTC", "timestamp with zone"},
      {"2001-01-31T10:00:00z", "timestamp with zone"},
      {"2001-01-31 10:00 gmt", "timestamp with zone"},
      {"2001-01-31 10:00:00.123456000", "timestamp"},
      {"2001-01-31 10:00:00.123456789", "string"},
      {"2001-01-31 10:00:00.1234567Z", "string"},
      {"0E1", "string"},
      {"0e462097431906509019562988736854", "string"},
      {"10E4", "string"},
      {"1E05", "string"},
      {"1e-400", "string"},
      {"100000000000000000000000000000000000000.5", "string"},
      {"1234-5", "string"},
  };
  for (const auto &c : cases)
    EXPECT_EQ (class_of ({c.text}), c.name) << c.text;
}

TEST (Guess, LeavesTheRestAsText)
{
  for (const char *text : {" ",   "007", "-01",        "00",       "00.5",  "1e400", "0x10",       "1,000",
                           "yes", "t",   "2001-02-30", "2001-1-1", "10:00", "1 ",    " 1",         "true ",
                           "-",   "+",   ".",          "e",        "1e",    "nann",  "1234-12345", "2001-01-31 25:00"})
    EXPECT_EQ (class_of ({text}), "string") << text;
}

TEST (Guess, HoldsEveryTextOfAColumnExactly)
{
  const struct
  {
    std::vector<std::string> texts;
    const char *name;
  } cases[] = {
      {{}, "null"},
      {{""}, "string"},
      {{"", "1"}, "int"},
      {{"", "2001-01-31"}, "date"},
      {{"", "x"}, "string"},
      {{"1", "2.5"}, "float"},
      {{"9007199254740993", "1"}, "int"},
      {{"9007199254740993", "2.5"}, "decimal(38,1)"},
      {{"9007199254740992", "2.5"}, "float"},
      {{"9223372036854775807", "0.25"}, "decimal(38,2)"},
      {{"9007199254740993", "1e+3"}, "decimal(38,0)"},
      {{"9007199254740993", "nan"}, "string"},
      {{"9007199254740993", "1e-30"}, "string"},
      {{"12345678901234567890", "0.5"}, "decimal(38,1)"},
      {{"10000000000000000000", "0.5"}, "float"},
      {{"12345678901234567890", "1"}, "decimal(38,0)"},
      {{"1", "nan"}, "float"},
      {{"0.1", "0.10000000000000001"}, "decimal(38,17)"},
      {{"0.1", "1e+300", "0.10000000000000001"}, "string"},
      {{"0E1", "0E2"}, "string"},
      {{"0E1", "1.5"}, "string"},
      {{"12E3", "12000"}, "string"},
      {{"12E3", "1200"}, "float"},
      {{"1e3", "10"}, "float"},
      {{"1e5", "1E5"}, "string"},
      {{"1E5", "10E4"}, "string"},
      {{"1E5", "100000", "0.5"}, "float"},
      {{"1", "true"}, "string"},
      {{"1", "2001-01-31"}, "string"},
      {{"2001-01-31", "2001-01-31 10:00"}, "timestamp"},
      {{"2001-01-31 10:00Z", "2001-01-31 10:00"}, "string"},
      {{"2001-01-31 10:00Z", "2001-01-31"}, "string"},
      {{"2001-01-31", "2001-01-31 10:00:00.1234567"}, "string"},
  };
  for (const auto &c : cases)
    EXPECT_EQ (class_of (c.texts), c.name) << testing::PrintToString (c.texts);
}

/* Two decimals of which one is told to be a double have different doubles, and are written with their digits again. */
TEST (Guess, DoublesAreTheirDigits)
{
  std::mt19937_64 random (7);
  for (int i = 0; i < 200000; i++)
    {
      guint digits = 14 + (guint) (random () % 5);
      std::string number = std::to_string (1 + random () % 9);
      for (guint n = 1; n < digits; n++)
        number += (char) ('0' + random () % 10);
      /* Below 10^16, where doubles are printed without an exponent. */
      number.insert (1 + random () % 12, ".");
      PlGuess guess = pl_guess_text (number.data (), number.size ());
      double value = 0;
      char text[PL_PRINT_MAX];
      ASSERT_TRUE (pl_parse_float (number.data (), number.size (), &value));
      std::string printed (text, pl_print_float (text, value));
      number.erase (number.find_last_not_of ('0') + 1);
      number += number.back () == '.' ? "0" : "";
      EXPECT_EQ (!pl_guess_has (guess, PL_SEEN_LONG), printed == number) << number << " " << printed;
    }
}

TEST (Guess, JoiningIsASemilattice)
{
  std::vector<PlGuess> all;
  for (const char *text : {"", "true", "1", "10", "9007199254740993", "12345678901234567890", "1.5", "1e3", "1E3",
                           "10e3", "nan", "0.12345678901234567", "2001-01-31", "2001-01-31 10:00", "2001-01-31 10:00Z",
                           "2001-01-31 10:00:00.1234567", "x"})
    all.push_back (pl_guess_text (text, strlen (text)));
  auto same = [] (PlGuess a, PlGuess b) {
    return a.seen == b.seen && a.misread == b.misread && a.whole == b.whole && a.fraction == b.fraction
           && a.zeros == b.zeros && a.power == b.power;
  };
  for (PlGuess a : all)
    for (PlGuess b : all)
      {
        EXPECT_TRUE (same (pl_guess_join (a, b), pl_guess_join (b, a)));
        EXPECT_TRUE (same (pl_guess_join (a, pl_guess_join (a, b)), pl_guess_join (a, b)));
        for (PlGuess c : all)
          EXPECT_TRUE (same (pl_guess_join (pl_guess_join (a, b), c), pl_guess_join (a, pl_guess_join (b, c))));
      }
}

static PlGuess
formatted (PlSeen natural, guint16 misread, PlSeen read)
{
  PlGuess guess = {};
  guess.seen = 1u << natural | 1u << read;
  guess.misread = misread;
  return guess;
}

/* Format 0 gives dates, format 1 timestamps. */
TEST (Guess, AColumnIsADateWhereAFormatReadsAll)
{
  const PlGuessStyle style = {3, 2, 0};
  guint16 reads = 9;
  PlGuess both = formatted (PL_SEEN_TEXT, 2, PL_SEEN_FORMATTED_DATE);
  EXPECT_STREQ (pl_type_name (pl_guess_type (both, &style, &reads)), "date");
  EXPECT_EQ (reads, 1);
  /* Each text by another one. */
  both = pl_guess_join (both, formatted (PL_SEEN_TEXT, 1, PL_SEEN_FORMATTED_TIMESTAMP));
  EXPECT_STREQ (pl_type_name (pl_guess_type (both, &style, &reads)), "timestamp");
  EXPECT_EQ (reads, 3);
  both = pl_guess_join (both, formatted (PL_SEEN_DATE, 3, PL_SEEN_FORMATTED_DATE));
  EXPECT_STREQ (pl_type_name (pl_guess_type (both, &style, &reads)), "timestamp");
  both = pl_guess_join (both, formatted (PL_SEEN_TEXT, 3, PL_SEEN_UNREAD));
  EXPECT_STREQ (pl_type_name (pl_guess_type (both, &style, &reads)), "string");
  /* Whole numbers that a format of digits does not read. */
  PlGuess digits
      = pl_guess_join (formatted (PL_SEEN_INT, 2, PL_SEEN_FORMATTED_DATE), formatted (PL_SEEN_INT, 3, PL_SEEN_UNREAD));
  EXPECT_STREQ (pl_type_name (pl_guess_type (digits, &style, &reads)), "int");
  EXPECT_EQ (reads, 0);
}

TEST (Guess, SaysWhatDecided)
{
  const PlGuessStyle plain = {};
  guint64 counts[PL_N_SEEN] = {};
  auto reason = [&] (std::vector<std::string> texts) { return pl_guess_reason (guess_of (texts), &plain, counts); };
  EXPECT_EQ (reason ({"1", "2"}), -1);
  EXPECT_EQ (reason ({""}), -1);
  EXPECT_EQ (reason ({"1", "NA"}), PL_SEEN_TEXT);
  EXPECT_EQ (reason ({"1", "9999999999999999999999999999999999999999"}), PL_SEEN_HUGE);
  EXPECT_EQ (reason ({"9007199254740993", "0.5"}), PL_SEEN_LONG);
  EXPECT_EQ (reason ({"9007199254740993", "nan"}), PL_SEEN_LONG);
  EXPECT_EQ (reason ({"12345678901234567890"}), -1);
  EXPECT_EQ (reason ({"0E1", "0E2"}), PL_SEEN_CODE_ZERO);
  EXPECT_EQ (reason ({"1", "0e1"}), PL_SEEN_CODE_ZERO);
  counts[PL_SEEN_TEXT] = 2;
  counts[PL_SEEN_CODE_ZERO] = 1;
  EXPECT_EQ (reason ({"0E1", "x"}), PL_SEEN_TEXT);
  counts[PL_SEEN_TEXT] = counts[PL_SEEN_CODE_ZERO] = 0;
  EXPECT_EQ (reason ({"1", "1e400"}), PL_SEEN_HUGE);
  EXPECT_EQ (reason ({"123456789012345678901234567890123456789"}), PL_SEEN_HUGE);
  EXPECT_STREQ (pl_type_name (pl_guess_without (guess_of ({"1", "x", "0E1", "1e400"}), &plain, PL_SEEN_TEXT)), "int");
  EXPECT_STREQ (pl_type_name (pl_guess_without (guess_of ({"1", "1e400"}), &plain, PL_SEEN_HUGE)), "int");
  EXPECT_EQ (reason ({"1E5", "10E4"}), PL_SEEN_CODE_ODD);
  EXPECT_EQ (reason ({"1e5", "100000"}), PL_SEEN_CODE);
  EXPECT_EQ (reason ({"2001-01-31 10:00:00.1234567"}), PL_SEEN_FINE);
  counts[PL_SEEN_INT] = 5;
  counts[PL_SEEN_BOOL] = 2;
  EXPECT_EQ (reason ({"1", "true"}), PL_SEEN_BOOL);
  counts[PL_SEEN_ZONED] = 1;
  counts[PL_SEEN_TIMESTAMP] = 3;
  EXPECT_EQ (reason ({"2001-01-31 10:00", "2001-01-31 10:00Z"}), PL_SEEN_ZONED);
  counts[PL_SEEN_ZONED] = 7;
  EXPECT_EQ (reason ({"2001-01-31 10:00", "2001-01-31 10:00Z"}), PL_SEEN_TIMESTAMP);
}

TEST (Guess, SaysWhatDecidedAmongDatesAsWritten)
{
  const PlGuessStyle style = {(guint16) (1 | PL_FORMAT_OF_BOOLS), 0, 0};
  guint64 counts[PL_N_SEEN] = {};
  const guint16 no_bool = PL_FORMAT_OF_BOOLS;
  PlGuess unread = formatted (PL_SEEN_TEXT, (guint16) (1 | no_bool), PL_SEEN_UNREAD);
  PlGuess dates = pl_guess_join (formatted (PL_SEEN_TEXT, no_bool, PL_SEEN_FORMATTED_DATE), unread);
  counts[PL_SEEN_TEXT] = 3;
  counts[PL_SEEN_UNREAD] = 1;
  counts[PL_SEEN_FORMATTED_DATE] = 2;
  EXPECT_EQ (pl_guess_reason (dates, &style, counts), PL_SEEN_UNREAD);
  EXPECT_STREQ (pl_type_name (pl_guess_without (dates, &style, PL_SEEN_UNREAD)), "date");
  PlGuess bools = pl_guess_join (formatted (PL_SEEN_TEXT, 1, PL_SEEN_FORMATTED_BOOL), unread);
  counts[PL_SEEN_FORMATTED_DATE] = 0;
  counts[PL_SEEN_FORMATTED_BOOL] = 2;
  EXPECT_EQ (pl_guess_reason (bools, &style, counts), PL_SEEN_UNREAD);
  EXPECT_STREQ (pl_type_name (pl_guess_without (bools, &style, PL_SEEN_UNREAD)), "bool");
  /* A text or two that a format reads decide nothing. */
  counts[PL_SEEN_UNREAD] = 9;
  EXPECT_EQ (pl_guess_reason (bools, &style, counts), PL_SEEN_TEXT);
  /* Bools are no dates, nor the other way round. */
  PlGuess both = pl_guess_join (formatted (PL_SEEN_TEXT, 1, PL_SEEN_FORMATTED_BOOL),
                                formatted (PL_SEEN_TEXT, no_bool, PL_SEEN_FORMATTED_DATE));
  counts[PL_SEEN_UNREAD] = 0;
  counts[PL_SEEN_FORMATTED_DATE] = 3;
  EXPECT_STREQ (pl_type_name (pl_guess_type (both, &style, NULL)), "string");
  EXPECT_EQ (pl_guess_reason (both, &style, counts), PL_SEEN_FORMATTED_BOOL);
}

TEST (Guess, AStringForWantOfMoreIsOpen)
{
  const PlGuessStyle plain = {};
  EXPECT_TRUE (pl_guess_is_open (guess_of ({""}), &plain));
  EXPECT_TRUE (pl_guess_is_open (guess_of ({"1E5", "10E4"}), &plain));
  EXPECT_FALSE (pl_guess_is_open (guess_of ({"x"}), &plain));
  EXPECT_FALSE (pl_guess_is_open (guess_of ({"1"}), &plain));
  EXPECT_FALSE (pl_guess_is_open (guess_of ({"1", "true"}), &plain));
}

TEST (ParseBool, TakesTrueAndFalseInAnyCase)
{
  for (const char *text : {"true", "TRUE", "True", "tRuE"})
    {
      guint8 value = 7;
      EXPECT_TRUE (pl_parse_bool (text, 4, &value));
      EXPECT_EQ (value, 1);
    }
  for (const char *text : {"false", "FALSE", "False"})
    {
      guint8 value = 7;
      EXPECT_TRUE (pl_parse_bool (text, 5, &value));
      EXPECT_EQ (value, 0);
    }
  for (const char *text : {"", "t", "f", "yes", "1", "0", "truee", "tru", "fals", "falsee", " true"})
    {
      guint8 value = 7;
      EXPECT_FALSE (pl_parse_bool (text, strlen (text), &value)) << text;
      EXPECT_EQ (value, 7);
    }
}

TEST (ParseLoose, TakesWhatPeopleWrite)
{
  guint8 flag = 7;
  gint64 whole = 0;
  double number = 0;
  PlInt128 decimal = 0;
  for (const char *text : {"t", "Y", "yes", " ON ", "1", "True"})
    EXPECT_TRUE (pl_parse_loose_bool (text, strlen (text), &flag) && flag == 1) << text;
  for (const char *text : {"F", "n", "No", "off", "0\t", "false"})
    EXPECT_TRUE (pl_parse_loose_bool (text, strlen (text), &flag) && flag == 0) << text;
  for (const char *text : {"", "2", "ye", "yess", "tr"})
    EXPECT_FALSE (pl_parse_loose_bool (text, strlen (text), &flag)) << text;
  const struct
  {
    const char *text;
    gint64 value;
  } ints[] = {{"007", 7}, {" 1", 1},    {"-007 ", -7},
              {"5.", 5},  {"1e2", 100}, {"12.50e1", 125},
              {"0e9", 0}, {"+3", 3},    {"-9223372036854775808", G_MININT64}};
  for (const auto &c : ints)
    EXPECT_TRUE (pl_parse_loose_int (c.text, strlen (c.text), &whole) && whole == c.value) << c.text;
  for (const char *text : {"", " ", "2.5", "1e-1", ".5", "--1", "1 2", "9223372036854775808", "1e19", "nan", "0x1"})
    EXPECT_FALSE (pl_parse_loose_int (text, strlen (text), &whole)) << text;
  for (const char *text : {"\u00a07", "7\u200b", "\ufeff7", " \u3000\u202f7\u00a0 ", "7\u2003"})
    EXPECT_TRUE (pl_parse_loose_int (text, strlen (text), &whole) && whole == 7) << text;
  for (const char *text : {"\u00a0", "\u00a17", "7\u00a08", "7\xc2",
                           "\xa0"
                           "7",
                           "\x80\x80\x80\x80\x80"})
    EXPECT_FALSE (pl_parse_loose_int (text, strlen (text), &whole)) << text;
  EXPECT_TRUE (pl_parse_loose_float (" 00.5", 5, &number) && number == 0.5);
  EXPECT_TRUE (pl_parse_loose_float ("-inf ", 5, &number) && number < 0);
  EXPECT_FALSE (pl_parse_loose_float ("+-1", 3, &number));
  const struct
  {
    const char *text;
    gint64 value;
  } decimals[] = {{".5", 50}, {"5.", 500}, {"1e1", 1000}, {"-007.25", -725}, {"99.990", 9999}, {"1e-2", 1}, {"0", 0}};
  for (const auto &c : decimals)
    EXPECT_TRUE (pl_parse_loose_decimal (c.text, strlen (c.text), 4, 2, &decimal) && decimal == c.value) << c.text;
  for (const char *text : {"100", "0.001", "1e2", ".", "", "1e-3"})
    EXPECT_FALSE (pl_parse_loose_decimal (text, strlen (text), 4, 2, &decimal)) << text;
}
