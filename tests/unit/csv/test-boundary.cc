/* Blocks of every size, surveyed and resolved on their own, must give exactly libcsv's records. */
#include <glib.h>
#include <gtest/gtest.h>

#include "../../../pipeline/csv/boundary.h"
#include "../../../pipeline/csv/scan.h"
#include "oracle.h"

namespace
{

PlDialect
plain_dialect ()
{
  PlDialect dialect = {};
  dialect.delimiter = ',';
  dialect.quote = '"';
  dialect.escape = '"';
  dialect.lax_quotes = TRUE; /* as the oracle reads */
  return dialect;
}

/* 64 readable bytes behind the text, which must not matter. */
std::string
padded (const std::string &text)
{
  return text + std::string (64, '"');
}

PlLexPoint
walk (const PlDialect &dialect, const std::string &text, size_t length)
{
  /* An irregular survey sends resolve through the automaton. */
  PlSurvey survey = {};
  return pl_csv_resolve (&dialect, &survey, text.data (), length, PlLexPoint{PL_LEX_RECORD, 0, 1});
}

oracle::Records
read_in_blocks (const PlDialect &dialect, const std::string &text, size_t block, const PlScanKernel *kernel)
{
  std::string data = padded (text);
  oracle::Records records;
  PlLexPoint start = {PL_LEX_RECORD, 0, 1};
  for (size_t offset = 0; offset < text.size (); offset += block)
    {
      size_t length = std::min (block, text.size () - offset);
      const char *bytes = data.data () + offset;
      PlSurvey survey;
      kernel->survey (dialect.delimiter, dialect.quote, bytes, length, offset == 0 ? -1 : (guint8) bytes[-1], &survey);
      PlLexPoint end = pl_csv_resolve (&dialect, &survey, bytes, length, start);
      PlLexPoint exact = walk (dialect, data, offset + length);
      EXPECT_EQ (end.state, exact.state) << "text " << testing::PrintToString (text) << " block " << block << " offset "
                                         << offset;
      EXPECT_EQ (end.line, exact.line) << "text " << testing::PrintToString (text) << " block " << block << " offset "
                                       << offset;
      EXPECT_EQ (end.after_cr, exact.after_cr) << "text " << testing::PrintToString (text) << " block " << block;

      PlLexPoint point;
      size_t first = pl_csv_first_record (&dialect, bytes, length, start, &point);
      if (first < length)
        {
          EXPECT_EQ (point.state, PL_LEX_RECORD);
          EXPECT_EQ (point.line, walk (dialect, data, offset + first).line);
          size_t rest = 0;
          PlLexPoint tail = end;
          if (!pl_csv_record_end (&dialect, bytes + length, text.size () - offset - length, &tail, &rest))
            rest = text.size () - offset - length;
          for (auto &record :
               oracle::read (text.substr (offset + first, length - first + rest), dialect.delimiter, dialect.quote))
            records.push_back (std::move (record));
        }
      start = end;
    }
  return records;
}

void
expect_every_cut (const std::string &text)
{
  PlDialect dialect = plain_dialect ();
  oracle::Records expected = oracle::read (text);
  for (size_t block = 1; block <= text.size (); block++)
    ASSERT_EQ (read_in_blocks (dialect, text, block, pl_scan_kernel ()), expected)
        << "text " << testing::PrintToString (text) << " block " << block;
}

/* Without lax-quotes, text behind a closing quote spoils its own line, and no other. */
TEST (Boundary, TextBehindAQuoteEndsWithItsLine)
{
  PlDialect dialect = plain_dialect ();
  dialect.lax_quotes = FALSE;
  const std::string text = "1,\"y\"z,x\n2,w\n3,\"a\nb\"\n";
  std::string data = padded (text);
  for (size_t block = 1; block <= text.size (); block++)
    {
      std::vector<size_t> starts;
      PlLexPoint start = {PL_LEX_RECORD, 0, 1};
      for (size_t offset = 0; offset < text.size (); offset += block)
        {
          size_t length = std::min (block, text.size () - offset);
          PlSurvey survey;
          PlLexPoint point;
          pl_csv_survey (&dialect, data.data () + offset, length, offset == 0 ? -1 : (guint8) data[offset - 1],
                         &survey);
          PlLexPoint end = pl_csv_resolve (&dialect, &survey, data.data () + offset, length, start);
          size_t first = pl_csv_first_record (&dialect, data.data () + offset, length, start, &point);
          if (first < length && (starts.empty () || starts.back () != offset + first))
            starts.push_back (offset + first);
          start = end;
        }
      if (block == 1)
        {
          EXPECT_EQ (starts, (std::vector<size_t>{0, 9, 13}));
        }
      EXPECT_EQ (start.state, PL_LEX_RECORD);
      EXPECT_EQ (start.line, 5u);
    }
}

TEST (Boundary, EveryShortText)
{
  const std::string alphabet = ",\"\n\ra";
  for (size_t length = 1; length <= 6; length++)
    {
      size_t n = 1;
      for (size_t i = 0; i < length; i++)
        n *= alphabet.size ();
      for (size_t code = 0; code < n; code++)
        {
          std::string text;
          for (size_t i = 0, rest = code; i < length; i++, rest /= alphabet.size ())
            text += alphabet[rest % alphabet.size ()];
          expect_every_cut (text);
          if (HasFatalFailure ())
            return;
        }
    }
}

TEST (Boundary, RandomTexts)
{
  oracle::Random random = {1};
  /* Different weights, so that regular and irregular texts both come up often. */
  const std::string alphabets[] = {",\"\n\r a", ",\"\n\r aaaa", ",\"\"\n", "\",\",\"\n", "ab,\n", "\"\n\r"};
  for (int i = 0; i < oracle::texts (200000); i++)
    {
      const std::string &alphabet = alphabets[i % 6];
      std::string text;
      for (guint32 length = 1 + random.below (24); length > 0; length--)
        text += alphabet[random.below ((guint32) alphabet.size ())];
      expect_every_cut (text);
      if (HasFatalFailure ())
        return;
    }
}

/* Rows with proper quotes, long enough to cross words of 64 bytes: the O(1) way must be taken, and be right. */
TEST (Boundary, RegularTextsAreRegular)
{
  oracle::Random random = {2};
  const char *fields[] = {"a",
                          "",
                          "\"x\"",
                          "\"a,b\"",
                          "\"\"",
                          "\"say \"\"hi\"\"\"",
                          "\"two\nlines\"",
                          "\"crlf\r\nhere\"",
                          "12345678901234567890"};
  PlDialect dialect = plain_dialect ();
  for (const PlScanKernel *const *kernel = pl_scan_kernels (); *kernel != nullptr; kernel++)
    for (int i = 0; i < 2000; i++)
      {
        std::string text;
        for (guint32 rows = random.below (12); rows > 0; rows--)
          for (int column = 0; column < 3; column++)
            text += std::string (fields[random.below (9)]) + (column < 2 ? "," : i % 2 ? "\r\n" : "\n");
        PlSurvey survey;
        std::string data = padded (text);
        (*kernel)->survey (',', '"', data.data (), text.size (), -1, &survey);
        ASSERT_TRUE (survey.regular[0]) << testing::PrintToString (text);
        size_t block = 1 + random.below (200);
        ASSERT_EQ (read_in_blocks (dialect, text, block, *kernel), oracle::read (text))
            << (*kernel)->name << testing::PrintToString (text);
      }
}

TEST (Boundary, KernelsAgree)
{
  oracle::Random random = {3};
  const std::string alphabets[]
      = {",\"\n\r a", "aaaaaaaaaaaaaaaaaaaaaaaa,\"\n\r", "abcdefghijk,\n", std::string ("a,\n\0\x80", 5)};
  for (int i = 0; i < 20000; i++)
    {
      const std::string &alphabet = alphabets[i % 4];
      std::string text;
      for (guint32 length = random.below (i % 256 == 2 ? 30000 : i % 16 < 4 ? 3000 : 300); length > 0; length--)
        text += alphabet[random.below ((guint32) alphabet.size ())];
      gsize lines = 0;
      for (gsize p = 0; p < text.size (); p++)
        lines += text[p] == '\r' || (text[p] == '\n' && (p == 0 || text[p - 1] != '\r'));
      std::string data = padded (text);
      gint before = random.below (2) ? -1 : (guint8) alphabet[random.below ((guint32) alphabet.size ())];
      char quote = random.below (4) ? '"' : 0;
      PlSurvey a, b;
      pl_scan_portable.survey (',', quote, data.data (), text.size (), before, &a);
      for (const PlScanKernel *const *kernel = pl_scan_kernels (); *kernel != nullptr; kernel++)
        {
          (*kernel)->survey (',', quote, data.data (), text.size (), before, &b);
          ASSERT_EQ (a.regular[0], b.regular[0]);
          ASSERT_EQ (a.regular[1], b.regular[1]);
          ASSERT_EQ (a.parity, b.parity);
          ASSERT_EQ (a.lines, b.lines);
          ASSERT_EQ (a.lines, lines);
          ASSERT_EQ (a.leading_lf, b.leading_lf);
          ASSERT_EQ (a.before, b.before);
          ASSERT_EQ (a.last, b.last);
        }
    }
}

TEST (Boundary, StrayQuoteBeforeTheBlockIsNotAFieldsEnd)
{
  /* ab"|"c\n",d: both quotes of the first field are literal. */
  expect_every_cut ("ab\"\"c\n,d\n");
  expect_every_cut ("ab\"\"c,\"x\ny\"\n");
}

TEST (Boundary, LastRecord)
{
  PlDialect dialect = plain_dialect ();
  struct
  {
    const char *text;
    gsize end;
    guint64 line;
  } cases[] = {
      {"a,b\nc", 4, 2},     {"a\n", 2, 2},         {"a", 0, 1},        {"a\r", 0, 1},       {"a\rb", 2, 2},
      {"a\r\nb", 3, 2},     {"\"a\nb\"\nc", 6, 3}, {"\"a\nb", 0, 1},   {"x\n\"a\nb", 2, 2}, {"x\"\ny\"z", 3, 2},
      {"x\n\n\ny", 4, 4},   {"a\r\nb\r\n", 6, 3},  {"a\r\nb\r", 3, 2}, {"x\"\r", 0, 1},     {"x\"\r\n", 4, 2},
      {"x\"\r\ny\r", 4, 2}, {"x\"\ry", 3, 2},
  };
  for (auto &c : cases)
    {
      std::string data = padded (c.text);
      PlLexPoint point = {PL_LEX_RECORD, 0, 1};
      EXPECT_EQ (pl_csv_last_record (&dialect, data.data (), strlen (c.text), &point), c.end)
          << testing::PrintToString (c.text);
      EXPECT_EQ (point.line, c.line) << testing::PrintToString (c.text);
    }
}

TEST (Boundary, LastRecordIsALibcsvBoundary)
{
  PlDialect dialect = plain_dialect ();
  oracle::Random random = {4};
  const std::string alphabets[] = {",\"\n\r a", "\",\",\"\n", "ab,\n"};
  for (int i = 0; i < oracle::texts (60000); i++)
    {
      std::string text;
      const std::string &alphabet = alphabets[i % 3];
      for (guint32 length = 1 + random.below (90); length > 0; length--)
        text += alphabet[random.below ((guint32) alphabet.size ())];
      std::string data = padded (text);
      PlLexPoint point = {PL_LEX_RECORD, 0, 1};
      size_t end = pl_csv_last_record (&dialect, data.data (), text.size (), &point);
      /* The LF of a CR LF would be a blank line in front of what follows; a CR at the end may have its LF still to
       * come. */
      ASSERT_FALSE (end > 0 && text[end - 1] == '\r' && (end == text.size () || text[end] == '\n'))
          << testing::PrintToString (text);
      auto records = oracle::read (text.substr (0, end));
      for (auto &record : oracle::read (text.substr (end)))
        records.push_back (record);
      ASSERT_EQ (records, oracle::read (text)) << testing::PrintToString (text);
      ASSERT_EQ (walk (dialect, data, end).state, PL_LEX_RECORD);
      ASSERT_EQ (walk (dialect, data, end).line, point.line) << testing::PrintToString (text);
    }
}

TEST (Boundary, EscapesAndComments)
{
  PlDialect dialect = plain_dialect ();
  dialect.escape = '\\';
  dialect.comment[0] = '#';
  std::string text = "#a \"comment\n\"x\\\"\n\",1\ny#,\"\n#\"\n2\n";
  std::string data = padded (text);
  for (size_t block = 1; block <= text.size (); block++)
    {
      PlLexPoint point = {PL_LEX_RECORD, 0, 1};
      std::vector<size_t> starts;
      for (size_t offset = 0; offset < text.size (); offset += block)
        {
          size_t length = std::min (block, text.size () - offset);
          PlSurvey survey;
          pl_csv_survey (&dialect, data.data () + offset, length, offset == 0 ? -1 : (guint8) data[offset - 1],
                         &survey);
          point = pl_csv_resolve (&dialect, &survey, data.data () + offset, length, point);
          EXPECT_EQ (point.state == PL_LEX_RECORD,
                     offset + length == 12 || offset + length == 21 || offset + length == 29 || offset + length == 31)
              << offset + length;
        }
      EXPECT_EQ (point.line, 7u);
    }
}

} // namespace
