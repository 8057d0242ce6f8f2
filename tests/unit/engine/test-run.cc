/* Whole jobs: the same bytes and the same failure from every mode, number of workers and block size.
 *
 * This program is its own worker process: started as `test-engine worker 3`, it never reaches GoogleTest. With
 * DYING_WORKER naming a file, the first one to create it gives up the ghost at its first block; with "all", every one
 * does. */
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/engine/run.h"
#include "../../../pipeline/processes/wire.h"
#include "support.h"
#include "../../../pipeline/base/error-bytes.h"
#include "../../../pipeline/engine/infer.h"
#include "../../../pipeline/processes/worker-main.h"
#include <csignal>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/wait.h>
#include <vector>

namespace
{

[[noreturn]] void
die_at_first_block (int fd)
{
  PlMessageKind kind;
  g_auto (PlBuffer) in = PL_BUFFER_INIT;
  g_auto (PlBuffer) ready = PL_BUFFER_INIT;
  pl_error_put (&ready, nullptr);
  while (pl_wire_receive (fd, &kind, &in, nullptr))
    if (kind == PL_MESSAGE_PLAN)
      pl_wire_send (fd, PL_MESSAGE_READY, &ready, -1);
    else if (kind == PL_MESSAGE_BLOCK)
      {
        if (strcmp (getenv ("DYING_WORKER"), "all") != 0)
          close (open ((std::string (getenv ("DYING_WORKER")) + ".killed").c_str (), O_CREAT | O_WRONLY, 0600));
        raise (SIGKILL);
      }
  _exit (0);
}

__attribute__ ((constructor)) void
be_a_worker (int argc, char **argv, char **)
{
  if (argc != 3 || strcmp (argv[1], "worker") != 0)
    return;
  int fd = atoi (argv[2]);
  const char *dying = getenv ("DYING_WORKER");
  if (dying != nullptr && (strcmp (dying, "all") == 0 || open (dying, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0))
    die_at_first_block (fd);
  _exit (pl_worker_main (fd));
}

struct Setting
{
  const char *mode;
  guint workers;
  const char *block_size;
};

const std::vector<Setting> settings
    = {{"serial", 1, "4MiB"},    {"serial", 1, "1"},      {"serial", 1, "7"},     {"threads", 1, "64"},
       {"threads", 2, "1"},      {"threads", 3, "7"},     {"threads", 8, "64"},   {"threads", 3, "4MiB"},
       {"threads", 2, "1000"},   {"processes", 1, "7"},   {"processes", 2, "64"}, {"processes", 3, "1"},
       {"processes", 2, "4MiB"}, {"processes", 8, "1000"}};

struct Result
{
  bool ok = false;
  int domain = 0, code = 0;
  std::string message;
  guint passes = 0, deaths = 0, retired = 0;
};

std::string
issues_text (PlIssues *issues)
{
  std::string text;
  const GPtrArray *list = pl_issues_list (issues);
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *line = pl_issues_format (static_cast<const PlIssue *> (g_ptr_array_index (list, i)));
      text += line;
      text += '\n';
    }
  return text;
}

Result
run (const support::Folder &folder, const std::string &job, const Setting &setting, const std::string &more = "",
     gint *cancelled = nullptr)
{
  Result result;
  std::string text = job + "\n[run]\nmode = " + setting.mode + "\nworkers = " + std::to_string (setting.workers)
                     + "\nblock-size = " + setting.block_size + "\n" + more;
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (GError) error = nullptr;
  g_autoptr (PlJob) parsed
      = pl_job_parse (text.data (), text.size (), "test.ini", folder.path.c_str (), nullptr, issues);
  if (parsed == nullptr)
    {
      result.message = issues_text (issues);
      return result;
    }
  GPtrArray *sources = pl_plan_open_sources (parsed, issues, &error);
  PlRunOptions options{};
  PlRunSummary *summary = nullptr;
  options.cancelled = cancelled;
  if (sources != nullptr)
    {
      result.ok = pl_run (parsed, sources, &options, &summary, issues, &error);
      g_ptr_array_unref (sources);
    }
  result.message = error != nullptr ? error->message : issues_text (issues);
  result.domain = error != nullptr ? (int) error->domain : 0;
  result.code = error != nullptr ? error->code : 0;
  if (summary != nullptr)
    {
      result.passes = summary->passes;
      result.deaths = summary->deaths;
      result.retired = summary->retired;
    }
  pl_run_summary_free (summary);
  EXPECT_EQ (waitpid (-1, nullptr, WNOHANG), -1) << "a worker process was left";
  return result;
}

std::string
describe (const Setting &setting)
{
  return std::string (setting.mode) + ", " + std::to_string (setting.workers) + " workers, blocks of "
         + setting.block_size;
}

void
expect_output (const support::Folder &folder, const std::string &job, const std::string &expected, guint passes = 1)
{
  for (const Setting &setting : settings)
    {
      SCOPED_TRACE (describe (setting));
      std::filesystem::remove (folder.path / "out.csv");
      Result result = run (folder, job, setting);
      ASSERT_TRUE (result.ok) << result.message;
      EXPECT_EQ (folder.read ("out.csv"), expected);
      EXPECT_EQ (result.passes, passes);
    }
}

void
expect_failure (const support::Folder &folder, const std::string &job, GQuark domain, int code,
                const std::string &message)
{
  for (const Setting &setting : settings)
    {
      SCOPED_TRACE (describe (setting));
      Result result = run (folder, job, setting);
      ASSERT_FALSE (result.ok);
      EXPECT_EQ (result.message, message);
      EXPECT_EQ (result.domain, (int) domain);
      EXPECT_EQ (result.code, code);
      EXPECT_FALSE (folder.has ("out.csv"));
    }
}

/* 300 rows: id from 0, a quoted text with a line end in every fifth, value = id * 7 mod 100. */
std::string
table (guint n = 300)
{
  std::string text = "id,name,value\n";
  for (guint i = 0; i < n; i++)
    text += std::to_string (i) + (i % 5 == 0 ? ",\"a\n\"\"b\"\"\"," : ",plain,") + std::to_string (i * 7 % 100) + "\n";
  return text;
}

std::string
table_where_value_above (guint limit)
{
  std::string text = "id,name,value\n";
  for (guint i = 0; i < 300; i++)
    if (i * 7 % 100 > limit)
      text
          += std::to_string (i) + (i % 5 == 0 ? ",\"a\n\"\"b\"\"\"," : ",plain,") + std::to_string (i * 7 % 100) + "\n";
  return text;
}

const char *const source = "[source in]\npath = in.csv\n";
const char *const sink = "[sink out]\npath = out.csv\n";

TEST (Run, MapOnlyJobsKeepTheOrder)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  expect_output (folder, std::string (source) + "[filter some]\nwhere = value > 60\n" + sink,
                 table_where_value_above (60));
}

TEST (Run, CompressedInputsGiveTheSame)
{
  support::Folder folder;
  std::string text = table ();
  GConverter *gzip = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  std::string packed (text.size () + 100, 0);
  gsize read = 0, written = 0;
  g_converter_convert (gzip, text.data (), text.size (), packed.data (), packed.size (), G_CONVERTER_INPUT_AT_END,
                       &read, &written, nullptr);
  g_object_unref (gzip);
  ASSERT_EQ (read, text.size ());
  folder.write ("in.csv.gz", packed.substr (0, written));
  expect_output (folder, std::string ("[source in]\npath = in.csv.gz\n[filter some]\nwhere = value > 60\n") + sink,
                 table_where_value_above (60));
}

TEST (Run, SeveralFilesAreOneInput)
{
  support::Folder folder;
  folder.write ("part-1.csv", "id\n1\n2");
  folder.write ("part-2.csv", "id\n3\n");
  folder.write ("part-3.csv", "id\n");
  folder.write ("part-4.csv", "id\r\n4\r\n5\r\n");
  expect_output (folder, std::string ("[source in]\npath = part-*.csv\n") + sink, "id\n1\n2\n3\n4\n5\n");
}

TEST (Run, ReduceStagesFeedTheNextSegment)
{
  support::Folder folder;
  folder.write ("in.csv", "k,v\nb,1\na,2\nb,3\nc,4\na,5\n");
  expect_output (folder,
                 std::string (source) + "[group-by sums]\nby = k\nsum = sum(v)\n[sort worst]\nby = sum desc; k\n"
                     + "[limit two]\nrows = 2\n" + sink,
                 "k,sum\na,7\nb,4\n");
}

TEST (Run, BranchesSeeTheSameRows)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  std::string job = std::string (source) + "[filter high]\nwhere = value > 60\n" + sink
                    + "[filter low]\ninput = in\nwhere = value <= 60\n[sink low]\npath = low.csv\n";
  expect_output (folder, job, table_where_value_above (60));
  std::string low = folder.read ("low.csv");
  EXPECT_EQ (low.size () + table_where_value_above (60).size (), table ().size () + strlen ("id,name,value\n"));
}

TEST (Run, TheFirstFailureByPositionIsReported)
{
  support::Folder folder;
  /* Row 150 fails in the second stage, row 200 in the first, row 250 in the reader. */
  std::string text = "id,a,b\n";
  for (guint i = 1; i <= 300; i++)
    text += std::to_string (i) + (i == 200 ? ",x" : ",1") + (i == 150 ? ",y" : ",2") + (i == 250 ? ",ragged\n" : "\n");
  folder.write ("in.csv", text);
  std::string job = "[source in]\npath = in.csv\ntypes = a:string; b:string\n[derive one]\nc = cast(a as int)\n"
                    "[derive two]\nd = cast(b as int)\n"
                    + std::string (sink);
  Result first = run (folder, job, settings[0]);
  EXPECT_NE (first.message.find ("in.csv:151: "), std::string::npos) << first.message;
  EXPECT_NE (first.message.find ("'y'"), std::string::npos) << first.message;
  expect_failure (folder, job, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, first.message);
}

TEST (Run, ContradictedTypesAreWidenedAndTheRunStartsAgain)
{
  support::Folder folder;
  /* The sample that types are guessed from ends long before the last row. */
  std::string text = "n,m\n", expected;
  for (guint i = 0; i < 9000; i++)
    text += std::to_string (i) + ",1234567\n";
  text += "abc,1\n";
  folder.write ("in.csv", text);
  for (const Setting &setting :
       std::vector<Setting>{{"serial", 1, "4MiB"}, {"threads", 3, "1000"}, {"processes", 2, "4KiB"}})
    {
      SCOPED_TRACE (describe (setting));
      Result result
          = run (folder, std::string (source) + "[filter all]\nwhere = m > 0 and n is not null\n" + sink, setting);
      ASSERT_TRUE (result.ok) << result.message;
      EXPECT_EQ (folder.read ("out.csv"), text);
      EXPECT_EQ (result.passes, 2u);
    }
}

TEST (Run, AJobThatWidenedTypesBreakSaysWhy)
{
  support::Folder folder;
  std::string text = "n,m\n";
  for (guint i = 0; i < 9000; i++)
    text += std::to_string (i) + ",1234567\n";
  text += "abc,1\n";
  folder.write ("in.csv", text);
  Result result
      = run (folder, std::string (source) + "[filter some]\nwhere = n + 1 > 0\n" + sink, {"threads", 2, "4KiB"});
  EXPECT_FALSE (result.ok);
  EXPECT_NE (result.message.find ("column types were widened: "), std::string::npos) << result.message;
  EXPECT_NE (result.message.find ("in.csv:9002"), std::string::npos) << result.message;
  EXPECT_FALSE (folder.has ("out.csv"));
}

TEST (Run, WhatLiesBehindALimitDoesNotCount)
{
  support::Folder folder;
  folder.write ("in.csv", "a,b\n1,2\n3,4\n5,6\n7\n8,9\n");
  expect_output (folder, std::string (source) + "[limit few]\nrows = 3\n" + sink, "a,b\n1,2\n3,4\n5,6\n");
  expect_output (folder, std::string (source) + "limit = 2\n" + sink, "a,b\n1,2\n3,4\n");
}

TEST (Run, WhatALimitNeedsCounts)
{
  support::Folder folder;
  folder.write ("in.csv", "a,b\n1,2\n3,4\n5,6\n7\n8,9\n");
  std::string job = std::string (source) + "[limit few]\nrows = 4\n" + sink;
  Result first = run (folder, job, settings[0]);
  EXPECT_NE (first.message.find ("in.csv:5: "), std::string::npos) << first.message;
  expect_failure (folder, job, PL_DATA_ERROR, PL_DATA_ERROR_BAD_ROW, first.message);
}

TEST (Run, RejectedRowsGoToTheirFileInOrder)
{
  support::Folder folder;
  folder.write ("in.csv", "a,b\n1,2\n3\n5,\"6\n7,8,9\n");
  folder.write ("in.csv", "a,b\n1,2\n3\n5,6\n7,8,9\n");
  std::string job = std::string (source) + "on-bad-row = quarantine\nrejects = bad.csv\n" + sink;
  std::string first;
  for (const Setting &setting : settings)
    {
      SCOPED_TRACE (describe (setting));
      Result result = run (folder, job, setting);
      ASSERT_TRUE (result.ok) << result.message;
      EXPECT_EQ (folder.read ("out.csv"), "a,b\n1,2\n5,6\n");
      std::string bad = folder.read ("bad.csv");
      EXPECT_EQ (bad.substr (0, 55), "file,line,offset,column,reason,raw,raw_cut,raw_escaped\n");
      EXPECT_NE (bad.find ("in.csv,3,8,,"), std::string::npos) << bad;
      EXPECT_EQ (bad.substr (bad.size () - 21), ",\"7,8,9\",false,false\n");
      if (first.empty ())
        first = bad;
      EXPECT_EQ (bad, first);
    }
}

TEST (Run, NoRejectsNoFile)
{
  support::Folder folder;
  folder.write ("in.csv", "a,b\n1,2\n");
  Result result
      = run (folder, std::string (source) + "on-bad-row = quarantine\nrejects = bad.csv\n" + sink, settings[7]);
  EXPECT_TRUE (result.ok) << result.message;
  EXPECT_FALSE (folder.has ("bad.csv"));
}

TEST (Run, TooManyRejectsFailTheRun)
{
  support::Folder folder;
  folder.write ("in.csv", "a,b\n1,2\n3\n5,6\n7,8,9\n");
  std::string job = std::string (source) + "on-bad-row = skip\nmax-bad-rows = ";
  expect_failure (folder, job + "1\n" + sink, PL_DATA_ERROR, PL_DATA_ERROR_THRESHOLD,
                  "2 of 4 rows of [source in] were rejected; max-bad-rows allows 1");
  expect_failure (folder, job + "40%\n" + sink, PL_DATA_ERROR, PL_DATA_ERROR_THRESHOLD,
                  "2 of 4 rows of [source in] were rejected; max-bad-rows allows 40%");
  expect_output (folder, job + "50%\n" + sink, "a,b\n1,2\n5,6\n");
}

TEST (Run, QueueDepthAndThreadsPerProcessChangeNothing)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  std::string job = std::string (source) + "[filter some]\nwhere = value > 60\n" + sink;
  for (const char *more : {"queue-depth = 1\n", "queue-depth = 50\n", "threads-per-process = 3\n"})
    for (const char *mode : {"threads", "processes"})
      {
        SCOPED_TRACE (std::string (mode) + " " + more);
        Result result = run (folder, job, {mode, 2, "64"}, more);
        ASSERT_TRUE (result.ok) << result.message;
        EXPECT_EQ (folder.read ("out.csv"), table_where_value_above (60));
      }
}

TEST (Run, ADeadWorkerIsReplacedAndItsBlockDoneAgain)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  std::string mark = (folder.path / "dead").string ();
  setenv ("DYING_WORKER", mark.c_str (), 1);
  for (guint workers : {1u, 3u})
    for (const char *more : {"", "threads-per-process = 3\n"})
      {
        std::filesystem::remove (mark);
        std::filesystem::remove (mark + ".killed");
        Result result = run (folder, std::string (source) + "[filter some]\nwhere = value > 60\n" + sink,
                             {"processes", workers, "64"}, more);
        EXPECT_TRUE (result.ok) << result.message;
        EXPECT_TRUE (folder.has ("dead"));
        EXPECT_EQ (folder.read ("out.csv"), table_where_value_above (60));
        /* Of several workers, the others may have been faster with all blocks. */
        bool has_died = workers == 1 || folder.has ("dead.killed");
        EXPECT_GE (result.deaths, has_died ? 1u : 0u);
      }
  unsetenv ("DYING_WORKER");
}

TEST (Run, WorkersThatAllDieFailTheRunAndHangNothing)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  setenv ("DYING_WORKER", "all", 1);
  for (guint workers : {1u, 3u})
    {
      for (const char *more : {"retries = 0\n", "retries = 2\n"})
        {
          Result result = run (folder, std::string (source) + sink, {"processes", workers, "64"}, more);
          EXPECT_FALSE (result.ok);
          EXPECT_EQ (result.domain, (int) PL_WORKER_ERROR);
          EXPECT_EQ (result.code, PL_WORKER_ERROR_DIED);
          std::string end = "in.csv, bytes 14–77); ";
          end += strchr (more, '2') != nullptr ? "so did every other that tried"
                                               : "retries = 0 allows no other attempt";
          EXPECT_EQ (result.message.find ("worker process "), 0u) << result.message;
          EXPECT_NE (result.message.find (" was killed by signal 9 while it held block 1 ("), std::string::npos)
              << result.message;
          EXPECT_NE (result.message.find (end), std::string::npos) << result.message;
          EXPECT_FALSE (folder.has ("out.csv"));
        }
    }
  unsetenv ("DYING_WORKER");
}

TEST (Run, WorkersMakeWayForOthers)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  std::string job = std::string (source) + "[group-by g]\nby = value\nn = count()\nfirst = first(id)\n" + sink;
  ASSERT_TRUE (run (folder, job, {"serial", 1, "64"}).ok);
  std::string expected = folder.read ("out.csv");
  for (const char *more :
       {"max-tasks-per-child = 1\n", "max-tasks-per-child = 7\n", "max-tasks-per-child = 2\nthreads-per-process = 2\n"})
    for (guint workers : {1u, 3u})
      {
        SCOPED_TRACE (std::string (more) + std::to_string (workers));
        Result result = run (folder, job, {"processes", workers, "300"}, more);
        ASSERT_TRUE (result.ok) << result.message;
        EXPECT_EQ (folder.read ("out.csv"), expected);
        EXPECT_EQ (result.deaths, 0u);
        EXPECT_GE (result.retired, workers == 1 ? 1u : 0u);
      }
}

TEST (Run, ACancelledRunStops)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  for (const Setting &setting : settings)
    {
      SCOPED_TRACE (describe (setting));
      gint cancelled = 1;
      Result result = run (folder, std::string (source) + sink, setting, "", &cancelled);
      EXPECT_FALSE (result.ok);
      EXPECT_EQ (result.domain, (int) PL_WORKER_ERROR);
      EXPECT_EQ (result.code, PL_WORKER_ERROR_CANCELLED);
      EXPECT_FALSE (folder.has ("out.csv"));
    }
}

TEST (Run, ACancelledInferenceStops)
{
  support::Folder folder;
  folder.write ("in.csv", table ());
  const std::string text = source;
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (GError) error = nullptr;
  g_autoptr (PlJob) job = pl_job_parse (text.data (), text.size (), "test.ini", folder.path.c_str (), nullptr, issues);
  GPtrArray *sources = pl_plan_open_sources (job, issues, &error);
  ASSERT_NE (sources, nullptr) << issues_text (issues);
  g_autoptr (PlPlan) plan = pl_plan_build (job, sources, FALSE, issues);
  gint cancelled = 1;
  EXPECT_FALSE (pl_infer ((PlSource *) sources->pdata[0], &plan->run, NULL, &cancelled, &error));
  EXPECT_TRUE (g_error_matches (error, PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED));
  g_ptr_array_unref (sources);
}

} // namespace
