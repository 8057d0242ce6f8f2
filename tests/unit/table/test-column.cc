/* Columns: gathering every part, the order of values, and hashes that follow it. */
#include "helpers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

static const double not_a_number = std::numeric_limits<double>::quiet_NaN ();
static const double infinite = std::numeric_limits<double>::infinity ();

class Column : public testing::Test
{
protected:
  PlArena *arena = pl_arena_new ();

  ~Column () override
  {
    pl_arena_free (arena);
  }

  PlColumn *
  ints (const std::vector<gint64> &values, PlTypeKind kind = PL_INT)
  {
    PlColumn *column = pl_column_new (arena, type_of (kind), values.size ());
    std::copy (values.begin (), values.end (), column->ints);
    return column;
  }

  PlColumn *
  floats (const std::vector<double> &values)
  {
    PlColumn *column = pl_column_new (arena, type_of (PL_FLOAT), values.size ());
    std::copy (values.begin (), values.end (), column->floats);
    return column;
  }

  PlColumn *
  texts (const std::vector<std::string> &values)
  {
    PlColumn *column = pl_column_new (arena, type_of (PL_STRING), values.size ());
    for (gsize i = 0; i < values.size (); i++)
      {
        /* A heap copy of its own each, so that a sanitizer sees reads outside the text. */
        char *copy = static_cast<char *> (g_memdup2 (values[i].data (), values[i].size ()));
        copies.push_back (copy);
        column->texts[i] = {copy, static_cast<guint32> (values[i].size ()), 0};
      }
    return column;
  }

  std::vector<guint64>
  hash (const PlColumn *column, gsize n, guint64 seed = 42)
  {
    std::vector<guint64> hashes (n, seed);
    pl_column_hash (column, n, hashes.data ());
    return hashes;
  }

  void
  TearDown () override
  {
    for (char *copy : copies)
      g_free (copy);
  }

private:
  std::vector<char *> copies;
};

TEST_F (Column, NullColumnsAreNullThroughout)
{
  for (PlTypeKind kind : {PL_NULL, PL_BOOL, PL_INT, PL_FLOAT, PL_DECIMAL, PL_STRING, PL_DATE, PL_TIMESTAMP})
    {
      PlColumn *column = pl_column_null (arena, kind == PL_DECIMAL ? decimal_of (18, 2) : type_of (kind), 5);
      EXPECT_EQ (column->type.kind, kind);
      for (gsize i = 0; i < 5; i++)
        EXPECT_TRUE (pl_column_is_null (column, i));
    }
}

TEST_F (Column, AddNullsKeepsThoseThereAre)
{
  PlColumn *column = ints ({1, 2});
  EXPECT_FALSE (pl_column_is_null (column, 1));
  pl_column_add_nulls (column, arena, 2);
  EXPECT_FALSE (pl_column_is_null (column, 1));
  column->nulls[1] = 1;
  pl_column_add_nulls (column, arena, 2);
  EXPECT_TRUE (pl_column_is_null (column, 1));
}

TEST_F (Column, GathersEveryPart)
{
  PlColumn *column = floats ({1.5, 2.25, 0, 4});
  guint8 nulls[] = {0, 0, 1, 0};
  PlText lexical[] = {text_of ("1.5"), text_of ("2.25"), text_of (""), text_of ("4")};
  gint64 exact[] = {15, 225, 0, 4};
  guint8 scales[] = {1, 2, 0, 0};
  column->nulls = nulls;
  column->lexical = lexical;
  column->exact = exact;
  column->exact_scales = scales;
  column->exact_scale = 9;
  const guint32 rows[] = {3, 2, 1, 1};
  PlColumn *gathered = pl_column_gather (column, rows, 4, arena);
  for (gsize i = 0; i < 4; i++)
    {
      EXPECT_EQ (gathered->floats[i], column->floats[rows[i]]);
      EXPECT_EQ (gathered->nulls[i], nulls[rows[i]]);
      EXPECT_EQ (gathered->lexical[i].data, lexical[rows[i]].data);
      EXPECT_EQ (gathered->exact[i], exact[rows[i]]);
      EXPECT_EQ (gathered->exact_scales[i], scales[rows[i]]);
    }
  EXPECT_EQ (gathered->exact_scale, 9);
  EXPECT_EQ (column->floats[0], 1.5);
}

TEST_F (Column, GathersEveryType)
{
  const guint32 rows[] = {2, 0};
  for (PlTypeKind kind : {PL_BOOL, PL_INT, PL_FLOAT, PL_DECIMAL, PL_STRING, PL_DATE, PL_TIMESTAMP})
    {
      PlType type = kind == PL_DECIMAL ? decimal_of (18, 2) : type_of (kind);
      gsize width = pl_type_width (type);
      PlColumn *column = pl_column_new (arena, type, 3);
      guint8 *bytes = static_cast<guint8 *> (column->values);
      for (gsize i = 0; i < 3 * width; i++)
        bytes[i] = static_cast<guint8> (i + 1);
      PlColumn *gathered = pl_column_gather (column, rows, 2, arena);
      const guint8 *result = static_cast<const guint8 *> (gathered->values);
      EXPECT_EQ (memcmp (result, bytes + 2 * width, width), 0) << pl_type_name (type);
      EXPECT_EQ (memcmp (result + width, bytes, width), 0) << pl_type_name (type);
      EXPECT_EQ (gathered->nulls, nullptr);
      EXPECT_EQ (gathered->lexical, nullptr);
    }
  EXPECT_EQ (pl_column_gather (pl_column_null (arena, type_of (PL_NULL), 3), rows, 2, arena)->values, nullptr);
}

/* Asserts that the rows of @column, which has no equal ones, ascend. */
static void
expect_ascending (const PlColumn *column, gsize n)
{
  for (gsize a = 0; a < n; a++)
    for (gsize b = 0; b < n; b++)
      {
        int order = pl_column_compare (column, a, column, b);
        EXPECT_EQ ((order > 0) - (order < 0), (a > b) - (a < b)) << a << " " << b;
      }
}

TEST_F (Column, OrdersValuesThenNanThenNull)
{
  PlColumn *column = floats ({-infinite, -1, 0.0, 5e-324, 1, infinite, not_a_number, 3});
  pl_column_add_nulls (column, arena, 8);
  column->nulls[7] = 1;
  expect_ascending (column, 8);
  PlColumn *equal = floats ({0.0, -0.0, not_a_number, -not_a_number});
  EXPECT_EQ (pl_column_compare (equal, 0, equal, 1), 0);
  EXPECT_EQ (pl_column_compare (equal, 2, equal, 3), 0);
}

TEST_F (Column, OrdersEveryType)
{
  expect_ascending (ints ({G_MININT64, -1, 0, 1, G_MAXINT64}), 5);
  expect_ascending (ints ({G_MININT64, -1, 0, 1, G_MAXINT64}, PL_TIMESTAMP), 5);
  expect_ascending (texts ({"", std::string ("\0", 1), "A", "a", "ab", "b", "\x7f", "\xc3\xa4"}), 8);

  PlColumn *bools = pl_column_new (arena, type_of (PL_BOOL), 2);
  bools->bools[0] = 0;
  bools->bools[1] = 1;
  expect_ascending (bools, 2);
  PlColumn *dates = pl_column_new (arena, type_of (PL_DATE), 3);
  dates->dates[0] = G_MININT32;
  dates->dates[1] = 0;
  dates->dates[2] = G_MAXINT32;
  expect_ascending (dates, 3);
  PlColumn *decimals = pl_column_new (arena, decimal_of (38, 0), 4);
  PlInt128 large = static_cast<PlInt128> (1) << 120;
  decimals->decimals[0] = -large;
  decimals->decimals[1] = -1;
  decimals->decimals[2] = G_MAXINT64;
  decimals->decimals[3] = large;
  expect_ascending (decimals, 4);
  PlColumn *nulls = pl_column_null (arena, type_of (PL_NULL), 2);
  EXPECT_EQ (pl_column_compare (nulls, 0, nulls, 1), 0);
}

TEST_F (Column, EqualValuesHashEqually)
{
  auto hashes = hash (floats ({0.0, -0.0, not_a_number, -not_a_number, std::nan ("7")}), 5);
  EXPECT_EQ (hashes[0], hashes[1]);
  EXPECT_EQ (hashes[2], hashes[3]);
  EXPECT_EQ (hashes[2], hashes[4]);
  EXPECT_NE (hashes[0], hashes[2]);
  EXPECT_EQ (hash (texts ({"abc", "abc"}), 2)[0], hash (texts ({"abc"}), 1)[0]);
}

TEST_F (Column, NullsHashAlikeAndUnlikeAnyOrdinaryValue)
{
  PlColumn *column = ints ({1, 2, 0});
  guint8 nulls[] = {1, 1, 0};
  column->nulls = nulls;
  auto hashes = hash (column, 3);
  EXPECT_EQ (hashes[0], hashes[1]);
  EXPECT_NE (hashes[0], hashes[2]);
  EXPECT_EQ (hashes[0], hash (pl_column_null (arena, type_of (PL_STRING), 1), 1)[0]);
  EXPECT_EQ (hashes[0], hash (pl_column_null (arena, type_of (PL_NULL), 1), 1)[0]);
  EXPECT_NE (hashes[0], hash (texts ({""}), 1)[0]);
}

TEST_F (Column, TextsOfEveryLengthHashApart)
{
  std::vector<std::string> values = {std::string ()};
  for (gsize length = 1; length <= 70; length++)
    {
      values.push_back (std::string (length, 'a'));
      values.push_back (std::string (length, '\0'));
      for (gsize i = 0; i < length; i++)
        {
          std::string changed (length, 'a');
          changed[i] = 'b';
          values.push_back (changed);
        }
    }
  auto hashes = hash (texts (values), values.size ());
  EXPECT_EQ (std::set<guint64> (hashes.begin (), hashes.end ()).size (), values.size ());
}

/* 2^16 values into 2^16 buckets by any 16 bits of the hash: about e^-1 of the buckets stay empty, as with random
 * numbers. */
static void
expect_spread (const std::vector<guint64> &hashes)
{
  ASSERT_EQ (hashes.size (), 65536u);
  for (guint shift : {0, 16, 32, 48})
    {
      std::vector<bool> used (65536);
      for (guint64 h : hashes)
        used[(h >> shift) & 0xffff] = true;
      double empty = static_cast<double> (std::count (used.begin (), used.end (), false)) / 65536;
      EXPECT_NEAR (empty, 0.368, 0.02) << shift;
    }
}

TEST_F (Column, HashesSpreadOverAllBits)
{
  std::vector<gint64> consecutive, high;
  std::vector<double> halves;
  std::vector<std::string> words;
  for (gint64 i = 0; i < 65536; i++)
    {
      consecutive.push_back (i);
      high.push_back (i * (G_GINT64_CONSTANT (1) << 47));
      halves.push_back (static_cast<double> (i) / 2);
      words.push_back (std::to_string (i));
    }
  expect_spread (hash (ints (consecutive), 65536));
  expect_spread (hash (ints (high), 65536));
  expect_spread (hash (floats (halves), 65536));
  expect_spread (hash (texts (words), 65536));
}

TEST_F (Column, FoldingDependsOnOrderAndSeed)
{
  PlColumn *one = ints ({1}), *two = ints ({2});
  guint64 a = 42, b = 42, c = 43;
  pl_column_hash (one, 1, &a);
  pl_column_hash (two, 1, &a);
  pl_column_hash (two, 1, &b);
  pl_column_hash (one, 1, &b);
  pl_column_hash (one, 1, &c);
  pl_column_hash (two, 1, &c);
  EXPECT_NE (a, b);
  EXPECT_NE (a, c);
}

/* "ab,,7\nc,d,\n,e,8\n": three records of three fields. */
class Slices : public Column
{
protected:
  const guint32 edges[12] = {G_MAXUINT32, 2, 3, 5, 5, 7, 9, 10, 10, 11, 13, 15};
  PlColumn string = {}, number = {};
  gint64 values[3] = {7, 0, 8};
  guint8 number_nulls[3] = {0, 1, 0};

  void
  SetUp () override
  {
    static const char data[] = "ab,,7\nc,d,\n,e,8\n";
    string.type = type_of (PL_STRING);
    string.slices = {data, edges, 4, nullptr, 0};
    number.type = type_of (PL_INT);
    number.ints = values;
    number.nulls = number_nulls;
    number.slices = {data, edges + 2, 4, nullptr, 0};
  }

  static std::string
  shown (const PlColumn *column, gsize row)
  {
    const PlText &text = column->type.kind == PL_STRING ? column->texts[row] : column->lexical[row];
    return pl_column_is_null (column, row) ? "null" : std::string (text.data, text.length);
  }
};

TEST_F (Slices, AreTakenOutOnce)
{
  pl_column_settle (&string, 3, arena);
  EXPECT_EQ (string.slices.data, nullptr);
  EXPECT_EQ (shown (&string, 0), "ab");
  EXPECT_EQ (shown (&string, 1), "c");
  EXPECT_EQ (shown (&string, 2), "null");
  EXPECT_EQ (string.texts[0].flags, (guint32) PL_TEXT_PLAIN);
  const PlText *texts = string.texts;
  pl_column_settle (&string, 3, arena);
  EXPECT_EQ (string.texts, texts);
  pl_column_settle (&number, 3, arena);
  EXPECT_EQ (number.ints, values);
  EXPECT_EQ (shown (&number, 0), "7");
  EXPECT_EQ (shown (&number, 1), "null");
  EXPECT_EQ (shown (&number, 2), "8");
}

/* Of a number that nobody converts, only its text tells whether it is null. */
TEST_F (Slices, TellNullsOfNumbersWithoutValues)
{
  number.ints = nullptr;
  number.nulls = nullptr;
  pl_column_settle (&number, 3, arena);
  EXPECT_FALSE (pl_column_is_null (&number, 0));
  EXPECT_TRUE (pl_column_is_null (&number, 1));
}

TEST_F (Slices, AreTakenOutOfTheRowsGathered)
{
  const guint32 rows[] = {0, 2};
  PlColumn *few = pl_column_gather (&string, rows, 2, arena);
  EXPECT_EQ (few->slices.data, nullptr);
  EXPECT_EQ (shown (few, 0), "ab");
  EXPECT_EQ (shown (few, 1), "null");
  few = pl_column_gather (&number, rows, 2, arena);
  EXPECT_EQ (few->ints[1], 8);
  EXPECT_EQ (shown (few, 1), "8");
  EXPECT_NE (string.slices.data, nullptr);
}

TEST_F (Slices, AreCutWithTheirBatch)
{
  PlSchema *schema = pl_schema_new ();
  pl_schema_add (schema, "s", string.type);
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  batch.columns[0] = &string;
  batch.n_rows = 3;
  pl_batch_slice (&batch, 1, 2);
  pl_batch_settle (&batch);
  EXPECT_EQ (shown (batch.columns[0], 0), "c");
  EXPECT_EQ (shown (batch.columns[0], 1), "null");
  EXPECT_NE (string.slices.data, nullptr);
  pl_schema_unref (schema);
}

/* Another branch has the batch with all its rows. */
TEST_F (Slices, OfTheFirstRowsAreSettledWithoutTheOthers)
{
  PlSchema *schema = pl_schema_new ();
  pl_schema_add (schema, "s", string.type);
  PlBatch whole, part;
  pl_batch_init (&whole, schema, arena);
  whole.columns[0] = &string;
  whole.n_rows = 3;
  pl_batch_copy (&part, &whole);
  pl_batch_slice (&part, 0, 1);
  pl_batch_settle (&part);
  pl_batch_settle (&whole);
  EXPECT_EQ (shown (part.columns[0], 0), "ab");
  EXPECT_EQ (shown (whole.columns[0], 1), "c");
  EXPECT_EQ (shown (whole.columns[0], 2), "null");
  pl_schema_unref (schema);
}

TEST_F (Column, DecimalsBoolsAndDatesHashByValue)
{
  PlColumn *decimals = pl_column_new (arena, decimal_of (38, 0), 3);
  decimals->decimals[0] = 1;
  decimals->decimals[1] = static_cast<PlInt128> (1) << 64;
  decimals->decimals[2] = -1;
  auto hashes = hash (decimals, 3);
  EXPECT_EQ (std::set<guint64> (hashes.begin (), hashes.end ()).size (), 3u);

  PlColumn *bools = pl_column_new (arena, type_of (PL_BOOL), 2);
  bools->bools[0] = 0;
  bools->bools[1] = 1;
  EXPECT_NE (hash (bools, 2)[0], hash (bools, 2)[1]);
  PlColumn *dates = pl_column_new (arena, type_of (PL_DATE), 2);
  dates->dates[0] = -1;
  dates->dates[1] = 1;
  EXPECT_NE (hash (dates, 2)[0], hash (dates, 2)[1]);
}
