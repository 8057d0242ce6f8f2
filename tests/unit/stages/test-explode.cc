// explode: which rows a text becomes, and its mistakes.
#include "harness.hh"

static const char rows[] = "id:int,tags,x:float\n1,a;b,1.50\n2,,2\n3,c;;d,3\n4,x y;z,4e0\n5,one,5\n";

TEST (Explode, GivesARowForEachPart)
{
  EXPECT_EQ (run ("explode", "column = tags", rows),
             "id,tags,x\n1,a,1.50\n1,b,1.50\n2,,2\n3,c,3\n3,,3\n3,d,3\n4,x y,4e0\n4,z,4e0\n5,one,5\n");
}

TEST (Explode, SaysWhichPartItIs)
{
  EXPECT_EQ (run ("explode", "column = tags\nas = tag\nposition-as = n", rows),
             "id,tag,x,n\n1,a,1.50,1\n1,b,1.50,2\n2,,2,\n3,c,3,1\n3,,3,2\n3,d,3,3\n4,x y,4e0,1\n4,z,4e0,2\n"
             "5,one,5,1\n");
}

TEST (Explode, LeavesNullsOut)
{
  EXPECT_EQ (run ("explode", "column = tags\ndrop-nulls = true\nposition-as = n", rows),
             "id,tags,x,n\n1,a,1.50,1\n1,b,1.50,2\n3,c,3,1\n3,d,3,3\n4,x y,4e0,1\n4,z,4e0,2\n5,one,5,1\n");
}

TEST (Explode, SplitsAtSeparatorsOfAnyLength)
{
  EXPECT_EQ (run ("explode", "column = t\nseparator = ab", "t\nab\naab\nxabab\naXb\n"), "t\n\n\na\n\nx\n\n\naXb\n");
  EXPECT_EQ (run ("explode", "column = t\nseparator = ' - '", "t\na - b-c\n"), "t\na\nb-c\n");
  EXPECT_EQ (run ("explode", "column = t\nseparator = é", "t\naébéc\n"), "t\na\nb\nc\n");
}

TEST (Explode, TakesNumbersAsTheyAreWritten)
{
  EXPECT_EQ (run ("explode", "column = x\nseparator = .", rows),
             "id,tags,x\n1,a;b,1\n1,a;b,50\n2,,2\n3,c;;d,3\n4,x y;z,4e0\n5,one,5\n");
}

// Rows of one are in one batch, or begin one.
TEST (Explode, GivesMoreRowsThanABatchHas)
{
  std::string input = "t,n:int\n", output = "t,n\n";
  for (int row = 0; row < 3; row++)
    {
      std::string text;
      for (int part = 0; part < 1500 + 3000 * (row == 1); part++)
        {
          text += (part > 0 ? ";p" : "p") + std::to_string (part);
          output += "p" + std::to_string (part) + "," + std::to_string (row) + "\n";
        }
      input += text + "," + std::to_string (row) + "\n";
    }
  EXPECT_EQ (run ("explode", "column = t", input), output);
}

TEST (Explode, NamesItsMistakes)
{
  EXPECT_EQ (issues ("explode", "", "t"), "1:1: [explode x] needs the key 'column'\n");
  EXPECT_EQ (issues ("explode", "column = tag", "tags,n:int"), "2:10: unknown column 'tag'; did you mean 'tags'?\n");
  EXPECT_EQ (issues ("explode", "column = tags\nas = n", "tags,n:int"),
             "3:6: the output has a column 'n' already; name this one otherwise\n");
  EXPECT_EQ (issues ("explode", "column = tags\nas = p\nposition-as = p", "tags,n:int"),
             "4:15: the output has a column 'p' already; name this one otherwise\n");
  EXPECT_EQ (issues ("explode", "column = tags\nposition-as = \"\"", "tags"), "3:15: 'position-as' names no column\n");
  EXPECT_EQ (issues ("explode", "column = tags\nseparator = ''", "tags"),
             "3:13: a separator has at least one character; one with blanks at its edges needs quotes: '; '\n");
  EXPECT_EQ (issues ("explode", "column = tags\ndrop-nulls = perhaps", "tags"),
             "3:14: 'perhaps' is not a flag; write true or false\n");
}
