/* CSV and TSV, byte for byte. */
#include <gtest/gtest.h>
#include "support.h"
#include "../../../pipeline/format/registry.h"
#include "../../../pipeline/base/error.h"

TEST (Csv, HeaderNumbersAndTexts)
{
  Table table (2);
  table.ints ("id", {1, -20});
  table.strings ("name", {"Ada", "Grace"});
  table.floats ("score", {3.0, 0.1});
  EXPECT_EQ (render (options_for ("csv"), table), "id,name,score\n1,Ada,3.0\n-20,Grace,0.1\n");
}

TEST (Csv, WithoutHeader)
{
  Table table (1);
  PlFormatOptions options = options_for ("csv");
  options.header = FALSE;
  table.ints ("id", {7});
  table.ints ("n", {8});
  EXPECT_EQ (render (options, table), "7,8\n");
}

TEST (Csv, QuotesOnlyWhatNeedsQuotes)
{
  Table table (7);
  table.strings ("a,b", {"x,y", "say \"hi\"", "two\nlines", "cr\rhere", " spaces ", "semi;colon", "tab\there"});
  table.ints ("n", {1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ (render (options_for ("csv"), table), "\"a,b\",n\n"
                                                  "\"x,y\",1\n"
                                                  "\"say \"\"hi\"\"\",2\n"
                                                  "\"two\nlines\",3\n"
                                                  "\"cr\rhere\",4\n"
                                                  " spaces ,5\n"
                                                  "semi;colon,6\n"
                                                  "tab\there,7\n");
}

TEST (Csv, NullIsNothingAndEmptyStringIsQuoted)
{
  Table table (3);
  table.strings ("s", {std::nullopt, "", "x"});
  table.ints ("n", {1, std::nullopt, std::nullopt});
  table.add ("nothing", PL_TYPE (PL_NULL));
  EXPECT_EQ (render (options_for ("csv"), table), "s,n,nothing\n,1,\n\"\",,\nx,,\n");
}

TEST (Csv, NullTextIsToldFromTheSameString)
{
  Table table (3);
  PlFormatOptions options = options_for ("csv");
  options.null_text = const_cast<char *> ("NA");
  table.strings ("s", {std::nullopt, "NA", ""}, PL_TEXT_PLAIN);
  table.ints ("n", {std::nullopt, 1, 2});
  EXPECT_EQ (render (options, table), "s,n\nNA,NA\n\"NA\",1\n\"\",2\n");
}

TEST (Csv, NullTextThatNeedsQuotesGetsThem)
{
  Table table (1);
  PlFormatOptions options = options_for ("csv");
  options.null_text = const_cast<char *> ("n,a");
  table.ints ("a", {std::nullopt});
  table.ints ("b", {2});
  EXPECT_EQ (render (options, table), "a,b\n\"n,a\",2\n");
}

TEST (Csv, RawFieldsSideBySideAreCopiedTogether)
{
  const std::string wide (70, 'w');
  Table table (4);
  table.raw (2, {"c", "d", "e"}, {"1,2,3", ",,", wide + ",," + wide, "forty characters of text,stand,in a row,"});
  table.ints ("n", {1, 2, 3, 4});
  table.raw (6, {"g"}, {"x", "", "y", ""});
  table.raw (1, {"b", "c2"}, {"p,q", ",q", "p,", ","});
  EXPECT_EQ (render (options_for ("csv"), table), "c,d,e,n,g,b,c2\n"
                                                  "1,2,3,1,x,p,q\n"
                                                  ",,,2,,,q\n"
                                                      + wide + ",," + wide
                                                      + ",3,y,p,\n"
                                                        "forty characters of text,stand,in a row,4,,,\n");
}

TEST (Csv, RawFieldsStillInTheirRecordsAreCopiedTogether)
{
  const std::string wide (70, 'w');
  Table table (3);
  table.sliced (2, {"c", "d", "e"}, {"1,2,3", ",,", wide + ",," + wide});
  table.ints ("n", {1, 2, 3});
  table.sliced (6, {"g"}, {"x", "", "y"});
  EXPECT_EQ (render (options_for ("csv"), table), "c,d,e,n,g\n1,2,3,1,x\n,,,2,\n" + wide + ",," + wide + ",3,y\n");
}

/* Somebody has taken the last one's texts out, not the first one's. */
TEST (Csv, RunMayEndInTexts)
{
  Table table (2);
  table.sliced (0, {"a", "b", "c"}, {"1,2,3", ",,x"});
  PlBatch *batch = table.batch ();
  pl_column_settle (batch->columns[2], 2, batch->arena);
  EXPECT_EQ (render (options_for ("csv"), table), "a,b,c\n1,2,3\n,,x\n");
}

class CsvTakenApart : public testing::TestWithParam<bool>
{
};

INSTANTIATE_TEST_SUITE_P (Csv, CsvTakenApart, testing::Bool ());

TEST_P (CsvTakenApart, RawFieldsWhereTheyAreWrittenOtherwise)
{
  Table table (2);
  if (GetParam ())
    table.sliced (0, {"a", "b"}, {"1,", "x y,NA"});
  else
    table.raw (0, {"a", "b"}, {"1,", "x y,NA"});
  PlFormatOptions options = options_for ("csv");
  options.delimiter = ';';
  EXPECT_EQ (render (options, table), "a;b\n1;\nx y;NA\n");
  options = options_for ("csv");
  options.null_text = const_cast<char *> ("NA");
  EXPECT_EQ (render (options, table), "a,b\n1,NA\nx y,\"NA\"\n");
  options = options_for ("csv");
  options.quoting = PlFormatOptions::PL_QUOTING_ALL;
  EXPECT_EQ (render (options, table), "\"a\",\"b\"\n\"1\",\n\"x y\",\"NA\"\n");
}

TEST (Csv, RawFieldAloneInItsRowIsNeverBlank)
{
  Table table (2);
  table.raw (3, {"d"}, {"", "x"});
  EXPECT_EQ (render (options_for ("csv"), table), "d\n\"\"\nx\n");
  Table sliced (2);
  sliced.sliced (3, {"d"}, {"", "x"});
  EXPECT_EQ (render (options_for ("csv"), sliced), "d\n\"\"\nx\n");
}

TEST (Csv, RowOfOneColumnIsNeverBlank)
{
  Table strings (3);
  strings.strings ("s", {"a", "", std::nullopt});
  EXPECT_EQ (render (options_for ("csv"), strings), "s\na\n\"\"\n\"\"\n");
  Table numbers (2);
  numbers.ints ("n", {std::nullopt, 2});
  EXPECT_EQ (render (options_for ("csv"), numbers), "n\n\"\"\n2\n");
}

TEST (Csv, EveryTypeIsPrinted)
{
  Table table (1);
  table.add ("bool", PL_TYPE (PL_BOOL))->bools[0] = 1;
  table.add ("int", PL_TYPE (PL_INT))->ints[0] = G_MININT64;
  table.add ("float", PL_TYPE (PL_FLOAT))->floats[0] = 1e16;
  table.add ("decimal", PL_TYPE_DECIMAL (10, 2))->decimals[0] = -150;
  table.add ("date", PL_TYPE (PL_DATE))->dates[0] = 11353;
  table.add ("time", PL_TYPE (PL_TIMESTAMP))->ints[0] = G_GINT64_CONSTANT (981849599000000);
  EXPECT_EQ (render (options_for ("csv"), table),
             "bool,int,float,decimal,date,time\n"
             "true,-9223372036854775808,1e+16,-1.50,2001-01-31,2001-02-10 23:59:59\n");
}

TEST (Csv, NumbersThatPassThroughKeepTheirText)
{
  Table table (3);
  table.lexical (table.floats ("f", {1.5, 2.0, 1234.5}), {"1.500", "+2", "1,234.5"});
  table.lexical (table.ints ("n", {1, std::nullopt, 3}), {"+1", "", "3"});
  EXPECT_EQ (render (options_for ("csv"), table), "f,n\n1.500,+1\n+2,\n\"1,234.5\",3\n");
}

TEST (Csv, FloatFormatIsForFloatsOnly)
{
  Table table (3);
  PlFormatOptions options = options_for ("csv");
  options.float_format = const_cast<char *> ("%.2f");
  table.lexical (table.floats ("f", {1.5, std::nullopt, 1e300}), {"1.500", "", "1e300"});
  table.lexical (table.ints ("n", {1, 2, 3}), {"+1", "2", "3"});
  std::string text = render (options, table);
  char exact[400];
  g_ascii_formatd (exact, sizeof exact, "%.2f", 1e300);
  EXPECT_EQ (text, std::string ("f,n\n1.50,+1\n,2\n") + exact + ",3\n");
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_FLOAT)), PL_USE_VALUE);
  EXPECT_EQ (options.format->use (&options, PL_TYPE (PL_INT)), PL_USE_TEXT);
}

TEST (Csv, FloatFormatWithTheDelimiterInItIsQuoted)
{
  Table table (1);
  PlFormatOptions options = options_for ("csv");
  options.float_format = const_cast<char *> ("%.1f,-");
  table.floats ("f", {1.5});
  EXPECT_EQ (render (options, table), "f\n\"1.5,-\"\n");
}

TEST (Csv, OtherDelimiters)
{
  Table table (2);
  PlFormatOptions options = options_for ("csv");
  options.delimiter = ';';
  /* PL_TEXT_PLAIN speaks of commas only. */
  table.strings ("s", {"a;b", "c,d"}, PL_TEXT_PLAIN);
  table.ints ("n", {1, 2});
  EXPECT_EQ (render (options, table), "s;n\n\"a;b\";1\nc,d;2\n");
}

TEST (Csv, DelimiterThatNumbersContain)
{
  Table table (1);
  PlFormatOptions options = options_for ("csv");
  options.delimiter = '-';
  table.add ("date", PL_TYPE (PL_DATE))->dates[0] = 0;
  table.ints ("n", {-5});
  table.ints ("m", {5});
  EXPECT_EQ (render (options, table), "date-n-m\n\"1970-01-01\"-\"-5\"-5\n");
}

TEST (Csv, QuotingAllQuotesAllButNulls)
{
  Table table (2);
  PlFormatOptions options = options_for ("csv");
  options.quoting = PlFormatOptions::PL_QUOTING_ALL;
  table.strings ("s", {"a", std::nullopt}, PL_TEXT_PLAIN);
  table.ints ("n", {1, std::nullopt});
  table.add ("b", PL_TYPE (PL_BOOL))->bools[0] = 0;
  table.batch ()->columns[2]->bools[1] = 1;
  EXPECT_EQ (render (options, table), "\"s\",\"n\",\"b\"\n\"a\",\"1\",\"false\"\n,,\"true\"\n");
}

TEST (Csv, QuotingNoneFailsWhereQuotesAreNeeded)
{
  Table table (3);
  PlFormatOptions options = options_for ("csv");
  g_autoptr (GError) error = nullptr;
  options.quoting = PlFormatOptions::PL_QUOTING_NONE;
  table.ints ("n", {1, 2, 3});
  table.strings ("city", {"Rome", "Bonn", "Paris,\n\"F\""});
  PlBuffer out = PL_BUFFER_INIT;
  PlBatch *batch = table.batch ();
  EXPECT_FALSE (options.format->rows (&options, batch, &out, &error));
  ASSERT_TRUE (g_error_matches (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE));
  EXPECT_TRUE (g_str_has_suffix (
      error->message,
      "value 'Paris,\\n\"F\"' of column 'city' cannot be written with quoting = none; set quoting = minimal"))
      << error->message;
  EXPECT_EQ (batch->failed_row, 2u);
  EXPECT_EQ (out.length, 0u);
  pl_buffer_clear (&out);
}

TEST (Csv, QuotingNoneWritesTheRestBare)
{
  Table table (2);
  PlFormatOptions options = options_for ("csv");
  options.quoting = PlFormatOptions::PL_QUOTING_NONE;
  table.ints ("n", {1, 2});
  table.strings ("city", {"Rome", std::nullopt});
  EXPECT_EQ (render (options, table), "n,city\n1,Rome\n2,\n");
}

/* What is wrong with writing one column of @texts without quotes, and in which row. */
std::string
unquoted_problem (const std::vector<std::optional<std::string> > &texts, const char *null, bool raw = false)
{
  Table table (texts.size ());
  PlFormatOptions options = options_for ("csv");
  g_autoptr (GError) error = nullptr;
  PlBuffer out = PL_BUFFER_INIT;
  options.quoting = PlFormatOptions::PL_QUOTING_NONE;
  options.null_text = const_cast<char *> (null);
  if (raw)
    table.raw (3, {"s"}, {"x", ""});
  else
    table.strings ("s", texts);
  PlBatch *batch = table.batch ();
  gboolean ok = options.format->rows (&options, batch, &out, &error);
  pl_buffer_clear (&out);
  return ok ? "" : std::to_string (batch->failed_row) + ": " + error->message;
}

TEST (Csv, QuotingNoneRefusesWhatWouldBeReadAsNull)
{
  const std::string cannot = "value '%' of column 's' cannot be written with quoting = none, because it reads as null; "
                             "set quoting = minimal";
  auto with = [&] (const std::string &value) { return std::string (cannot).replace (cannot.find ('%'), 1, value); };
  EXPECT_EQ (unquoted_problem ({"x", ""}, "NA"), "1: " + with (""));
  EXPECT_EQ (unquoted_problem ({"x", "NA"}, "NA"), "1: " + with ("NA") + ", or another null");
  EXPECT_EQ (unquoted_problem ({"x", std::nullopt, "na"}, "NA"), "");
}

TEST (Csv, QuotingNoneRefusesABlankLine)
{
  const std::string blank = "null of column 's' cannot be written with quoting = none, because a blank line is no row; "
                            "set null to a text, or quoting = minimal";
  EXPECT_EQ (unquoted_problem ({"x", std::nullopt}, ""), "1: " + blank);
  EXPECT_EQ (unquoted_problem ({"x", std::nullopt}, "", true), "1: " + blank);
}

TEST (Csv, TextsOfEveryLengthAreCopiedExactly)
{
  for (guint32 flags : {0u, static_cast<guint32> (PL_TEXT_PLAIN)})
    for (gsize length = 1; length < 100; length++)
      {
        Table table (1);
        std::string text;
        for (gsize i = 0; i < length; i++)
          text.push_back (static_cast<char> ('a' + i % 26));
        table.strings ("s", {text}, flags);
        table.strings ("t", {text}, flags);
        EXPECT_EQ (render (options_for ("csv"), table), "s,t\n" + text + "," + text + "\n");
      }
}

TEST (Csv, NulAndHighBytesAreOrdinary)
{
  Table table (1);
  table.strings ("s", {std::string ("a\0\xff\xc3\xa9", 5)});
  table.ints ("n", {1});
  EXPECT_EQ (render (options_for ("csv"), table), std::string ("s,n\na\0\xff\xc3\xa9,1\n", 12));
}

TEST (Tsv, TabsSeparateAndAreQuoted)
{
  Table table (2);
  table.strings ("a\tb", {"x\ty", "p,q"});
  table.ints ("n", {1, std::nullopt});
  EXPECT_EQ (render (options_for ("tsv"), table), "\"a\tb\"\tn\n\"x\ty\"\t1\np,q\t\n");
}

TEST (Registry, FindsByNameAndByPath)
{
  EXPECT_STREQ (pl_format_find ("jsonl")->name, "jsonl");
  EXPECT_EQ (pl_format_find ("parquet"), nullptr);
  EXPECT_STREQ (pl_format_for_path ("out/a.csv")->name, "csv");
  EXPECT_STREQ (pl_format_for_path ("a.CSV.gz")->name, "csv");
  EXPECT_STREQ (pl_format_for_path ("a.tsv.zst")->name, "tsv");
  EXPECT_STREQ (pl_format_for_path ("a.ndjson")->name, "jsonl");
  EXPECT_STREQ (pl_format_for_path ("a.md")->name, "markdown");
  EXPECT_STREQ (pl_format_for_path ("a.txt")->name, "table");
  EXPECT_EQ (pl_format_for_path ("a.gz"), nullptr);
  EXPECT_EQ (pl_format_for_path ("-"), nullptr);
}

TEST (Registry, IsSortedAndDescribed)
{
  const PlFormat *const *formats = pl_formats ();
  for (guint i = 0; formats[i] != nullptr; i++)
    {
      EXPECT_GT (strlen (formats[i]->summary), 10u);
      EXPECT_EQ (pl_format_find (formats[i]->name), formats[i]);
      if (i > 0)
        {
          EXPECT_LT (strcmp (formats[i - 1]->name, formats[i]->name), 0);
        }
    }
}
