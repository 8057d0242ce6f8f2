/* Values as the reader converts them: types pinned and guessed, what contradicts a guess, numbers and dates as sources
 * write them, and what is said of a value that is none. */
#include "../../../pipeline/csv/classify.h"
#include "fixture.h"
#include "oracle.h"
#include "../../../pipeline/base/error.h"
#include <gtest/gtest.h>
#include <cmath>

namespace
{

using fixture::Result;
using fixture::Source;
using Rows = std::vector<std::vector<std::string> >;

TEST (Values, Types)
{
  Source source ({PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT), PL_TYPE_DECIMAL (10, 2), PL_TYPE (PL_DATE), PL_TYPE (PL_BOOL)},
                 PL_USE_VALUE, TRUE);
  Result result
      = fixture::read (&source.source, "1,2.5,3.1,2020-02-29,true\n-9223372036854775808,1e3,-0.01,1969-12-31,FALSE\n"
                                       "\"+7\",\"-0.5\",,\"1970-01-01\",\n");
  EXPECT_EQ (result.error, "");
  EXPECT_EQ (result.rows, (Rows{{"1", "2.5", "3.10", "2020-02-29", "true"},
                                {"-9223372036854775808", "1000.0", "-0.01", "1969-12-31", "false"},
                                {"7", "-0.5", "NULL", "1970-01-01", "NULL"}}));
}

/* A guess holds only what inference would have called so: the types must not depend on which rows the sample saw. */
TEST (Values, GuessesAreContradictedByWhatWouldHaveChangedThem)
{
  const PlType zoned = {PL_TIMESTAMP, 0, 0, 1};
  const struct
  {
    PlType type;
    const char *held, *other;
  } cases[] = {
      {PL_TYPE (PL_INT), "12", "1.0"},
      {PL_TYPE (PL_INT), "12", "9223372036854775808"},
      {PL_TYPE (PL_FLOAT), "0.5", "123456789012345678901234567890123456789"},
      {PL_TYPE (PL_FLOAT), "1e300", "007"},
      {PL_TYPE (PL_FLOAT), "10000000000000000000", "true"},
      {PL_TYPE (PL_FLOAT), "4503599627370497", "12345678901234567890"},
      {PL_TYPE (PL_FLOAT), "0.30000000000000004", "0.30000000000000003"},
      {PL_TYPE_DECIMAL (38, 0), "12345678901234567890", "1.0"},
      {PL_TYPE_DECIMAL (38, 0), "1", "123456789012345678901234567890123456789"},
      {PL_TYPE (PL_DATE), "2020-02-29", "2020-02-29 10:00:00"},
      {PL_TYPE (PL_TIMESTAMP), "2020-02-29", "2020-02-29T10:00:00Z"},
      {zoned, "2020-02-29T10:00:00Z", "2020-02-29"},
      {zoned, "2020-02-29T10:00:00+01:00", "2020-02-29T10:00:00"},
      {PL_TYPE (PL_BOOL), "TRUE", "1"},
  };
  for (const auto &test : cases)
    {
      Source guessed ({test.type}, PL_USE_VALUE);
      Result result = fixture::read (&guessed.source, std::string (test.held) + "\n" + test.other + "\n");
      EXPECT_EQ (result.code, PL_DATA_ERROR_CONTRADICTION) << test.held << " then " << test.other;
      EXPECT_EQ (result.rows.size (), 1u) << test.held;
      EXPECT_EQ (result.position & G_MAXUINT32, 1u) << test.held;
    }
}

PlGuess
inferred (const std::string &text)
{
  Source source ({PL_TYPE (PL_NULL), PL_TYPE (PL_STRING)}, PL_USE_VALUE);
  std::string data = text + std::string (64, ',');
  PlEvidence *evidence = pl_evidence_new (2);
  guint64 left = G_MAXUINT64;
  PlCsvReader *reader = pl_csv_reader_new (&source.source);
  PlSpan span = {};
  span.data = data.data ();
  span.length = text.size ();
  span.line = 1;
  pl_csv_reader_open (reader, &span);
  pl_csv_reader_classify (reader, evidence, &left);
  pl_csv_reader_free (reader);
  PlGuess guess = evidence[0].guess;
  pl_evidence_free (evidence, 2);
  return guess;
}

/* A sample's type is contradicted by the rows behind it exactly when all rows together have another one; so it does not
 * matter which rows the sample was. */
TEST (Values, GuessesAreContradictedExactlyWhenWrong)
{
  const char *odd[] = {"",
                       "1",
                       "-7",
                       "007",
                       "+5",
                       "1.0",
                       "1.50",
                       "-0.0",
                       "-0",
                       "1e5",
                       "nan",
                       "inf",
                       "-inf",
                       ".5",
                       "5.",
                       "9223372036854775807",
                       "9223372036854775808",
                       "12345678901234567890123456789012345678",
                       "123456789012345678901234567890123456789",
                       "1e400",
                       "0.1234567890123456789",
                       "12345678.12345678",
                       "true",
                       "FALSE",
                       "2020-02-29",
                       "2020-02-30",
                       "2020-02-29 10:00:00",
                       "2020-02-29T10:00:00Z",
                       "2020-02-29T10:00:00+01:00",
                       "10:00",
                       "\"\"",
                       "\"1\"",
                       "\"2.5\"",
                       "\"2020-02-29\"",
                       " 1",
                       "x",
                       "1,5",
                       "123456789",
                       "1234567890123456",
                       "12345678901234567"};
  oracle::Random random = {41};
  for (int i = 0; i < oracle::texts (30000); i++)
    {
      std::string sample, rest;
      guint32 few = 1 + random.below (6), first = random.below (G_N_ELEMENTS (odd));
      for (guint32 n = 1 + random.below (3); n > 0; n--)
        sample += std::string (odd[(first + random.below (few)) % G_N_ELEMENTS (odd)]) + ",\n";
      for (guint32 n = 1 + random.below (3); n > 0; n--)
        rest += std::string (odd[random.below (3) ? (first + random.below (few)) % G_N_ELEMENTS (odd)
                                                  : random.below (G_N_ELEMENTS (odd))])
                + ",\n";
      const PlGuessStyle plain = {};
      PlReading reading = {};
      reading.guess = inferred (sample);
      reading.is_open = pl_guess_is_open (reading.guess, &plain);
      PlType guess = pl_guess_type (reading.guess, &plain, nullptr);
      PlType all = pl_guess_type (inferred (sample + rest), &plain, nullptr);
      Source source ({guess, PL_TYPE (PL_STRING)}, i % 2   ? PL_USE_VALUE
                                                   : i % 4 ? PL_USE_EXACT
                                                           : PL_USE_VALUE | PL_USE_EXACT);
      source.readings[0] = reading;
      source.source.on_bad_row = PL_BAD_ROW_SKIP;
      Result result = fixture::read (&source.source, sample + rest);
      gboolean contradicted = result.code == PL_DATA_ERROR_CONTRADICTION;
      /* Of a string for want of anything else, one text alone may be told from the others too early. */
      ASSERT_TRUE (contradicted == !pl_type_equal (guess, all) || (reading.is_open && contradicted))
          << sample << "then\n"
          << rest << pl_type_name (guess) << " " << pl_type_name (all) << " " << result.error;
    }
}

/* Numbers in quotes, with blanks around them, null by their text, long and short, are what they are without. */
TEST (Values, NumbersInAnyDress)
{
  const char *numbers[] = {"0",
                           "7",
                           "-7",
                           "12345678",
                           "123456789",
                           "-1234567890123456",
                           "9223372036854775807",
                           "-99",
                           "1234567890123456789"};
  const char *floats[] = {"0.5",
                          "-0.5",
                          "33.993103",
                          "1234567.8",
                          "12345678.9",
                          "12345678.12345678",
                          "1.",
                          ".5",
                          "-0.0",
                          "123456.789",
                          "0.1234567890123456789",
                          "1e-3",
                          "12345678",
                          "123456789",
                          "3",
                          "-99"};
  oracle::Random random = {42};
  for (int dress = 0; dress < 5; dress++)
    {
      std::string text;
      Rows expected;
      bool quoted = false;
      for (const char *number : numbers)
        for (const char *fraction : floats)
          {
            /* Of the fifth dress some rows in turn are quoted. */
            if (random.below (4) == 0)
              quoted = !quoted;
            bool quotes = dress == 1 || (dress == 4 && quoted);
            const char *open = quotes ? "\"" : dress == 2 ? " " : "", *close = quotes ? "\"" : dress == 2 ? "\t" : "";
            text += std::string (open) + number + close + "," + open + fraction + close + "\n";
            char printed[64];
            size_t length = pl_print_float (printed, g_ascii_strtod (fraction, nullptr));
            bool null = dress == 3 && strcmp (number, "-99") == 0,
                 null_fraction = dress == 3 && strcmp (fraction, "-99") == 0;
            expected.push_back ({null ? "NULL" : number, null_fraction ? "NULL" : std::string (printed, length)});
          }
      Source source ({PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT)}, PL_USE_VALUE | PL_USE_EXACT);
      /* Also what no guess would have called a float. */
      source.readings[1].is_certain = TRUE;
      const char *nulls[] = {"-99", nullptr};
      source.source.dialect.trim = dress == 2;
      source.source.dialect.null_values = dress == 3 ? (GStrv) nulls : nullptr;
      Result result = fixture::read (&source.source, text);
      EXPECT_EQ (result.error, "");
      EXPECT_EQ (result.rows, expected) << dress;
    }
}

TEST (Values, LexicalTextIsKept)
{
  Source source ({PL_TYPE (PL_INT), PL_TYPE (PL_FLOAT)}, PL_USE_TEXT | PL_USE_VALUE);
  EXPECT_EQ (fixture::read (&source.source, "+1,2.50\n").rows, (Rows{{"+1", "2.50"}}));
}

TEST (Values, ContradictionOfAGuess)
{
  Source source ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT)}, PL_USE_VALUE);
  source.source.on_bad_row = PL_BAD_ROW_SKIP;
  Result result = fixture::read (&source.source, "a,1\nb,2\nc,3.5\nd,4\n");
  EXPECT_EQ (result.rows.size (), 2u);
  EXPECT_EQ (result.code, PL_DATA_ERROR_CONTRADICTION);
  EXPECT_EQ (result.position, ((guint64) 7 << 32) + 2);
  Source nothing ({PL_TYPE (PL_NULL)}, PL_USE_TEXT);
  EXPECT_EQ (fixture::read (&nothing.source, "\"\"\n").code, PL_DATA_ERROR_CONTRADICTION);
  const char *nulls[] = {"NA", nullptr};
  nothing.source.dialect.null_values = (GStrv) nulls;
  EXPECT_EQ (fixture::read (&nothing.source, "NA\nNA\n").rows, (Rows{{"NULL"}, {"NULL"}}));
}

TEST (Values, MisfitsOfPinnedTypesAreBadRows)
{
  Source source ({PL_TYPE (PL_INT), PL_TYPE (PL_INT)}, PL_USE_VALUE, TRUE);
  Result result = fixture::read (&source.source, "1,2\n3,x\ny,z\n4,5\nq\n");
  EXPECT_EQ (result.rows, (Rows{{"1", "2"}}));
  EXPECT_EQ (result.error,
             "flights.csv:3: value 'x' of column 'b' is not of type int; null-values = b:x makes it null, types = "
             "b:string keeps all as text, on-bad-row = skip leaves its row out");
  EXPECT_EQ (result.code, PL_DATA_ERROR_BAD_VALUE);
  source.source.on_bad_row = PL_BAD_ROW_SKIP;
  result = fixture::read (&source.source, "1,2\n3,x\ny,z\n4,5\nq\n6,7\n");
  EXPECT_EQ (result.rows, (Rows{{"1", "2"}, {"4", "5"}, {"6", "7"}}));
  EXPECT_EQ (result.numbers, (std::vector<guint32>{0, 3, 5}));
  EXPECT_EQ (result.rejects, (std::vector<std::string>{"3: value 'x' of column 'b' is not of type int: 3,x",
                                                       "4: value 'y' of column 'a' is not of type int: y,z",
                                                       "6: row has 1 field, expected 2; see short-rows: q"}));
  /* Also where only the text goes through. */
  source.uses[1] = PL_USE_TEXT;
  EXPECT_EQ (fixture::read (&source.source, "3,x\n").rejects.size (), 1u);
}

TEST (Values, LongValuesAreCutInMessages)
{
  Source source ({PL_TYPE (PL_INT)}, PL_USE_VALUE, TRUE);
  EXPECT_EQ (
      fixture::read (&source.source, std::string (63, 'x') + "ü" + "yyy\n").error,
      "flights.csv:2: value '" + std::string (63, 'x')
          + "…' of column 'a' is not of type int; types = a:string keeps all as text, on-bad-row = skip leaves its "
            "row out");
}

TEST (Values, DecimalCommaAndThousands)
{
  Source source ({PL_TYPE (PL_FLOAT), PL_TYPE (PL_INT)}, PL_USE_TEXT, TRUE);
  source.source.dialect.delimiter = ';';
  source.source.dialect.decimal_comma = TRUE;
  source.source.dialect.thousands = '.';
  EXPECT_EQ (fixture::read (&source.source, "1.234,5;1.000.000\n-0,25;-12\n7;0\n").rows,
             (Rows{{"1234.5", "1000000"}, {"-0.25", "-12"}, {"7", "0"}}));
  EXPECT_EQ (fixture::read (&source.source, "1.5;1\n").error,
             "flights.csv:2: value '1.5' of column 'a' is not of type float; see decimal-comma and thousands, types "
             "= a:string keeps all as text");
  EXPECT_EQ (fixture::read (&source.source, "1;10.00\n").error,
             "flights.csv:2: value '10.00' of column 'b' is not of type int; see decimal-comma and thousands, types "
             "= b:string keeps all as text");
  EXPECT_EQ (fixture::read (&source.source, "1;1000.000\n").error,
             "flights.csv:2: value '1000.000' of column 'b' is not of type int; see decimal-comma and thousands, "
             "types = b:string keeps all as text");
  source.source.dialect.thousands = 0;
  EXPECT_EQ (fixture::read (&source.source, "1.5;1\n").error,
             "flights.csv:2: value '1.5' of column 'a' is not of type float; types = a:string and cast(replace(a, ',', "
             "'.') as float) make a number of it");
}

TEST (Values, ThousandsOfAnySpace)
{
  Source source ({PL_TYPE (PL_FLOAT), PL_TYPE (PL_INT)}, PL_USE_TEXT, TRUE);
  source.source.dialect.thousands = ' ';
  EXPECT_EQ (
      fixture::read (&source.source, "1 234.5,1\u00a0000\u00a0000\n1\u202f234,12\u2009345\n-1\u2007000,\u00a07\n").rows,
      (Rows{{"1234.5", "1000000"}, {"1234", "12345"}, {"-1000", "7"}}));
  EXPECT_EQ (
      fixture::read (&source.source, "1,1\u00a000\n").error,
      "flights.csv:2: value '1\\u00a000' of column 'b' is not of type int; null-values = b:1\\u00a000 makes it null, "
      "types = b:string keeps all as text, on-bad-row = skip leaves its row out");
  EXPECT_EQ (
      fixture::read (&source.source, "1,1\u200b000\n").error,
      "flights.csv:2: value '1\\u200b000' of column 'b' is not of type int; null-values = b:1\\u200b000 makes it null, "
      "types = b:string keeps all as text, on-bad-row = skip leaves its row out");
}

TEST (Values, DateFormat)
{
  Source source ({PL_TYPE (PL_DATE), PL_TYPE (PL_INT)}, PL_USE_TEXT | PL_USE_VALUE, TRUE);
  PlDateFormat format = {(char *) "%d.%m.%Y", {}};
  source.source.dialect.date_formats = &format;
  source.source.dialect.n_date_formats = 1;
  source.readings[0].reads = 1;
  EXPECT_EQ (fixture::read (&source.source, "31.01.2001,5\n").rows, (Rows{{"2001-01-31", "5"}}));
  EXPECT_EQ (fixture::read (&source.source, "2001-01-31,5\n").rows, (Rows{{"2001-01-31", "5"}}));
  EXPECT_EQ (fixture::read (&source.source, "2001.01.31,5\n").error,
             "flights.csv:2: value '2001.01.31' of column 'a' is not of type date; date-format with a:%Y.%m.%d added "
             "reads it");
}

/* Exact decimals, read one by one with the public definition. */
TEST (Values, ExactDecimals)
{
  struct
  {
    std::string text;
    bool uniform;
  } cases[] = {
      {"1.5\n2.25\n-3\n\"0.10\"\n", true},
      {"1e300\n2.5\n", false},
      {"123456789012345678\n0.123456789012345678\n", false},
      {"\"\",7\n", true},
      {"12.345678\n-0.000001\n99999999.99999999\n", true},
      {"1.5\n0.0\n-0.0\n2.5\n3.5\n0.0\n-0.00\n", true},
  };
  cases[3].text = "7\n8\n";
  for (auto &c : cases)
    {
      Source source ({PL_TYPE (PL_FLOAT)}, PL_USE_EXACT);
      source.readings[0].is_certain = TRUE;
      PlCsvReader *reader = pl_csv_reader_new (&source.source);
      std::string data = c.text + std::string (64, 'x');
      PlSpan span = {};
      span.data = data.data ();
      span.length = c.text.size ();
      pl_csv_reader_open (reader, &span);
      PlArena *arena = pl_arena_new ();
      PlBatch batch;
      pl_batch_init (&batch, source.source.schema, arena);
      guint64 position;
      ASSERT_TRUE (pl_csv_reader_read (reader, &batch, &position, nullptr));
      const PlColumn *column = batch.columns[0];
      EXPECT_EQ (column->exact_scales == nullptr, c.uniform) << c.text;
      auto texts = oracle::read (c.text);
      ASSERT_EQ (texts.size (), batch.n_rows);
      for (size_t row = 0; row < batch.n_rows; row++)
        {
          guint scale = column->exact_scales != nullptr ? column->exact_scales[row] : column->exact_scale;
          long double value = scale == PL_SCALE_INEXACT ? column->floats[row] : column->exact[row] / powl (10, scale);
          double expected = g_ascii_strtod (texts[row][0].c_str (), nullptr);
          EXPECT_DOUBLE_EQ ((double) value, expected) << texts[row][0];
          EXPECT_TRUE (expected != 0
                       || std::signbit (expected) == (column->floats != nullptr && std::signbit (column->floats[row])))
              << texts[row][0];
        }
      pl_csv_reader_free (reader);
      pl_arena_free (arena);
    }
}

TEST (Values, Classify)
{
  Source source ({PL_TYPE (PL_NULL), PL_TYPE (PL_NULL), PL_TYPE (PL_NULL), PL_TYPE (PL_NULL), PL_TYPE (PL_NULL)},
                 PL_USE_NONE);
  std::string text = "1,1,2020-01-01,,007\n2,2.5,2020-01-01 10:00,,1\nragged,x\n,3,,\"\",\n",
              data = text + std::string (64, '"');
  PlCsvReader *reader = pl_csv_reader_new (&source.source);
  PlSpan span = {};
  span.data = data.data ();
  span.length = text.size ();
  PlEvidence *evidence = pl_evidence_new (5);
  guint64 left = 10;
  pl_csv_reader_open (reader, &span);
  pl_csv_reader_classify (reader, evidence, &left);
  pl_csv_reader_free (reader);
  EXPECT_EQ (left, 7u);
  EXPECT_EQ (evidence[4].counts[PL_SEEN_TEXT], 1u);
  EXPECT_STREQ (pl_evidence_first (&evidence[4], PL_SEEN_TEXT)->text, "007");
  pl_source_take_types (&source.source, evidence, TRUE);
  const PlField *fields = source.source.schema->fields;
  EXPECT_STREQ (pl_type_name (fields[0].type), "int");
  EXPECT_STREQ (pl_type_name (fields[1].type), "float");
  EXPECT_STREQ (pl_type_name (fields[2].type), "timestamp");
  EXPECT_STREQ (pl_type_name (fields[3].type), "string");
  EXPECT_STREQ (pl_type_name (fields[4].type), "string");
  pl_evidence_free (source.source.evidence, 5);
}

} // namespace
