/* Dialects that people's files have: blanks around quotes, delimiters of several bytes and of blanks, comments, one
 * kind of line end, rows of any number of fields. What the reader gives, cut into blocks of any size, must be what the
 * plain reading below gives, which knows nothing of states. */
#include <glib.h>
#include <gtest/gtest.h>

#include "fixture.h"
#include "oracle.h"

namespace
{

using fixture::Result;
using fixture::Source;

struct Plain
{
  const PlDialect &dialect;
  const std::string &text;
  size_t p = 0;
  std::string delimiter, comment;

  Plain (const PlDialect &of, const std::string &what)
      : dialect (of), text (what), delimiter (of.separator[0] ? of.separator : std::string (1, of.delimiter)),
        comment (of.comment)
  {
  }

  bool
  at (const std::string &word, size_t where) const
  {
    return !word.empty () && text.compare (where, word.size (), word) == 0;
  }
  bool
  blank (size_t where) const
  {
    return where < text.size () && (text[where] == ' ' || text[where] == '\t')
           && (dialect.blanks || text[where] != dialect.delimiter);
  }
  size_t
  past_blanks (size_t where) const
  {
    while (blank (where))
      where++;
    return where;
  }
  /* Bytes of the line end that stands there. */
  size_t
  line_end (size_t where) const
  {
    if (at ("\r\n", where))
      return 2;
    if (dialect.line_end == PL_LINE_END_CRLF)
      return 0;
    return at ("\n", where) || (dialect.line_end == PL_LINE_END_ANY && at ("\r", where));
  }
  bool
  ends (size_t where) const
  {
    return where >= text.size () || line_end (where) > 0;
  }
  /* Bytes of the delimiter that stands there. */
  size_t
  delimits (size_t where) const
  {
    if (!dialect.blanks)
      return at (delimiter, where) ? delimiter.size () : 0;
    size_t behind = past_blanks (where);
    return behind > where && !ends (behind) ? behind - where : 0;
  }

  struct Record
  {
    std::vector<std::string> fields;
    bool tail = false, unclosed = false;
  };

  /* A quoted field, whose quote stands at p. */
  std::string
  quoted (Record *record)
  {
    std::string field;
    bool escapes = dialect.escape != dialect.quote;
    for (p++;; p++)
      {
        if (p >= text.size ())
          {
            record->unclosed = true;
            return field;
          }
        if (escapes && text[p] == dialect.escape && p + 1 < text.size ())
          {
            p++;
            if (text[p] != dialect.quote && text[p] != dialect.escape)
              field += dialect.escape;
            field += text[p];
          }
        else if (text[p] != dialect.quote)
          field += text[p];
        else if (p + 1 < text.size () && text[p + 1] == dialect.quote)
          field += text[p++];
        else
          break;
      }
    p++;
    size_t behind = dialect.trim ? past_blanks (p) : p;
    if (ends (behind) || (!dialect.blanks && delimits (behind)))
      p = behind;
    std::string rest = plain ();
    record->tail |= !rest.empty ();
    return field + rest;
  }
  std::string
  plain ()
  {
    std::string field;
    while (!ends (p) && !delimits (p))
      field += text[p++];
    while (dialect.trim && !field.empty ()
           && (field.back () == ' ' || (field.back () == '\t' && (dialect.blanks || dialect.delimiter != '\t'))))
      field.pop_back ();
    return field;
  }

  std::vector<Record>
  read ()
  {
    std::vector<Record> records;
    while (p < text.size ())
      {
        size_t start = p, content = past_blanks (p);
        if (at (comment, content))
          {
            while (!ends (p))
              p++;
            p += p < text.size () ? line_end (p) : 0;
            continue;
          }
        Record record;
        bool any_quote = false;
        if (dialect.blanks)
          p = content;
        for (;;)
          {
            size_t first = dialect.trim ? past_blanks (p) : p;
            if (first < text.size () && text[first] == dialect.quote)
              {
                p = first;
                any_quote = true;
                record.fields.push_back (quoted (&record));
              }
            else
              {
                p = first;
                std::string field = plain ();
                record.fields.push_back (field.empty () ? "NULL" : field);
              }
            if (ends (p))
              break;
            p += delimits (p);
          }
        bool is_blank = record.fields.size () == 1 && record.fields[0] == "NULL" && !any_quote;
        p += p < text.size () ? line_end (p) : 0;
        if (p > start && (!is_blank || dialect.blank_rows))
          records.push_back (record);
      }
    return records;
  }
};

void
expect_plain (PlSource *source, guint n, const std::string &text, size_t block)
{
  const PlDialect &dialect = source->dialect;
  std::vector<std::vector<std::string> > expected;
  size_t bad = 0;
  for (auto &record : Plain (dialect, text).read ())
    {
      bool fits = record.fields.size () == n || (record.fields.size () < n ? dialect.fills_short : dialect.cuts_long);
      if (record.unclosed || (record.tail && !dialect.lax_quotes) || !fits)
        {
          bad++;
          continue;
        }
      record.fields.resize (n, "NULL");
      expected.push_back (record.fields);
    }
  for (size_t size : {text.size () + 1, block})
    {
      Result result = fixture::read_in_blocks (source, text, size, SIZE_MAX);
      ASSERT_EQ (result.rows, expected) << testing::PrintToString (text) << " block " << size;
      ASSERT_EQ (result.rejects.size (), bad) << testing::PrintToString (text) << " block " << size;
    }
}

struct Kind
{
  const char *delimiter, *comment, *alphabet;
  PlLineEnd line_end;
  bool trim, lax;
};

const Kind kinds[] = {
    {",", "", ", \"\n\ta", PL_LINE_END_ANY, true, false},
    {",", "", ", \"\n\r a", PL_LINE_END_ANY, true, true},
    {",", "", "aaaaaaaaaaaa,  \"\n", PL_LINE_END_ANY, true, true},
    {"\t", "", "\t \"\na", PL_LINE_END_ANY, true, true},
    {",", "#", "#, \"\na", PL_LINE_END_ANY, false, true},
    {",", "##", "##, \"\na", PL_LINE_END_ANY, true, false},
    {",", "//", "/, \"\na", PL_LINE_END_ANY, false, false},
    {"||", "", "|||\"\na", PL_LINE_END_ANY, false, true},
    {"||", "", "||| \"\na\r", PL_LINE_END_LF, true, false},
    {"aab", "", "aab\"\n", PL_LINE_END_ANY, false, true},
    {"abab", "#", "ab#\"\n", PL_LINE_END_ANY, false, true},
    {"\xc2\xa6", "", "@\"\na", PL_LINE_END_ANY, false, true},
    {"blanks", "", "  \t\"\na", PL_LINE_END_ANY, true, true},
    {"blanks", "#", "  #\"\n\ra", PL_LINE_END_LF, true, false},
    {",", "", ",\"\n\ra", PL_LINE_END_LF, false, true},
    {",", "", ", \"\n\ra", PL_LINE_END_LF, true, false},
    {",", "#", ",#\"\n\r\ra", PL_LINE_END_CRLF, false, true},
    {",", "", ", \"\n\r\ra", PL_LINE_END_CRLF, true, false},
    {"::", "", ": \"\n\r\ra", PL_LINE_END_CRLF, true, true},
    {",", "", ",\"\n\ra", PL_LINE_END_ANY, false, true},
};

TEST (Dialects, AreThoseOfThePlainReading)
{
  oracle::Random random = {12};
  for (int i = 0; i < oracle::texts (120000); i++)
    {
      const Kind &kind = kinds[i % G_N_ELEMENTS (kinds)];
      guint n = 1 + random.below (4);
      Source source (fixture::strings (n), PL_USE_TEXT);
      PlDialect *dialect = &source.source.dialect;
      dialect->blanks = strcmp (kind.delimiter, "blanks") == 0;
      dialect->delimiter = dialect->blanks ? ' ' : kind.delimiter[0];
      if (!dialect->blanks && kind.delimiter[1] != '\0')
        g_strlcpy (dialect->separator, kind.delimiter, sizeof dialect->separator);
      g_strlcpy (dialect->comment, kind.comment, sizeof dialect->comment);
      dialect->line_end = kind.line_end;
      dialect->trim = kind.trim;
      dialect->lax_quotes = kind.lax;
      dialect->fills_short = random.below (2);
      dialect->cuts_long = random.below (2);
      dialect->blank_rows = random.below (4) == 0;
      if (random.below (8) == 0)
        dialect->escape = '\\';
      source.source.on_bad_row = PL_BAD_ROW_SKIP;
      const std::string alphabet = kind.alphabet + std::string (dialect->escape == '\\' ? "\\" : "");
      std::string text;
      for (guint32 length = random.below (i % 10 ? 40 : 700); length > 0; length--)
        {
          char c = alphabet[random.below ((guint32) alphabet.size ())];
          text += c == '@' ? kind.delimiter : std::string (1, c);
        }
      expect_plain (&source.source, n, text, 1 + random.below (i % 10 ? 9 : 200));
      if (HasFatalFailure ())
        return;
    }
}

TEST (Dialects, RaggedRowsAmongMany)
{
  oracle::Random random = {4};
  for (int i = 0; i < 40; i++)
    {
      Source source (fixture::strings (3), PL_USE_TEXT);
      source.source.dialect.fills_short = source.source.dialect.cuts_long = TRUE;
      source.source.dialect.trim = i % 2;
      source.uses[random.below (3)] = PL_USE_NONE;
      std::string text;
      std::vector<std::vector<std::string> > expected;
      for (guint32 rows = 6000; rows > 0; rows--)
        {
          guint32 width = random.below (i % 4 < 2 ? 3 : 2500) == 0 ? 1 + random.below (5) : 3;
          std::vector<std::string> row, wanted;
          for (guint32 column = 0; column < MAX (width, 3); column++)
            row.push_back (column < width ? std::to_string (random.below (100000)) : "NULL");
          for (guint32 column = 0; column < width; column++)
            text += (column > 0 ? "," : "") + row[column];
          text += i % 3 == 0 ? "\r\n" : "\n";
          for (guint column = 0; column < 3; column++)
            if (source.uses[column] != PL_USE_NONE)
              wanted.push_back (row[column]);
          expected.push_back (wanted);
        }
      ASSERT_EQ (fixture::read_in_blocks (&source.source, text, text.size (), SIZE_MAX).rows, expected) << i;
      ASSERT_EQ (fixture::read_in_blocks (&source.source, text, 1000 + random.below (9000), SIZE_MAX).rows, expected)
          << i;
    }
}

} // namespace
