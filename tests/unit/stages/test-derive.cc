// derive: order of lines, places of columns, passing through, and its mistakes.
#include "harness.hh"

TEST (Derive, AppendsNewColumnsAndReplacesInPlace)
{
  EXPECT_EQ (run ("derive", "b = a * 10\na = a + 1\nc = a + b", "a:int,s\n1,x\n2,y\n"),
             "a,s,b,c\n2,x,10,12\n3,y,20,23\n");
}

TEST (Derive, CopiesABareColumnWithItsText)
{
  EXPECT_EQ (run ("derive", "copy = x", "x:float\n1.50\n\n"), "x,copy\n1.50,1.50\n,\n");
}

TEST (Derive, TakesQuotedNamesAndSkipsTheInputKey)
{
  EXPECT_EQ (run ("derive", "input = elsewhere\n\"input\" = 1\n\"Air Time\" = a", "a:int\n7\n"),
             "a,input,Air Time\n7,1,7\n");
}

TEST (Derive, FailsOnOverflow)
{
  EXPECT_NE (run ("derive", "b = a + 1", "a:int\n9223372036854775807\n").find ("error: "), std::string::npos);
}

TEST (Derive, NamesItsMistakesOnceEach)
{
  EXPECT_EQ (issues ("derive", "b = aa + 1\nc = b + 1", "a:int"), "2:5: unknown column 'aa'; did you mean 'a'?\n");
  EXPECT_EQ (issues ("derive", "", "a:int"), "1:1: nothing to derive; add a line such as 'total = price * quantity'\n");
}
