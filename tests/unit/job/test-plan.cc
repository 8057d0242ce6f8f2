/* From groups to a checked plan: the graph, sinks, run settings, uses; each mistake word for word. */
#include "job-test.h"
#include "../../../pipeline/job/describe.h"
#include "../../../pipeline/job/plan-memory.h"
#include "../../../pipeline/job/plan-run.h"

#include <unistd.h>

namespace
{

/* "label<input" of every node, in the plan's order. */
std::string
shape (const PlPlan *plan)
{
  std::string text;
  for (guint i = 0; plan != nullptr && i < plan->nodes->len; i++)
    {
      auto node = static_cast<PlNode *> (g_ptr_array_index (plan->nodes, i));
      EXPECT_EQ (node->index, i);
      text += std::string (i > 0 ? ", " : "") + node->label;
      if (node->n_inputs > 0)
        text += std::string ("<") + node->inputs[0]->label;
    }
  return text;
}

std::string
shape_of (const std::string &text)
{
  JobTest test (text);
  test.build ();
  EXPECT_EQ (test.said (), "");
  return shape (test.plan);
}

std::string
said (const std::string &text)
{
  JobTest test (text);
  test.build ();
  return test.said ();
}

const std::string A = "[source a]\npath = a.csv\n";

const PlSink *
sink_of (const PlPlan *plan)
{
  return static_cast<PlNode *> (g_ptr_array_index (plan->nodes, plan->nodes->len - 1))->sink;
}

TEST (Graph, FlowsFromEachGroupToTheNext)
{
  EXPECT_EQ (shape_of (A + "[limit x]\nrows = 1\n[limit y]\nrows = 2\n[sink s]\npath = o.csv\n"),
             "source a, limit x<source a, limit y<limit x, sink s<limit y");
  EXPECT_EQ (
      shape_of (A + "[limit x]\nrows = 1\n[sink s]\npath = o.csv\n[limit y]\nrows = 2\n[sink t]\npath = p.csv\n"),
      "source a, limit x<source a, sink s<limit x, limit y<limit x, sink t<limit y");
  EXPECT_EQ (shape_of (A + "[sink s]\npath = o.csv\n[source b]\npath = b.csv\n[sink t]\npath = p.csv\n"),
             "source a, sink s<source a, source b, sink t<source b");
}

TEST (Graph, TakesWhatInputNames)
{
  EXPECT_EQ (
      shape_of (
          A
          + "[limit x]\nrows = 1\n[limit y]\nrows = 2\ninput = a\n[sink s]\npath = o.csv\n[sink t]\npath = p.csv\n"
            "input = x\n"),
      "source a, limit x<source a, limit y<source a, sink s<limit y, sink t<limit x");
  EXPECT_EQ (shape_of ("[sink s]\npath = o.csv\ninput = x\n" + A + "[limit x]\nrows = 1\n"),
             "source a, limit x<source a, sink s<limit x");
}

TEST (Graph, PrintsTheLastStageWithoutASink)
{
  EXPECT_EQ (shape_of (A + "[limit x]\nrows = 1\n"), "source a, limit x<source a, sink<limit x");
  EXPECT_EQ (shape_of (A), "source a, sink<source a");
}

TEST (Graph, ImpliedSinkIsATableOnATerminalOnly)
{
  JobTest pipe (A), terminal (A);
  EXPECT_STREQ (sink_of (pipe.build (FALSE))->format.format->name, "csv");
  EXPECT_STREQ (sink_of (terminal.build (TRUE))->format.format->name, "table");
  EXPECT_STREQ (sink_of (pipe.plan)->path, "-");
}

TEST (Graph, SaysWhatGoesNowhereAndLeavesItOut)
{
  JobTest test (A + "[sink s]\npath = o.csv\n[limit x]\nrows = 1\n[source b]\npath = b.csv\n");
  test.build ();
  EXPECT_EQ (test.said (), "job.ini:5:1: warning: the rows of [limit x] go nowhere; add a [sink] for them\n"
                           "job.ini:7:1: warning: nothing reads [source b]\n");
  EXPECT_EQ (shape (test.plan), "source a, sink s<source a");
}

TEST (Graph, RefusesCycles)
{
  EXPECT_EQ (said (A + "[limit b]\nrows = 1\ninput = c\n[limit c]\nrows = 1\n"), "job.ini:5:9: cycle: b → c → b\n");
  EXPECT_EQ (said (A + "[limit b]\nrows = 1\ninput = b\n[sink s]\npath = o.csv\n"), "job.ini:5:9: cycle: b → b\n");
  EXPECT_EQ (said (A + "[limit b]\nrows = 1\ninput = d\n[limit c]\nrows = 1\n[limit d]\nrows = 1\n"),
             "job.ini:5:9: cycle: b → c → d → b\n");
}

TEST (Graph, RefusesWhatHangsInTheAir)
{
  EXPECT_EQ (said ("[limit b]\nrows = 1\n"), "job.ini: the job has no [source]; write [source NAME] and path = FILE\n");
  EXPECT_EQ (said (""), "job.ini: the job has no [source]; write [source NAME] and path = FILE\n");
  EXPECT_EQ (
      said ("[limit b]\nrows = 1\n" + A),
      "job.ini:1:1: nothing stands above [limit b]; put a [source] there, or say what it reads with input = NAME\n");
  EXPECT_EQ (said (A + "[limit b]\nrows = 1\ninput = aa\n"),
             "job.ini:5:9: no source or stage is named 'aa'; did you mean 'a'?\n");
  EXPECT_EQ (said (A + "[limit b]\nrows = 1\ninput = zebra\n"), "job.ini:5:9: no source or stage is named 'zebra'\n");
  EXPECT_EQ (said (A + "[sink s]\npath = o.csv\n[limit b]\nrows = 1\ninput = s\n"),
             "job.ini:7:9: [sink s] gives no rows; input names a source or a stage\n");
  EXPECT_EQ (said (A + "[limit a]\nrows = 1\n"),
             "job.ini:3:1: the name 'a' is taken by [source a] in line 1; sources and stages need different names\n");
}

TEST (Graph, ChecksWhatIsNotBehindAMistake)
{
  EXPECT_EQ (
      said (A + "[limit x]\nrwos = 1\n[limit y]\nrows = 2\n[limit z]\nrows = many\ninput = a\n[sink s]\npath =\n"),
      "job.ini:4:1: unknown key 'rwos' in [limit x]; did you mean 'rows'?\n"
      "job.ini:8:8: 'many' is not a whole number of at least 0\n"
      "job.ini:11:7: the path is empty; write a file, or - for stdout\n");
}

TEST (Sink, GoesByItsPath)
{
  JobTest test (
      A
      + "[sink s]\npath = out/o.tsv.GZ\nmode = append\nnull = NA\nfloat-format = %.2f\nquoting = all\nheader = no\n"
        "delimiter = pipe\n");
  const PlPlan *plan = test.build ();
  ASSERT_EQ (test.said (), "");
  const PlSink *sink = sink_of (plan);
  EXPECT_STREQ (sink->path, "folder/out/o.tsv.GZ");
  EXPECT_STREQ (sink->display, "out/o.tsv.GZ");
  EXPECT_STREQ (sink->format.format->name, "tsv");
  EXPECT_EQ (sink->compression, PL_COMPRESSION_GZIP);
  EXPECT_EQ (sink->mode, PL_OUTPUT_APPEND);
  EXPECT_STREQ (sink->format.null_text, "NA");
  EXPECT_STREQ (sink->format.float_format, "%.2f");
  EXPECT_EQ (sink->format.quoting, PlFormatOptions::PL_QUOTING_ALL);
  EXPECT_EQ (sink->format.header, FALSE);
  EXPECT_EQ (sink->format.delimiter, '|');
}

std::string
sink_said (const std::string &keys)
{
  return said (A + "[sink s]\n" + keys);
}

TEST (Sink, RefusesWhatItCannotDo)
{
  EXPECT_EQ (
      sink_said ("path = o.parquet\n"),
      "job.ini:4:8: the ending of 'o.parquet' tells no format; add format = NAME; there are: csv, jsonl, markdown, "
      "table, tsv\n");
  EXPECT_EQ (sink_said ("format = cvs\n"), "job.ini:4:10: unknown format 'cvs'; did you mean 'csv'?\n");
  EXPECT_EQ (sink_said ("format = parquet\n"),
             "job.ini:4:10: unknown format 'parquet'; there are: csv, jsonl, markdown, table, tsv\n");
  EXPECT_EQ (sink_said ("path = o.jsonl\ndelimiter = ;\n"),
             "job.ini:5:13: the format jsonl has no use for 'delimiter'; leave it out\n");
  EXPECT_EQ (sink_said ("delimiter = ab\n"),
             "job.ini:4:13: 'ab' is not a delimiter; write one character of ASCII that is no quote, or tab, comma, "
             "semicolon, pipe or space\n");
  EXPECT_EQ (sink_said ("header = perhaps\n"), "job.ini:4:10: 'perhaps' is not a flag; write true or false\n");
  EXPECT_EQ (sink_said ("quoting = al\n"), "job.ini:4:11: unknown quoting 'al'; did you mean 'all'?\n");
  EXPECT_EQ (sink_said ("compression = lzma\n"),
             "job.ini:4:15: unknown compression 'lzma'; there are: auto, none, gzip, zstd, bzip2, xz, lz4\n");
  EXPECT_EQ (sink_said ("mode = append\n"), "job.ini:4:8: stdout has no mode; leave it out, or write to a file\n");
}

TEST (Sink, SharesNoFile)
{
  EXPECT_EQ (sink_said ("path = o.csv\n[sink t]\npath = x/../o.csv\n"),
             "job.ini:6:8: 'x/../o.csv' gets the rows of [sink s] already; write to another file\n");
  EXPECT_EQ (sink_said ("[sink t]\npath = -\n"),
             "job.ini:5:8: '-' gets the rows of [sink s] already; write to another file\n");
  JobTest test (A + "[sink s]\npath = a.csv\n");
  test.add_source ("a", "folder/a.csv");
  test.build ();
  EXPECT_EQ (test.said (), "job.ini:4:8: 'a.csv' is an input, of [source a]; write to another file\n");
}

TEST (Sink, SeesThroughLinks)
{
  g_autofree char *folder = g_dir_make_tmp ("plan-XXXXXX", nullptr);
  std::string file = std::string (folder) + "/in.csv", link = std::string (folder) + "/out.csv";
  ASSERT_TRUE (g_file_set_contents (file.c_str (), "a\n", -1, nullptr));
  ASSERT_EQ (symlink ("in.csv", link.c_str ()), 0);
  JobTest test (A + "[sink s]\npath = " + link + "\n");
  test.add_source ("a", file.c_str ());
  test.build ();
  EXPECT_EQ (test.said (), "job.ini:4:8: '" + link + "' is an input, of [source a]; write to another file\n");
  EXPECT_EQ (unlink (link.c_str ()) + unlink (file.c_str ()) + rmdir (folder), 0);
}

TEST (Run, HasDefaults)
{
  JobTest test (A);
  const PlRunSettings *run = &test.build ()->run;
  EXPECT_EQ (run->mode, PL_MODE_THREADS);
  EXPECT_EQ (run->block_size, 262144u);
  EXPECT_GE (run->workers, 1u);
  EXPECT_LE (run->workers, static_cast<guint> (sysconf (_SC_NPROCESSORS_ONLN)));
  EXPECT_EQ (run->queue_depth, 8 * run->workers + 2);
  EXPECT_EQ (run->threads_per_process, 1u);
  EXPECT_EQ (run->retries, 3u);
  EXPECT_EQ (run->task_timeout, 0u);
  EXPECT_EQ (run->max_tasks_per_child, 0u);
  EXPECT_EQ (run->worker_memory_limit, 0u);
}

TEST (Run, IsRead)
{
  JobTest test (A
                + "[run]\nmode = processes\nworkers = 3\nthreads-per-process = 2\nblock-size = 7\nqueue-depth = 5\n"
                  "temp-directory = t\n");
  const PlRunSettings *run = &test.build ()->run;
  EXPECT_EQ (run->mode, PL_MODE_PROCESSES);
  EXPECT_EQ (run->workers, 3u);
  EXPECT_EQ (run->threads_per_process, 2u);
  EXPECT_EQ (run->block_size, 7u);
  EXPECT_EQ (run->queue_depth, 5u);
  PlLock lock;
  guint64 timeout;
  g_autoptr (GPtrArray) outputs = pl_plan_guards (test.job, &lock, &timeout);
  EXPECT_NE (outputs, nullptr);
  JobTest lasting (
      A + "[run]\nretries = 0\ntask-timeout = 1500ms\nmax-tasks-per-child = 9\nworker-memory-limit = 1GiB\n");
  run = &lasting.build ()->run;
  EXPECT_EQ (run->retries, 0u);
  EXPECT_EQ (run->task_timeout, 1500000u);
  EXPECT_EQ (run->max_tasks_per_child, 9u);
  EXPECT_EQ (run->worker_memory_limit, 1u << 30);
  JobTest serial (A + "[run]\nmode = serial\nworkers = 8\n");
  EXPECT_EQ (serial.build ()->run.workers, 1u);
}

TEST (Run, MakesBlocksFitIntoMemory)
{
  JobTest threads (A + "[run]\nworkers = 2\nmemory-limit = 80MiB\n");
  const PlRunSettings *run = &threads.build ()->run;
  EXPECT_EQ (run->block_size, 256u << 10);
  EXPECT_EQ (run->queue_depth, 18u);
  // 13 blocks of 256 KiB, three times, are 10 MiB: an eighth.
  JobTest processes (A + "[run]\nmode = processes\nworkers = 2\nmemory-limit = 80MiB\n");
  run = &processes.build ()->run;
  EXPECT_EQ (run->block_size, 256u << 10);
  EXPECT_EQ (run->queue_depth, 13u);
  EXPECT_EQ (pl_run_blocks (run), 10u << 20);
  EXPECT_EQ (pl_run_room (run), 76u << 20);
  EXPECT_EQ (pl_run_hand_over (run), (76 << 20) / 20);
  JobTest said (A
                + "[run]\nmode = processes\nworkers = 2\nmemory-limit = 80MiB\nblock-size = 2MiB\nqueue-depth = 30\n");
  run = &said.build ()->run;
  EXPECT_EQ (run->block_size, 2u << 20);
  EXPECT_EQ (run->queue_depth, 30u);
  JobTest none (A + "[run]\nmode = processes\nworkers = 2\nmemory-limit = none\n");
  run = &none.build ()->run;
  EXPECT_EQ (run->block_size, 1u << 20);
  EXPECT_EQ (run->queue_depth, 18u);
  EXPECT_EQ (pl_run_blocks (run), G_MAXUINT64);
  EXPECT_EQ (pl_run_hand_over (run), static_cast<gint64> (G_MAXUINT64 / 20));
}

TEST (Run, RefusesBlocksThatDoNotFit)
{
  EXPECT_EQ (
      said (A + "[run]\nworkers = 2\nmemory-limit = 80MiB\nblock-size = 16MiB\n"),
      "job.ini:6:14: block-size '16MiB' is too large: a block for each of 2 workers takes more than a quarter of "
      "memory-limit '80MiB'; set block-size to at most 10240KiB, or memory-limit higher\n");
}

TEST (Run, RefusesWhatItCannotDo)
{
  EXPECT_EQ (
      said (A + "[run]\nmode = thread\nworkers = 0\nblock-size = 2GiB\nqueue-depth = x\nthreads-per-process = auto\n"),
      "job.ini:4:8: unknown mode 'thread'; did you mean 'threads'?\n"
      "job.ini:5:11: workers '0' is not a whole number from 1 to 1024, or auto\n"
      "job.ini:6:14: block-size '2GiB' is not between 1 byte and 1GiB\n"
      "job.ini:7:15: queue-depth 'x' is not a whole number from 1 to 65536, or auto\n"
      "job.ini:8:23: threads-per-process 'auto' is not a whole number from 1 to 1024\n");
}

TEST (Run, RefusesLimitsNoWorkerCanKeep)
{
  EXPECT_EQ (said (A + "[run]\nretries = 101\ntask-timeout = 0\nmax-tasks-per-child = 0\nworker-memory-limit = 1MiB\n"),
             "job.ini:4:11: retries '101' is not a whole number from 0 to 100\n"
             "job.ini:5:16: task-timeout '0' is no time at all; leave the key out for no limit\n"
             "job.ini:6:23: max-tasks-per-child '0' is not a whole number from 1 to 1000000000\n"
             "job.ini:7:23: worker-memory-limit '1MiB' is less than 16MiB, which no worker can do with; leave the key "
             "out for no limit\n");
  EXPECT_EQ (said (A + "[run]\nretries = some\ntask-timeout = soon\nworker-memory-limit = lots\n"),
             "job.ini:4:11: retries 'some' is not a whole number from 0 to 100\n"
             "job.ini:5:16: task-timeout: 'soon' is not a time; write a whole number with ms, s, m, h or d, as in 30s\n"
             "job.ini:6:23: worker-memory-limit: 'lots' is not a size; write bytes, or a whole number with KiB, MiB or "
             "GiB, as in 64KiB\n");
}

TEST (Plan, CarriesUsesToTheSource)
{
  JobTest test (
      A
      + "[select s]\ncolumns = c; a\n[sink t]\npath = o.csv\n[sink u]\npath = o.jsonl\ninput = a\n[sink v]\npath = "
        "p.csv\ninput = a\n");
  const PlPlan *plan = test.build ();
  ASSERT_EQ (test.said (), "");
  auto source = static_cast<PlSource *> (g_ptr_array_index (test.sources, 0));
  /* jsonl wants values of numbers and texts of strings; CSV wants texts. */
  EXPECT_EQ (source->uses[0], PL_USE_TEXT | PL_USE_VALUE);
  EXPECT_EQ (source->uses[1], PL_USE_TEXT);
  EXPECT_EQ (source->uses[2], PL_USE_TEXT | PL_USE_VALUE);
  EXPECT_EQ (static_cast<PlNode *> (g_ptr_array_index (plan->nodes, 0))->consumers->len, 3u);
  JobTest part (A + "[select s]\ncolumns = c\n[sink t]\npath = o.csv\n");
  part.build ();
  source = static_cast<PlSource *> (g_ptr_array_index (part.sources, 0));
  EXPECT_EQ (source->uses[0], PL_USE_NONE);
  EXPECT_EQ (source->uses[2], PL_USE_TEXT);
}

TEST (Plan, DescribesItself)
{
  JobTest test (
      "[job]\nname = j\n" + A
      + "[limit x]\nrows = 1\n[sink s]\npath = o.csv.gz\n[sink t]\ninput = a\nformat = jsonl\n[run]\nworkers = 2\n");
  ASSERT_NE (test.build (), nullptr);
  g_autofree char *text = pl_plan_describe (test.plan);
  EXPECT_STREQ (text, "job j\n"
                      "run: threads, 2 workers, blocks of 256 KiB, 18 in flight\n"
                      "\n"
                      "source a: a.csv; reads 3 of 3 columns: a int, b string, c float\n"
                      "├─ limit x (reduce): a int, b string, c float\n"
                      "│  └─ sink s: o.csv.gz, csv, gzip\n"
                      "└─ sink t: stdout, jsonl\n");
}

} // namespace
