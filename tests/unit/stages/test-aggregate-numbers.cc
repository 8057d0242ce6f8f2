// sum, mean, moments, covariance, quantiles and product against values computed with Python's fractions and decimal (80
// digits).
#include "aggregate-harness.h"

namespace
{

const PlType FLOAT = {PL_FLOAT, 0, 0, 0}, INT = {PL_INT, 0, 0, 0}, BOOL = {PL_BOOL, 0, 0, 0},
             STRING = {PL_STRING, 0, 0, 0};

PlType
decimal (guint8 scale)
{
  return {PL_DECIMAL, 38, scale, 0};
}

struct Expected
{
  const char *sum, *mean, *var, *std, *sem, *skew, *kurtosis;
};

void
expect (PlType type, const std::vector<std::string> &values, bool exact, const Expected &e)
{
  AggregateHarness h;
  h.add_texts ("x", type, values, exact);
  EXPECT_EQ (h.run ("sum", {"x"}), e.sum);
  EXPECT_EQ (h.run ("mean", {"x"}), e.mean);
  EXPECT_EQ (h.run ("var", {"x"}), e.var);
  EXPECT_EQ (h.run ("std", {"x"}), e.std);
  EXPECT_EQ (h.run ("sem", {"x"}), e.sem);
  EXPECT_EQ (h.run ("skew", {"x"}), e.skew);
  EXPECT_EQ (h.run ("kurtosis", {"x"}), e.kurtosis);
}

const std::vector<std::string> decimals = {"3.5", "1.25", "", "9.75", "1.25", "-2.0", "7.125", "4"};
const std::vector<std::string> doubles = {"0.1", "0.2", "0.7", "1e-9", "", "123456.789", "-3.3333"};

TEST (AggregateNumbers, MomentsOfDecimalsAsWritten)
{
  const Expected e = {"24.875",
                      "3.5535714285714284",
                      "15.468005952380953",
                      "3.9329385899580167",
                      "1.486511061531135",
                      "0.3368648888764284",
                      "-0.24195793748910083"};
  expect (FLOAT, decimals, true, e);
  expect (FLOAT, decimals, false, e); // all of them are doubles, too
  expect (decimal (5), decimals, false, {"24.87500", e.mean, e.var, e.std, e.sem, e.skew, e.kurtosis});
}

TEST (AggregateNumbers, MomentsOfDoubles)
{
  expect (FLOAT, doubles, false,
          {"123454.45570000101", "20575.742616666834", "2540282331.2954984", "50401.2135895109", "20576.20928522185",
           "2.4494897382000884", "5.999999982537356"});
}

TEST (AggregateNumbers, MomentsOfDecimalsAndDoublesMixed)
{
  expect (FLOAT, {"3.5", "0.1", "1.1e-20", "2.25", "100000000000000016.00", "-7.3"}, true,
          {"1.0000000000000002e+17", "1.666666666666667e+16", "1.6666666666666672e+33", "4.082482904638631e+16",
           "1.6666666666666668e+16", "2.449489742783178", "6.0"}); // sem: sqrt (float (var / n))
}

TEST (AggregateNumbers, MomentsOfInts)
{
  expect (INT, {"1", "2", "", "2", "3", "10", "-4"}, false,
          {"14", "2.3333333333333335", "20.266666666666666", "4.501851470969102", "1.837873166945363",
           "0.639356827350994", "2.3856258656509697"});
  std::vector<std::string> large;
  for (int i = 0; i < 9; i++)
    large.push_back (std::to_string (100000000000000000 + i * i * 7919));
  expect (INT, large, false,
          {"900000000001615476", "1.000000000001795e+17", "32515425878.5", "180320.34238682", "60106.780795606675",
           "0.8179537109131595", "-0.5124537318286627"});
}

TEST (AggregateNumbers, MomentsOfWideDecimals)
{
  expect (decimal (3), {"99999999999999999999999999999999999.999", "0.001", "-5.5"}, false,
          {"99999999999999999999999999999999994.500", "3.333333333333333e+34", "3.3333333333333333e+69",
           "5.773502691896257e+34", "3.333333333333333e+34", "1.7320508075688772", "null"});
}

TEST (AggregateNumbers, MomentsOfHugeDoublesDoNotOverflow)
{
  AggregateHarness h;
  h.add_texts ("x", FLOAT, {"1e300", "-2e300", "5e-300", "1e299", "7.0"});
  EXPECT_EQ (h.run ("skew", {"x"}), "-1.3589883439588355");
  EXPECT_EQ (h.run ("kurtosis", {"x"}), "2.9934565238702087");
  EXPECT_EQ (h.run ("var", {"x"}), "inf");
}

// The last digits say how values are taken: 0.1, 0.1 and 0.2 as written have 0.12, as doubles a little more.
TEST (AggregateNumbers, HarmonicMeans)
{
  const auto mean = [] (PlType type, const std::vector<std::string> &values, bool exact = false) {
    AggregateHarness h;
    h.add_texts ("x", type, values, exact);
    return h.run ("harmonic_mean", {"x"});
  };
  const std::vector<std::string> plain = {"3.5", "", "1.25", "9.75", "1.25", "7.125", "4"};
  EXPECT_EQ (mean (FLOAT, plain, true), "2.5224611868260123");
  EXPECT_EQ (mean (FLOAT, plain), "2.5224611868260123");
  EXPECT_EQ (mean (decimal (5), plain), "2.5224611868260123");
  EXPECT_EQ (mean (FLOAT, {"0.1", "0.1", "0.2"}, true), "0.12");
  EXPECT_EQ (mean (FLOAT, {"0.1", "0.100", "0.20000000000000000"}, true), "0.12");
  EXPECT_EQ (mean (FLOAT, {"0.1", "0.1", "0.2"}), "0.12000000000000001");
  EXPECT_EQ (mean (INT, {"40", "60"}), "48.0");
  EXPECT_EQ (mean (INT, {"1", "2", "3", "10", "9223372036854775807"}), "2.586206896551724");
  EXPECT_EQ (mean (decimal (2), {"99999999999999999999999999999.5", "3.25"}), "6.5");
  EXPECT_EQ (mean (BOOL, {"true", "true"}), "1.0");
  for (const char *one : {"7.0", "0.1", "5e-324", "1.7976931348623157e+308", "3.0000000000000004"})
    {
      EXPECT_EQ (mean (FLOAT, {one}), one);
      EXPECT_EQ (mean (FLOAT, std::vector<std::string> (1000, one)), one);
    }
  EXPECT_EQ (mean (FLOAT, {"5e-324", "1e-310"}), "1e-323");
  EXPECT_EQ (mean (FLOAT, {"1.7976931348623157e308", "1e300", "3"}), "9.0");
}

TEST (AggregateNumbers, HarmonicMeansOfWhatHasNone)
{
  const auto mean = [] (PlType type, const std::vector<std::string> &values) {
    AggregateHarness h;
    h.add_texts ("x", type, values);
    return h.run ("harmonic_mean", {"x"});
  };
  EXPECT_EQ (mean (FLOAT, {""}), "null");
  EXPECT_EQ (mean (PL_TYPE (PL_NULL), {"", ""}), "null");
  EXPECT_EQ (mean (FLOAT, {"1", "0", "3"}), "0.0");
  EXPECT_EQ (mean (FLOAT, {"-0.0", "3"}), "0.0");
  EXPECT_EQ (mean (INT, {"0", "0"}), "0.0");
  EXPECT_EQ (mean (BOOL, {"true", "false"}), "0.0");
  EXPECT_EQ (mean (FLOAT, {"1", "-1"}), "null");
  EXPECT_EQ (mean (INT, {"1", "0", "-3"}), "null");
  EXPECT_EQ (mean (FLOAT, {"NaN", "-3"}), "null");
  EXPECT_EQ (mean (FLOAT, {"-inf", "3"}), "null");
  EXPECT_EQ (mean (FLOAT, {"NaN", "0"}), "nan");
  EXPECT_EQ (mean (FLOAT, {"inf", "3"}), "6.0");
  EXPECT_EQ (mean (FLOAT, {"inf", "inf"}), "inf");
}

TEST (AggregateNumbers, FewOrEqualValues)
{
  AggregateHarness one, constant, none;
  one.add_texts ("x", FLOAT, {"0.1", ""});
  for (const char *name : {"var", "std", "sem", "skew", "kurtosis"})
    EXPECT_EQ (one.run (name, {"x"}), "null") << name;
  constant.add_texts ("x", FLOAT, std::vector<std::string> (1000, "0.1"));
  EXPECT_EQ (constant.run ("var", {"x"}), "0.0");
  EXPECT_EQ (constant.run ("skew", {"x"}), "null");
  EXPECT_EQ (constant.run ("kurtosis", {"x"}), "null");
  none.add_texts ("x", PL_TYPE (PL_NULL), {"", ""});
  for (const char *name : {"sum", "mean", "var", "median", "product"})
    EXPECT_EQ (none.run (name, {"x"}), "null") << name;
  EXPECT_EQ (none.run ("sum", {"x", "0"}), "0");
}

TEST (AggregateNumbers, SumsOfPowersLeave128Bits)
{
  AggregateHarness h, border;
  std::vector<std::string> large, squares, near;
  for (gint64 i = 0; i < 24; i++)
    {
      const gint64 top = (gint64) 1 << 62;
      large.push_back (std::to_string (i % 3 != 0 ? top + i * i * i * 12345 : -top + i));
      squares.push_back (std::to_string (i * i));
    }
  h.add_texts ("x", INT, large);
  h.add_texts ("y", INT, squares);
  EXPECT_EQ (h.run ("var", {"x"}), "1.9726514024583777e+37");
  EXPECT_EQ (h.run ("skew", {"x"}), "-0.7551476239016431");
  EXPECT_EQ (h.run ("kurtosis", {"x"}), "-1.5681818181818181");
  EXPECT_EQ (h.run ("cov", {"x", "y"}), "7.271759983272687e+19");
  EXPECT_EQ (h.run ("corr", {"x", "y"}), "0.09722697502963284");
  for (gint64 i = 0; i < 7; i++) // about the largest whose fourth power fits
    near.push_back (std::to_string (i % 2 != 0 ? ((gint64) 1 << 31) - 3 + i : -((gint64) 1 << 31) + 3 - i));
  border.add_texts ("x", INT, near);
  EXPECT_EQ (border.run ("var", {"x"}), "5.270498306774157e+18");
  EXPECT_EQ (border.run ("skew", {"x"}), "0.3741657386773941");
  EXPECT_EQ (border.run ("kurtosis", {"x"}), "-2.8");
}

TEST (AggregateNumbers, MomentsOfScalesThatDiffer)
{
  AggregateHarness h;
  h.add_texts ("x", FLOAT,
               {"0.5", "1.25", "7", "0.000000000000000001", "-3.125", "12", "100000000000.5", "0.1234567890123456789"},
               true);
  h.add_texts ("y", FLOAT, {"1", "2.5", "", "4", "-7.25", "0.125", "9", "3"}, true);
  EXPECT_EQ (h.run ("var", {"x"}), "1.2499999999491126e+21");
  EXPECT_EQ (h.run ("skew", {"x"}), "2.8284271247461903");
  EXPECT_EQ (h.run ("kurtosis", {"x"}), "8.0");
  EXPECT_EQ (h.run ("cov", {"x", "y"}), "120535714287.84195");
  EXPECT_EQ (h.run ("corr", {"x", "y"}), "0.6510782830910904");
}

TEST (AggregateNumbers, SumsAreExact)
{
  AggregateHarness tenths, cancel, doubles_;
  tenths.add_texts ("x", FLOAT, std::vector<std::string> (1000, "0.1"), true);
  EXPECT_EQ (tenths.run ("sum", {"x"}), "100.0");
  EXPECT_EQ (tenths.run ("mean", {"x"}), "0.1");
  cancel.add_texts ("x", FLOAT, {"1e16", "1", "-1e16", "", "1e-30"});
  EXPECT_EQ (cancel.run ("sum", {"x"}), "1.0");
  doubles_.add_texts ("x", FLOAT, {"1", "inf", "2"});
  EXPECT_EQ (doubles_.run ("sum", {"x"}), "inf");
  EXPECT_EQ (doubles_.run ("mean", {"x"}), "inf");
  EXPECT_EQ (doubles_.run ("var", {"x"}), "nan");
}

TEST (AggregateNumbers, SumsOfBoolsCount)
{
  AggregateHarness h;
  h.add_texts ("x", BOOL, {"true", "false", "", "true"});
  EXPECT_EQ (h.run ("sum", {"x"}), "2");
  EXPECT_EQ (h.run ("mean", {"x"}), "0.6666666666666666");
}

TEST (AggregateNumbers, IntSumsOverflowOnlyInTheEnd)
{
  AggregateHarness h, fine, wide;
  h.add_texts ("x", INT, {"9223372036854775807", "9223372036854775807"});
  EXPECT_EQ (h.run ("sum", {"x"}), "error");
  EXPECT_EQ (
      h.error,
      "sum(x) is 18446744073709551614, which does not fit the 64 bits of int; write sum(cast(x as decimal(38,0)))");
  EXPECT_EQ (h.run ("mean", {"x"}), "9.223372036854776e+18");
  fine.add_texts ("x", INT, {"9223372036854775807", "5", "-9223372036854775808"});
  EXPECT_EQ (fine.run ("sum", {"x"}), "4");
  wide.add_texts ("x", decimal (2), {"999999999999999999999999999999999999.99", "0.01"});
  EXPECT_EQ (wide.run ("sum", {"x"}), "error");
  EXPECT_EQ (wide.error,
             "sum(x) is 1000000000000000000000000000000000000.00, which does not fit the 38 digits of decimal(38,2); "
             "write sum(cast(x as float))");
}

TEST (AggregateNumbers, MinCount)
{
  AggregateHarness h;
  h.add_texts ("x", INT, {"4", "", "5"});
  EXPECT_EQ (h.run ("sum", {"x", "3"}), "null");
  EXPECT_EQ (h.run ("sum", {"x", "2"}), "9");
  EXPECT_EQ (h.run ("product", {"x", "3"}), "null");
  EXPECT_EQ (h.run ("sum", {"x", "x"}), "refused");
  EXPECT_EQ (h.error, "sum(x, x): the least number of values must be a constant");
  EXPECT_EQ (h.run ("sum", {"x", "1.5"}), "refused");
  EXPECT_EQ (h.error, "sum(x, 1.5): the least number of values must be a whole number from 0");
}

TEST (AggregateNumbers, Covariance)
{
  for (bool exact : {true, false})
    {
      AggregateHarness h, mixed;
      h.add_texts ("x", FLOAT, {"3.5", "1.25", "100", "9.75", "1.25", "-2.0", "7.125", "4"}, exact);
      h.add_texts ("y", FLOAT, {"10", "20.5", "", "-3.25", "8", "1", "0.125", "7"}, exact);
      EXPECT_EQ (h.run ("cov", {"x", "y"}), "-14.718005952380953");
      EXPECT_EQ (h.run ("corr", {"x", "y"}), "-0.47269389963618075");
      mixed.add_texts ("x", FLOAT, doubles);
      mixed.add_texts ("y", INT, {"5", "3", "9", "-2", "7", "4", "4"});
      EXPECT_EQ (mixed.run ("cov", {"x", "y"}), "4115.828523332167");
      EXPECT_EQ (mixed.run ("corr", {"x", "y"}), "0.02303595550845862");
    }
  AggregateHarness bools;
  bools.add_texts ("x", PL_TYPE (PL_BOOL), {"true", "false", "true", "", "true"});
  bools.add_texts ("y", INT, {"3", "1", "4", "9", "5"});
  EXPECT_EQ (bools.run ("cov", {"x", "y"}), "0.75");
  EXPECT_EQ (bools.run ("cov", {"y", "x"}), "0.75");
  AggregateHarness line;
  line.add_texts ("x", INT, {"1", "2", "3"});
  line.add_texts ("y", INT, {"-10", "-20", "-30"});
  EXPECT_EQ (line.run ("corr", {"x", "y"}), "-1.0");
  AggregateHarness flat;
  flat.add_texts ("x", INT, {"1", "2", "3"});
  flat.add_texts ("y", INT, {"7", "7", "7"});
  EXPECT_EQ (flat.run ("corr", {"x", "y"}), "null");
  EXPECT_EQ (flat.run ("cov", {"x", "y"}), "0.0");
}

TEST (AggregateNumbers, Quantiles)
{
  AggregateHarness h;
  h.add_texts ("x", FLOAT, decimals);
  const char *expected[][2] = {{"0", "-2.0"},  {"0.1", "-0.04999999999999982"}, {"0.25", "1.25"},
                               {"0.5", "3.5"}, {"0.95", "8.962499999999999"},   {"1", "9.75"}};
  for (auto &pair : expected)
    EXPECT_EQ (h.run ("quantile", {"x", pair[0]}), pair[1]) << pair[0];
  EXPECT_EQ (h.run ("median", {"x"}), "3.5");
  EXPECT_EQ (h.run ("quantile", {"x", "95"}), "refused");
  EXPECT_EQ (h.error, "quantile(x, 95): the share q must be a number from 0 to 1, such as 0.95");

  AggregateHarness even;
  even.add_texts ("x", INT, {"9007199254740993", "9007199254740995"});
  EXPECT_EQ (even.run ("median", {"x"}), "9007199254740994.0");
}

TEST (AggregateNumbers, QuantilesOfManyEqualTheSorted)
{
  std::mt19937_64 random (4);
  for (gsize n : {25u, 100u, 1000u, 2001u})
    for (int kind = 0; kind < 3; kind++)
      {
        std::vector<gint64> values (n);
        AggregateHarness h;
        PlColumn *column = h.add ("x", INT, n);
        for (gsize i = 0; i < n; i++)
          values[i] = column->ints[i] = kind == 0   ? (gint64) random () >> 11
                                        : kind == 1 ? (gint64) (random () % 7) - 3
                                                    : (gint64) i % 300 * 1000;
        std::sort (values.begin (), values.end ());
        double place = 0.3 * (double) (n - 1), low = (double) values[(gsize) place],
               high = (double) values[(gsize) place + 1];
        double share = place - std::floor (place);
        double expected = low == high    ? low
                          : share >= 0.5 ? high - (high - low) * (1 - share)
                                         : low + (high - low) * share;
        char text[PL_PRINT_MAX];
        gsize length = pl_print_float (text, expected);
        EXPECT_EQ (h.run ("quantile", {"x", "0.3"}), std::string (text, length)) << n << " " << kind;
      }
}

TEST (AggregateNumbers, Products)
{
  AggregateHarness ints, zero, over, edge, floats;
  ints.add_texts ("x", INT, {"3", "-4", "", "5"});
  EXPECT_EQ (ints.run ("product", {"x"}), "-60");
  zero.add_texts ("x", INT, {"9223372036854775807", "0", "9223372036854775807"});
  EXPECT_EQ (zero.run ("product", {"x"}), "0");
  over.add_texts ("x", INT, {"4294967296", "2147483648"});
  EXPECT_EQ (over.run ("product", {"x"}), "error");
  EXPECT_EQ (over.error, "product(x) does not fit the 64 bits of int; write product(cast(x as float))");
  edge.add_texts ("x", INT, {"4294967296", "-2147483648"});
  EXPECT_EQ (edge.run ("product", {"x"}), "-9223372036854775808");
  floats.add_texts ("x", FLOAT, {"0.1", "0.7", "-3.3333", "123456.789"});
  EXPECT_EQ (floats.run ("product", {"x"}), "-28806.296034159");
  AggregateHarness range;
  range.add_texts ("x", FLOAT, {"1e300", "1e300", "1e-300", "1e-300", "2"});
  EXPECT_EQ (range.run ("product", {"x"}), "2.0000000000000004"); // 1e-300 is not the inverse of 1e300
}

TEST (AggregateNumbers, RefuseText)
{
  AggregateHarness h;
  h.add_texts ("x", STRING, {"a"});
  EXPECT_EQ (h.run ("sum", {"x"}), "refused");
  EXPECT_EQ (h.error, "sum(x): sum needs numbers, not string");
  EXPECT_EQ (h.run ("corr", {"x"}), "refused");
  EXPECT_EQ (h.error, "corr(x): corr takes 2 arguments, not 1: corr(x, y)");
}

} // namespace
