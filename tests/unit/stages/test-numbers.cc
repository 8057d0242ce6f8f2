// The numbers that medians keep, against std::vector: every length around the borders, every form and what leads from
// one to another, combined both ways, saved and loaded; and that a median and the moments that read its numbers give
// what each gives alone.
#include <algorithm>
#include <vector>

#include "aggregate-harness.h"

extern "C"
{
#include "../../../stages/aggregates/held.h"
#include "../../../stages/aggregates/numbers.h"
#include "../../../stages/aggregates/numbers-select.h"
#include "../../../stages/aggregates/registry.h"
}

namespace
{

using Values = std::vector<std::pair<gint64, guint> >;

// As keys of doubles, in order.
std::vector<gint64>
expected (const Values &values)
{
  std::vector<gint64> keys;
  for (auto [value, scale] : values)
    keys.push_back (scale == PL_SHORT_FULL ? value : pl_key_of_float (pl_numbers_round (value, scale)));
  std::sort (keys.begin (), keys.end ());
  return keys;
}

std::vector<gint64>
keys_of (PlNumbers *numbers)
{
  std::vector<gint64> keys (pl_numbers_count (numbers));
  pl_numbers_keys (numbers, keys.data ());
  std::sort (keys.begin (), keys.end ());
  return keys;
}

PlNumbers
filled (const Values &values)
{
  PlNumbers numbers = {};
  for (auto [value, scale] : values)
    pl_numbers_append (&numbers, value, scale);
  return numbers;
}

// Values of one form after the other.
Values
values_of (guint form, guint64 n, guint seed)
{
  Values values;
  for (guint64 i = 0; i < n; i++)
    {
      const gint64 value = (gint64) (i * 7919 + seed) % 1000 - 500;
      const bool late = i >= n / 2;
      switch (form)
        {
        case 0:
          values.push_back ({value, 2});
          break;
        case 1: // eight bytes, some time
          values.push_back ({late ? value * 10000000000 : value, 2});
          break;
        case 2: // scales that rise and fall
          values.push_back ({value, (guint) (i / 3 % 4)});
          break;
        case 3: // scales that cannot be one
          values.push_back ({late ? value * 1000000000000000 : value, late ? 0u : 18u});
          break;
        case 4:
          values.push_back ({pl_key_of_float ((double) value / 3), PL_SHORT_FULL});
          break;
        case 5: // decimals, then doubles
          values.push_back (late ? std::make_pair (pl_key_of_float ((double) value / 3), (guint) PL_SHORT_FULL)
                                 : std::make_pair (value, 1u));
          break;
        case 6: // doubles, then decimals
          values.push_back (!late ? std::make_pair (pl_key_of_float ((double) value / 3), (guint) PL_SHORT_FULL)
                                  : std::make_pair (value, 1u));
          break;
        default: // zeros of both signs
          values.push_back (i % 3 == 0 ? std::make_pair (pl_key_of_float (-0.0), (guint) PL_SHORT_FULL)
                                       : std::make_pair ((gint64) (i % 3) - 1, 1u));
          break;
        }
    }
  return values;
}

constexpr guint N_FORMS = 8;

TEST (Numbers, KeepsWhatItIsGiven)
{
  for (guint form = 0; form < N_FORMS; form++)
    for (guint64 n = 0; n < 140; n++)
      {
        Values values = values_of (form, n, 3);
        PlNumbers numbers = filled (values);
        EXPECT_EQ (keys_of (&numbers), expected (values)) << form << ": " << n;
        // Being looked at changes nothing.
        values.push_back ({5, 1});
        pl_numbers_append (&numbers, 5, 1);
        EXPECT_EQ (keys_of (&numbers), expected (values)) << form << ": " << n;
        pl_numbers_clear (&numbers);
        EXPECT_EQ (pl_numbers_count (&numbers), 0u);
      }
}

TEST (Numbers, AreOfFourBytesWhileTheyFit)
{
  for (guint64 n : {7, 8, 20})
    {
      PlNumbers numbers = filled (values_of (0, n, 3)), wide = filled (values_of (1, n, 3));
      EXPECT_EQ (numbers.values != nullptr, n >= PL_NUMBERS_LAST);
      EXPECT_EQ (pl_numbers_view (&numbers).width, n < PL_NUMBERS_LAST ? 8u : 4u);
      EXPECT_EQ (pl_numbers_view (&wide).width, 8u);
      pl_numbers_clear (&numbers);
      pl_numbers_clear (&wide);
    }
}

TEST (Numbers, Combines)
{
  for (guint form = 0; form < N_FORMS; form++)
    for (guint other_form : {form, 0u, 4u, 7u})
      for (guint64 a = 0; a < 40; a += 1 + a / 12)
        for (guint64 b = 0; b < 40; b += 1 + b / 12)
          {
            Values values = values_of (form, a, 3), others = values_of (other_form, b, 77);
            PlNumbers numbers = filled (values), other = filled (others);
            pl_numbers_combine (&numbers, &other);
            EXPECT_EQ (pl_numbers_count (&other), 0u);
            EXPECT_EQ (other.values, nullptr);
            values.insert (values.end (), others.begin (), others.end ());
            for (auto [value, scale] : values_of (form, 9, 5))
              {
                values.push_back ({value, scale});
                pl_numbers_append (&numbers, value, scale);
              }
            ASSERT_EQ (keys_of (&numbers), expected (values))
                << form << " and " << other_form << ": " << a << " and " << b;
            pl_numbers_clear (&numbers);
          }
}

TEST (Numbers, SavesAndLoads)
{
  for (guint form = 0; form < N_FORMS; form++)
    for (guint64 n : {0, 1, 7, 8, 9, 16, 17, 64, 65})
      {
        PlNumbers numbers = filled (values_of (form, n, 3)), loaded = {};
        PlBuffer buffer = PL_BUFFER_INIT;
        pl_numbers_save (&numbers, &buffer);
        for (gsize length = 0; length < buffer.length; length++)
          {
            PlCursor cut = {(const guint8 *) buffer.data, length, 0, FALSE};
            EXPECT_FALSE (pl_numbers_load (&loaded, &cut));
          }
        PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
        EXPECT_TRUE (pl_numbers_load (&loaded, &cursor));
        EXPECT_EQ (cursor.offset, buffer.length);
        EXPECT_EQ (keys_of (&loaded), keys_of (&numbers));
        // No scale, width or number of -0.0 that there is not.
        for (gsize byte = 0; byte < MIN (buffer.length, 16); byte++)
          for (guint bit = 0; bit < 8; bit++)
            {
              std::string damaged (buffer.data, buffer.length);
              damaged[byte] = (char) (damaged[byte] ^ (1 << bit));
              PlCursor wrong = {(const guint8 *) damaged.data (), damaged.size (), 0, FALSE};
              PlNumbers other = {};
              if (pl_numbers_load (&other, &wrong))
                keys_of (&other);
              pl_numbers_clear (&other);
            }
        pl_buffer_clear (&buffer);
        pl_numbers_clear (&numbers);
        pl_numbers_clear (&loaded);
      }
}

TEST (Numbers, SelectsEveryRank)
{
  std::mt19937_64 random (5);
  for (int round = 0; round < 300; round++)
    {
      const guint64 n = 1 + random () % (round % 10 == 0 ? 3000 : 60);
      const guint width = round % 2 != 0 ? 4 : 8, bits = 1 + (guint) (random () % (width * 8 - 1));
      std::vector<gint64> values, sorted;
      std::vector<gint32> narrow;
      for (guint64 i = 0; i < n; i++)
        {
          gint64 value = (gint64) (random () >> (64 - bits)) * (random () % 2 ? 1 : -1);
          if (random () % 50 == 0)
            value = width == 4 ? (random () % 2 ? G_MAXINT32 : G_MININT32) : (random () % 2 ? G_MAXINT64 : G_MININT64);
          values.push_back (width == 4 ? (gint32) value : value);
          narrow.push_back ((gint32) value);
        }
      sorted = values;
      std::sort (sorted.begin (), sorted.end ());
      std::vector<guint64> scratch (n);
      for (guint64 k = 0; k < n; k += 1 + n / 40)
        {
          gint64 next;
          gconstpointer from = width == 4 ? (gconstpointer) narrow.data () : values.data ();
          ASSERT_EQ (pl_numbers_select (from, width, n, k, scratch.data (), &next), sorted[k]);
          ASSERT_EQ (next, sorted[MIN (k + 1, n - 1)]);
        }
    }
}

// The moments of what a median keeps.
TEST (Numbers, AreReadByMomentsToo)
{
  const std::vector<std::vector<std::string> > columns = {
      {"3.5", "1.25", "", "9.75", "1.25", "-2.0", "7.125", "4", "3", "-7.5"},
      {"0.5", "1.25", "7", "0.000000000000000001", "-3.125", "12", "100000000000.5", "0.1234567890123456789", "1", "2"},
      {"1e300", "2", "-0.0", "0.1", "0.2", "0.3", "-1e-300", "5", "6", "7.5"},
      {"1", "inf", "2", "3", "4", "5", "6", "7", "8", "9"},
      {"123456789012.5", "-123456789012.25", "1", "2", "3", "4", "5", "6", "7", "8"},
      {"1.5", "", "", "", "", "", "", "", "", ""},
  };
  const std::vector<const char *> moments = {"var", "std", "sem", "skew", "kurtosis"};
  const std::vector<guint32> groups = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
  for (bool exact : {false, true})
    for (auto &texts : columns)
      {
        AggregateHarness h;
        h.add_texts ("x", {PL_FLOAT, 0, 0, 0}, texts, exact);
        PlAggregateCall *median = h.bind ("median", {"x"});
        guint8 *states = (guint8 *) g_malloc (median->state_size * 2);
        h.init (median, states, 2);
        h.update (median, states, &groups, nullptr);
        for (const char *name : moments)
          {
            PlAggregateCall *call = h.bind (name, {"x"});
            EXPECT_TRUE (pl_aggregate_call_share (call, median));
            EXPECT_EQ (h.finish (call, states, h.all_places (median, 2)), h.run (name, {"x"}, &groups, 2)) << name;
            pl_aggregate_call_free (call);
          }
        EXPECT_EQ (h.finish (median, states, 2), h.run ("median", {"x"}, &groups, 2));
        h.clear (median, states, 2);
        g_free (states);
        pl_aggregate_call_free (median);
      }
}

TEST (Numbers, AreNotReadByMomentsOfDecimals)
{
  AggregateHarness h;
  h.add_texts ("x", {PL_DECIMAL, 38, 3, 0}, {"1.5", "2.5"});
  PlAggregateCall *median = h.bind ("median", {"x"}), *var = h.bind ("var", {"x"}), *skew = h.bind ("skew", {"x"});
  EXPECT_FALSE (pl_aggregate_call_share (var, median));
  EXPECT_TRUE (pl_aggregate_call_share (skew, var));
  EXPECT_EQ (var->state_size, skew->state_size);
  for (PlAggregateCall *call : {median, var, skew})
    pl_aggregate_call_free (call);
}

} // namespace
