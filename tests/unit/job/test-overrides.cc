/* --set, PIPELINE_*, --var and ${…}: who wins, what they may name, and each mistake word for word. */
#include "job-test.h"

namespace
{

const char *const BASE = "[source flights]\n"
                         "path = x.csv\n"
                         "[derive d]\n"
                         "speed = 1\n"
                         "[run]\n"
                         "workers = 1\n";

TEST (Overrides, GoCommandLineEnvironmentFileDefault)
{
  EXPECT_EQ (JobTest (BASE).get ("run", "workers"), "1");
  EXPECT_EQ (JobTest (BASE, {}, {}, {"PIPELINE_RUN_WORKERS=2"}).get ("run", "workers"), "2");
  EXPECT_EQ (JobTest (BASE, {"run.workers=3"}, {}, {"PIPELINE_RUN_WORKERS=2"}).get ("run", "workers"), "3");
  EXPECT_EQ (JobTest (BASE, {"run.workers=3", "run.workers = 4 "}).get ("run", "workers"), "4");
  EXPECT_EQ (JobTest (BASE).get ("run", "mode"), "(no key)");
  EXPECT_EQ (JobTest ("", {}, {}, {"PIPELINE_RUN_BLOCK_SIZE=7"}).get ("run", "block-size"), "7");
  EXPECT_EQ (JobTest ("", {"run.block-size=7"}).get ("run", "block-size"), "7");
}

TEST (Overrides, TellWhereTheyCameFrom)
{
  JobTest test (BASE, {"source flights.path=y=z.csv", "derive.\"a.b = c\"=2"}, {}, {"PIPELINE_RUN_WORKERS=2"});
  EXPECT_EQ (test.said (), "");
  EXPECT_EQ (test.written (), "source flights@1 path=<y=z.csv>@--set source flights.path:0:0\n"
                              "derive d@3 speed=<1>@job.ini:4:9 \"a.b = c\"=<2>@--set derive.\"a.b = c\":0:0\n"
                              "run @5 workers=<2>@PIPELINE_RUN_WORKERS:0:0\n");
}

TEST (Overrides, ReachNamedGroups)
{
  EXPECT_EQ (JobTest (BASE, {"source.path=y.csv"}).get ("source", "path"), "y.csv");
  EXPECT_EQ (JobTest (BASE, {}, {}, {"PIPELINE_SOURCE_FLIGHTS_PATH=y.csv"}).get ("source", "path"), "y.csv");
  EXPECT_EQ (JobTest (BASE, {}, {}, {"PIPELINE_DERIVE_D_SPEED=2"}).get ("derive", "speed"), "2");
  EXPECT_EQ (JobTest (BASE, {}, {}, {"PIPELINE_SOURCE_FLIGHTS_NULL_VALUES=NA"}).get ("source", "null-values"), "NA");
  EXPECT_EQ (JobTest ("[source my-flights v2.0]\npath = x\n", {"source my-flights v2.0.path=y"}).get ("source", "path"),
             "y");
  EXPECT_EQ (JobTest ("[source my-flights v2.0]\npath = x\n", {}, {}, {"PIPELINE_SOURCE_MY_FLIGHTS_V2_0_PATH=y"})
                 .get ("source", "path"),
             "y");
}

std::string
set_said (const char *set)
{
  return JobTest (std::string (BASE) + "[source other]\npath = z.csv\n", {set}).said ();
}

TEST (Overrides, RefuseWhatTheyCannotSet)
{
  EXPECT_EQ (set_said ("workers=2"), "--set: 'workers=2' is not GROUP.KEY=VALUE, as in run.workers=4\n");
  EXPECT_EQ (set_said ("run.workers"), "--set: 'run.workers' is not GROUP.KEY=VALUE, as in run.workers=4\n");
  EXPECT_EQ (set_said (".workers=2"), "--set: '.workers=2' is not GROUP.KEY=VALUE, as in run.workers=4\n");
  EXPECT_EQ (set_said ("run.=2"), "--set: 'run.=2' is not GROUP.KEY=VALUE, as in run.workers=4\n");
  EXPECT_EQ (set_said ("derive d.\"x=2"), "--set: 'derive d.\"x=2' is not GROUP.KEY=VALUE, as in run.workers=4\n");
  EXPECT_EQ (set_said ("run.wrokers=2"),
             "--set run.wrokers: unknown key 'wrokers' in [run]; did you mean 'workers'?\n");
  EXPECT_EQ (set_said ("source.path=2"),
             "--set source.path: there are several [source …] groups; say which, as in 'source other.KEY=VALUE'\n");
  EXPECT_EQ (set_said ("source flihgts.path=2"),
             "--set source flihgts.path: the job has no group [source flihgts]; did you mean [source flights]?\n");
  EXPECT_EQ (set_said ("sort.by=a"), "--set sort.by: the job has no group [sort]\n");
}

TEST (Overrides, NoticeSlipsInTheEnvironmentOnly)
{
  EXPECT_EQ (JobTest (BASE, {}, {}, {"PIPELINE_RUN_WORKRES=2"}).said (),
             "PIPELINE_RUN_WORKRES: no setting has this name; did you mean PIPELINE_RUN_WORKERS?\n");
  EXPECT_EQ (
      JobTest (BASE, {}, {}, {"PIPELINE_PROGRAM=/bin/x", "PIPELINE_VERSION=3", "PATH=/bin", "PIPELINE_"}).said (), "");
}

TEST (Variables, ComeFromTheCommandLineThenTheFile)
{
  const char *text = "[vars]\nday = 2001-01-31\n[source s]\npath = in/${day}/${day}.csv\n";
  EXPECT_EQ (JobTest (text).get ("source", "path"), "in/2001-01-31/2001-01-31.csv");
  EXPECT_EQ (JobTest (text, {}, {"day=x"}).get ("source", "path"), "in/x/x.csv");
  EXPECT_EQ (JobTest ("[source s]\npath = ${x}.csv\n", {}, {"x=a=b"}).get ("source", "path"), "a=b.csv");
  EXPECT_EQ (JobTest (text, {"source.path=${day}"}).get ("source", "path"), "2001-01-31");
}

TEST (Variables, UseEachOther)
{
  EXPECT_EQ (JobTest ("[source s]\npath = ${c}\n[vars]\na = 1\nc = ${b}${b}\nb = ${a}-\n").get ("source", "path"),
             "1-1-");
}

TEST (Variables, AreEscapedByASecondDollar)
{
  EXPECT_EQ (JobTest ("[source s]\npath = $${x} $5 $$ ${y}$\n[vars]\ny = $${z}\n").get ("source", "path"),
             "${x} $5 $$ ${z}$");
}

TEST (Variables, KnowTheJobAndTheClock)
{
  g_autoptr (GDateTime) before = g_date_time_new_now_local ();
  JobTest test ("[job]\nname = n-${today}\n[vars]\nt = ${today}\ny = ${yesterday}\nn = ${now}\nj = ${job}\n");
  g_autoptr (GDateTime) after = g_date_time_new_now_local ();
  g_autofree char *first = g_date_time_format (before, "%Y-%m-%d");
  g_autofree char *second = g_date_time_format (after, "%Y-%m-%d");
  std::string today = test.get ("vars", "t"), now = test.get ("vars", "n");
  EXPECT_TRUE (today == first || today == second) << today;
  EXPECT_TRUE (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$", now.c_str (),
                                     GRegexCompileFlags (0), GRegexMatchFlags (0)))
      << now;
  EXPECT_EQ (now.substr (0, 10), today);
  g_autoptr (GDateTime) earlier = g_date_time_add_days (today == first ? before : after, -1);
  g_autofree char *yesterday = g_date_time_format (earlier, "%Y-%m-%d");
  EXPECT_EQ (test.get ("vars", "y"), yesterday);
  EXPECT_EQ (test.get ("vars", "j"), "n-" + today);
  EXPECT_STREQ (test.job->name, ("n-" + today).c_str ());
  EXPECT_EQ (JobTest ("[vars]\nx = ${job}\n").get ("vars", "x"), "job");
  EXPECT_EQ (JobTest ("[vars]\nx = ${today}\n", {}, {"today=1999-12-31"}).get ("vars", "x"), "1999-12-31");
}

std::string
value_said (const char *value, const char *vars = "")
{
  return JobTest (std::string ("[source s]\npath = ") + value + "\n[vars]\n" + vars).said ();
}

TEST (Variables, RefuseWhatTheyCannotReplace)
{
  EXPECT_EQ (value_said ("é/${todya}"),
             "job.ini:2:10: unknown variable 'todya'; did you mean 'today'?\n    é/${todya}\n      ^\n");
  EXPECT_EQ (value_said ("${x}"),
             "job.ini:2:8: unknown variable 'x'; set it in [vars] or with --var x=VALUE\n    ${x}\n    ^\n");
  EXPECT_EQ (value_said ("a${x"),
             "job.ini:2:9: '}' is missing behind '${'; write $${ for the characters themselves\n    a${x\n     ^\n");
  EXPECT_EQ (
      value_said ("${}"),
      "job.ini:2:8: '' is not a variable's name; write $${ for the characters '${' themselves\n    ${}\n    ^\n");
  EXPECT_EQ (
      value_said ("${a b}"),
      "job.ini:2:8: 'a b' is not a variable's name; write $${ for the characters '${' themselves\n    ${a b}\n    ^\n");
  EXPECT_EQ (value_said ("${a}", "a = ${b}\nb = ${c}\nc = ${b}\n"),
             "job.ini:6:5: variables use each other in a circle: b → c → b\n    ${b}\n    ^\n");
  EXPECT_EQ (value_said ("x", "a = ${a}\n"),
             "job.ini:4:5: variables use each other in a circle: a → a\n    ${a}\n    ^\n");
  EXPECT_EQ (JobTest ("[job]\nname = x${job}\n").said (),
             "job.ini:2:9: variables use each other in a circle: job → job\n    x${job}\n     ^\n");
}

TEST (Variables, DoNotGrowWithoutEnd)
{
  std::string vars = "v0 = 0123456789abcdef\n";
  for (int i = 1; i < 40; i++)
    vars += "v" + std::to_string (i) + " = ${v" + std::to_string (i - 1) + "}${v" + std::to_string (i - 1) + "}\n";
  EXPECT_EQ (value_said ("x", vars.c_str ()),
             "job.ini:21:7: the value of 'v17' is longer than 1 MiB when its variables are replaced\n");
}

TEST (Variables, MustBeUsedWhenGiven)
{
  const char *text = "[vars]\nday = 1\n[source s]\npath = ${day}\n";
  EXPECT_EQ (JobTest (text, {}, {"dya=2"}).said (),
             "--var dya: no value of the job uses ${dya}; did you mean 'day'?\n");
  EXPECT_EQ (JobTest (text, {}, {"month=2"}).said (), "--var month: no value of the job uses ${month}\n");
  EXPECT_EQ (JobTest (text, {}, {"day"}).said (), "--var: 'day' is not NAME=VALUE, as in day=2001-01-31\n");
  EXPECT_EQ (JobTest (text, {}, {"=1"}).said (), "--var: '=1' is not NAME=VALUE, as in day=2001-01-31\n");
}

} // namespace
