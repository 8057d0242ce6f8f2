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

TEST_F (Expand, NothingFound)
{
  put ("flights-1.csv", text);
  EXPECT_EQ (expand ("flight-1.csv"), "error: cannot find flight-1.csv; did you mean flights-1.csv?");
  EXPECT_EQ (expand ("flight-?.csv"), "error: no file matches flight-?.csv; did you mean flights-1.csv?");
  EXPECT_EQ (expand ("x/*.csv"), "error: no file matches x/*.csv");
  EXPECT_EQ (expand ("flight-1.csv", folder.c_str ()), "error: cannot find flight-1.csv; did you mean flights-1.csv?");
}
