/* Groups of settings, lists inside a value, and how mistakes are sorted and printed. */
#include <gtest/gtest.h>

#include "../../../pipeline/base/settings.h"

namespace
{

std::vector<std::pair<std::string, guint> >
split (const char *value, char separator = ';')
{
  std::vector<std::pair<std::string, guint> > result;
  g_autoptr (GPtrArray) items = pl_items_split (value, separator);
  for (guint i = 0; i < items->len; i++)
    {
      auto item = static_cast<PlItem *> (g_ptr_array_index (items, i));
      result.emplace_back (item->text, item->offset);
    }
  return result;
}

std::string
unquote (const char *text)
{
  g_autofree char *name = pl_item_unquote (text);
  return name;
}

using Items = std::vector<std::pair<std::string, guint> >;

TEST (Items, AreCutAtSeparatorsOutsideQuotesAndParentheses)
{
  EXPECT_EQ (split ("a; b desc ;c"), (Items{{"a", 0}, {"b desc", 3}, {"c", 11}}));
  EXPECT_EQ (split ("f(a; b); c"), (Items{{"f(a; b)", 0}, {"c", 9}}));
  EXPECT_EQ (split ("'a;b'; \"c;\"\"d\"; e"), (Items{{"'a;b'", 0}, {"\"c;\"\"d\"", 7}, {"e", 16}}));
  EXPECT_EQ (split ("ü; ß", ';'), (Items{{"ü", 0}, {"ß", 3}}));
  EXPECT_EQ (split ("price:decimal(18,2), zip:string", ','), (Items{{"price:decimal(18,2)", 0}, {"zip:string", 21}}));
  EXPECT_EQ (split ("'open; never closed"), (Items{{"'open; never closed", 0}}));
  EXPECT_EQ (split ("a); b"), (Items{{"a)", 0}, {"b", 4}}));
}

TEST (Items, KeepEmptyOnesButTheLast)
{
  EXPECT_EQ (split (""), Items{});
  EXPECT_EQ (split ("  "), Items{});
  EXPECT_EQ (split ("a;"), (Items{{"a", 0}}));
  EXPECT_EQ (split ("a; ; b;  "), (Items{{"a", 0}, {"", 3}, {"b", 5}}));
  EXPECT_EQ (split (";"), (Items{{"", 0}}));
}

TEST (Items, LoseTheirQuotes)
{
  EXPECT_EQ (unquote ("delay"), "delay");
  EXPECT_EQ (unquote ("\"Airport Name\""), "Airport Name");
  EXPECT_EQ (unquote ("\"Airport \"\"X\"\" Name\""), "Airport \"X\" Name");
  EXPECT_EQ (unquote ("\"\""), "");
  EXPECT_EQ (unquote ("\""), "\"");
  EXPECT_EQ (unquote ("\"\"\"\""), "\"");
}

TEST (Settings, AreFoundByTheirUnquotedKey)
{
  g_autoptr (PlSettings) settings = pl_settings_new ("derive", "speed", "job.ini", 3);
  pl_settings_add (settings, "input", TRUE, "a column", "job.ini", 4, 9);
  pl_settings_add (settings, "input", FALSE, "flights", "job.ini", 5, 9);
  EXPECT_STREQ (pl_settings_get (settings, "input", "none"), "flights");
  EXPECT_EQ (pl_settings_find (settings, "input")->line, 5u);
  EXPECT_STREQ (pl_settings_get (settings, "by", "none"), "none");
  EXPECT_EQ (pl_settings_find (settings, "by"), nullptr);
}

std::string
all (PlIssues *issues)
{
  std::string text;
  const GPtrArray *list = pl_issues_list (issues);
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *one = pl_issues_format (static_cast<PlIssue *> (g_ptr_array_index (list, i)));
      text += std::string (one) + "\n";
    }
  return text;
}

TEST (Issues, OfLongValuesShowWhatStandsAroundTheCaret)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlSettings) settings = pl_settings_new ("filter", "late", "job.ini", 7);
  std::string value = std::string (1000, 'a') + "!" + std::string (1000, 'b');
  PlSetting *where = pl_settings_add (settings, "where", FALSE, value.c_str (), "job.ini", 8, 9);
  pl_issues_add (issues, settings, where, 1000, PL_JOB_ERROR_TYPE, "odd");
  EXPECT_EQ (all (issues), "job.ini:8:1009: odd\n    ..." + std::string (200, 'a') + "!" + std::string (199, 'b')
                               + "...\n    " + std::string (203, ' ') + "^\n");
}

TEST (Issues, AreSortedByLineAndPrintedWithACaret)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlSettings) settings = pl_settings_new ("filter", "late", "job.ini", 7);
  PlSetting *where = pl_settings_add (settings, "where", FALSE, "ürk > 1 and\tdely > 2", "job.ini", 8, 9);
  PlSetting *set = pl_settings_add (settings, "input", FALSE, "flight", "--set filter late.input", 0, 0);
  pl_issues_add (issues, settings, where, 12, PL_JOB_ERROR_TYPE, "unknown column '%s'; did you mean 'delay'?", "dely");
  pl_issues_add (issues, settings, nullptr, G_MAXUINT, PL_JOB_ERROR_GRAPH, "nothing stands above [filter late]");
  pl_issues_take (issues, settings, set, G_MAXUINT,
                  g_error_new_literal (PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "no such group"));
  pl_issues_warn (issues, settings, where, "always true");
  pl_issues_add (issues, settings, set, 2, PL_JOB_ERROR_BAD_VALUE, "odd");
  EXPECT_EQ (pl_issues_n_errors (issues), 4u);
  EXPECT_EQ (all (issues), "--set filter late.input: no such group\n"
                           "--set filter late.input: odd\n"
                           "    flight\n"
                           "      ^\n"
                           "job.ini:7:1: nothing stands above [filter late]\n"
                           "job.ini:8:9: warning: always true\n"
                           "job.ini:8:21: unknown column 'dely'; did you mean 'delay'?\n"
                           "    ürk > 1 and dely > 2\n"
                           "                ^\n");
  auto first = static_cast<PlIssue *> (g_ptr_array_index (pl_issues_list (issues), 0));
  EXPECT_TRUE (g_error_matches (first->error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER));
}

TEST (Issues, WithoutAPlaceAreJustTheirMessage)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  pl_issues_add (issues, nullptr, nullptr, G_MAXUINT, PL_JOB_ERROR_GRAPH, "the job has no [source]");
  EXPECT_EQ (all (issues), "the job has no [source]\n");
}

TEST (Issues, PutTheCaretUnderWideCharacters)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlSettings) settings = pl_settings_new ("filter", "", "j", 1);
  PlSetting *where = pl_settings_add (settings, "where", FALSE, "東京 > x", "j", 2, 9);
  pl_issues_add (issues, settings, where, 5, PL_JOB_ERROR_TYPE, "m");
  EXPECT_EQ (all (issues), "j:2:14: m\n    東京 > x\n           ^\n");
}

TEST (Issues, PutTheCaretUnderWhatIsBehindEscapes)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlSettings) settings = pl_settings_new ("filter", "", "j\n", 1);
  PlSetting *where = pl_settings_add (settings, "where", FALSE, "a\u202e \\ > x", "j\n", 2, 9);
  pl_issues_add (issues, settings, where, 7, PL_JOB_ERROR_TYPE, "no %s", "x\ny");
  EXPECT_EQ (all (issues), "j\\n:2:16: no x\\ny\n    a\\u202e \\ > x\n                ^\n");
}

TEST (Issues, AreEnoughAtAHundredMistakes)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  for (int i = 0; i < 200; i++)
    pl_issues_warn (issues, nullptr, nullptr, "m");
  for (int i = 0; i < 100; i++)
    {
      EXPECT_FALSE (pl_issues_are_enough (issues));
      pl_issues_add (issues, nullptr, nullptr, G_MAXUINT, PL_JOB_ERROR_GRAPH, "m");
    }
  EXPECT_TRUE (pl_issues_are_enough (issues));
}

TEST (Settings, FindTheFirstOfEachKeyHoweverMany)
{
  g_autoptr (PlSettings) settings = pl_settings_new ("derive", "", "j", 1);
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 100; i++)
      {
        std::string key = "k" + std::to_string (i / 2);
        PlSetting *added = pl_settings_add (settings, key.c_str (), i % 2 == 1, "v", "j", 1 + i, round);
        const PlSetting *found = pl_settings_find_entry (settings, key.c_str (), i % 2 == 1);
        ASSERT_NE (found, nullptr);
        EXPECT_EQ (found->line, 1 + i);
        EXPECT_EQ (found->column, 0u);
        EXPECT_EQ (found == added, round == 0);
      }
  EXPECT_EQ (pl_settings_find_entry (settings, "k50", FALSE), nullptr);
  EXPECT_EQ (pl_settings_find (settings, "k7")->line, 15u);
}

gboolean
is_syntax (const GError *error)
{
  return g_error_matches (error, PL_JOB_ERROR, PL_JOB_ERROR_SYNTAX);
}

TEST (Issues, GoBackToAMark)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  pl_issues_add (issues, nullptr, nullptr, 0, PL_JOB_ERROR_SYNTAX, "stays");
  const guint mark = pl_issues_mark (issues);
  EXPECT_TRUE (pl_issues_have (issues, 0, is_syntax));
  pl_issues_warn (issues, nullptr, nullptr, "goes");
  pl_issues_add (issues, nullptr, nullptr, 0, PL_JOB_ERROR_TYPE, "goes, too");
  EXPECT_FALSE (pl_issues_have (issues, mark, is_syntax));
  EXPECT_EQ (pl_issues_n_errors (issues), 2u);
  pl_issues_rewind (issues, mark);
  EXPECT_EQ (pl_issues_n_errors (issues), 1u);
  ASSERT_EQ (pl_issues_list (issues)->len, 1u);
  EXPECT_STREQ (static_cast<PlIssue *> (g_ptr_array_index (pl_issues_list (issues), 0))->error->message, "stays");
}

TEST (Items, OffsetsAreCharacters)
{
  g_autoptr (GPtrArray) items = pl_items_split ("é;  日本 ; x;\"ü;ü\" ; z", ';');
  std::vector<std::pair<std::string, guint> > found;
  for (guint i = 0; i < items->len; i++)
    {
      auto item = static_cast<PlItem *> (g_ptr_array_index (items, i));
      found.emplace_back (item->text, item->offset);
    }
  EXPECT_EQ (found, (std::vector<std::pair<std::string, guint> >{
                        {"é", 0}, {"日本", 4}, {"x", 9}, {"\"ü;ü\"", 11}, {"z", 19}}));
}

} // namespace
