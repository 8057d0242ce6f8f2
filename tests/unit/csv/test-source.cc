/* Opening sources: settings, headers, several files, guessed types, the wire. */
#include <glib.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>

#include "../../../pipeline/csv/source.h"
#include "../../../pipeline/csv/source-open.h"
#include "../../../pipeline/csv/source-settings.h"
#include "../../../pipeline/csv/source-wire.h"
#include <malloc.h>
#include <map>
#include <string>
#include <vector>

namespace
{

using Keys = std::vector<std::pair<std::string, std::string> >;

/* A folder of files, and what opening a source over them gives. */
class SourceTest : public testing::Test
{
protected:
  void
  SetUp () override
  {
    folder = g_dir_make_tmp ("pipeline-source-XXXXXX", nullptr);
    issues = pl_issues_new ();
  }

  void
  TearDown () override
  {
    pl_source_free (source);
    pl_issues_free (issues);
    g_clear_error (&error);
    for (auto &name : written)
      g_unlink ((std::string (folder) + "/" + name).c_str ());
    g_rmdir (folder);
    g_free (folder);
  }

  void
  write (const std::string &name, const std::string &text)
  {
    ASSERT_TRUE (g_file_set_contents ((std::string (folder) + "/" + name).c_str (), text.data (), (gssize) text.size (),
                                      nullptr));
    written.push_back (name);
  }

  PlSource *
  open (const Keys &keys)
  {
    PlSettings *settings = pl_settings_new ("source", "flights", "job.ini", 3);
    guint line = 4;
    for (auto &key : keys)
      pl_settings_add (settings, key.first.c_str (), FALSE, key.second.c_str (), "job.ini", line++, 1);
    source = pl_source_open (settings, folder, issues, &error);
    pl_settings_free (settings);
    return source;
  }

  /* "name type; …", pinned types in capitals. */
  std::string
  columns () const
  {
    std::string all;
    for (guint i = 0; source != nullptr && i < source->schema->n_fields; i++)
      {
        char *upper = g_ascii_strup (pl_type_name (source->schema->fields[i].type), -1);
        all += std::string (i > 0 ? "; " : "") + source->schema->fields[i].name + " "
               + (source->readings[i].is_pinned ? upper : pl_type_name (source->schema->fields[i].type));
        g_free (upper);
      }
    return all;
  }

  std::vector<std::string>
  messages () const
  {
    std::vector<std::string> all;
    const GPtrArray *list = pl_issues_list (issues);
    for (guint i = 0; i < list->len; i++)
      {
        auto *issue = static_cast<const PlIssue *> (g_ptr_array_index (list, i));
        all.push_back ((issue->warning ? "warning: " : "") + std::string (issue->error->message));
      }
    return all;
  }

  const PlSourceFile *
  file (guint i) const
  {
    return static_cast<const PlSourceFile *> (g_ptr_array_index (source->files, i));
  }

  std::string
  failure () const
  {
    return error != nullptr ? error->message : "";
  }

  char *folder = nullptr;
  PlIssues *issues = nullptr;
  PlSource *source = nullptr;
  GError *error = nullptr;
  std::vector<std::string> written;
};

TEST_F (SourceTest, GuessesTypes)
{
  write ("a.csv", "id,price,day,ok,zip,note,none\n1,2.5,2020-01-01,true,01234,x,\n2,3,2020-01-02,FALSE,99999,,\n");
  ASSERT_NE (open ({{"path", "a.csv"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "id int; price float; day date; ok bool; zip string; note string; none null");
  EXPECT_STREQ (file (0)->display, "a.csv");
  EXPECT_EQ (file (0)->data_start, 30u);
  EXPECT_EQ (file (0)->data_line, 2u);
  EXPECT_EQ (file (0)->n_fields, 7u);
  EXPECT_TRUE (file (0)->ranged);
  EXPECT_STREQ (source->name, "flights");
  EXPECT_EQ (source->max_record_size, 16u << 20);
}

TEST_F (SourceTest, SkipsMarkLinesCommentsAndBlankLines)
{
  write ("a.csv", "\xef\xbb\xbf\"junk\r\nmore\r\n\r\n# note\r\n\"a\r\nb\",c\r\n1,2\r\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"skip-rows", "2"}, {"comment", "#"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a\r\nb int; c int");
  EXPECT_EQ (file (0)->data_start, 3u + 7 + 6 + 2 + 8 + 10);
  EXPECT_EQ (file (0)->data_line, 7u);
}

TEST_F (SourceTest, HeaderOnly)
{
  write ("a.csv", "a,b");
  ASSERT_NE (open ({{"path", "a.csv"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a null; b null");
  EXPECT_EQ (file (0)->data_start, 3u);
}

TEST_F (SourceTest, EmptyFile)
{
  write ("a.csv", "");
  EXPECT_EQ (open ({{"path", "a.csv"}}), nullptr);
  EXPECT_EQ (failure (), "a.csv is empty: a header line was expected; set header = false if the file has none, or "
                         "empty-files = skip to go past it");
}

TEST_F (SourceTest, EmptyFileWithoutHeader)
{
  write ("a.csv", "");
  EXPECT_EQ (open ({{"path", "a.csv"}, {"header", "false"}}), nullptr);
  EXPECT_EQ (failure (), "a.csv is empty: its columns are not known; name them with columns = …");
  g_clear_error (&error);
  ASSERT_NE (open ({{"path", "a.csv"}, {"columns", "x; y"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "x null; y null");
}

TEST_F (SourceTest, WithoutHeader)
{
  write ("a.csv", "1,x\n2,y\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"header", "false"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "column_1 int; column_2 string");
  EXPECT_EQ (file (0)->data_start, 0u);
  EXPECT_EQ (file (0)->data_line, 1u);
}

TEST_F (SourceTest, NamedColumnsMustMatch)
{
  write ("a.csv", "1,x\n");
  EXPECT_EQ (open ({{"path", "a.csv"}, {"header", "true"}, {"columns", "n; \"a; b\"; c"}}), nullptr);
  EXPECT_EQ (failure (), "a.csv:1: row has 2 fields, but columns names 3");
  g_clear_error (&error);
  ASSERT_NE (open ({{"path", "a.csv"}, {"columns", "n; \"a; b\""}}), nullptr);
  EXPECT_EQ (columns (), "n int; a; b string");
}

TEST_F (SourceTest, WithoutHeaderFirstRowOfAnotherLengthIsOneRowOnly)
{
  write ("a.csv", "x\n1,x,2020-01-01\n2,y,2020-01-02\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"columns", "n; s; d"}, {"on-bad-row", "skip"}}), nullptr) << failure ();
  EXPECT_EQ (file (0)->n_fields, 3u);
  EXPECT_EQ (columns (), "n int; s string; d date");
}

TEST_F (SourceTest, RenamesDuplicateAndEmptyNames)
{
  write ("a.csv", "a,a,,a_2,a\n1,2,3,4,5\n");
  ASSERT_NE (open ({{"path", "a.csv"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a int; a_3 int; column_3 int; a_2 int; a_4 int");
  EXPECT_EQ (messages (), (std::vector<std::string>{
                              "warning: column 2 of a.csv is named 'a' like an earlier one; it is called 'a_3'",
                              "warning: column 3 of a.csv has no name; it is called 'column_3'",
                              "warning: column 5 of a.csv is named 'a' like an earlier one; it is called 'a_4'"}));
}

TEST_F (SourceTest, UseTypesAndFilename)
{
  write ("a.csv", "id,price,zip\n1,2,3\n");
  ASSERT_NE (open ({{"path", "a.csv"},
                    {"use", "zip; price"},
                    {"types", "zip:string; price : decimal(18,2)"},
                    {"filename-column", "file"}}),
             nullptr)
      << failure ();
  EXPECT_EQ (columns (), "price DECIMAL(18,2); zip STRING; file STRING");
  EXPECT_EQ (file (0)->n_fields, 3u);
  EXPECT_EQ (file (0)->fields[0], 1);
  EXPECT_EQ (file (0)->fields[1], 2);
  EXPECT_EQ (file (0)->fields[2], -2);
}

TEST_F (SourceTest, InferOff)
{
  write ("a.csv", "id,n\n1,2\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"infer", "false"}, {"types", "n:int"}}), nullptr);
  EXPECT_EQ (columns (), "id STRING; n INT");
}

TEST_F (SourceTest, UnknownColumns)
{
  write ("a.csv", "delay,origin\n1,x\n");
  EXPECT_EQ (open ({{"path", "a.csv"},
                    {"use", "origin; dely; origin"},
                    {"types", "orgin:string; delay; delay:imt"},
                    {"filename-column", "delay"}}),
             nullptr);
  std::vector<std::string> all = messages ();
  ASSERT_EQ (all.size (), 6u);
  EXPECT_EQ (all[0], "unknown column 'dely'; did you mean 'delay'?");
  EXPECT_EQ (all[1], "column 'origin' is named twice");
  EXPECT_EQ (all[2], "unknown column 'orgin'; did you mean 'origin'?");
  EXPECT_EQ (all[3], "'delay' is not a column and its type, as price:decimal(18,2)");
  EXPECT_EQ (all[5], "there is a column 'delay' already; give filename-column another name");
}

TEST_F (SourceTest, BadValues)
{
  const std::vector<std::pair<Keys, std::string> > cases = {
      {{}, "a source needs path, the files to read, or command, a program that prints them"},
      {{{"path", ""}}, "a source needs path, the files to read, or command, a program that prints them"},
      {{{"path", "x"}, {"delimiter", "a long delimiter"}},
       "a delimiter is text of at most 12 bytes, or a name: tab, comma, semicolon, pipe, space, blanks; not 'a long "
       "delimiter'"},
      {{{"path", "x"}, {"delimiter", "\\x0a"}}, "a delimiter holds no line end; see line-end"},
      {{{"path", "x"}, {"delimiter", "|\""}}, "delimiter and quote have a character in common"},
      {{{"path", "x"}, {"delimiter", "\", \""}, {"trim", "true"}},
       "with trim, a delimiter of several characters holds no blanks"},
      {{{"path", "x"}, {"comment", "/* comment"}}, "comment is text of at most 8 bytes, or none; not '/* comment'"},
      {{{"path", "x"}, {"comment", "//"}, {"delimiter", "/"}}, "delimiter and comment have a character in common"},
      {{{"path", "x"}, {"line-end", "crlf"}, {"delimiter", "blanks"}},
       "with delimiter = blanks, line-end is any or lf"},
      {{{"path", "x"}, {"quote", "ab"}},
       "quote is one ASCII character, or tab, comma, semicolon, pipe, space or none; not 'ab'"},
      {{{"path", "x"}, {"quote", ","}}, "delimiter and quote are the same character"},
      {{{"path", "x"}, {"comment", "\""}}, "quote and comment are the same character"},
      {{{"path", "x"}, {"thousands", "."}}, "thousands is also the decimal mark; see decimal-comma"},
      {{{"path", "x"}, {"thousands", "7"}}, "thousands cannot be a digit, a letter or a sign"},
      {{{"path", "x"}, {"schema", "unoin"}}, "unknown schema 'unoin'; did you mean 'union'?"},
      {{{"path", "x"}, {"on-bad-row", "explode"}}, "unknown on-bad-row 'explode'; there are: fail, skip, quarantine"},
      {{{"path", "x"}, {"on-bad-row", "quarantine"}},
       "on-bad-row = quarantine needs rejects, the file to write bad rows to"},
      {{{"path", "x"}, {"rejects", "r.csv"}}, "rejects is only written with on-bad-row = quarantine"},
      {{{"path", "x"}, {"max-record-size", "2GiB"}}, "max-record-size is at least 1 and at most 1GiB"},
  };
  for (auto &c : cases)
    {
      pl_issues_free (issues);
      issues = pl_issues_new ();
      EXPECT_EQ (open (c.first), nullptr);
      EXPECT_EQ (messages (), std::vector<std::string>{c.second});
      EXPECT_EQ (error, nullptr);
    }
}

TEST_F (SourceTest, MissingFile)
{
  EXPECT_EQ (open ({{"path", "nothing.csv"}}), nullptr);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND)) << failure ();
}

TEST_F (SourceTest, BadHeaders)
{
  write ("nul.csv", std::string ("a,\0b\n", 5));
  write ("latin.csv", "a,\xe4\n");
  write ("open.csv", "a,\"b\n1,2\n");
  write ("skipped.csv", "one\n");
  struct
  {
    const char *name, *message;
  } cases[] = {
      {"nul.csv", "nul.csv:1: the header holds a NUL byte; see nul-bytes"},
      {"latin.csv",
       "latin.csv:1: the header is not valid UTF-8; set encoding to what the file is written in, or see invalid-utf8"},
      {"open.csv", "open.csv:1: a quoted field of the header is not closed before the end of the file"},
      {"skipped.csv",
       "skipped.csv is empty behind its first 5 lines: a header line was expected; set header = false if the file "
       "has none, or empty-files = skip to go past it"},
  };
  for (auto &c : cases)
    {
      Keys keys = {{"path", c.name}};
      if (std::string (c.name) == "skipped.csv")
        keys.push_back ({"skip-rows", "5"});
      EXPECT_EQ (open (keys), nullptr);
      EXPECT_EQ (failure (), c.message);
      EXPECT_TRUE (g_error_matches (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER));
      g_clear_error (&error);
    }
}

TEST_F (SourceTest, SameSchema)
{
  write ("p-1.csv", "a,b\n1,2\n");
  write ("p-2.csv", "a,b\n1,2.5\n");
  ASSERT_NE (open ({{"path", "p-*.csv"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a int; b float");
  ASSERT_EQ (source->files->len, 2u);
  EXPECT_STREQ (file (1)->display, "p-2.csv");
}

/* 64 KiB are looked at, all of which the first file has: nothing of the second one is. */
TEST_F (SourceTest, ASampleThatEndsWithAFile)
{
  std::string rows;
  for (int i = 0; i < 8192; i++)
    rows += "1234567\n";
  write ("p-1.csv", "a\n" + rows);
  write ("p-2.csv", "a\nx\n");
  ASSERT_NE (open ({{"path", "p-*.csv"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a int");
  EXPECT_EQ (file (1)->data_start, 2u);
}

TEST_F (SourceTest, DifferentHeaders)
{
  write ("1.csv", "a,b\n");
  write ("2.csv", "a,c\n");
  write ("3.csv", "a,b,c\n");
  write ("4.csv", "b,a\n");
  struct
  {
    const char *paths, *mode, *message;
  } cases[] = {
      {"1.csv; 2.csv", "same",
       "the header of 2.csv is not that of 1.csv: column 2 is 'c', expected 'b'; see schema = by-name and union"},
      {"1.csv; 3.csv", "same",
       "the header of 3.csv is not that of 1.csv: it has 3 columns, expected 2; see schema = union"},
      {"1.csv; 2.csv", "by-name",
       "the header of 2.csv is not that of 1.csv: column 'b' is missing; see schema = union"},
      {"1.csv; 3.csv", "by-name",
       "the header of 3.csv is not that of 1.csv: column 'c' is not expected; see schema = union"},
  };
  for (auto &c : cases)
    {
      EXPECT_EQ (open ({{"path", c.paths}, {"schema", c.mode}}), nullptr);
      EXPECT_EQ (failure (), c.message);
      g_clear_error (&error);
    }
}

TEST_F (SourceTest, ByNameAndUnion)
{
  write ("1.csv", "a,b\n1,2\n");
  write ("4.csv", "b,a\nx,3\n");
  ASSERT_NE (open ({{"path", "1.csv; 4.csv"}, {"schema", "by-name"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a int; b string");
  EXPECT_EQ (file (1)->fields[0], 1);
  EXPECT_EQ (file (1)->fields[1], 0);
  pl_source_free (source);
  write ("2.csv", "c,a\n1,2.5\n");
  ASSERT_NE (open ({{"path", "1.csv; 2.csv"}, {"schema", "union"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a float; b int; c int");
  EXPECT_EQ (file (0)->fields[2], -1);
  EXPECT_EQ (file (1)->fields[0], 1);
  EXPECT_EQ (file (1)->fields[1], -1);
}

TEST_F (SourceTest, DialectKeys)
{
  write ("a.tsv", "a\tb\n1\t'x'\n");
  ASSERT_NE (open ({{"path", "a.tsv"},
                    {"quote", "'"},
                    {"escape", "\\"},
                    {"comment", "#"},
                    {"trim", "yes"},
                    {"lax-quotes", "true"},
                    {"blank-lines", "row"},
                    {"null-values", "NA; \"\"; -"},
                    {"decimal-comma", "true"},
                    {"thousands", "."},
                    {"date-format", "%d.%m.%Y"},
                    {"limit", "10"},
                    {"on-bad-row", "skip"},
                    {"max-bad-rows", "1%"}}),
             nullptr)
      << (messages ().empty () ? failure () : messages ()[0]);
  const PlDialect &dialect = source->dialect;
  EXPECT_EQ (dialect.delimiter, '\t');
  EXPECT_EQ (dialect.quote, '\'');
  EXPECT_EQ (dialect.escape, '\\');
  EXPECT_STREQ (dialect.comment, "#");
  EXPECT_TRUE (dialect.trim && dialect.lax_quotes && dialect.blank_rows && dialect.decimal_comma);
  EXPECT_EQ (dialect.thousands, '.');
  ASSERT_EQ (dialect.n_date_formats, 1u);
  EXPECT_STREQ (dialect.date_formats[0].text, "%d.%m.%Y");
  ASSERT_EQ (g_strv_length (dialect.null_values), 3u);
  EXPECT_STREQ (dialect.null_values[1], "");
  EXPECT_EQ (source->limit, 10u);
  EXPECT_DOUBLE_EQ (source->max_bad_share, 0.01);
  EXPECT_FALSE (pl_dialect_is_regular (&dialect));
}

TEST_F (SourceTest, EveryKeyIsDocumented)
{
  for (const PlSettingKey *key = pl_source_keys (); key->name != nullptr; key++)
    {
      EXPECT_NE (key->type, nullptr) << key->name;
      ASSERT_NE (key->summary, nullptr) << key->name;
      EXPECT_FALSE (g_str_has_suffix (key->summary, ".")) << key->name;
    }
}

TEST_F (SourceTest, Wire)
{
  write ("1.csv", "a,b\n1,2\n");
  write ("2.csv", "c,a\n1,2.5\n");
  ASSERT_NE (open ({{"path", "1.csv; 2.csv"},
                    {"schema", "union"},
                    {"null-values", "NA"},
                    {"filename-column", "f"},
                    {"types", "b:string"},
                    {"on-bad-row", "quarantine"},
                    {"rejects", "r.csv"},
                    {"max-bad-rows", "5"},
                    {"thousands", "'"}}),
             nullptr)
      << failure ();
  source->uses[1] = 3;
  PlBuffer buffer = PL_BUFFER_INIT, again = PL_BUFFER_INIT;
  pl_source_save (source, &buffer);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  PlSource *loaded = pl_source_load (&cursor);
  ASSERT_NE (loaded, nullptr);
  EXPECT_EQ (cursor.offset, buffer.length);
  EXPECT_STREQ (loaded->schema->fields[0].name, "a");
  EXPECT_EQ (loaded->schema->fields[0].type.kind, PL_FLOAT);
  EXPECT_EQ (loaded->uses[1], 3);
  EXPECT_TRUE (loaded->readings[1].is_pinned);
  EXPECT_EQ (static_cast<PlSourceFile *> (g_ptr_array_index (loaded->files, 1))->fields[1], -1);
  EXPECT_EQ (static_cast<PlSourceFile *> (g_ptr_array_index (loaded->files, 1))->fields[3], -2);
  EXPECT_STREQ (loaded->rejects, (std::string (folder) + "/r.csv").c_str ());
  pl_source_save (loaded, &again);
  EXPECT_EQ (std::string (buffer.data, buffer.length), std::string (again.data, again.length));
  pl_source_free (loaded);
  /* Cut anywhere, it is refused, and nothing else happens. */
  for (gsize length = 0; length < buffer.length; length++)
    {
      PlCursor part = {(const guint8 *) buffer.data, length, 0, FALSE};
      EXPECT_EQ (pl_source_load (&part), nullptr);
    }
  pl_buffer_clear (&buffer);
  pl_buffer_clear (&again);
}

TEST_F (SourceTest, WireHasWhatPathsSay)
{
  for (const char *name : {"k=1", "k=__HIVE_DEFAULT_PARTITION__"})
    ASSERT_EQ (g_mkdir ((std::string (folder) + "/" + name).c_str (), 0700), 0);
  write ("k=1/a.csv", "a\n1\n");
  write ("k=__HIVE_DEFAULT_PARTITION__/a.csv", "a\n2\n");
  ASSERT_NE (open ({{"path", "*/a.csv"}, {"path-columns", "k"}, {"filename-column", "f"}}), nullptr) << failure ();
  EXPECT_EQ (columns (), "a int; k INT; f STRING");
  PlBuffer buffer = PL_BUFFER_INIT;
  pl_source_save (source, &buffer);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  PlSource *loaded = pl_source_load (&cursor);
  ASSERT_NE (loaded, nullptr);
  for (guint i = 0; i < 2; i++)
    {
      auto *loaded_file = static_cast<PlSourceFile *> (g_ptr_array_index (loaded->files, i));
      EXPECT_EQ (loaded_file->fields[1], PL_FIELD_OF_PATH);
      EXPECT_STREQ (loaded_file->path_values[0], i == 0 ? "1" : nullptr);
    }
  pl_source_free (loaded);
  for (gsize length = 0; length < buffer.length; length++)
    {
      PlCursor part = {(const guint8 *) buffer.data, length, 0, FALSE};
      EXPECT_EQ (pl_source_load (&part), nullptr);
    }
  pl_buffer_clear (&buffer);
  /* A column of a path that no file has. */
  file (0)->fields[1] = PL_FIELD_OF_PATH - 1;
  pl_source_save (source, &buffer);
  PlCursor wrong = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  EXPECT_EQ (pl_source_load (&wrong), nullptr);
  pl_buffer_clear (&buffer);
  for (auto &name : written)
    g_unlink ((std::string (folder) + "/" + name).c_str ());
  for (const char *name : {"k=1", "k=__HIVE_DEFAULT_PARTITION__"})
    g_rmdir ((std::string (folder) + "/" + name).c_str ());
}

TEST_F (SourceTest, WireRefusesTypesThatDoNotExistAndNullsWithoutText)
{
  write ("a.csv", "a,b\n1,2\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"null-values", "NULL"}}), nullptr) << failure ();
  PlBuffer good = PL_BUFFER_INIT, buffer = PL_BUFFER_INIT;
  pl_source_save (source, &good);
  for (PlType type : {PL_TYPE (PL_TIMESTAMP + 1), PL_TYPE_DECIMAL (39, 0), PL_TYPE_DECIMAL (5, 6)})
    {
      source->schema->fields[1].type = type;
      pl_source_save (source, &buffer);
      PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
      EXPECT_EQ (pl_source_load (&cursor), nullptr);
      pl_buffer_clear (&buffer);
    }
  /* The bytes of a missing text, ahead of a text that must not be lost. */
  std::string bytes (good.data, good.length), text ("\4\0\0\0\0\0\0\0NULL", 12);
  gsize at = bytes.find (text);
  ASSERT_NE (at, std::string::npos);
  bytes[at - 4] = 2;
  bytes.insert (at, std::string (8, '\xff'));
  PlCursor cursor = {(const guint8 *) bytes.data (), bytes.size (), 0, FALSE};
  EXPECT_EQ (pl_source_load (&cursor), nullptr);
  pl_buffer_clear (&good);
}

/* What is read on the way to a source goes, whether there is one in the end or not. What LeakSanitizer takes for
 * pointers it finds on the stack long after they have died; the C library counts. */
TEST_F (SourceTest, OpeningLeavesNothingBehind)
{
  write ("p-1.csv", "a,b\n1,x\n");
  write ("p-2.csv", "a,b\n2,y\n");
  const Keys good = {{"path", "p-*.csv"}, {"use", "a; b"}, {"types", "a: float; b: string"}};
  const Keys named = {{"path", "p-1.csv"}, {"header", "false"}, {"columns", "x; y"}};
  const Keys bad = {{"path", "p-1.csv"}, {"use", "a; c"}, {"types", "b: decimal(99,1)"}, {"null-values", "-; NA"}};
  const Keys missing = {{"path", "none.csv"}, {"use", "a"}, {"types", "a: int"}};
  gsize before = 0;
  for (int i = 0; i < 60; i++)
    {
      for (auto &keys : {good, named, bad, missing})
        {
          PlSource *opened = open (keys);
          EXPECT_EQ (opened != nullptr, keys == good || keys == named) << failure ();
          g_clear_pointer (&source, pl_source_free);
          g_clear_error (&error);
          pl_issues_free (issues);
          issues = pl_issues_new ();
        }
      if (i == 9)
        before = mallinfo2 ().uordblks;
    }
  EXPECT_LT (mallinfo2 ().uordblks, before + 8192);
}

TEST_F (SourceTest, TakesTypes)
{
  write ("a.csv", "a,b,c\n1,2,x\n");
  ASSERT_NE (open ({{"path", "a.csv"}, {"types", "c:string"}}), nullptr);
  PlSchema *before = pl_schema_ref (source->schema);
  PlEvidence *evidence = pl_evidence_new (3);
  evidence[0].is_closed = TRUE;
  evidence[1].guess.seen = 1u << PL_SEEN_INT | 1u << PL_SEEN_FLOAT;
  evidence[2].guess.seen = 1u << PL_SEEN_INT;
  pl_source_take_types (source, evidence, TRUE);
  EXPECT_EQ (columns (), "a int; b float; c STRING");
  EXPECT_FALSE (source->readings[0].is_certain);
  EXPECT_TRUE (source->readings[1].is_certain);
  EXPECT_EQ (source->evidence[0].counts[PL_SEEN_INT], 1u);
  EXPECT_EQ (before->fields[1].type.kind, PL_INT);
  pl_schema_unref (before);
}

} // namespace
