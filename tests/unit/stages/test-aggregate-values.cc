// count, min, max, first, last, arg_min, arg_max, any, all, nunique, mode, list: on every type, in groups, with nulls.
#include "aggregate-harness.h"
#include "../../../stages/aggregates/registry.h"

#include <cstring>

namespace
{

const PlType FLOAT = {PL_FLOAT, 0, 0, 0}, INT = {PL_INT, 0, 0, 0}, BOOL = {PL_BOOL, 0, 0, 0},
             STRING = {PL_STRING, 0, 0, 0}, DATE = {PL_DATE, 0, 0, 0}, DECIMAL = {PL_DECIMAL, 10, 2, 0},
             TIMESTAMP = {PL_TIMESTAMP, 0, 0, 0};

TEST (AggregateValues, Count)
{
  AggregateHarness h;
  h.add_texts ("x", STRING, {"a", "", "b", "a", ""});
  EXPECT_EQ (h.run ("count", {}), "5");
  EXPECT_EQ (h.run ("count", {"x"}), "3");
  std::vector<guint32> groups = {0, 1, 1, 2, 2};
  EXPECT_EQ (h.run ("count", {}, &groups, 4), "1|2|2|0");
  EXPECT_EQ (h.run ("count", {"x"}, &groups, 4), "1|1|1|0");
}

TEST (AggregateValues, OrderedTypesInGroups)
{
  const struct
  {
    PlType type;
    std::vector<std::string> values;
    const char *min, *max, *first, *last, *mode, *nunique;
  } cases[] = {
      {INT, {"5", "", "-7", "5", "9", ""}, "-7|9|null", "5|9|null", "5|9|null", "5|9|null", "5|9|null", "2|1|0"},
      {FLOAT,
       {"nan", "", "-0.0", "0.0", "inf", ""},
       "-0.0|inf|null",
       "nan|inf|null",
       "nan|inf|null",
       "0.0|inf|null",
       "0.0|inf|null",
       "2|1|0"},
      {STRING,
       {"pear", "", "peach", "pear", "a longer text than most", ""},
       "peach|a longer text than most|null",
       "pear|a longer text than most|null",
       "pear|a longer text than most|null",
       "pear|a longer text than most|null",
       "pear|a longer text than most|null",
       "2|1|0"},
      {DECIMAL,
       {"1.50", "", "-2.25", "1.50", "3.00", ""},
       "-2.25|3.00|null",
       "1.50|3.00|null",
       "1.50|3.00|null",
       "1.50|3.00|null",
       "1.50|3.00|null",
       "2|1|0"},
      {DATE,
       {"2020-02-29", "", "1969-12-31", "2020-02-29", "2001-01-01", ""},
       "1969-12-31|2001-01-01|null",
       "2020-02-29|2001-01-01|null",
       "2020-02-29|2001-01-01|null",
       "2020-02-29|2001-01-01|null",
       "2020-02-29|2001-01-01|null",
       "2|1|0"},
      {TIMESTAMP,
       {"2020-02-29 01:02:03", "", "1969-12-31", "2020-02-29 01:02:03", "2001-01-01", ""},
       "1969-12-31 00:00:00|2001-01-01 00:00:00|null",
       "2020-02-29 01:02:03|2001-01-01 00:00:00|null",
       "2020-02-29 01:02:03|2001-01-01 00:00:00|null",
       "2020-02-29 01:02:03|2001-01-01 00:00:00|null",
       "2020-02-29 01:02:03|2001-01-01 00:00:00|null",
       "2|1|0"},
      {BOOL,
       {"true", "", "false", "true", "false", ""},
       "false|false|null",
       "true|false|null",
       "true|false|null",
       "true|false|null",
       "true|false|null",
       "2|1|0"},
  };
  std::vector<guint32> groups = {0, 0, 0, 0, 1, 2};
  for (const auto &c : cases)
    {
      AggregateHarness h;
      h.add_texts ("x", c.type, c.values);
      EXPECT_EQ (h.run ("min", {"x"}, &groups, 3), c.min);
      EXPECT_EQ (h.run ("max", {"x"}, &groups, 3), c.max);
      EXPECT_EQ (h.run ("first", {"x"}, &groups, 3), c.first);
      EXPECT_EQ (h.run ("last", {"x"}, &groups, 3), c.last);
      EXPECT_EQ (h.run ("mode", {"x"}, &groups, 3), c.mode);
      EXPECT_EQ (h.run ("nunique", {"x"}, &groups, 3), c.nunique);
    }
}

TEST (AggregateValues, ModeTiesGiveTheSmallest)
{
  AggregateHarness ints, texts;
  ints.add_texts ("x", INT, {"9", "3", "9", "3", "100"});
  EXPECT_EQ (ints.run ("mode", {"x"}), "3");
  texts.add_texts ("x", STRING, {"b", "a", "a", "b", "c"});
  EXPECT_EQ (texts.run ("mode", {"x"}), "a");
}

TEST (AggregateValues, NuniqueOfMany)
{
  AggregateHarness h, texts;
  PlColumn *column = h.add ("x", INT, 5000);
  std::vector<std::string> values;
  for (guint i = 0; i < 5000; i++)
    {
      column->ints[i] = (gint64) (i * 7919 % 1237) << 32;
      values.push_back ("value " + std::to_string (i * 7919 % 1237));
    }
  EXPECT_EQ (h.run ("nunique", {"x"}), "1237");
  texts.add_texts ("x", STRING, values);
  EXPECT_EQ (texts.run ("nunique", {"x"}), "1237");
}

TEST (AggregateValues, ArgMinAndArgMax)
{
  AggregateHarness h;
  h.add_texts ("x", STRING, {"a", "b", "c", "d", "", "f"});
  h.add_texts ("by", FLOAT, {"2.5", "1", "1", "9", "-50", "9"});
  EXPECT_EQ (h.run ("arg_min", {"x", "by"}), "b");
  EXPECT_EQ (h.run ("arg_max", {"x", "by"}), "d");
  AggregateHarness text;
  text.add_texts ("x", INT, {"1", "2", "3"});
  text.add_texts ("by", STRING, {"zebra", "", "ant"});
  EXPECT_EQ (text.run ("arg_min", {"x", "by"}), "3");
  EXPECT_EQ (text.run ("arg_max", {"x", "by"}), "1");
}

TEST (AggregateValues, AnyAndAll)
{
  AggregateHarness h;
  h.add_texts ("x", BOOL, {"true", "false", "true", "", "false", ""});
  std::vector<guint32> groups = {0, 0, 1, 1, 2, 3};
  EXPECT_EQ (h.run ("any", {"x"}, &groups, 4), "true|true|false|null");
  EXPECT_EQ (h.run ("all", {"x"}, &groups, 4), "false|true|false|null");
  AggregateHarness number;
  number.add_texts ("x", INT, {"1"});
  EXPECT_EQ (number.run ("any", {"x"}), "refused");
  EXPECT_EQ (number.error, "any(x): any needs a condition, not int; compare it with something");
}

TEST (AggregateValues, ListKeepsInputOrder)
{
  AggregateHarness h, numbers;
  h.add_texts ("x", STRING, {"b", "a", "", "c", "a"});
  EXPECT_EQ (h.run ("list", {"x"}), "b;a;c;a");
  EXPECT_EQ (h.run ("list", {"x", "', '"}), "b, a, c, a");
  std::vector<guint32> groups = {1, 0, 2, 1, 1};
  EXPECT_EQ (h.run ("list", {"x"}, &groups, 3), "a|b;c;a|null");
  EXPECT_EQ (h.run ("list", {"x", "3"}), "refused");
  EXPECT_EQ (h.error, "list(x, 3): the separator must be a string, such as ', '");
  numbers.add_texts ("x", FLOAT, {"1.50", "2", "1e3"});
  EXPECT_EQ (numbers.run ("list", {"x"}), "1.5;2.0;1000.0");
}

TEST (AggregateValues, DamagedStatesAreRefused)
{
  for (const PlAggregate *const *a = pl_aggregates (); *a != nullptr; a++)
    {
      bool logic = strcmp ((*a)->name, "any") == 0 || strcmp ((*a)->name, "all") == 0;
      AggregateHarness h;
      h.add_texts ("x", logic ? BOOL : FLOAT,
                   logic ? std::vector<std::string>{"true"} : std::vector<std::string>{"0.1"});
      h.add_texts ("y", FLOAT, {"1e300"});
      std::vector<const char *> args;
      if ((*a)->min_args > 0 || strcmp ((*a)->name, "count") == 0)
        args.push_back ("x");
      if ((*a)->min_args > 1)
        args.push_back (strcmp ((*a)->name, "quantile") == 0 ? "0.5" : "y");
      PlAggregateCall *call = h.bind ((*a)->name, args);
      ASSERT_NE (call, nullptr) << (*a)->name;
      guint8 *state = (guint8 *) g_malloc (call->state_size);
      h.init (call, state, 1);
      h.update (call, state, nullptr, nullptr);
      PlBuffer buffer = PL_BUFFER_INIT;
      (*a)->save (call, state, &buffer);
      h.clear (call, state, 1);
      for (gsize length = 0; length < buffer.length; length++)
        {
          PlCursor cursor = {(const guint8 *) buffer.data, length, 0, FALSE};
          h.init (call, state, 1);
          EXPECT_FALSE ((*a)->load (call, state, &cursor)) << (*a)->name << " cut to " << length;
          h.clear (call, state, 1);
        }
      pl_buffer_clear (&buffer);
      g_free (state);
      pl_aggregate_call_free (call);
    }
}

TEST (AggregateValues, TalliesBeyond64BitsAreRefused)
{
  AggregateHarness h;
  h.add_texts ("x", FLOAT, {"0.1"});
  PlAggregateCall *call = h.bind ("mode", {"x"});
  ASSERT_NE (call, nullptr);
  guint8 *state = (guint8 *) g_malloc (call->state_size);
  h.init (call, state, 1);
  h.update (call, state, nullptr, nullptr);
  PlBuffer saved = PL_BUFFER_INIT, twice = PL_BUFFER_INIT;
  call->aggregate->save (call, state, &saved);
  h.clear (call, state, 1);
  /* A number of entries, then of each the value and a count. */
  ASSERT_GT (saved.length, 16u);
  pl_buffer_put_u64 (&twice, 2);
  for (int i = 0; i < 2; i++)
    {
      pl_buffer_append (&twice, saved.data + 8, saved.length - 16);
      pl_buffer_put_u64 (&twice, G_MAXINT64);
    }
  PlCursor cursor = {(const guint8 *) twice.data, twice.length, 0, FALSE};
  h.init (call, state, 1);
  EXPECT_FALSE (call->aggregate->load (call, state, &cursor));
  h.clear (call, state, 1);
  pl_buffer_clear (&saved);
  pl_buffer_clear (&twice);
  g_free (state);
  pl_aggregate_call_free (call);
}

TEST (AggregateValues, EveryAggregateIsFoundByName)
{
  const char *previous = "";
  for (const PlAggregate *const *a = pl_aggregates (); *a != nullptr; a++)
    {
      EXPECT_EQ (pl_aggregate_find ((*a)->name), *a);
      EXPECT_LT (strcmp (previous, (*a)->name), 0);
      EXPECT_EQ (strncmp ((*a)->signature, (*a)->name, strlen ((*a)->name)), 0);
      EXPECT_EQ (strncmp ((*a)->example, (*a)->name, strlen ((*a)->name)), 0);
      previous = (*a)->name;
    }
  EXPECT_EQ (pl_aggregate_find ("total"), nullptr);
}

} // namespace

// A call of columns a, b … of @types, PL_N_TYPES: a constant. "refused", or what it is of two rows.
static std::string
run_of_types (const PlAggregate *aggregate, const std::vector<PlType> &types,
              const std::vector<const char *> &constants)
{
  static const char *const names[] = {"a", "b", "c"};
  AggregateHarness harness;
  std::vector<const char *> args;
  for (gsize i = 0; i < types.size (); i++)
    {
      PlColumn *column = harness.add (names[i], types[i], 2);
      if (types[i].kind == PL_NULL)
        column = harness.columns[i] = pl_column_null (harness.arena, types[i], 2);
      else
        memset (column->values, 0, 2 * pl_type_width (types[i]));
      for (guint row = 0; row < 2 && types[i].kind == PL_STRING; row++)
        column->texts[row] = {"x", 1, 0};
      args.push_back (constants[i] != nullptr ? constants[i] : names[i]);
    }
  return harness.run (aggregate->name, args);
}

// A column of nothing but nulls stands for one of any type.
TEST (Aggregates, TakeNothingButNulls)
{
  const std::vector<PlType> types
      = {{PL_BOOL, 0, 0, 0},   {PL_INT, 0, 0, 0},  {PL_FLOAT, 0, 0, 0},     {PL_DECIMAL, 18, 2, 0},
         {PL_STRING, 0, 0, 0}, {PL_DATE, 0, 0, 0}, {PL_TIMESTAMP, 0, 0, 0}, {PL_TIMESTAMP, 0, 0, 1}};
  const std::vector<const char *> constants = {"1", "'; '"};
  const guint n_candidates = (guint) (types.size () + constants.size ());
  for (const PlAggregate *const *all = pl_aggregates (); *all != nullptr; all++)
    {
      const PlAggregate *aggregate = *all;
      const bool counts = strcmp (aggregate->name, "count") == 0 || strcmp (aggregate->name, "nunique") == 0;
      guint n_tried = 0;
      for (guint n = MAX (aggregate->min_args, 1); n <= MIN (aggregate->max_args, 2); n++)
        for (guint code = 0; code < (n == 1 ? types.size () : types.size () * n_candidates); code++)
          {
            std::vector<PlType> of;
            std::vector<const char *> said (2);
            for (guint i = 0, rest = code; i < n; i++, rest /= (guint) types.size ())
              {
                const guint k = i == 0 ? rest % (guint) types.size () : rest;
                said[i] = k >= types.size () ? constants[k - types.size ()] : nullptr;
                of.push_back (types[k >= types.size () ? 0 : k]);
              }
            if (run_of_types (aggregate, of, said) == "refused")
              continue;
            for (guint i = 0; i < n; i++)
              {
                std::vector<PlType> with = of;
                if (said[i] != nullptr)
                  continue;
                with[i] = {PL_NULL, 0, 0, 0};
                EXPECT_EQ (run_of_types (aggregate, with, said), counts ? "0" : "null")
                    << aggregate->signature << " of " << pl_type_name (with[0]);
                n_tried++;
              }
          }
      EXPECT_GT (n_tried, aggregate->max_args > 0 ? 0u : 99u) << aggregate->name;
    }
}
