// Summaries: what calls that share a state give is what each gives alone, and extremes of decimals are those of the
// doubles.
#include "aggregate-harness.h"
#include "../../../stages/aggregates/registry.h"

#include <memory>

namespace
{

const PlType FLOAT = {PL_FLOAT, 0, 0, 0};

// What the texts of a random column are made of.
struct Kind
{
  const char *name;
  PlType type;
  std::string (*text) (std::mt19937 &random);
};

std::string
number (std::mt19937 &random, int digits, int scale)
{
  std::string text;
  for (int i = 0; i < digits; i++)
    text += (char) ('0' + (i == 0 && digits > scale + 1 ? 1 + random () % 9 : random () % 10));
  if (scale > 0)
    text.insert (text.size () - (size_t) scale, ".");
  return (random () % 2 ? "-" : "") + text;
}

std::string
small (std::mt19937 &random)
{
  return number (random, 1 + (int) (random () % 3), 0);
}

const Kind kinds[] = {
    {"tenths", FLOAT, [] (std::mt19937 &r) { return number (r, 3, 1); }},
    {"tenths about zero", FLOAT,
     [] (std::mt19937 &r) {
       return std::string (r () % 2 ? "-0.0" : r () % 2 ? "0.0" : r () % 2 ? "0.1" : "-0.1");
     }},
    {"nothing but -0.0", FLOAT, [] (std::mt19937 &) { return std::string ("-0.0"); }},
    {"scales that differ", FLOAT,
     [] (std::mt19937 &r) {
       int s = (int) (r () % 4);
       return number (r, s + 1, s);
     }},
    {"17 and 18 digits", FLOAT,
     [] (std::mt19937 &r) {
       int d = 17 + (int) (r () % 2);
       return number (r, d, (int) (r () % 4) * 5);
     }},
    {"neighbours", FLOAT, [] (std::mt19937 &r) { return "0.1234567890123456" + std::to_string (10 + r () % 90); }},
    {"beyond decimals", FLOAT,
     [] (std::mt19937 &r) {
       static const char *const rare[]
           = {"nan", "inf", "-inf", "1e300", "-1e-300", "-1e-400", "0.1234567890123456789", "-0.0", "0"};
       return r () % 3 ? number (r, 3, 1) : std::string (rare[r () % 9]);
     }},
    {"ints", PL_TYPE (PL_INT), small},
    {"large ints", PL_TYPE (PL_INT),
     [] (std::mt19937 &r) {
       static const char *const rare[] = {"9223372036854775807", "-9223372036854775808", "-9223372036854775807"};
       return r () % 2 ? small (r) : std::string (rare[r () % 3]);
     }},
    {"bools", PL_TYPE (PL_BOOL), [] (std::mt19937 &r) { return std::string (r () % 2 ? "true" : "false"); }},
};

// The forms in which a column of floats comes: as its doubles, as decimals with a scale a row, with one scale, and with
// doubles only where they are needed.
enum Form
{
  DOUBLES,
  SCALES,
  ONE_SCALE,
  REST,
  N_FORMS
};

// Returns: whether the column can be had so.
bool
reshape (AggregateHarness &h, Form form)
{
  PlColumn *column = h.columns[0];
  if (form < ONE_SCALE)
    return true;
  bool needs = false;
  for (gsize i = 0; i < h.n_rows; i++)
    {
      if (pl_column_is_null (column, i))
        column->exact_scales[i] = column->exact_scales[0];
      needs = needs || column->exact_scales[i] == PL_SCALE_INEXACT
              || (column->exact[i] == 0 && std::signbit (column->floats[i]));
      if (column->exact_scales[i] != column->exact_scales[0] || column->exact_scales[i] == PL_SCALE_INEXACT)
        return false;
    }
  column->exact_scale = column->exact_scales[0];
  column->exact_scales = nullptr;
  if (form == REST && !needs)
    column->floats = nullptr;
  return true;
}

// Runs @names over column x in states that are shared, as far as they can be, with the last one. Returns: the results.
std::vector<std::string>
run_shared (AggregateHarness &h, const std::vector<const char *> &names, const std::vector<guint32> *groups,
            guint n_groups)
{
  std::vector<PlAggregateCall *> calls;
  std::vector<std::string> results;
  for (const char *name : names)
    calls.push_back (h.bind (name, {"x"}));
  PlAggregateCall *owner = calls.back ();
  for (PlAggregateCall *call : calls)
    EXPECT_TRUE (call == owner || pl_aggregate_call_share (call, owner)) << call->label;
  guint8 *states = (guint8 *) g_malloc (owner->state_size * n_groups);
  h.init (owner, states, n_groups);
  h.update (owner, states, groups, nullptr);
  for (PlAggregateCall *call : calls)
    results.push_back (h.finish (call, states, h.all_places (owner, n_groups)));
  // The same in parts that are saved, loaded and combined.
  PlAggregateCall *last = calls.back ();
  std::string parts = h.run_split (last, groups, n_groups, 3, 1);
  EXPECT_EQ (parts, results.back ());
  h.clear (owner, states, n_groups);
  g_free (states);
  for (PlAggregateCall *call : calls)
    pl_aggregate_call_free (call);
  return results;
}

TEST (Summary, SharedOrAloneInEveryForm)
{
  const std::vector<const char *> names = {"count", "sum", "min", "mean", "max"};
  std::mt19937 random (7);
  for (const Kind &kind : kinds)
    for (int round = 0; round < 12; round++)
      {
        const guint n_groups = 1 + random () % 5;
        const bool nulls = round % 3 == 2;
        std::vector<std::string> texts;
        std::vector<guint32> groups;
        for (int i = 0; i < 40; i++)
          {
            texts.push_back (nulls && random () % 3 == 0 ? "" : kind.text (random));
            groups.push_back (random () % n_groups);
          }
        const std::vector<guint32> *by = round % 4 == 3 ? nullptr : &groups;
        const guint n = by != nullptr ? n_groups : 1;
        std::vector<std::string> alone;
        for (int form = DOUBLES; form < (kind.type.kind == PL_FLOAT ? N_FORMS : SCALES); form++)
          {
            AggregateHarness h;
            h.add_texts ("x", kind.type, texts, form != DOUBLES);
            if (!reshape (h, (Form) form))
              continue;
            if (form <= SCALES) // sums of doubles are others than those of what is written
              {
                std::vector<std::string> own;
                for (const char *name : names)
                  own.push_back (h.run (name, {"x"}, by, n));
                for (gsize i = 0; i < names.size (); i += 2)
                  EXPECT_TRUE (form == DOUBLES || own[i] == alone[i])
                      << kind.name << " " << names[i] << ": " << own[i] << " instead of " << alone[i];
                alone = own;
              }
            for (gsize rotation = 0; rotation < names.size (); rotation++)
              {
                std::vector<const char *> turned (names.begin () + (long) rotation, names.end ());
                turned.insert (turned.end (), names.begin (), names.begin () + (long) rotation);
                if (strcmp (turned.back (), "count") == 0)
                  continue;
                std::vector<std::string> shared = run_shared (h, turned, by, n);
                for (gsize i = 0; i < names.size (); i++)
                  EXPECT_EQ (shared[(i + names.size () - rotation) % names.size ()], alone[i])
                      << kind.name << " " << names[i] << " form " << form << " round " << round;
              }
          }
      }
}

// Two batches of one column, in forms that may differ.
struct Batches
{
  AggregateHarness parts[2];
  bool whole[2];
  PlAggregateCall *call;

  Batches (std::mt19937 &random, gsize n_rows)
  {
    const gsize n_kinds = G_N_ELEMENTS (kinds) - 1, n_floats = 7; // all but bools
    const bool floats = random () % 3 > 0;
    for (gsize b = 0; b < 2; b++)
      {
        const Kind &kind = kinds[floats ? random () % n_floats : n_floats + random () % (n_kinds - n_floats)];
        std::vector<std::string> texts;
        for (gsize i = 0; i < n_rows; i++)
          texts.push_back (kind.text (random));
        if (random () % 8 == 0)
          texts[random () % n_rows] = "";
        parts[b].add_texts ("x", kind.type, texts, floats);
        const PlColumn *column = parts[b].columns[0];
        whole[b] = column->nulls == nullptr && (!floats || reshape (parts[b], ONE_SCALE));
      }
    call = parts[0].bind (random () % 2 ? "sum" : "mean", {"x"});
  }
  ~Batches ()
  {
    pl_aggregate_call_free (call);
  }
};

// Sums of two to four columns in one pass: what each gives by itself, whatever its numbers are; or refused, and nothing
// has changed.
TEST (Summary, SumsSideBySide)
{
  std::mt19937 random (11);
  const gsize n_rows = 100;
  guint n_joined = 0;
  for (int round = 0; round < 400; round++)
    {
      const guint n_groups = 1 + random () % 50, n_calls = 2 + random () % 3, width = 2 * n_calls;
      std::vector<std::unique_ptr<Batches> > columns;
      std::vector<const PlAggregateCall *> calls;
      std::vector<guint64> side_by_side (width * n_groups), alone (width * n_groups);
      guint8 *states = (guint8 *) side_by_side.data (), *own = (guint8 *) alone.data ();
      for (guint c = 0; c < n_calls; c++)
        {
          columns.push_back (std::make_unique<Batches> (random, n_rows));
          calls.push_back (columns[c]->call);
          EXPECT_TRUE (c == 0 || calls[c]->aggregate->joins (calls[c - 1], calls[c]));
        }
      for (gsize b = 0; b < 2; b++)
        {
          std::vector<guint32> addresses;
          std::vector<PlColumn *> args;
          bool whole = true;
          for (gsize i = 0; i < n_rows; i++)
            addresses.push_back (random () % n_groups * width);
          for (guint c = 0; c < n_calls; c++)
            {
              args.push_back (columns[c]->parts[b].columns[0]);
              whole = whole && columns[c]->whole[b];
              calls[c]->aggregate->update (calls[c], own + c * 16, addresses.data (), nullptr, n_rows, &args[c],
                                           nullptr);
            }
          const std::vector<guint64> before = side_by_side;
          bool joined = calls[0]->aggregate->update_joined (calls.data (), n_calls, states, addresses.data (), n_rows,
                                                            args.data (), round % 2);
          EXPECT_EQ (joined, whole) << round;
          n_joined += joined;
          if (joined)
            continue;
          EXPECT_EQ (side_by_side, before);
          for (guint c = 0; c < n_calls; c++)
            calls[c]->aggregate->update (calls[c], states + c * 16, addresses.data (), nullptr, n_rows, &args[c],
                                         nullptr);
        }
      std::vector<guint32> addresses;
      for (guint group = 0; group < n_groups; group++)
        addresses.push_back (group * width);
      for (guint c = 0; c < n_calls; c++)
        {
          AggregateHarness &h = columns[c]->parts[0];
          EXPECT_EQ (h.finish (calls[c], states + c * 16, addresses), h.finish (calls[c], own + c * 16, addresses))
              << round;
          calls[c]->aggregate->clear (calls[c], states + c * 16, addresses.data (), n_groups);
          calls[c]->aggregate->clear (calls[c], own + c * 16, addresses.data (), n_groups);
        }
    }
  EXPECT_GT (n_joined, 100u);
}

TEST (Summary, SignsOfZero)
{
  for (bool exact : {false, true})
    {
      AggregateHarness h;
      h.add_texts ("x", FLOAT, {"-0.0", "0.0", "-0.0", "-1.5", "-0.0", "2.5", "0.0", "-1.0", "0.00", "-0.00"}, exact);
      std::vector<guint32> groups = {0, 1, 2, 2, 3, 3, 4, 4, 5, 5};
      EXPECT_EQ (h.run ("min", {"x"}, &groups, 6), "-0.0|0.0|-1.5|-0.0|-1.0|-0.0");
      EXPECT_EQ (h.run ("max", {"x"}, &groups, 6), "-0.0|0.0|-0.0|2.5|0.0|0.0");
      EXPECT_EQ (h.run ("sum", {"x"}, &groups, 6), "0.0|0.0|-1.5|2.5|-1.0|0.0");
    }
}

TEST (Summary, StatesAreAsSmallAsTheirParts)
{
  AggregateHarness h;
  h.add_texts ("x", FLOAT, {"1.5"}, true);
  h.add_texts ("s", PL_TYPE (PL_STRING), {"a"});
  PlAggregateCall *count = h.bind ("count", {"x"}), *min = h.bind ("min", {"x"}), *mean = h.bind ("mean", {"x"});
  PlAggregateCall *computed = h.bind ("mean", {"x + 1"}), *text = h.bind ("min", {"s"});
  EXPECT_EQ (count->state_size, 8u);
  EXPECT_EQ (min->state_size, 16u);
  EXPECT_FALSE (pl_aggregate_call_share (min, count));
  EXPECT_FALSE (pl_aggregate_call_share (computed, min));
  EXPECT_FALSE (pl_aggregate_call_share (min, computed));
  EXPECT_FALSE (pl_aggregate_call_share (count, text));
  EXPECT_TRUE (pl_aggregate_call_share (count, min));
  EXPECT_EQ (min->state_size, 16u);
  EXPECT_TRUE (pl_aggregate_call_share (mean, min));
  EXPECT_EQ (min->state_size, 24u);
  EXPECT_EQ (mean->owner, min);
  for (PlAggregateCall *call : {count, mean, min, computed, text})
    pl_aggregate_call_free (call);
}

} // namespace
