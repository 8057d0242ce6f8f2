// Moments and covariances around the bounds within which their sums are kept short: values computed with Python's
// fractions.
#include "aggregate-harness.h"

extern "C"
{
#include "../../../stages/aggregates/short-products.h"
#include "../../../stages/aggregates/registry.h"
}

namespace
{

const PlType FLOAT = {PL_FLOAT, 0, 0, 0};

// Numbers next to 2^39, 2^26 and 2^19 units, whose squares, cubes and fourth powers are the last that are added unseen.
const std::vector<std::string> xs = {
    "5497558138.87", "5497558138.88", "5497558138.89", "-5497558138.88", "-5497558138.89",      "5497558138.86",
    "0.00",          "0.01",          "-0.01",         "0.07",           "671088.64",           "671088.65",
    "-671088.65",    "5242.88",       "5242.89",       "-5242.89",       "9999999999999999.99", "-9999999999999999.99",
    "0.03",          "0.12"};
const std::vector<std::string> ys
    = {"0.0005",   "-0.0004",       "54975581.3888", "54975581.3889", "-54975581.3889", "0.0017",
       "0.0003",   "0.0002",        "0.0001",        "0.0000",        "-0.0007",        "-0.0009",
       "100.0003", "27487790.6944", "0.0011",        "0.0013",        "0.0002",         "99999999999999.9998",
       "-0.0008",  "0.0006"};

std::vector<guint32>
in_turn (gsize n, guint32 n_groups)
{
  std::vector<guint32> groups;
  for (guint32 i = 0; i < n; i++)
    groups.push_back (i % n_groups);
  return groups;
}

// All of one scale, as a reader gives columns whose texts are.
void
make_uniform (PlColumn *column, guint8 scale)
{
  column->exact_scales = nullptr;
  column->exact_scale = scale;
}

void
expect_moments (const std::vector<std::string> &values, guint8 scale, const char *var, const char *skew,
                const char *kurtosis)
{
  const std::vector<guint32> groups = in_turn (values.size (), 3);
  for (bool uniform : {false, true})
    {
      AggregateHarness h;
      h.add_texts ("v", FLOAT, values, true);
      if (uniform)
        make_uniform (h.columns[0], scale);
      EXPECT_EQ (h.run ("var", {"v"}, &groups, 3), var);
      EXPECT_EQ (h.run ("skew", {"v"}, &groups, 3), skew);
      EXPECT_EQ (h.run ("kurtosis", {"v"}, &groups, 3), kurtosis);
    }
}

TEST (Products, MomentsAtTheBounds)
{
  expect_moments (xs, 2, "1.007438189427711e+19|1.4285714285402297e+31|1.6666673997203133e+31",
                  "0.00012785025501433055|2.6457513110606725|-2.44948974278078",
                  "2.999999908551804|6.999999999984204|5.9999999999908615");
  expect_moments (ys, 4, "431758959501266.9|611658896830401.0|1.6666663001632945e+27",
                  "2.645751311046718|-1.56908874416936|2.449489742781579",
                  "6.999999999927943|4.287197231836|5.999999999993907");
}

// corr is the root of a quotient that is a double already.
TEST (Products, CovariancesAtTheBounds)
{
  const std::vector<guint32> groups = in_turn (xs.size (), 3);
  for (bool uniform : {false, true})
    {
      AggregateHarness h;
      h.add_texts ("x", FLOAT, xs, true);
      h.add_texts ("y", FLOAT, ys, true);
      if (uniform)
        {
          make_uniform (h.columns[0], 2);
          make_uniform (h.columns[1], 4);
        }
      EXPECT_EQ (h.run ("cov", {"x", "y"}, &groups, 3),
                 "-5.037102388089671e+16|6.544762442852e+21|-1.666666849940746e+29");
      EXPECT_EQ (h.run ("corr", {"x", "y"}, &groups, 3), "-0.7637494220608219|0.07001454307962478|-0.9999999999994197");
    }
}

// Batches of one scale each, the second greater, then less, than the first.
TEST (Products, ScalesThatChangeBetweenBatches)
{
  AggregateHarness h;
  h.add_texts ("v", FLOAT, {"1.5", "2.5", "10.5"}, true);
  PlAggregateCall *call = h.bind ("var", {"v"});
  std::vector<guint64> state (call->state_size / 8);
  guint8 *bytes = (guint8 *) state.data ();
  h.init (call, bytes, 1);
  const std::vector<guint32> groups = {0, 0, 0};
  gint64 tenths[] = {15, 25, 105}, thousandths[] = {1, -2000, 12345}, whole[] = {7, 0, -3};
  for (const auto &batch : {std::make_pair (tenths, 1), {thousandths, 3}, {whole, 0}})
    {
      h.columns[0]->exact = batch.first;
      make_uniform (h.columns[0], (guint8) batch.second);
      h.update (call, bytes, &groups, nullptr);
    }
  EXPECT_EQ (h.finish (call, bytes, 1), "30.08679886111111");
  h.clear (call, bytes, 1);
  pl_aggregate_call_free (call);
}

// Bytes cut short, and a scale that there is not.
TEST (Products, LoadingRefusesWhatIsNone)
{
  AggregateHarness h;
  h.add_texts ("v", FLOAT, {"1.5", "nan"}, true);
  PlAggregateCall *call = h.bind ("var", {"v"});
  std::vector<guint64> state (call->state_size / 8), loaded (call->state_size / 8);
  for (gsize rows : {1, 2}) /* short, then full */
    {
      PlBuffer buffer = PL_BUFFER_INIT;
      h.init (call, (guint8 *) state.data (), 1);
      h.n_rows = rows;
      h.update (call, (guint8 *) state.data (), nullptr, nullptr);
      call->aggregate->save (call, (guint8 *) state.data (), &buffer);
      for (gsize length = 0; length < buffer.length; length++)
        {
          PlCursor cursor = {(const guint8 *) buffer.data, length, 0, FALSE};
          EXPECT_FALSE (call->aggregate->load (call, (guint8 *) loaded.data (), &cursor)) << length;
        }
      buffer.data[0] = 19;
      PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
      EXPECT_FALSE (call->aggregate->load (call, (guint8 *) loaded.data (), &cursor));
      pl_buffer_clear (&buffer);
      h.clear (call, (guint8 *) state.data (), 1);
    }
  pl_aggregate_call_free (call);
}

// Short products against wide ones, which get the same rows: numbers about 2^27 and 2^39, other scales, doubles; beyond
// many rounds of 128 rows, combined, saved and loaded.
TEST (Products, ShortOnesAreThoseOfTheWide)
{
  const PlProductShape shape = {5, {1, 0, 1, 2, 0}, {0, 1, 1, 0, 2}};
  std::mt19937_64 random (3);
  for (int round = 0; round < 60; round++)
    {
      PlProducts wide = {};
      PlShortProducts parts[3] = {};
      const guint64 n = 1 + random () % 1500;
      const guint rare = round % 3 == 0 ? 0 : 1 + (guint) (random () % 40);
      for (guint64 i = 0; i < n; i++)
        {
          const bool is_rare = rare != 0 && random () % rare == 0;
          PlNumber terms[2] = {};
          for (guint t = 0; t < 2; t++)
            {
              // Near the bound always of one sign, so that sums grow as they can.
              terms[t].units
                  = round % 2 ? (gint64) (random () % 1000) - 500 : ((gint64) 1 << 27) - 1 - (gint64) (random () % 3);
              terms[t].scale = t + 1;
              if (is_rare && random () % 2)
                terms[t].units = ((gint64) random ()) >> (random () % 60);
              if (is_rare && random () % 4 == 0)
                terms[t].scale = (guint) (random () % 19);
              if (is_rare && random () % 8 == 0)
                pl_number_print (&terms[t], (double) (gint64) random () / 3);
              if (is_rare && random () % 8 == 0)
                {
                  terms[t].value = (double) (gint64) random () / 3;
                  terms[t].binary = TRUE;
                }
            }
          PlShortProducts *part = &parts[i % 3];
          pl_products_add_slowly (&wide, &shape, &terms[0], &terms[1]);
          pl_short_products_add_slowly (part, &shape, &terms[0], &terms[1]);
          if (random () % 700 == 0)
            pl_short_products_combine (&parts[0], &shape, &parts[1 + random () % 2]);
        }
      for (PlShortProducts &part : parts)
        {
          PlBuffer buffer = PL_BUFFER_INIT;
          pl_short_products_save (&part, &shape, &buffer);
          pl_short_products_clear (&part, &shape);
          for (gsize length = 0; length < buffer.length; length += 5)
            {
              PlCursor cut = {(const guint8 *) buffer.data, length, 0, FALSE};
              EXPECT_FALSE (pl_short_products_load (&part, &shape, &cut));
            }
          PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
          EXPECT_TRUE (pl_short_products_load (&part, &shape, &cursor));
          pl_buffer_clear (&buffer);
        }
      pl_short_products_combine (&parts[1], &shape, &parts[2]);
      pl_short_products_combine (&parts[0], &shape, &parts[1]);
      EXPECT_EQ (pl_short_products_count (&parts[0]), n);
      PlExactSum room[5], own_room[5];
      const PlExactSum *expected = pl_products_exact (&wide, &shape, room);
      const PlExactSum *sums = pl_short_products_exact (&parts[0], &shape, own_room);
      for (guint k = 0; k < 5; k++)
        for (guint64 divisor : {1, 3, 1000003})
          EXPECT_EQ (pl_exact_sum_round (&sums[k], divisor), pl_exact_sum_round (&expected[k], divisor)) << round;
      pl_products_clear (&wide, &shape);
      pl_short_products_clear (&parts[0], &shape);
    }
}

// The loop that takes most rows: two groups of some thousand rows, in which some numbers are not short.
TEST (Products, CovariancesOfManyRowsInOneLoop)
{
  std::mt19937 random (4);
  for (guint rare : {0u, 3u, 50u})
    {
      std::vector<std::string> x, y;
      std::vector<guint32> groups;
      for (int i = 0; i < 3000; i++)
        {
          const bool is_rare = rare != 0 && random () % rare == 0;
          const gint64 large = 300000000000 + (gint64) (random () % 1000),
                       small = 134217000 + (gint64) (random () % 727);
          x.push_back (std::to_string (is_rare ? large : small));
          y.push_back (std::to_string (is_rare ? 1000 - large : small + (gint64) (random () % 2)));
          groups.push_back (random () % 2);
        }
      AggregateHarness ints, decimals;
      ints.add_texts ("x", PL_TYPE (PL_INT), x);
      ints.add_texts ("y", PL_TYPE (PL_INT), y);
      decimals.add_texts ("x", {PL_DECIMAL, 38, 0, 0}, x);
      decimals.add_texts ("y", {PL_DECIMAL, 38, 0, 0}, y);
      for (const char *name : {"cov", "corr"})
        EXPECT_EQ (ints.run (name, {"x", "y"}, &groups, 2), decimals.run (name, {"x", "y"}, &groups, 2))
            << name << rare;
    }
}

} // namespace
