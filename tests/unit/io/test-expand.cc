/* Patterns of paths, and what is said where nothing is found. */
#include "support.h"

#include "../../../pipeline/io/expand.h"
#include <gtest/gtest.h>

class Expand : public InFolder
{
protected:
  const std::string text = "a\n1\n";
};

static std::string
expand (const char *pattern, const char *folder = nullptr)
{
  g_autoptr (GError) error = nullptr;
  g_auto (GStrv) found = pl_input_expand (pattern, folder, &error);
  if (found == nullptr)
    return std::string ("error: ") + error->message;
  g_autofree char *joined = g_strjoinv (" ", found);
  return joined;
}

TEST_F (Expand, PatternsAreSortedByBytes)
{
  for (const char *name : {"b.csv", "a.csv", "B.csv", "a10.csv", "a2.csv", "é.csv", "c.txt", ".hidden.csv"})
    put (name, text);
  g_mkdir ("folder.csv", 0777);
  EXPECT_EQ (expand ("*.csv"), "B.csv a.csv a10.csv a2.csv b.csv é.csv");
  EXPECT_EQ (expand ("a?.csv"), "a2.csv");
  EXPECT_EQ (expand ("[ab].csv"), "a.csv b.csv");
  EXPECT_EQ (expand ("c.txt"), "c.txt");
  EXPECT_EQ (expand ("-"), "-");
}

TEST_F (Expand, PatternsStartAtTheJobsFolder)
{
  g_mkdir ("job [x]", 0777);
  put ("job [x]/a.csv", text);
  put ("job [x]/b*.csv", text);
  put ("job [x]/bb.csv", text);
  EXPECT_EQ (expand ("?.csv", "job [x]"), "job [x]/a.csv");
  EXPECT_EQ (expand ("b*.csv", "job [x]"), "job [x]/b*.csv");
  EXPECT_EQ (expand ((folder + "/job [x]/a.csv").c_str (), "elsewhere"), folder + "/job [x]/a.csv");
  EXPECT_EQ (expand ("-", "job [x]"), "-");
}

/* Not a matter of permissions, which root has anyway. */
TEST_F (Expand, AFolderThatCannotBeListedIsNoEmptyOne)
{
  ASSERT_EQ (symlink ("loop", "loop"), 0);
  EXPECT_EQ (expand ("loop/*.csv"),
             "error: cannot list the folder loop for loop/*.csv: Too many levels of symbolic links");
  std::string name (300, 'x');
  EXPECT_EQ (expand ((name + "/*.csv").c_str ()),
             "error: cannot list the folder " + name + " for " + name + "/*.csv: File name too long");
}

TEST_F (Expand, AnyDepth)
{
  for (const char *name : {"g", "g/a", "g/a/b", "g/a/b/c", "g/.hidden", "g/z [1]"})
    g_mkdir (name, 0777);
  for (const char *name : {"g/0.csv", "g/a/1.csv", "g/a/b/2.csv", "g/a/b/c/3.csv", "g/.hidden/4.csv", "g/z [1]/5.csv",
                           "g/a/b/x.txt", "top.csv"})
    put (name, text);
  EXPECT_EQ (expand ("g/**/*.csv"), "g/0.csv g/a/1.csv g/a/b/2.csv g/a/b/c/3.csv g/z [1]/5.csv");
  EXPECT_EQ (expand ("**/*.csv"), "g/0.csv g/a/1.csv g/a/b/2.csv g/a/b/c/3.csv g/z [1]/5.csv top.csv");
  EXPECT_EQ (expand ("**/b/*"), "g/a/b/2.csv g/a/b/x.txt");
  EXPECT_EQ (expand ("g/a/**"), "g/a/1.csv g/a/b/2.csv g/a/b/c/3.csv g/a/b/x.txt");
  EXPECT_EQ (expand ("**/a/**/c/*.csv"), "g/a/b/c/3.csv");
  EXPECT_EQ (expand ("g/**/2.csv"), "g/a/b/2.csv");
  EXPECT_EQ (expand ("?/**/[12].csv"), "g/a/1.csv g/a/b/2.csv");
  EXPECT_EQ (expand ("**/*.csv", "g"), "g/0.csv g/a/1.csv g/a/b/2.csv g/a/b/c/3.csv g/z [1]/5.csv");
  EXPECT_EQ (expand ((folder + "/g/a/**/*.txt").c_str ()), folder + "/g/a/b/x.txt");
  EXPECT_EQ (expand ("g/a**/*.csv"), "g/a/1.csv");
  EXPECT_EQ (expand ("g/**/9.csv"), "error: no file matches g/**/9.csv");
}

TEST_F (Expand, LinkedFoldersAreLookedIntoOnce)
{
  for (const char *name : {"g", "g/2024", "elsewhere"})
    g_mkdir (name, 0777);
  put ("g/2024/a.csv", text);
  put ("elsewhere/b.csv", text);
  ASSERT_EQ (symlink ("2024", "g/latest"), 0);
  ASSERT_EQ (symlink ("..", "g/2024/up"), 0);
  ASSERT_EQ (symlink ("../elsewhere", "g/old"), 0);
  ASSERT_EQ (symlink ("../elsewhere", "g/oldest"), 0);
  ASSERT_EQ (symlink ("nowhere", "g/gone"), 0);
  EXPECT_EQ (expand ("g/**/*.csv"), "g/2024/a.csv g/old/b.csv");
}

TEST_F (Expand, Braces)
{
  for (const char *name : {"a1.csv", "a2.csv", "b1.csv", "c1.csv", "ab.csv", "{x}.csv", "x.txt"})
    put (name, text);
  EXPECT_EQ (expand ("{b,a}1.csv"), "a1.csv b1.csv");
  EXPECT_EQ (expand ("a{1,2,b}.csv"), "a1.csv a2.csv ab.csv");
  EXPECT_EQ (expand ("a{,1}*.{csv,txt}"), "a1.csv a2.csv ab.csv");
  EXPECT_EQ (expand ("{a{1,b},c1}.csv"), "a1.csv ab.csv c1.csv");
  EXPECT_EQ (expand ("*.{csv,txt}"), "a1.csv a2.csv ab.csv b1.csv c1.csv x.txt {x}.csv");
  EXPECT_EQ (expand ("{x}.csv"), "{x}.csv");
  EXPECT_EQ (expand ("{a1,d1}.csv"), "error: cannot find d1.csv; did you mean a1.csv?");
  EXPECT_EQ (expand ("{a1.csv"), "error: no file matches {a1.csv; did you mean a1.csv?");
}

TEST_F (Expand, WhatAShellWouldRead)
{
  EXPECT_EQ (expand ("~/a.csv"), "error: cannot find ~/a.csv: no shell reads it, so ~ is no folder; write the whole "
                                 "path, or ${HOME} with --var HOME=\"$HOME\"");
  EXPECT_EQ (expand ("$DATA/a.csv"), "error: cannot find $DATA/a.csv: no shell reads it, so $DATA is not replaced; "
                                     "write ${DATA} with --var DATA=\"$DATA\"");
  EXPECT_EQ (expand ("x/$USER/*.csv"), "error: cannot find x/$USER/*.csv: no shell reads it, so $USER is not replaced; "
                                       "write ${USER} with --var USER=\"$USER\"");
  EXPECT_EQ (expand ("~bob/*.csv"), "error: cannot find ~bob/*.csv: no shell reads it, so ~ is no folder; write the "
                                    "whole path, or ${HOME} with --var HOME=\"$HOME\"");
  put ("~a.csv", text);
  EXPECT_EQ (expand ("~a.csv"), "~a.csv");
  EXPECT_EQ (expand ("a$.csv"), "error: cannot find a$.csv; did you mean ~a.csv?");
}

TEST_F (Expand, NothingFound)
{
  put ("flights-1.csv", text);
  EXPECT_EQ (expand ("flight-1.csv"), "error: cannot find flight-1.csv; did you mean flights-1.csv?");
  EXPECT_EQ (expand ("flight-?.csv"), "error: no file matches flight-?.csv; did you mean flights-1.csv?");
  EXPECT_EQ (expand ("x/*.csv"), "error: no file matches x/*.csv");
  EXPECT_EQ (expand ("flight-1.csv", folder.c_str ()), "error: cannot find flight-1.csv; did you mean flights-1.csv?");
}
