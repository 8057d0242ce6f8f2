/* The reader's rows are libcsv's records, whatever the text; bad rows say what is wrong with them, word for word. */
#include "fixture.h"
#include "oracle.h"
#include "../../../pipeline/base/error.h"
#include <gtest/gtest.h>

namespace
{

using fixture::Result;
using fixture::Source;
using Rows = std::vector<std::vector<std::string> >;

/* libcsv's records of @n fields; empty fields as the reader shows them are matched apart, because quoted ones are no
 * nulls. */
Rows
expected_rows (const std::string &text, size_t n, char delimiter, char quote)
{
  Rows rows;
  for (auto &record : oracle::read (text, delimiter, quote))
    if (record.size () == n)
      rows.push_back (record);
  return rows;
}

/* Whether the text ends in an open quote. */
bool
is_unclosed (const std::string &text, char delimiter, char quote)
{
  bool tail, unclosed;
  oracle::read_plainly (text, delimiter, quote, &tail, &unclosed);
  return unclosed;
}

void
expect_libcsv (const std::string &text, size_t n, char delimiter = ',', char quote = '"')
{
  Source source (fixture::strings (n), PL_USE_TEXT);
  source.source.dialect.delimiter = delimiter;
  source.source.dialect.quote = source.source.dialect.escape = quote;
  source.source.dialect.lax_quotes = TRUE;
  source.source.on_bad_row = PL_BAD_ROW_SKIP;
  std::string data = text;
  auto records = oracle::read (text, delimiter, quote);
  size_t total = records.size ();
  Rows expected = expected_rows (text, n, delimiter, quote);
  if (is_unclosed (text, delimiter, quote) && records.back ().size () == n)
    expected.pop_back ();
  Result result = fixture::read (&source.source, data);
  for (size_t i = 0; i < result.rows.size (); i++)
    for (auto &field : result.rows[i])
      if (field == "NULL")
        field = "";
  ASSERT_EQ (result.rows, expected) << testing::PrintToString (text);
  ASSERT_EQ (result.records, total) << testing::PrintToString (text);
  ASSERT_EQ (result.rejects.size () + result.rows.size (), total) << testing::PrintToString (text);
}

std::string
random_text (oracle::Random *random, const std::string &alphabet, guint32 most)
{
  std::string text;
  for (guint32 length = random->below (most); length > 0; length--)
    text += alphabet[random->below ((guint32) alphabet.size ())];
  return text;
}

TEST (Reader, EveryShortTextIsLibcsvs)
{
  const std::string alphabet = ",\"\n\ra";
  for (size_t length = 0; length <= (oracle::watched ? 6 : 7); length++)
    {
      size_t n = 1;
      for (size_t i = 0; i < length; i++)
        n *= alphabet.size ();
      for (size_t code = 0; code < n; code++)
        {
          std::string text;
          for (size_t i = 0, rest = code; i < length; i++, rest /= alphabet.size ())
            text += alphabet[rest % alphabet.size ()];
          expect_libcsv (text, 1 + code % 3);
          if (HasFatalFailure ())
            return;
        }
    }
}

TEST (Reader, RandomTextsAreLibcsvs)
{
  oracle::Random random = {5};
  const std::string alphabets[]
      = {",\"\n\r a", ",,\n\n\raaaaaa\"", "\",\",\"\n", "ab,\n", ",\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa,,,\"\n"};
  for (int i = 0; i < oracle::texts (100000); i++)
    {
      expect_libcsv (random_text (&random, alphabets[i % 6], i % 10 ? 40 : 600), 1 + random.below (4));
      if (HasFatalFailure ())
        return;
    }
}

TEST (Reader, OtherDelimitersAndQuotes)
{
  oracle::Random random = {6};
  for (int i = 0; i < oracle::texts (30000); i++)
    {
      expect_libcsv (random_text (&random, ";'\n\r a,\"", 60), 1 + random.below (3), ';', '\'');
      expect_libcsv (random_text (&random, "\t\"\na", 60), 1 + random.below (3), '\t', '"');
      if (HasFatalFailure ())
        return;
    }
}

/* Whichever columns are used, their fields are those of reading everything; wide and narrow tables, some rows
 * ragged. */
TEST (Reader, UsedColumnsAlone)
{
  oracle::Random random = {77};
  const char *fields[] = {"a", "", "\"x\"", "\"a,b\"", "\"two\nlines\"", "12345678901234567890", "bb", "\xc3\xa9"};
  for (int i = 0; i < 400; i++)
    {
      guint32 n = 2 + random.below (i % 4 == 0 ? 150 : 12), kinds = i % 3 == 0 ? 2 : 8;
      guint32 ragged = i % 5 == 0 ? 20 : 1000000;
      const char *end = i % 7 == 0 ? "\r\n" : "\n";
      std::string text;
      for (guint32 rows = random.below (200); rows > 0; rows--)
        {
          guint32 width = random.below (ragged) == 0 ? random.below (n + 3) : n;
          for (guint32 column = 0; column < width; column++)
            text += (column > 0 ? "," : "") + std::string (fields[random.below (kinds)]);
          text += end;
        }
      Source source (fixture::strings (n), PL_USE_NONE);
      source.source.on_bad_row = PL_BAD_ROW_SKIP;
      std::vector<guint32> used;
      for (guint32 column = 0; column < n; column++)
        if (random.below (n) < 3)
          {
            source.uses[column] = PL_USE_TEXT;
            used.push_back (column);
          }
      auto records = oracle::read (text);
      Rows expected;
      for (auto &record : records)
        if (record.size () == n)
          {
            expected.emplace_back ();
            for (guint32 column : used)
              expected.back ().push_back (record[column]);
          }
      Result result = fixture::read (&source.source, text);
      for (auto &row : result.rows)
        for (auto &field : row)
          if (field == "NULL")
            field = "";
      ASSERT_EQ (result.rows, expected) << i;
      ASSERT_EQ (result.records, records.size ()) << i;
    }
}

/* Well-formed rows, so many that several batches and all word alignments come up. */
TEST (Reader, LongRegularTexts)
{
  oracle::Random random = {7};
  const char *fields[]
      = {"a", "", "\"x\"", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"two\nlines\"", "12345678901234567890", "bb", "ccc"};
  for (int i = 0; i < 60; i++)
    {
      std::string text;
      guint32 kinds = i % 3 == 0 ? 2 : 9;
      int columns = i % 5 == 0 ? 1 : 4;
      for (guint32 rows = random.below (6000); rows > 0; rows--)
        {
          for (int column = 0; column < columns; column++)
            text += std::string (fields[random.below (kinds)]) + (column < columns - 1 ? "," : i % 2 ? "\r\n" : "\n");
          if (random.below (500) == 0)
            text += i % 4 == 0 ? "\n" : "ragged\n";
          if (random.below (900) == 0)
            text += "str\"ay,\"q\"uo,\",2,3\n";
        }
      expect_libcsv (text, (guint) columns);
      if (HasFatalFailure ())
        return;
    }
}

TEST (Reader, RecordsFoundByTheSurveyAreThoseOfTheSpan)
{
  oracle::Random random = {78};
  const char *fields[]
      = {"a", "bcd", "12345678901234567890", "", "\xc3\xa9", "\"x\"", "\"two\nlines\"", "\"a,b\"", "\xff"};
  for (int i = 0; i < 3000; i++)
    {
      guint32 n = 1 + random.below (6), kinds = 4 + (i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 5);
      guint32 ragged = i % 5 == 0 ? 20 : 1000000, strange = i % 2 == 0 ? 400 : 5, blank = i % 3 == 0 ? 300 : 1000000;
      /* Line ends: all of one kind, or some of another. */
      const char *end = i % 7 < 3 ? "\r\n" : "\n", *other = i % 7 == 0 ? "\n" : i % 7 == 1 ? "\r" : end;
      std::string text;
      for (guint32 rows = random.below (i % 50 == 0 ? 5000 : 200); rows > 0; rows--)
        {
          guint32 width = random.below (ragged) == 0 ? random.below (n + 3) : n;
          for (guint32 column = 0; column < width; column++)
            {
              const char *field = fields[random.below (random.below (strange) == 0 ? kinds : 4)];
              /* Of one field alone an empty one is a blank line. */
              text += (column > 0 ? "," : "") + std::string (*field == 0 && n == 1 && i % 4 != 0 ? "ef" : field);
            }
          text += random.below (i % 2 ? 3 : 200) == 0 ? other : end;
          if (random.below (blank) == 0)
            text += end;
        }
      Source source (fixture::strings (n), PL_USE_NONE);
      source.source.on_bad_row = PL_BAD_ROW_SKIP;
      source.source.dialect.blank_rows = i % 13 == 0;
      if (i % 11 == 0)
        source.source.max_record_size = 30;
      guint32 used = i % 4 == 0 ? 0 : 1 + random.below (n);
      for (guint32 column = 0; column < used; column++)
        source.uses[random.below (n)] = PL_USE_TEXT;
      Result expected = fixture::read (&source.source, text);
      Result result
          = fixture::read_in_blocks (&source.source, text, 1 + random.below (i % 2 ? 20000 : 300), random.below (200));
      ASSERT_EQ (result.rows, expected.rows) << i;
      ASSERT_EQ (result.records, expected.records) << i;
      ASSERT_EQ (result.rejects.size (), expected.rejects.size ()) << i;
    }
}

/* What the survey has found serves once: a block that was left in the middle, with its worker's plan, is scanned when
 * it is done again. */
TEST (Reader, ABlockLeftInTheMiddleIsReadFromItsBeginning)
{
  std::string text, data;
  for (int i = 0; i < 5000; i++)
    text += std::to_string (i) + ",x\n";
  data = text + std::string (64, '"');
  Source source (fixture::strings (2), PL_USE_NONE);
  source.uses[0] = PL_USE_TEXT;
  Result expected = fixture::read (&source.source, text), result;
  ASSERT_EQ (expected.rows.size (), 5000u);
  PlCsvReader *reader = pl_csv_reader_new (&source.source);
  PlSurvey survey;
  PlSpan span = {};
  span.data = data.data ();
  span.length = text.size ();
  span.line = 2;
  span.position = (guint64) 7 << 32;
  pl_csv_reader_survey (reader, 0, span.data, span.length, 0, -1, &survey);
  PlArena *arena = pl_arena_new ();
  PlBatch batch;
  guint64 position;
  pl_batch_init (&batch, source.source.schema, arena);
  pl_csv_reader_open (reader, &span);
  ASSERT_TRUE (pl_csv_reader_read (reader, &batch, &position, nullptr));
  ASSERT_LT (batch.n_rows, 5000u);
  pl_arena_free (arena);
  fixture::read_span (reader, &source.source, &span, &result);
  EXPECT_EQ (result.rows, expected.rows);
  pl_csv_reader_free (reader);
}

/* Behind the span of an unfinished record stand the next block's bytes, or any: here, quotes. */
TEST (Reader, AnEmptyFieldAtTheEndIsNotQuotedByWhatStandsBehind)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  std::vector<std::vector<std::string> > expected = {{"a", "b"}, {"c", "NULL"}};
  EXPECT_EQ (fixture::read (&source.source, "\"a\",b\n\"c\",").rows, expected);
  source.source.dialect.trim = TRUE;
  EXPECT_EQ (fixture::read (&source.source, "\"a\",b\n\"c\",").rows, expected);
}

TEST (Reader, NoQuoteCharacter)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  source.source.dialect.quote = source.source.dialect.escape = 0;
  Result result = fixture::read (&source.source, "\"a,b\"\n\",\"\"\n");
  EXPECT_EQ (result.rows, (Rows{{"\"a", "b\""}, {"\"", "\"\""}}));
  EXPECT_EQ (result.error, "");
}

TEST (Reader, EscapesAndComments)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  source.source.dialect.escape = '\\';
  source.source.dialect.comment[0] = '#';
  Result result = fixture::read (&source.source, "#no \"row\n\"a\\\"b\\\\c\\n\",1\n\"\"\"\",#2\n# end");
  EXPECT_EQ (result.rows, (Rows{{"a\"b\\c\\n", "1"}, {"\"", "#2"}}));
  EXPECT_EQ (result.error, "");
  EXPECT_EQ (result.records, 2u);
}

TEST (Reader, TextBehindAQuoteIsPlain)
{
  Source source (fixture::strings (1), PL_USE_TEXT);
  source.source.dialect.lax_quotes = TRUE;
  Result result = fixture::read (&source.source, "\"a\"b\n\"a\"\"\"b\"c\"\n\"a\" \n\"\"\n\"a\nb\"\"\"c\n");
  EXPECT_EQ (result.rows, (Rows{{"ab"}, {"a\"b\"c\""}, {"a "}, {""}, {"a\nb\"c"}}));
  source.source.dialect.escape = '\\';
  result = fixture::read (&source.source, "\"a\"\\\"\nb\"\n\"c\\\"\"d\\\"\n");
  EXPECT_EQ (result.rows, (Rows{{"a\\\""}, {"b\""}, {"c\"d\\\""}}));
}

TEST (Reader, BlankLines)
{
  Source source (fixture::strings (1), PL_USE_TEXT);
  EXPECT_EQ (fixture::read (&source.source, "a\n\n\r\nb\n\n").rows, (Rows{{"a"}, {"b"}}));
  source.source.dialect.blank_rows = TRUE;
  EXPECT_EQ (fixture::read (&source.source, "a\n\n\r\nb\n\n").rows, (Rows{{"a"}, {"NULL"}, {"NULL"}, {"b"}, {"NULL"}}));
  Source two (fixture::strings (2), PL_USE_TEXT);
  two.source.dialect.blank_rows = TRUE;
  EXPECT_EQ (fixture::read (&two.source, "a,b\n\nc,d\n").error,
             "flights.csv:3: row has 1 field, expected 2; see short-rows");
}

TEST (Reader, FailGivesTheRowsBeforeFirst)
{
  Source source (fixture::strings (5), PL_USE_TEXT);
  Result result = fixture::read (&source.source, "1,2,3,4,5\n\n6,7,8,9,0\na,\"b\nb\",c\n1,2,3,4,5\n");
  EXPECT_EQ (result.rows.size (), 2u);
  EXPECT_EQ (result.error, "flights.csv:5: row has 3 fields, expected 5; see short-rows");
  EXPECT_EQ (result.code, PL_DATA_ERROR_BAD_ROW);
  EXPECT_EQ (result.position, ((guint64) 7 << 32) + 2);
}

TEST (Reader, EveryDefectIsNamed)
{
  struct
  {
    std::string text, error;
  } cases[] = {
      {"a,b,c\n", "row has 3 fields, expected 2; see long-rows"},
      {"a\n", "row has 1 field, expected 2; see short-rows"},
      {"\"a\"b,c\",d\n", "text behind a closing quote; set lax-quotes = true to keep it"},
      {"a,\"b\n", "quoted field is not closed before the end of the file"},
      {std::string ("a,b\0\n", 5), "row holds a NUL byte; see nul-bytes"},
      {"a,b\xe4\n", "row is not valid UTF-8; set encoding to what the file is written in, or see invalid-utf8"},
      {"a,b\xed\xa0\x80\n", "row is not valid UTF-8; set encoding to what the file is written in, or see invalid-utf8"},
      {"a," + std::string (100, 'b') + "\n", "record is longer than max-record-size (100 bytes)"},
      {"a,\"" + std::string (100, 'b') + "\n", "record is longer than max-record-size (100 bytes)"},
  };
  for (auto &c : cases)
    {
      Source source (fixture::strings (2), PL_USE_TEXT);
      source.source.max_record_size = 100;
      Result result = fixture::read (&source.source, "1,2\n" + c.text);
      EXPECT_EQ (result.error, "flights.csv:3: " + c.error) << c.text;
      EXPECT_EQ (result.code, PL_DATA_ERROR_BAD_ROW);
      EXPECT_EQ (result.rows.size (), 1u);
      source.source.on_bad_row = PL_BAD_ROW_SKIP;
      result = fixture::read (&source.source, "1,2\n" + c.text);
      EXPECT_EQ (result.error, "");
      ASSERT_EQ (result.rejects.size (), 1u);
      /* Without the line end; of a record that is too long as much as one may have. */
      std::string raw = c.text.substr (0, std::min<size_t> (c.text.size () - 1, 100));
      EXPECT_EQ (result.rejects[0], "3: " + c.error + ": " + raw);
    }
}

TEST (Reader, TextBehindAQuoteSpoilsOneRowOnly)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  source.source.on_bad_row = PL_BAD_ROW_SKIP;
  Result result = fixture::read (&source.source, "1,\"y\"z\n2,\"w\"\n3,\"a\" b, \"c\"\n4,v\n");
  EXPECT_EQ (result.error, "");
  EXPECT_EQ (result.rows, (Rows{{"2", "w"}, {"4", "v"}}));
  ASSERT_EQ (result.rejects.size (), 2u);
  EXPECT_EQ (result.rejects[0], "2: text behind a closing quote; set lax-quotes = true to keep it: 1,\"y\"z");
  EXPECT_EQ (result.rejects[1], "4: text behind a closing quote; set lax-quotes = true to keep it: 3,\"a\" b, \"c\"");
}

TEST (Reader, Utf8)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  Result result = fixture::read (&source.source, "Zürich,日本\n😀,é\n");
  EXPECT_EQ (result.error, "");
  EXPECT_EQ (result.rows, (Rows{{"Zürich", "日本"}, {"😀", "é"}}));
}

TEST (Reader, BadRowsAreLeftOutAndNumbered)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  source.source.on_bad_row = PL_BAD_ROW_QUARANTINE;
  Result result = fixture::read (&source.source, "1,2\nx\n\n3,4\r\ny,\"z\nz\",w\r\n5,6");
  EXPECT_EQ (result.rows, (Rows{{"1", "2"}, {"3", "4"}, {"5", "6"}}));
  EXPECT_EQ (result.numbers, (std::vector<guint32>{0, 2, 4}));
  EXPECT_EQ (result.rejects,
             (std::vector<std::string>{"3: row has 1 field, expected 2; see short-rows: x",
                                       "6: row has 3 fields, expected 2; see long-rows: y,\"z\nz\",w"}));
  EXPECT_EQ (result.records, 5u);
}

TEST (Reader, QuotedEmptyIsNoNull)
{
  Source source (fixture::strings (2), PL_USE_TEXT);
  EXPECT_EQ (fixture::read (&source.source, ",\"\"\n").rows, (Rows{{"NULL", ""}}));
  const char *nulls[] = {"", "NA", nullptr};
  source.source.dialect.null_values = (GStrv) nulls;
  EXPECT_EQ (fixture::read (&source.source, ",\"\"\nNA,\"NA\"\nN,NAN\n").rows,
             (Rows{{"NULL", "NULL"}, {"NULL", "NULL"}, {"N", "NAN"}}));
}

TEST (Reader, TrimTakesOuterBlanksOfUnquotedFields)
{
  Source source (fixture::strings (3), PL_USE_TEXT);
  source.source.dialect.trim = TRUE;
  EXPECT_EQ (fixture::read (&source.source, " a b\t,\" c \", \t\n").rows, (Rows{{"a b", " c ", "NULL"}}));
}

/* Texts of any length, with quotes around them or not, and within them, so that the wide comparisons see all their
 * edges. */
TEST (Reader, QuotedTextsOfAnyLength)
{
  oracle::Random random = {43};
  for (int i = 0; i < 300; i++)
    {
      std::string text;
      for (guint32 rows = 1 + random.below (60); rows > 0; rows--)
        {
          for (int column = 0; column < 3; column++)
            {
              std::string value (random.below (random.below (2) ? 70 : 4), 'x');
              bool quoted = random.below (i % 3 == 0 ? 1000 : 2) != 0;
              if (quoted && !value.empty () && random.below (6) == 0)
                value[random.below ((guint32) value.size ())] = ',';
              if (quoted && random.below (6) == 0)
                value.insert (random.below ((guint32) value.size () + 1), "\"\"");
              text += quoted ? '"' + value + '"' : value;
              text += column < 2 ? "," : i % 5 == 0 ? "\r\n" : "\n";
            }
        }
      expect_libcsv (text, 3);
      if (HasFatalFailure ())
        return;
    }
}

TEST (Reader, UnusedColumnsAreNotThere)
{
  Source source ({PL_TYPE (PL_INT), PL_TYPE (PL_INT)}, PL_USE_VALUE);
  source.uses[0] = PL_USE_NONE;
  Result result = fixture::read (&source.source, "x,2\n");
  EXPECT_EQ (result.error, "");
  EXPECT_EQ (result.rows, (Rows{{"2"}}));
}

TEST (Reader, LocatesRows)
{
  Source source (fixture::strings (1), PL_USE_TEXT);
  source.source.on_bad_row = PL_BAD_ROW_SKIP;
  std::string text = "a\r\n\r\nb,x\r\n\"c\nc\"\rd\n", data = text + std::string (64, '"');
  PlCsvReader *reader = pl_csv_reader_new (&source.source);
  PlSpan span = {};
  span.data = data.data ();
  span.length = text.size ();
  span.line = 2;
  pl_csv_reader_open (reader, &span);
  PlArena *arena = pl_arena_new ();
  PlBatch batch;
  pl_batch_init (&batch, source.source.schema, arena);
  guint64 position;
  ASSERT_TRUE (pl_csv_reader_read (reader, &batch, &position, nullptr));
  ASSERT_EQ (batch.n_rows, 3u);
  const char *places[] = {"flights.csv:2", "flights.csv:5", "flights.csv:7"};
  for (size_t row = 3; row-- > 0;)
    {
      char *place = batch.locate (&batch, row, batch.locate_data);
      EXPECT_STREQ (place, places[row]);
      g_free (place);
    }
  pl_csv_reader_free (reader);
  pl_arena_free (arena);
}

} // namespace
