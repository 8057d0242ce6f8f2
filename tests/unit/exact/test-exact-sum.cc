// Exact sums against Python's fractions.Fraction: the expected values below were computed by it, from the same
// generated numbers.
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <cstring>
#include <vector>

extern "C"
{
#include "../../../pipeline/exact/exact-sum.h"
}

namespace
{

struct Random
{
  guint64 state;
  guint64
  next ()
  {
    state += 0x9E3779B97F4A7C15u;
    guint64 z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double
  real (guint lowest, guint highest)
  {
    guint64 u = next (), exponent = lowest + next () % (highest - lowest + 1);
    guint64 bits = (u & 0x800fffffffffffffu) | exponent << 52;
    double value;
    memcpy (&value, &bits, sizeof value);
    return value;
  }
};

double
sum_of (std::vector<double> values, guint64 divisor = 1)
{
  PlExactSum one = {}, many = {};
  for (double value : values)
    pl_exact_sum_add_double (&one, value);
  pl_exact_sum_add_doubles (&many, values.data (), values.size ());
  double result = pl_exact_sum_round (&one, divisor), other = pl_exact_sum_round (&many, divisor);
  EXPECT_EQ (memcmp (&result, &other, sizeof result), 0) << result << " " << other;
  pl_exact_sum_clear (&one);
  pl_exact_sum_clear (&many);
  return result;
}

TEST (ExactSum, ForgetsNoDouble)
{
  EXPECT_EQ (sum_of ({1e16, 1.0, -1e16}), 1.0);
  EXPECT_EQ (sum_of ({1e16, 1.0, -1e16}, 3), 0x1.5555555555555p-2);
  EXPECT_EQ (sum_of (std::vector<double> (10, 0.1)), 1.0);
  EXPECT_EQ (sum_of ({5e-324, 5e-324, -1e-310, 2.5e-308}), 0x1.1e7afa0cfdfe4p-1022);
  EXPECT_EQ (sum_of ({1e300, 1e-300, -1e300, 3.0, 1e-17}, 5), 0x1.3333333333333p-1);
  EXPECT_EQ (sum_of ({1e308, 1e308, -1e308, 1e-300}), 1e308);
  EXPECT_EQ (sum_of ({1e308, 1e308}, 2), 1e308);
  EXPECT_EQ (sum_of ({1e308, 1e308}), HUGE_VAL);
  EXPECT_EQ (sum_of ({-DBL_MAX, -DBL_MAX}), -HUGE_VAL);
  EXPECT_EQ (sum_of ({0x1p53, 1.0, 0x1p-60}), 0x1p53 + 2);
  EXPECT_EQ (sum_of ({0x1p53, 1.0, -0x1p-60}), 0x1p53);
  EXPECT_EQ (sum_of ({5e-324}, 2), 0.0);
  EXPECT_EQ (sum_of ({5e-324, 1e-323}, 2), 1e-323);
  EXPECT_FALSE (std::signbit (sum_of ({-0.0, -0.0})));
  EXPECT_EQ (sum_of ({}), 0.0);
}

TEST (ExactSum, RoundsRandomDoublesAsFractionDoes)
{
  const struct
  {
    guint64 seed;
    guint lowest, highest, n;
    double sum, mean;
  } cases[] = {
      {1, 0, 2034, 1000, -0x1.db4dfb3f3e924p+1005, -0x1.e6b640c3d593bp+995},
      {2, 1013, 1033, 3000, -0x1.46cf12d426fe0p+13, -0x1.be33fbab8eaabp+1},
      {3, 0, 3, 500, 0x1.03b6dd1648745p-1019, 0x0.0427ca31822efp-1022},
      {4, 900, 1100, 2500, -0x1.24fb956dc6a2dp+80, -0x1.e005df1d889e9p+68},
      {5, 1023, 1023, 4097, -0x1.8254b016e2f44p+6, -0x1.823c8c4e1e126p-6},
      {6, 1000, 1010, 1, -0x1.4a5d9adefe000p-13, -0x1.4a5d9adefe000p-13},
  };
  for (const auto &c : cases)
    {
      Random random = {c.seed};
      std::vector<double> values;
      for (guint i = 0; i < c.n; i++)
        values.push_back (random.real (c.lowest, c.highest));
      EXPECT_EQ (sum_of (values), c.sum) << c.seed;
      EXPECT_EQ (sum_of (values, c.n), c.mean) << c.seed;
    }
}

// Adds case 11, 12 or 13 of the generator: numbers i with i % n_states == state.
void
add_mixed (PlExactSum *sum, guint64 seed, guint n, guint max_scale, guint n_states, guint state)
{
  Random random = {seed};
  for (guint i = 0; i < n; i++)
    {
      guint64 u = random.next ();
      gint64 mantissa
          = seed == 11 ? (gint64) (u % 100000) - 30000 : (gint64) (u % 1000000000000000000u) - 500000000000000000;
      guint scale = (guint) (random.next () % (max_scale + 1));
      double real = seed == 13 && u % 7 == 0 ? random.real (1000, 1060) : 0;
      if (i % n_states != state)
        continue;
      if (seed == 13 && u % 7 == 0)
        pl_exact_sum_add_double (sum, real);
      else if (i % 2)
        pl_exact_sum_add_mantissa (sum, mantissa, scale);
      else
        pl_exact_sum_add_decimal (sum, mantissa, scale);
    }
}

const struct
{
  guint64 seed;
  guint n, max_scale;
  double sum, mean;
} mixed_cases[] = {
    {11, 1000, 2, 0x1.a7935db851eb8p+22, 0x1.b1bdd09bf9c63p+12},
    {12, 1000, 18, -0x1.51240698da802p+60, -0x1.593b6b1b7f7d1p+50},
    {13, 3000, 18, -0x1.002d8d8464324p+59, -0x1.5dc4ae1a79c86p+47},
};

TEST (ExactSum, RoundsDecimalsAsFractionDoes)
{
  for (const auto &c : mixed_cases)
    {
      PlExactSum sum = {};
      add_mixed (&sum, c.seed, c.n, c.max_scale, 1, 0);
      EXPECT_EQ (pl_exact_sum_round (&sum, 1), c.sum) << c.seed;
      EXPECT_EQ (pl_exact_sum_round (&sum, c.n), c.mean) << c.seed;
      pl_exact_sum_clear (&sum);
    }
}

TEST (ExactSum, SplitsCombineToTheSame)
{
  for (const auto &c : mixed_cases)
    for (guint n_states : {2u, 7u})
      {
        PlExactSum total = {};
        for (guint s = n_states; s-- > 0;)
          {
            PlExactSum part = {}, loaded = {};
            PlBuffer buffer = PL_BUFFER_INIT;
            add_mixed (&part, c.seed, c.n, c.max_scale, n_states, s);
            part.count = 5;
            pl_exact_sum_save (&part, &buffer);
            PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
            ASSERT_TRUE (pl_exact_sum_load (&loaded, &cursor));
            EXPECT_EQ (cursor.offset, buffer.length);
            PlCursor cut = {(const guint8 *) buffer.data, buffer.length - 1, 0, FALSE};
            pl_exact_sum_clear (&part);
            EXPECT_FALSE (pl_exact_sum_load (&part, &cut));
            pl_exact_sum_combine (&total, &loaded);
            EXPECT_EQ (loaded.spill, nullptr);
            EXPECT_EQ (loaded.count, 0u);
            pl_buffer_clear (&buffer);
          }
        EXPECT_EQ (total.count, 5u * n_states);
        EXPECT_EQ (pl_exact_sum_round (&total, 1), c.sum) << c.seed;
        EXPECT_EQ (pl_exact_sum_round (&total, c.n), c.mean) << c.seed;
        pl_exact_sum_clear (&total);
      }
}

TEST (ExactSum, DecimalsBeyond128BitsAreKept)
{
  PlExactSum sum = {};
  const PlInt128 most = pl_powers_of_10[38] - 1;
  for (int i = 0; i < 1000; i++)
    pl_exact_sum_add_decimal (&sum, most, 2);
  pl_exact_sum_add_decimal (&sum, 1, 38);
  for (int i = 0; i < 1000; i++)
    pl_exact_sum_add_decimal (&sum, -most, 2);
  EXPECT_EQ (pl_exact_sum_round (&sum, 1), 1e-38);
  pl_exact_sum_clear (&sum);
}

TEST (ExactSum, SpecialsFollowIeee)
{
  auto special = [] (std::vector<double> values) {
    double value = 0;
    PlExactSum sum = {};
    pl_exact_sum_add_doubles (&sum, values.data (), values.size ());
    EXPECT_TRUE (pl_exact_sum_special (&sum, &value));
    pl_exact_sum_clear (&sum);
    return value;
  };
  EXPECT_EQ (special ({1, INFINITY, 2}), HUGE_VAL);
  EXPECT_EQ (special ({-INFINITY, 2, 3, 4, 5}), -HUGE_VAL);
  EXPECT_TRUE (std::isnan (special ({-INFINITY, 2, INFINITY})));
  EXPECT_TRUE (std::isnan (special ({1, 2, 3, 4, NAN})));
  EXPECT_TRUE (std::isnan (special ({NAN})));
  double value;
  PlExactSum sum = {};
  EXPECT_FALSE (pl_exact_sum_special (&sum, &value));
}

TEST (Wide, MultipliesDividesAndPrints)
{
  PlWide a, b, c;
  pl_wide_set (&a, -3);
  pl_wide_scale_power10 (&a, 50);
  g_autofree char *text = pl_wide_text (&a, 49);
  EXPECT_STREQ (text, "-30.0000000000000000000000000000000000000000000000000");
  pl_wide_set (&b, 7);
  pl_wide_scale_power10 (&b, 49);
  EXPECT_EQ (pl_wide_ratio (&a, &b, 0), -30.0 / 7);
  EXPECT_EQ (pl_wide_ratio (&a, &b, -1060), -0x1.1249249249249p-1058);
  EXPECT_EQ (pl_wide_ratio (&a, &b, -1074), -0x0.0000000000004p-1022);
  EXPECT_EQ (pl_wide_ratio (&a, &b, 1030), -HUGE_VAL);
  pl_wide_multiply (&c, &a, &b);
  pl_wide_shift_left (&c, 1);
  g_autofree char *product = pl_wide_text (&c, 0);
  EXPECT_STREQ (product, ("-42" + std::string (99, '0')).c_str ());
  pl_wide_subtract (&c, &c, &c);
  EXPECT_TRUE (pl_wide_is_zero (&c));
  g_autofree char *zero = pl_wide_text (&c, 2);
  EXPECT_STREQ (zero, "0.00");
  PlInt128 value;
  pl_wide_set (&c, (PlInt128) ((PlUint128) 1 << 127));
  EXPECT_TRUE (pl_wide_get_int128 (&c, &value));
  EXPECT_TRUE (value == (PlInt128) ((PlUint128) 1 << 127));
  pl_wide_subtract (&c, &b, &c);
  EXPECT_FALSE (pl_wide_get_int128 (&c, &value));
}

} // namespace
