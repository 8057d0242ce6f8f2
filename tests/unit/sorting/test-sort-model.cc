// sort, distinct and top-k against a plain model: random rows of every type with many ties and nulls, under many
// splits.
#include "../stages/harness.hh"
#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace
{

// Values of each type in ascending order; the empty text is null.
const std::vector<std::vector<std::string> > values = {
    {"false", "true"},
    {"-9223372036854775808", "-300", "-1", "0", "7", "255", "256", "72057594037927936", "9223372036854775807"},
    {"-inf", "-1e300", "-2.5", "0.0", "1e-300", "0.1", "33.993103", "inf", "nan"},
    {"-999999999999999999999999.99", "-0.01", "0.00", "5.00", "999999999999999999999999.99"},
    {"\"\"", "A", "a", "aa", "ab", "abcdefgh", "abcdefghi", "abcdefghj", std::string (200, 'b'), "\xc3\xa9"},
    {"0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"},
    {"1969-12-31 23:59:59", "1970-01-01 00:00:00", "2024-02-29 12:00:00.5"},
};
const char *const header = "b:bool,i:int,x:float,m:decimal(38/2),s,d:date,t:timestamp,n:int\n";
const char *const names = "bixmsdt";

struct Row
{
  int rank[7]; // in values; -1: null
  std::string line;
};

std::vector<Row>
make_rows (std::mt19937 &random, int n)
{
  std::vector<Row> rows (n);
  for (int i = 0; i < n; i++)
    {
      for (int c = 0; c < 7; c++)
        {
          rows[i].rank[c] = (int) (random () % (values[c].size () + 1)) - 1;
          rows[i].line += (rows[i].rank[c] < 0 ? "" : values[c][rows[i].rank[c]]) + ",";
        }
      rows[i].line += std::to_string (i) + "\n";
    }
  return rows;
}

struct Order
{
  int column;
  bool descending, nulls_first;

  std::string
  text () const
  {
    return std::string (1, names[column]) + (descending ? " desc" : "") + (nulls_first ? " nulls first" : "");
  }
  // Where a value stands: nulls outside of everything, NaN behind the numbers in both directions.
  int
  place (const Row &row) const
  {
    int rank = row.rank[column];
    if (rank < 0)
      return nulls_first ? -1000 : 1000;
    if (column == 2 && rank == 8)
      return 999;
    return descending ? -rank : rank;
  }
};

std::vector<Order>
make_orders (std::mt19937 &random, std::string *text)
{
  std::vector<Order> orders;
  for (int n = 1 + (int) (random () % 3); n > 0; n--)
    {
      orders.push_back ({(int) (random () % 7), random () % 2 == 0, random () % 2 == 0});
      *text += (text->empty () ? "" : "; ") + orders.back ().text ();
    }
  return orders;
}

bool
before (const std::vector<Order> &orders, const Row &a, const Row &b)
{
  for (const Order &order : orders)
    if (order.place (a) != order.place (b))
      return order.place (a) < order.place (b);
  return false;
}

std::string
print (const std::vector<Row> &rows)
{
  std::string text;
  for (const Row &row : rows)
    text += row.line;
  return text;
}

const char *const names_line = "b,i,x,m,s,d,t,n\n";

class Model : public testing::TestWithParam<unsigned>
{
};

TEST_P (Model, Sort)
{
  std::mt19937 random (GetParam ());
  std::vector<Row> rows = make_rows (random, 150);
  std::string by, input = header + print (rows);
  std::vector<Order> orders = make_orders (random, &by);
  std::stable_sort (rows.begin (), rows.end (), [&] (const Row &a, const Row &b) { return before (orders, a, b); });
  EXPECT_EQ (run ("sort", "by = " + by, input), names_line + print (rows)) << by;
}

TEST_P (Model, Distinct)
{
  std::mt19937 random (GetParam () + 1000);
  std::vector<Row> rows = make_rows (random, 150), kept;
  const int a = (int) (random () % 7), b = (int) (random () % 7);
  const bool last = random () % 2 == 0;
  std::map<std::pair<int, int>, int> chosen;
  for (int i = 0; i < (int) rows.size (); i++)
    {
      std::pair<int, int> key (rows[i].rank[a], rows[i].rank[b]);
      if (last || chosen.count (key) == 0)
        chosen[key] = i;
    }
  for (int i = 0; i < (int) rows.size (); i++)
    if (chosen[{rows[i].rank[a], rows[i].rank[b]}] == i)
      kept.push_back (rows[i]);
  std::string settings = std::string ("by = ") + names[a] + "; " + names[b] + (last ? "\nkeep = last" : "");
  EXPECT_EQ (run ("distinct", settings, header + print (rows)), names_line + print (kept)) << settings;
}

TEST_P (Model, TopK)
{
  std::mt19937 random (GetParam () + 2000);
  std::vector<Row> rows = make_rows (random, 150), kept;
  const int group = (int) (random () % 7), k = 1 + (int) (random () % 4);
  std::string by, input = header + print (rows);
  std::vector<Order> orders = make_orders (random, &by), all = orders;
  all.insert (all.begin (), Order{group, false, false});
  std::stable_sort (rows.begin (), rows.end (), [&] (const Row &a, const Row &b) { return before (all, a, b); });
  std::map<int, int> taken;
  for (const Row &row : rows)
    if (taken[row.rank[group]]++ < k)
      kept.push_back (row);
  std::string settings = std::string ("by = ") + names[group] + "\nsort = " + by + "\nk = " + std::to_string (k);
  EXPECT_EQ (run ("top-k", settings, input), names_line + print (kept)) << settings;
}

INSTANTIATE_TEST_SUITE_P (Seeds, Model, testing::Range (1u, 13u));

}
