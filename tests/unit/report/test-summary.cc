/* Reports as programs read them: always JSON, whatever names and messages hold. */
#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "../../../pipeline/report/summary.h"
}

static std::string
json (const PlReport &report)
{
  g_autofree char *text = pl_report_json (&report);
  return text;
}

TEST (Report, OfARunThatDidNotBegin)
{
  PlReport report = {};
  report.path = "job.ini";
  report.exit_code = 78;
  report.microseconds = 1234567;
  report.error = "unknown key 'x'";
  EXPECT_EQ (json (report), "{\n  \"job\": null,\n  \"file\": \"job.ini\",\n  \"started\": \"1970-01-01T00:00:00Z\",\n"
                            "  \"seconds\": 1.234567,\n  \"error\": \"unknown key 'x'\",\n  \"exit\": 78\n}\n");
}

TEST (Report, EscapesWhatJsonMustNotHold)
{
  PlReport report = {};
  report.job = "a\"b\\c\nd\te\x01"
               "f\xff"
               "gé";
  report.path = "-";
  report.started = 1600000000;
  std::string text = json (report);
  EXPECT_NE (text.find ("\"job\": \"a\\\"b\\\\c\\nd\\u0009e\\u0001f\xEF\xBF\xBDgé\""), std::string::npos) << text;
  EXPECT_NE (text.find ("\"started\": \"2020-09-13T12:26:40Z\""), std::string::npos) << text;
}

TEST (Report, TellsOfMemory)
{
  g_autoptr (PlMemoryAccount) account = pl_memory_account_new ();
  PlRunSummary summary = {};
  PlReport report = {};
  account->base = 5;
  account->leased = 70;
  account->seen = 60;
  account->programs = 8;
  account->spilled = 9;
  PlHolder holder = {g_strdup ("sort \"s\""), 65};
  g_array_append_val (account->holders, holder);
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, 1);
  summary.sources = summary.steps = none;
  summary.memory = account;
  summary.memory_limit = 100;
  report.summary = &summary;
  std::string text = json (report);
  EXPECT_NE (
      text.find (
          "  \"memory\": {\n    \"seen\": 68, \"accounted\": 83, \"unaccounted\": -15,\n"
          "    \"base\": 5, \"leased\": 70, \"programs\": 8, \"spilled\": 9,\n"
          "    \"allowed\": 100, \"holders\": [\n      {\"holder\": \"sort \\\"s\\\"\", \"peak\": 65}\n    ]\n  },\n"),
      std::string::npos)
      << text;
}
