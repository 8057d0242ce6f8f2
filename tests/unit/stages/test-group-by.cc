// group-by: keys of every type, orders, having, filters, merging of many groups, and its mistakes.
#include "harness.hh"
#include <algorithm>
#include <set>
#include <vector>

TEST (GroupBy, CountsAndSumsPerKeyInOrderOfTheKeys)
{
  EXPECT_EQ (run ("group-by", "by = k\nn = count()\ns = sum(x)", "k,x:int\nb,1\na,2\nb,3\n,4\na,\n,6\n"),
             "k,n,s\na,2,2\nb,2,4\n,2,10\n");
}

TEST (GroupBy, WithoutKeysGivesOneRowEvenForNoInput)
{
  EXPECT_EQ (run ("group-by", "n = count()\ns = sum(x)", "x:int\n1\n2\n3\n4\n5\n"), "n,s\n5,15\n");
  EXPECT_EQ (run ("group-by", "n = count()\ns = sum(x)", "x:int\n"), "n,s\n0,\n");
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:int\n"), "x,n\n");
}

TEST (GroupBy, GroupsByValue)
{
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:float\n1.0\n1.00\n-0.0\n0.0\nnan\nNaN\n\n2\n\n"),
             "x,n\n0.0,2\n1.0,2\n2.0,1\nnan,2\n,2\n");
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:int\n0\n\n-5\n\n0\n"), "x,n\n-5,1\n0,2\n,2\n");
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:bool\ntrue\nfalse\n\ntrue\n"), "x,n\nfalse,1\ntrue,2\n,1\n");
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:date\n2001-01-31\n1969-12-31\n\n2001-01-31\n"),
             "x,n\n1969-12-31,1\n2001-01-31,2\n,1\n");
  EXPECT_EQ (run ("group-by", "by = x\nn = count()", "x:decimal(20/2)\n1.50\n-1.50\n\n1.50\n"),
             "x,n\n-1.50,1\n1.50,2\n,1\n");
}

TEST (GroupBy, TellsTextsOfEveryLengthApart)
{
  std::string rows = "s\n", expected = "s,n\n";
  std::set<std::string> keys;
  for (int length = 1; length <= 30; length++)
    for (int at = 0; at < length; at++)
      {
        std::string text (length, 'a');
        text[at] = 'b';
        rows += text + "\n" + text + "\n";
        keys.insert (text);
      }
  rows += "\"\"\n";
  expected += "\"\",1\n";
  for (const std::string &key : keys)
    expected += key + ",2\n";
  EXPECT_EQ (run ("group-by", "by = s\nn = count()", rows), expected);
}

TEST (GroupBy, TakesSeveralKeysAndExpressions)
{
  EXPECT_EQ (run ("group-by", "by = x % 2 as odd; g\nn = count()", "x:int,g\n1,a\n2,a\n3,a\n4,b\n"),
             "odd,g,n\n0,a,1\n0,b,1\n1,a,2\n");
}

TEST (GroupBy, KeepsTheOrderOfAppearance)
{
  EXPECT_EQ (run ("group-by", "by = k\norder = appearance\nn = count()", "k\nb\na\nb\nc\n\na\n"),
             "k,n\nb,2\na,2\nc,1\n,1\n");
}

TEST (GroupBy, AnyOrderIsTheSameForEverySplit)
{
  std::string rows = "k:int\n";
  for (int i = 0; i < 300; i++)
    rows += std::to_string (i * 7919 % 101) + "\n";
  std::string result = run ("group-by", "by = k\norder = any\nn = count()", rows);
  EXPECT_EQ (result.find ("split"), std::string::npos) << result;
  EXPECT_EQ (std::count (result.begin (), result.end (), '\n'), 102);
}

TEST (GroupBy, ComputesAroundAggregates)
{
  EXPECT_EQ (run ("group-by", "by = k\nrange = max(x) - min(x)\nup = k || '!'", "k,x:int\na,3\na,10\nb,1\n"),
             "k,range,up\na,7,a!\nb,0,b!\n");
}

TEST (GroupBy, FiltersPerAggregateAndCountsDistinctValues)
{
  EXPECT_EQ (run ("group-by",
                  "by = k\nbig = count() filter (where x > 2)\ns = sum(x) filter (where x > 2)\nd = count(distinct x)",
                  "k,x:int\na,3\na,3\na,1\nb,1\nb,\n"),
             "k,big,s,d\na,2,6,2\nb,0,,1\n");
}

TEST (GroupBy, FirstAndLastGoByPositionAlsoUnderAFilter)
{
  EXPECT_EQ (run ("group-by", "f = first(x)\nl = last(x) filter (where x < 4)", "x:int\n5\n3\n2\n9\n"), "f,l\n5,2\n");
}

TEST (GroupBy, HavingSeesOutputsAndAggregates)
{
  const char rows[] = "k,x:int\na,1\nb,5\nb,6\nc,7\nc,1\nc,1\n";
  EXPECT_EQ (run ("group-by", "by = k\nn = count()\nhaving = n > 1", rows), "k,n\nb,2\nc,3\n");
  EXPECT_EQ (run ("group-by", "by = k\nn = count()\nhaving = sum(x) > 9", rows), "k,n\nb,2\n");
  EXPECT_EQ (run ("group-by", "by = k\nn = count()\nhaving = k = 'z'", rows), "k,n\n");
}

TEST (GroupBy, MergesManyGroupsInPartitions)
{
  std::string rows = "k:int,s,x:int\n", expected = "k,s,n,t\n";
  const int n = 24000;
  for (int i = 0; i < 2 * n; i++)
    {
      int key = (int) ((long) i * 7919 % n);
      rows += std::to_string (key) + ",a-rather-long-text-" + std::to_string (key % 10) + "," + std::to_string (i % 3)
              + "\n";
    }
  std::vector<int> sums (n);
  for (int i = 0; i < 2 * n; i++)
    sums[(long) i * 7919 % n] += i % 3;
  for (int key = 0; key < n; key++)
    expected += std::to_string (key) + ",a-rather-long-text-" + std::to_string (key % 10) + ",2,"
                + std::to_string (sums[key]) + "\n";
  const char settings[] = "by = k; s\nn = count()\nt = sum(x)\nhaving = n > 0";
  for (PlSplit split : {PlSplit{1, 2048, FALSE, FALSE, FALSE, 0}, PlSplit{3, 2048, FALSE, TRUE, FALSE, 0},
                        PlSplit{2, 1000, TRUE, TRUE, FALSE, 0}})
    {
      EXPECT_EQ (take (pl_harness_run ("group-by", settings, rows.c_str (), split)), expected);
      EXPECT_EQ (take (pl_harness_run ("group-by", "by = k; s\nn = count()\nt = sum(x)", rows.c_str (), split)),
                 expected);
    }
}

TEST (GroupBy, OverflowOfASumIsAnError)
{
  std::string result = run ("group-by", "s = sum(x)", "x:int\n9223372036854775807\n1\n");
  EXPECT_EQ (result.find ("error: "), 0u) << result;
}

TEST (GroupBy, NamesItsMistakes)
{
  EXPECT_EQ (issues ("group-by", "", "a"), "1:1: nothing to compute; add 'by' or a line such as 'rows = count()'\n");
  EXPECT_EQ (
      issues ("group-by", "by = k\nn = max(x) + y", "k,x:int,y:int"),
      "3:14: column 'y' is neither a key nor inside an aggregate; add it to 'by', or write max(y), for example\n");
  EXPECT_EQ (issues ("group-by", "by = k\nk = count()", "k"),
             "3:5: column 'k' appears twice in the output; rename the key ('k as other_name') or the aggregate\n");
  EXPECT_EQ (issues ("group-by", "by = k; k\nn = count()", "k"),
             "2:9: key 'k' appears twice; remove it or write 'k as other_name'\n");
  EXPECT_EQ (issues ("group-by", "by = k\norder = keys\nn = count()", "k"),
             "3:9: unknown order 'keys'; did you mean 'key'?\n");
  EXPECT_EQ (issues ("group-by", "by = k\norder = sideways\nn = count()", "k"),
             "3:9: unknown order 'sideways'; write key, appearance or any\n");
  EXPECT_EQ (issues ("group-by", "n = sum(dely)", "delay:int"), "2:9: unknown column 'dely'; did you mean 'delay'?\n");
  EXPECT_EQ (issues ("group-by", "n = meen(delay)", "delay:int"),
             "2:5: unknown function 'meen'; did you mean 'mean'?\n");
  EXPECT_EQ (issues ("group-by", "n = rond(sum(delay))", "delay:int"),
             "2:5: unknown function 'rond'; did you mean 'round'?\n");
  EXPECT_EQ (issues ("group-by", "n = frobnicate(delay)", "delay:int"),
             "2:5: unknown function 'frobnicate'; 'pipeline stages --aggregates' and --functions list what there is\n");
  EXPECT_EQ (issues ("group-by", "n = sum(distinct x)", "x:int"),
             "2:5: distinct works in count(distinct x) only, not in sum\n");
  EXPECT_EQ (issues ("group-by", "n = count() filter (where x)", "x:int"),
             "2:5: the condition of a filter must be true or false, not of type int\n");
  EXPECT_EQ (issues ("group-by", "n = count()\nhaving = n", "x:int"),
             "3:10: a condition must be true or false, but 'n' is of type int; compare it with something\n");
}
