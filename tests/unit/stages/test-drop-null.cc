// drop-null: which rows stay, and its mistakes.
#include "harness.hh"

static const char rows[] = "a:int,b,c:float\n1,x,1.50\n2,,\n,,\n4,y,\n,z,2e0\n";

TEST (DropNull, AnyNullIsEnough)
{
  EXPECT_EQ (run ("drop-null", "", rows), "a,b,c\n1,x,1.50\n");
  EXPECT_EQ (run ("drop-null", "how = any", rows), "a,b,c\n1,x,1.50\n");
  EXPECT_EQ (run ("drop-null", "columns = a", rows), "a,b,c\n1,x,1.50\n2,,\n4,y,\n");
  EXPECT_EQ (run ("drop-null", "columns = c; b", rows), "a,b,c\n1,x,1.50\n,z,2e0\n");
}

TEST (DropNull, AllMustBeNull)
{
  EXPECT_EQ (run ("drop-null", "how = all", rows), "a,b,c\n1,x,1.50\n2,,\n4,y,\n,z,2e0\n");
  EXPECT_EQ (run ("drop-null", "columns = b; c\nhow = all", rows), "a,b,c\n1,x,1.50\n4,y,\n,z,2e0\n");
}

TEST (DropNull, SoManyMustHaveAValue)
{
  EXPECT_EQ (run ("drop-null", "at-least = 2", rows), "a,b,c\n1,x,1.50\n4,y,\n,z,2e0\n");
  EXPECT_EQ (run ("drop-null", "at-least = 3", rows), "a,b,c\n1,x,1.50\n");
  EXPECT_EQ (run ("drop-null", "at-least = 1\ncolumns = a; c", rows), "a,b,c\n1,x,1.50\n2,,\n4,y,\n,z,2e0\n");
}

TEST (DropNull, NamesItsMistakes)
{
  EXPECT_EQ (issues ("drop-null", "columns = a; d; a", "a:int,b"),
             "2:14: unknown column 'd'\n2:17: column 'a' stands twice in 'columns'\n");
  EXPECT_EQ (issues ("drop-null", "columns =", "a:int,b"),
             "2:10: 'columns' names no column; leave the key out to look at all\n");
  EXPECT_EQ (issues ("drop-null", "how = some", "a:int,b"), "2:7: 'how' is 'some'; write any or all\n");
  EXPECT_EQ (issues ("drop-null", "how = any\nat-least = 1", "a:int,b"),
             "3:12: 'at-least' says how many columns must have a value, and so does 'how'; leave one of them out\n");
  EXPECT_EQ (issues ("drop-null", "at-least = 3", "a:int,b"),
             "2:12: at-least '3' is more than the 2 columns there are: no row would be left\n");
}
