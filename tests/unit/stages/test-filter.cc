// filter: what passes, what stays untouched, and its mistakes.
#include "harness.hh"

TEST (Filter, KeepsRowsThatAreTrueAndDropsFalseAndNull)
{
  EXPECT_EQ (run ("filter", "where = delay > 10", "delay:int,name\n5,a\n15,b\n,c\n11,\n"), "delay,name\n15,b\n11,\n");
}

TEST (Filter, PassesTextThroughAsItStood)
{
  EXPECT_EQ (run ("filter", "where = x >= 1", "x:float\n1.50\n0.5\n2e0\n"), "x\n1.50\n2e0\n");
}

TEST (Filter, MayDropOrKeepEverything)
{
  EXPECT_EQ (run ("filter", "where = a < 0", "a:int\n1\n2\n3\n4\n"), "a\n");
  EXPECT_EQ (run ("filter", "where = a > 0", "a:int\n1\n2\n3\n4\n"), "a\n1\n2\n3\n4\n");
}

TEST (Filter, NamesItsMistakes)
{
  EXPECT_EQ (issues ("filter", "", "a:int"), "1:1: [filter x] needs the key 'where'\n");
  EXPECT_EQ (issues ("filter", "where = a + 1", "a:int"),
             "2:9: a condition must be true or false, but 'a + 1' is of type int; compare it with something\n");
  EXPECT_EQ (issues ("filter", "where = 1 < dely", "delay:int"),
             "2:13: unknown column 'dely'; did you mean 'delay'?\n");
}
