// The values that medians keep, against std::vector: every length around the borders, combined both ways, saved and loaded.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

extern "C"
{
#include "../../../stages/aggregates/vector.h"
}

namespace
{

PlVector
filled (guint64 first, guint64 n)
{
  PlVector vector = {};
  for (guint64 i = 0; i < n; i++)
    pl_vector_append (&vector, first + i);
  return vector;
}

std::vector<guint64>
sorted (PlVector *vector)
{
  const guint64 *values = pl_vector_values (vector);
  std::vector<guint64> result (values, values + vector->n);
  std::sort (result.begin (), result.end ());
  return result;
}

std::vector<guint64>
range (guint64 n)
{
  std::vector<guint64> result;
  for (guint64 i = 0; i < n; i++)
    result.push_back (i);
  return result;
}

TEST (Vector, KeepsWhatItIsGiven)
{
  for (guint64 n = 0; n < 300; n++)
    {
      PlVector vector = filled (0, n);
      EXPECT_EQ (vector.values != nullptr, n > PL_VECTOR_LAST) << n;
      EXPECT_EQ (sorted (&vector), range (n));
      // Being looked at changes nothing.
      pl_vector_append (&vector, n);
      EXPECT_EQ (sorted (&vector), range (n + 1));
      pl_vector_clear (&vector);
      EXPECT_EQ (vector.n, 0u);
    }
}

TEST (Vector, Combines)
{
  for (guint64 a = 0; a < 70; a++)
    for (guint64 b = 0; b < 70; b++)
      {
        PlVector vector = filled (0, a), other = filled (a, b);
        pl_vector_combine (&vector, &other);
        EXPECT_EQ (other.n, 0u);
        EXPECT_EQ (other.values, nullptr);
        for (guint64 more = 0; more < 9; more++)
          pl_vector_append (&vector, a + b + more);
        EXPECT_EQ (sorted (&vector), range (a + b + 9)) << a << " and " << b;
        pl_vector_clear (&vector);
      }
}

TEST (Vector, SavesAndLoads)
{
  for (guint64 n : {0, 1, 8, 9, 16, 17, 64, 65})
    {
      PlVector vector = filled (0, n), loaded = {};
      PlBuffer buffer = PL_BUFFER_INIT;
      pl_vector_save (&vector, &buffer);
      for (gsize length = 0; length < buffer.length; length++)
        {
          PlCursor cut = {(const guint8 *) buffer.data, length, 0, FALSE};
          EXPECT_FALSE (pl_vector_load (&loaded, &cut));
        }
      PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
      EXPECT_TRUE (pl_vector_load (&loaded, &cursor));
      EXPECT_EQ (sorted (&loaded), range (n));
      pl_buffer_clear (&buffer);
      pl_vector_clear (&vector);
      pl_vector_clear (&loaded);
    }
}

} // namespace
