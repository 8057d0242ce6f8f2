// Comparable keys, and the values that they were made of.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/keys/comparable-decode.h"
#include "../../../pipeline/keys/comparable.h"
}

namespace
{

const gsize N = 4000;

class ComparableKeys : public testing::Test
{
protected:
  PlArena *arena = pl_arena_new ();
  std::mt19937_64 random{7};
  std::vector<PlColumn *> columns;
  std::vector<std::string> texts;

  ~ComparableKeys () override
  {
    pl_arena_free (arena);
  }

  gint64
  number ()
  {
    const guint64 bits = random () >> (random () % 64);
    return static_cast<gint64> (random () % 2 != 0 ? bits : 0 - bits);
  }

  PlColumn *
  add (PlType type)
  {
    PlColumn *column = pl_column_new (arena, type, N);
    pl_column_add_nulls (column, arena, N);
    for (gsize i = 0; i < N; i++)
      column->nulls[i] = type.kind == PL_NULL || random () % 5 == 0;
    columns.push_back (column);
    return column;
  }

  void
  fill ()
  {
    const double special[] = {0.0, NAN, INFINITY, -INFINITY, std::numeric_limits<double>::denorm_min (), -1e300, 0.1};
    PlColumn *bools = add (PL_TYPE (PL_BOOL)), *ints = add (PL_TYPE (PL_INT)), *floats = add (PL_TYPE (PL_FLOAT)),
             *decimals = add (PL_TYPE_DECIMAL (38, 5)), *dates = add (PL_TYPE (PL_DATE)),
             *times = add (PL_TYPE (PL_TIMESTAMP)), *strings = add (PL_TYPE (PL_STRING));
    add (PL_TYPE (PL_NULL));
    texts.resize (N);
    for (gsize i = 0; i < N; i++)
      {
        bools->bools[i] = random () % 2;
        ints->ints[i] = number ();
        floats->floats[i]
            = random () % 2 != 0 ? special[random () % G_N_ELEMENTS (special)] : std::ldexp (number (), -30);
        decimals->decimals[i] = static_cast<PlInt128> (number ()) * number ();
        dates->dates[i] = static_cast<gint32> (number ());
        times->ints[i] = number ();
        for (gsize n = random () % 12; n > 0; n--)
          texts[i] += static_cast<char> (random () % 3 != 0 ? random () % 3 : random ());
        strings->texts[i] = {texts[i].data (), static_cast<guint32> (texts[i].size ()), 0};
      }
    ints->ints[0] = G_MININT64;
    ints->ints[1] = G_MAXINT64;
  }

  bool
  same (const PlColumn *a, const PlColumn *b, gsize row)
  {
    if (pl_column_is_null (a, row) || pl_column_is_null (b, row))
      return pl_column_is_null (a, row) == pl_column_is_null (b, row);
    switch (a->type.kind)
      {
      case PL_BOOL:
        return a->bools[row] == b->bools[row];
      case PL_DATE:
        return a->dates[row] == b->dates[row];
      case PL_FLOAT:
        return a->floats[row] == b->floats[row] || (std::isnan (a->floats[row]) && std::isnan (b->floats[row]));
      case PL_DECIMAL:
        return a->decimals[row] == b->decimals[row];
      case PL_STRING:
        return std::string (a->texts[row].data, a->texts[row].length)
               == std::string (b->texts[row].data, b->texts[row].length);
      default:
        return a->ints[row] == b->ints[row];
      }
  }
};

TEST_F (ComparableKeys, BecomeTheValuesTheyWereMadeOf)
{
  fill ();
  const guint n = static_cast<guint> (columns.size ());
  PlText *keys = pl_sort_keys (columns.data (), nullptr, n, nullptr, N, 0, arena);
  std::vector<PlColumn *> read;
  for (const PlColumn *column : columns)
    read.push_back (pl_column_new (arena, column->type, N));
  ASSERT_TRUE (pl_sort_keys_decode (keys, N, read.data (), n, arena));
  for (guint c = 0; c < n; c++)
    for (gsize i = 0; i < N; i++)
      ASSERT_TRUE (same (columns[c], read[c], i)) << "column " << c << ", row " << i;
  // Zeros behind a key do not matter, and a key that is cut off is found.
  for (gsize i = 0; i < 50; i++)
    {
      std::string longer (keys[i].data, keys[i].length);
      longer += std::string (7, '\0');
      PlText key = {longer.data (), static_cast<guint32> (longer.size ()), 0};
      EXPECT_TRUE (pl_sort_keys_decode (&key, 1, read.data (), n, arena));
      key.length = keys[i].length - 1;
      EXPECT_FALSE (pl_sort_keys_decode (&key, 1, read.data (), n, arena)) << i;
      key.length = 0;
      EXPECT_FALSE (pl_sort_keys_decode (&key, 1, read.data (), n, arena)) << i;
    }
}

// Texts are written and read eight bytes at a time: with bytes that are escaped at each place of each length.
TEST_F (ComparableKeys, TextsOfEachLengthWithBytesThatAreEscaped)
{
  std::vector<std::string> texts;
  for (gsize length = 0; length <= 20; length++)
    {
      texts.push_back (std::string (length, 'm'));
      for (gsize at = 0; at < length; at++)
        for (const char byte : {'\0', '\1', '\2', '\x80', '\x81', '\xff'})
          {
            texts.push_back (std::string (length, 'm'));
            texts.back ()[at] = byte;
          }
    }
  const gsize n = texts.size ();
  PlColumn *text = pl_column_new (arena, PL_TYPE (PL_STRING), n), *number = pl_column_new (arena, PL_TYPE (PL_INT), n);
  for (gsize i = 0; i < n; i++)
    {
      text->texts[i] = {texts[i].data (), (guint32) texts[i].size (), 0};
      number->ints[i] = (gint64) (i % 5) - 2;
    }
  PlColumn *columns[] = {text, number, text};
  for (const bool descending : {false, true})
    {
      const PlSortOrder orders[] = {{descending, FALSE}, {descending, FALSE}, {descending, FALSE}};
      const PlText *keys = pl_sort_keys (columns, orders, 3, nullptr, n, 0, arena);
      for (gsize a = 0; a < n; a++)
        for (gsize b = a + 1; b < n; b += 7)
          {
            const int order = memcmp (keys[a].data, keys[b].data, MIN (keys[a].length, keys[b].length));
            ASSERT_EQ (order < 0, descending ? texts[a] > texts[b] : texts[a] < texts[b]) << a << " " << b;
          }
      PlColumn *read[] = {pl_column_new (arena, PL_TYPE (PL_STRING), n), pl_column_new (arena, PL_TYPE (PL_INT), n),
                          pl_column_new (arena, PL_TYPE (PL_STRING), n)};
      if (descending)
        continue;
      ASSERT_TRUE (pl_sort_keys_decode (keys, n, read, 3, arena));
      for (gsize i = 0; i < n; i++)
        {
          ASSERT_EQ (std::string (read[0]->texts[i].data, read[0]->texts[i].length), texts[i]);
          ASSERT_EQ (std::string (read[2]->texts[i].data, read[2]->texts[i].length), texts[i]);
          ASSERT_EQ (read[1]->ints[i], number->ints[i]);
        }
    }
}

} // namespace
