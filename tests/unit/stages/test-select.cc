// select: every way to say which columns go on, casts, and its mistakes.
#include "harness.hh"

static const char rows[] = "a:int,b,Air Time:float\n1,x,1.50\n2,y,\n";

TEST (Select, KeepsReordersAndRenames)
{
  EXPECT_EQ (run ("select", "columns = \"Air Time\" as time; a", rows), "time,a\n1.50,1\n,2\n");
  EXPECT_EQ (run ("select", "columns = a; a as again", rows), "a,again\n1,1\n2,2\n");
}

TEST (Select, Drops)
{
  EXPECT_EQ (run ("select", "drop = b; \"Air Time\"", rows), "a\n1\n2\n");
}

TEST (Select, RenamesAllAtOnce)
{
  EXPECT_EQ (run ("select", "rename = a as b; b as a", rows), "b,a,Air Time\n1,x,1.50\n2,y,\n");
}

TEST (Select, Casts)
{
  EXPECT_EQ (run ("select", "columns = a as n\ntypes = n:float", rows), "n\n1.0\n2.0\n");
  EXPECT_EQ (run ("select", "types = d:date", "d\n2001-01-31\n\n"), "d\n2001-01-31\n\n");
}

TEST (Select, StopsAtAValueThatDoesNotFit)
{
  std::string result = run ("select", "types = s:int", "s\n1\n2x\n");
  EXPECT_EQ (result.find ("error: "), 0u) << result;
  EXPECT_NE (result.find ("2x"), std::string::npos) << result;
}

TEST (Select, NamesItsMistakes)
{
  EXPECT_EQ (issues ("select", "", "a"), "1:1: nothing to select; add 'columns', 'drop', 'rename' or 'types'\n");
  EXPECT_EQ (issues ("select", "columns = a; dely", "a,delay"), "2:14: unknown column 'dely'; did you mean 'delay'?\n");
  EXPECT_EQ (issues ("select", "columns = a; b as a", "a,b"),
             "2:19: column 'a' appears twice in the output; rename one of them: \"a as other_name\"\n");
  EXPECT_EQ (issues ("select", "columns = a\ndrop = b", "a,b"), "3:8: 'columns' already says it all; remove 'drop'\n");
  EXPECT_EQ (issues ("select", "drop = a; b", "a,b"), "2:8: 'drop' leaves no column; keep at least one\n");
  EXPECT_EQ (issues ("select", "rename = a", "a,b"), "2:10: 'a' gives no new name; write 'old as new'\n");
  EXPECT_EQ (issues ("select", "drop = a\nrename = a as c", "a,b"),
             "3:10: column 'a' is dropped and cannot be renamed\n");
  EXPECT_EQ (issues ("select", "types = a", "a"), "2:9: 'a' gives no type; write 'column:type'\n");
  EXPECT_EQ (issues ("select", "types = bb:int", "a,b"), "2:9: unknown column 'bb'; did you mean 'b'?\n");
}
