// What is saved and loaded is what was saved, of every stage that keeps something and of every aggregate, also where it
// was loaded before; and states come to the same in whatever tree they are put together.
#include "harness.hh"
#include "aggregate-harness.h"
#include "../../../stages/stage.h"
#include <map>
#include <memory>

namespace
{

// Values of each type; few of them, so that many are equal. The first is null.
const std::map<std::string, std::vector<std::string> > &
values ()
{
  static const std::map<std::string, std::vector<std::string> > all = {
      {"int", {"", "0", "-3", "7", "7000000000", "12"}},
      {"float", {"", "0.1", "-0.0", "2.50", "1e300", "nan", "-17", "0.2"}},
      {"decimal(12,2)", {"", "0.10", "-5.25", "1234567890.12", "3.00"}},
      {"string", {"", "a", "b", "a-text-longer-than-twelve-bytes", "a-text-longer-than-twelve-bytez", "zz"}},
      {"bool", {"", "true", "false"}},
      {"date", {"", "2024-02-29", "1969-12-31", "2024-03-01"}},
      {"timestamp", {"", "2024-02-29 12:00:00.5", "1969-12-31 23:59:59", "2024-03-01 00:00:00"}},
  };
  return all;
}

const std::string &
some_value (std::mt19937 &random, const std::string &type)
{
  const std::vector<std::string> &all = values ().at (type);
  return all[random () % all.size ()];
}

// ---- stages ----

// For each stage that keeps something: settings for it, over columns that are named by their types.
const std::map<std::string, std::vector<std::string> > settings_of = {
    {"distinct", {"", "by = string", "by = int; bool\nkeep = last"}},
    {"group-by",
     {"by = string\nn = count()\ns = sum(float)\nm = median(decimal)\nd = nunique(date)\nl = list(int)\n"
      "x = arg_max(string, float)\nf = first(timestamp)\no = mode(string)\np = quantile(int, 0.3)",
      "by = int; bool\norder = appearance\nc = corr(int, float)\nv = var(decimal)\ne = last(string)",
      "by = float\norder = any\nn = count(int)\nt = max(timestamp)", "n = count()\nq = std(int)\nb = any(bool)"}},
    {"limit", {"rows = 9", "rows = 5\noffset = 30", "offset = 11", "rows = 1000"}},
    {"row-number", {"", "by = string", "by = int; bool\nstart = -4"}},
    {"sort", {"by = float desc; string", "by = string", "by = decimal nulls first; int desc"}},
    {"tail", {"rows = 9", "rows = 70", "rows = 1000"}},
    {"top-k",
     {"by = string\nsort = float desc\nk = 2", "sort = int; string desc\nk = 20",
      "by = bool; date\nsort = decimal nulls first; timestamp\nk = 4", "sort = string\nk = 1000"}},
};

std::string
random_rows (std::mt19937 &random, guint n)
{
  std::string rows, header;
  for (const auto &type : values ())
    {
      std::string kind = type.first;
      std::replace (kind.begin (), kind.end (), ',', '/');
      header += (header.empty () ? "" : ",") + kind.substr (0, kind.find ('(')) + ":" + kind;
    }
  for (guint row = 0; row < n; row++)
    {
      std::string line;
      for (const auto &type : values ())
        line += (line.empty () && type.first == values ().begin ()->first ? "" : ",") + some_value (random, type.first);
      rows += line + "\n";
    }
  return header + "\n" + rows;
}

TEST (States, OfEachStageComeToTheSameInEveryTree)
{
  std::mt19937 random (1);
  for (const PlStage *const *stage = pl_stages (); *stage != nullptr; stage++)
    {
      if ((*stage)->reduce == nullptr)
        continue;
      const auto settings = settings_of.find ((*stage)->name);
      ASSERT_TRUE (settings != settings_of.end ()) << (*stage)->name << ": give it settings here";
      for (const std::string &each : settings->second)
        for (guint seed = 1; seed <= 60; seed++)
          {
            const std::string rows = random_rows (random, random () % 90);
            const std::string whole = take (pl_harness_run_tree ((*stage)->name, each.c_str (), rows.c_str (), 0));
            ASSERT_NE (whole.substr (0, 6), "error:") << whole;
            ASSERT_EQ (take (pl_harness_run_tree ((*stage)->name, each.c_str (), rows.c_str (), seed)), whole)
                << (*stage)->name << " with seed " << seed << ":\n"
                << each;
          }
    }
}

// The same of stages that ask their second input.
const std::map<std::string, std::vector<std::string> > asking = {
    {"join",
     {"right = r\non = int\nhow = left", "right = r\non = string; bool", "right = r\nhow = cross",
      "right = r\non = date\nhow = left\ntake = float; int as other\nnull-keys = match"}},
};

TEST (States, OfEachInputThatIsAskedComeToTheSameInEveryTree)
{
  std::mt19937 random (4);
  gsize n_bytes = 0;
  for (const PlStage *const *stage = pl_stages (); *stage != nullptr; stage++)
    {
      if ((*stage)->build == nullptr)
        continue;
      const auto settings = asking.find ((*stage)->name);
      ASSERT_TRUE (settings != asking.end ()) << (*stage)->name << ": give it settings here";
      for (const std::string &each : settings->second)
        for (guint seed = 1; seed <= 30; seed++)
          {
            const std::string left = random_rows (random, random () % 20), right = random_rows (random, random () % 40);
            const auto ask = [&] (guint tree) {
              return take (pl_harness_ask_tree ((*stage)->name, each.c_str (), left.c_str (), right.c_str (), tree));
            };
            const std::string whole = ask (0);
            ASSERT_EQ (ask (seed), whole) << (*stage)->name << " with seed " << seed << ":\n" << each;
            n_bytes += whole.size ();
          }
    }
  EXPECT_GT (n_bytes, 100000u);
}

// ---- aggregates ----

// An argument: a column of a type, or a constant.
struct Argument
{
  std::string type, constant;
};

const std::vector<Argument> &
arguments ()
{
  static std::vector<Argument> all;
  if (all.empty ())
    {
      for (const auto &type : values ())
        all.push_back ({type.first, ""});
      for (const char *constant : {"0.3", "2", "true", "'-'"})
        all.push_back ({"", constant});
    }
  return all;
}

// A table with a column for each argument that is one, and how the arguments are written.
std::vector<std::string>
fill (AggregateHarness &harness, std::mt19937 &random, const std::vector<Argument> &chosen, guint n_rows)
{
  std::vector<std::string> written;
  harness.n_rows = n_rows;
  for (const Argument &argument : chosen)
    {
      PlType type = PL_TYPE (PL_STRING);
      std::vector<std::string> texts;
      written.push_back (argument.constant);
      if (argument.type.empty ())
        continue;
      EXPECT_TRUE (pl_type_parse (argument.type.c_str (), &type, nullptr)) << argument.type;
      for (guint i = 0; i < n_rows; i++)
        texts.push_back (some_value (random, argument.type));
      written.back () = "c" + std::to_string (written.size ());
      harness.add_texts (written.back ().c_str (), type, texts, type.kind == PL_FLOAT);
    }
  return written;
}

// The states of some groups: of rows that have come, loaded or put together.
class Part
{
public:
  Part (const PlAggregateCall *call, guint n_groups)
      : call (call), n_groups (n_groups), states (static_cast<guint8 *> (g_malloc (call->state_size * n_groups)))
  {
    AggregateHarness::init (call, states, n_groups);
  }
  ~Part ()
  {
    AggregateHarness::clear (call, states, n_groups);
    g_free (states);
  }
  Part (const Part &) = delete;
  void
  wire ()
  {
    for (guint g = 0; g < n_groups; g++)
      {
        guint8 *state = states + g * call->state_size;
        PlBuffer buffer = PL_BUFFER_INIT;
        call->aggregate->save (call, state, &buffer);
        AggregateHarness::clear (call, state, 1);
        AggregateHarness::init (call, state, 1);
        PlCursor cursor = {reinterpret_cast<const guint8 *> (buffer.data), buffer.length, 0, FALSE};
        EXPECT_TRUE (call->aggregate->load (call, state, &cursor)) << call->label;
        EXPECT_FALSE (cursor.failed);
        EXPECT_EQ (cursor.offset, buffer.length) << call->label;
        pl_buffer_clear (&buffer);
      }
  }
  void
  take_in (Part &other)
  {
    const std::vector<guint32> all = AggregateHarness::all_places (call, n_groups);
    call->aggregate->combine (call, states, all.data (), other.states, all.data (), n_groups);
  }
  const PlAggregateCall *call;
  guint n_groups;
  guint8 *states;
};

// Rows dealt to parts, which are saved, loaded and put together in any tree.
std::unique_ptr<Part>
grow (AggregateHarness &harness, std::mt19937 &random, const PlAggregateCall *call, const std::vector<guint32> &groups,
      guint n_groups)
{
  std::vector<std::unique_ptr<Part> > parts;
  const guint n_parts = 1 + static_cast<guint> (random () % 6);
  for (guint p = 0; p < n_parts; p++)
    parts.push_back (std::make_unique<Part> (call, n_groups));
  for (guint32 first = 0, n; first < harness.n_rows; first += n)
    {
      Part &part = *parts[random () % n_parts];
      std::vector<guint32> rows, row_groups;
      n = std::min (1 + static_cast<guint32> (random () % 9), static_cast<guint32> (harness.n_rows) - first);
      for (guint32 row = first; row < first + n; row++)
        {
          rows.push_back (row);
          row_groups.push_back (groups[row]);
        }
      harness.update (call, part.states, &row_groups, &rows);
      if (random () % 4 == 0)
        part.wire ();
    }
  while (parts.size () > 1)
    {
      std::swap (parts[random () % parts.size ()], parts.back ());
      std::unique_ptr<Part> last = std::move (parts.back ());
      parts.pop_back ();
      Part &into = *parts[random () % parts.size ()];
      for (guint turn = static_cast<guint> (random () % 3); turn > 0; turn--)
        last->wire ();
      into.take_in (*last);
      for (guint turn = static_cast<guint> (random () % 3); turn > 0; turn--)
        into.wire ();
    }
  return std::move (parts[0]);
}

std::vector<guint32>
deal_groups (std::mt19937 &random, gsize n_rows, guint n_groups)
{
  std::vector<guint32> groups (n_rows);
  for (guint32 &group : groups)
    group = static_cast<guint32> (random () % n_groups);
  return groups;
}

// Returns: whether the aggregate takes these arguments.
bool
check_call (std::mt19937 &random, const PlAggregate *aggregate, const std::vector<Argument> &chosen, guint n_seeds)
{
  bool takes = false;
  for (guint seed = 0; seed < n_seeds && (takes || seed == 0); seed++)
    {
      AggregateHarness harness;
      const guint n_groups = 1 + static_cast<guint> (random () % 3);
      const std::vector<std::string> written = fill (harness, random, chosen, static_cast<guint> (random () % 60));
      std::vector<const char *> texts;
      for (const std::string &text : written)
        texts.push_back (text.c_str ());
      const std::unique_ptr<PlAggregateCall, void (*) (PlAggregateCall *)> owned (harness.bind (aggregate->name, texts),
                                                                                  pl_aggregate_call_free);
      const PlAggregateCall *call = owned.get ();
      // A constant that is taken as a column is one of those, which are there already.
      takes = call != nullptr && call->n_args <= harness.columns.size ();
      if (!takes)
        break;
      const std::vector<guint32> groups = deal_groups (random, harness.n_rows, n_groups);
      Part whole (call, n_groups);
      harness.update (call, whole.states, &groups, nullptr);
      const std::string expected = harness.finish (call, whole.states, n_groups), message = harness.error;
      std::unique_ptr<Part> grown = grow (harness, random, call, groups, n_groups);
      EXPECT_EQ (harness.finish (call, grown->states, n_groups), expected) << call->label << " " << seed;
      EXPECT_EQ (harness.error, message);
    }
  return takes;
}

// Every choice of up to two arguments, and some of more.
guint
check_arity (std::mt19937 &random, const PlAggregate *aggregate, guint n_args)
{
  const gsize n = arguments ().size ();
  guint n_taken = 0;
  gsize n_choices = 1;
  for (guint a = 0; a < n_args; a++)
    n_choices *= n;
  for (gsize c = 0; c < std::min (n_choices, n * n); c++)
    {
      std::vector<Argument> chosen;
      gsize rest = n_choices <= n * n ? c : random () % n_choices;
      for (guint a = 0; a < n_args; a++, rest /= n)
        chosen.push_back (arguments ()[rest % n]);
      n_taken += check_call (random, aggregate, chosen, 30);
    }
  return n_taken;
}

TEST (States, OfEachAggregateComeToTheSameInEveryTree)
{
  std::mt19937 random (2);
  for (const PlAggregate *const *aggregate = pl_aggregates (); *aggregate != nullptr; aggregate++)
    {
      guint n_taken = 0;
      for (guint n_args = (*aggregate)->min_args; n_args <= (*aggregate)->max_args; n_args++)
        n_taken += check_arity (random, *aggregate, n_args);
      EXPECT_GT (n_taken, 0u) << (*aggregate)->name << " takes none of the arguments here: add some";
    }
}

// A call that reads the states of another one finds in them what it would have kept itself.
void
check_shared (std::mt19937 &random, const PlAggregate *owner, const PlAggregate *reader, const Argument &argument,
              guint *n_shared)
{
  AggregateHarness harness;
  const guint n_groups = 1 + static_cast<guint> (random () % 3);
  const std::vector<std::string> written = fill (harness, random, {argument}, static_cast<guint> (random () % 60));
  PlAggregateCall *calls[3] = {};
  const PlAggregate *aggregates[] = {owner, reader, reader};
  for (guint c = 0; c < 3; c++)
    calls[c] = harness.bind (aggregates[c]->name, {written[0].c_str ()});
  if (calls[0] != nullptr && calls[1] != nullptr && pl_aggregate_call_share (calls[1], calls[0]))
    {
      const std::vector<guint32> groups = deal_groups (random, harness.n_rows, n_groups);
      std::unique_ptr<Part> own = grow (harness, random, calls[2], groups, n_groups);
      std::unique_ptr<Part> shared = grow (harness, random, calls[0], groups, n_groups);
      const std::string expected = harness.finish (calls[2], own->states, n_groups);
      EXPECT_EQ (harness.finish (calls[1], shared->states, AggregateHarness::all_places (calls[0], n_groups)), expected)
          << calls[1]->label << " from " << calls[0]->label;
      ++*n_shared;
    }
  for (PlAggregateCall *call : calls)
    pl_aggregate_call_free (call);
}

TEST (States, ThatCallsShareComeToTheSameInEveryTree)
{
  std::mt19937 random (3);
  guint n_shared = 0;
  for (const PlAggregate *const *owner = pl_aggregates (); *owner != nullptr; owner++)
    for (const PlAggregate *const *reader = pl_aggregates (); *reader != nullptr; reader++)
      for (const Argument &argument : arguments ())
        if ((*owner)->min_args <= 1 && (*reader)->min_args <= 1 && !argument.type.empty ())
          for (guint turn = 0; turn < 4; turn++)
            check_shared (random, *owner, *reader, argument, &n_shared);
  EXPECT_GT (n_shared, 100u);
}

} // namespace
