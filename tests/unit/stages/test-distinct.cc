// distinct: what counts as the same, which row is kept, and sweeping.
#include "harness.hh"

TEST (Distinct, KeepsTheFirstInInputOrder)
{
  EXPECT_EQ (run ("distinct", "by = a", "a,n:int\nx,1\ny,2\nx,3\n,4\nz,5\n,6\ny,7\n"), "a,n\nx,1\ny,2\n,4\nz,5\n");
}

TEST (Distinct, KeepsTheLastInInputOrder)
{
  EXPECT_EQ (run ("distinct", "by = a\nkeep = last", "a,n:int\nx,1\ny,2\nx,3\n,4\nz,5\n,6\ny,7\n"),
             "a,n\nx,3\nz,5\n,6\ny,7\n");
}

TEST (Distinct, ComparesAllColumnsByValue)
{
  EXPECT_EQ (run ("distinct", "", "x:float,s\n1.0,a\n1.00,a\n1,b\nnan,c\nNaN,c\n-0.0,d\n0.0,d\n"),
             "x,s\n1.0,a\n1,b\nnan,c\n-0.0,d\n");
}

TEST (Distinct, TellsLongTextsApart)
{
  EXPECT_EQ (
      run ("distinct", "by = s",
           "s\na-text-of-more-than-12-bytes-1\na-text-of-more-than-12-bytes-2\na-text-of-more-than-12-bytes-1\n"),
      "s\na-text-of-more-than-12-bytes-1\na-text-of-more-than-12-bytes-2\n");
}

TEST (Distinct, TakesExpressions)
{
  EXPECT_EQ (run ("distinct", "by = n % 2", "n:int\n3\n5\n4\n6\n"), "n\n3\n4\n");
}

TEST (Distinct, SweepsReplacedRows)
{
  std::string rows = "a:int,n:int\n", expected = "a,n\n";
  for (int i = 0; i < 30000; i++)
    rows += std::to_string (i % 5) + "," + std::to_string (i) + "\n";
  for (int i = 29995; i < 30000; i++)
    expected += std::to_string (i % 5) + "," + std::to_string (i) + "\n";
  EXPECT_EQ (
      take (pl_harness_run ("distinct", "by = a\nkeep = last", rows.c_str (), PlSplit{2, 512, TRUE, FALSE, FALSE, 0})),
      expected);
}

TEST (Distinct, NamesItsMistakes)
{
  EXPECT_EQ (issues ("distinct", "keep = any", "a"), "2:8: 'keep' is 'any'; write first or last\n");
  EXPECT_EQ (issues ("distinct", "by = dely", "delay"), "2:6: unknown column 'dely'; did you mean 'delay'?\n");
}
