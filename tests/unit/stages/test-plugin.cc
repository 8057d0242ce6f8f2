// plugin: all types in and out, bad rows, what the host does not let pass, and what it says of libraries that are none.
#include "harness.hh"

namespace
{

// Where the build leaves the sample plugins, seen from this program.
std::string
folder ()
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self);
  return std::string (tests) + "/unit/stages";
}

std::string
library (const char *name)
{
  return "library = " + folder () + "/" + name + "\n";
}

std::string
task (const char *name)
{
  return library ("plugin-sample.so") + "task = " + name + "\n";
}

TEST (Plugin, GetsAndGivesValuesOfEveryType)
{
  const char *header = "b:bool,i:int,f:float,d:decimal(5/2),s,day:date,t:timestamp";
  std::string rows = std::string (header)
                     + "\ntrue,1,1.5,1.25,a text,2001-02-03,2001-02-03 04:05:06\n,,,,,,\n"
                       "false,-7,nan,-999.99,\"\",0001-01-01,9999-12-31 23:59:59.999999\n";
  EXPECT_EQ (run ("plugin", task ("echo"), rows), "b,i,f,d,s,day,t,copy_b,copy_i,copy_f,copy_d,copy_s,copy_day,copy_t\n"
                                                  "true,1,1.5,1.25,a text,2001-02-03,2001-02-03 04:05:06,"
                                                  "true,1,1.5,1.25,a text,2001-02-03,2001-02-03 04:05:06\n"
                                                  ",,,,,,,,,,,,,\n"
                                                  "false,-7,nan,-999.99,\"\",0001-01-01,9999-12-31 23:59:59.999999,"
                                                  "false,-7,nan,-999.99,\"\",0001-01-01,9999-12-31 23:59:59.999999\n");
}

TEST (Plugin, TextsLiveInTheBatch)
{
  EXPECT_EQ (run ("plugin", task ("reverse"), "s,n:int\nabc,1\n,2\nx,3\n\"\",4\nlonger text,5\n"),
             "s,n,result\nabc,1,cba\n,2,\nx,3,x\n\"\",4,\"\"\nlonger text,5,txet regnol\n");
}

TEST (Plugin, AColumnOfTheSameNameIsReplacedInItsPlace)
{
  EXPECT_EQ (run ("plugin", task ("replace"), "s,n:int\nabc,1\nde,2\n"), "s,n\ncba,1\ned,2\n");
}

TEST (Plugin, AFailedRowIsNamed)
{
  EXPECT_EQ (run ("plugin", task ("reverse"), "s\na\nfail\nb\nfail\n"), "error: [plugin x]: a row that says so");
  EXPECT_EQ (run ("plugin", task ("dumb"), "s\na\nb\n"), "error: [plugin x]: it does not say what is wrong");
}

TEST (Plugin, WhatItGivesIsLookedThrough)
{
  EXPECT_EQ (run ("plugin", task ("bytes"), "s\na\n"),
             "error: [plugin x]: it gave a text that is not UTF-8 for column 'result'");
  EXPECT_EQ (run ("plugin", task ("date"), "s\na\n"),
             "error: [plugin x]: it gave a date that is none for column 'result'");
  EXPECT_EQ (run ("plugin", task ("bool"), "s\na\n"), "s,result\na,true\n");
}

TEST (Plugin, ItsOwnMistakesAreReportedWhereTheyStand)
{
  EXPECT_EQ (issues ("plugin", task ("refuse"), "s"), "3:8: the plugin says: no\n");
  EXPECT_EQ (issues ("plugin", task ("silent"), "s"), "1:1: the plugin does not say what is wrong\n");
  EXPECT_EQ (issues ("plugin", task ("need"), "s"), "1:1: the plugin says: it needs a column that there is not\n");
  EXPECT_EQ (issues ("plugin", task ("type"), "s"),
             "1:1: the plugin says: it adds a column of a type that there is not\n");
  EXPECT_EQ (issues ("plugin", task ("twice"), "s"), "1:1: the plugin says: it adds a column twice\n");
}

TEST (Plugin, LibrariesThatAreNone)
{
  EXPECT_EQ (issues ("plugin", "", "s"), "1:1: [plugin x] needs the key 'library'\n");
  EXPECT_EQ (issues ("plugin", "library = no.so", "s"), "2:11: there is no file 'no.so'\n");
  std::string old = issues ("plugin", library ("plugin-old.so"), "s");
  EXPECT_EQ (old, "2:11: '" + folder ()
                      + "/plugin-old.so' is built for version 99 of the plugin interface, this program has version 1; "
                        "build it anew\n");
  EXPECT_EQ (issues ("plugin", library ("plugin-none.so"), "s"),
             "2:11: '" + folder () + "/plugin-none.so' is not a plugin: it has no pl_plugin_descriptor\n");
  EXPECT_EQ (issues ("plugin", library ("../../../meson-info/intro-tests.json"), "s").substr (0, 20),
             "2:11: cannot load '/");
}

} // namespace
