// top-k: ranks, ties, groups, and agreement with a full sort.
#include "harness.hh"
#include <algorithm>
#include <map>
#include <random>
#include <vector>

TEST (TopK, KeepsTheBestPerGroupOrderedByGroupThenRank)
{
  EXPECT_EQ (
      run ("top-k", "by = g\nsort = x desc\nk = 2", "g,x:float,n\nb,1,p\na,2,q\na,3.5,r\nb,9,s\na,2.5,t\n,1,u\n"),
      "g,x,n\na,3.5,r\na,2.5,t\nb,9,s\nb,1,p\n,1,u\n");
}

TEST (TopK, GivesTiesToTheFirstRow)
{
  EXPECT_EQ (run ("top-k", "sort = x\nk = 2", "x:int,n\n5,a\n1,b\n1,c\n1,d\n"), "x,n\n1,b\n1,c\n");
}

TEST (TopK, RanksNullsLastAndBySeveralKeys)
{
  EXPECT_EQ (run ("top-k", "sort = x desc; s\nk = 3", "x:float,s\n,a\n1,b\n1,a\nnan,z\n"), "x,s\n1,a\n1,b\nnan,z\n");
}

TEST (TopK, AgreesWithAFullSort)
{
  std::mt19937 random (7);
  std::string rows = "g:int,x:float,s\n", expected = "g,x,s\n";
  struct Row
  {
    int group;
    int x;
    std::string s;
  };
  std::map<int, std::vector<Row> > groups;
  for (int i = 0; i < 20000; i++)
    {
      Row row{(int) (random () % 40), (int) (random () % 500),
              std::string (1 + random () % 3, (char) ('a' + random () % 26))};
      groups[row.group].push_back (row);
      rows += std::to_string (row.group) + "," + std::to_string (row.x) + ".0," + row.s + "\n";
    }
  for (auto &[group, all] : groups)
    {
      std::stable_sort (all.begin (), all.end (),
                        [] (const Row &a, const Row &b) { return a.x != b.x ? a.x > b.x : a.s < b.s; });
      for (int i = 0; i < 7; i++)
        expected += std::to_string (group) + "," + std::to_string (all[i].x) + ".0," + all[i].s + "\n";
    }
  for (PlSplit split : {PlSplit{1, 2048, FALSE, FALSE, FALSE, 0}, PlSplit{3, 100, TRUE, TRUE, FALSE, 0},
                        PlSplit{2, 500, FALSE, TRUE, FALSE, 1}, PlSplit{3, 300, TRUE, FALSE, TRUE, 1}})
    EXPECT_EQ (take (pl_harness_run ("top-k", "by = g\nsort = x desc; s\nk = 7", rows.c_str (), split)), expected);
}

/* The short cut for whole numbers meets nulls, widens its range, and gives up at the end; rows leave their heaps often
 * enough to be swept. */
TEST (TopK, AgreesWithAFullSortOfManyWholeGroups)
{
  std::mt19937 random (11);
  std::string rows = "g:int,x:int\n", expected = "g,x\n";
  std::map<std::pair<bool, gint64>, std::vector<int> > groups; /* null: last */
  for (int i = 0; i < 60000; i++)
    {
      const guint32 kind = random () % 100;
      gint64 group = (gint64) (random () % (i < 30000 ? 3000 : 6000)) - 1000;
      if (kind == 1 && i > 50000)
        group = (gint64) (random () % 5 + 1) << 40;
      const int x = i / 100 + (int) (random () % 1000);
      groups[{kind == 0, kind == 0 ? 0 : group}].push_back (x);
      rows += (kind == 0 ? "" : std::to_string (group)) + "," + std::to_string (x) + "\n";
    }
  for (auto &[group, all] : groups)
    {
      std::sort (all.begin (), all.end (), std::greater<int> ());
      for (gsize i = 0; i < 3 && i < all.size (); i++)
        expected += (group.first ? "" : std::to_string (group.second)) + "," + std::to_string (all[i]) + "\n";
    }
  for (PlSplit split : {PlSplit{1, 2048, FALSE, FALSE, FALSE, 0}, PlSplit{3, 100, TRUE, TRUE, FALSE, 0}})
    EXPECT_EQ (take (pl_harness_run ("top-k", "by = g\nsort = x desc\nk = 3", rows.c_str (), split)), expected);
}

TEST (TopK, NamesItsMistakes)
{
  EXPECT_EQ (issues ("top-k", "k = 1", "a"), "1:1: [top-k x] needs the key 'sort'\n");
  EXPECT_EQ (issues ("top-k", "sort =\nk = 1", "a"), "2:7: no order to rank rows by; write 'sort = column desc'\n");
  EXPECT_EQ (issues ("top-k", "sort = a", "a"), "1:1: [top-k x] needs the key 'k'\n");
  EXPECT_EQ (issues ("top-k", "sort = a\nk = 0", "a").find ("3:5: "), 0u);
}

// On disk groups are so long that pieces begin within them, before and behind the last row that is wanted; without
// groups what is on disk says which rows are not wanted any more.
TEST (TopK, AgreesWithAFullSortOfLongGroupsOnDisk)
{
  std::mt19937 random (13);
  std::string rows = "g:int,x:int,s\n";
  const std::string filler (100, 'f');
  std::vector<std::tuple<int, int, int> > all; /* group, x, row */
  for (int i = 0; i < 20000; i++)
    {
      all.emplace_back ((int) (random () % 3), (int) (random () % 700), i);
      rows += std::to_string (std::get<0> (all.back ())) + "," + std::to_string (std::get<1> (all.back ())) + ","
              + filler + std::to_string (i) + "\n";
    }
  for (bool by : {true, false})
    for (int k : {2500, 6000, 50000})
      {
        std::string expected = "g,x,s\n";
        std::map<int, int> counts;
        std::sort (all.begin (), all.end (), [by] (const auto &a, const auto &b) {
          const auto &[ag, ax, ai] = a;
          const auto &[bg, bx, bi] = b;
          return std::tuple (by ? ag : 0, -ax, ai) < std::tuple (by ? bg : 0, -bx, bi);
        });
        for (const auto &[g, x, i] : all)
          if (counts[by ? g : 0]++ < k)
            expected += std::to_string (g) + "," + std::to_string (x) + "," + filler + std::to_string (i) + "\n";
        const std::string settings = std::string (by ? "by = g\n" : "") + "sort = x desc\nk = " + std::to_string (k);
        for (PlSplit split : {PlSplit{1, 2048, FALSE, FALSE, FALSE, 1}, PlSplit{2, 700, FALSE, TRUE, FALSE, 3},
                              PlSplit{4, 500, TRUE, FALSE, TRUE, 2}})
          EXPECT_TRUE (take (pl_harness_run ("top-k", settings.c_str (), rows.c_str (), split)) == expected)
              << settings << " " << split.n_states;
      }
}
