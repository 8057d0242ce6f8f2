// States that grow with their rows, by way of their values: the results are those of finalize().
#include "aggregate-harness.h"

#include <climits>

extern "C"
{
#include "../../../stages/aggregates/numbers-values.h"
#include "../../../stages/group-by/blocks.h"
}

namespace
{

using Texts = std::vector<std::string>;

template <typename Make>
Texts
draw (std::mt19937 &random, gsize n, Make make)
{
  Texts texts;
  for (gsize i = 0; i < n; i++)
    texts.push_back (random () % 8 == 0 ? "" : make (random));
  return texts;
}

std::string
draw_float (std::mt19937 &random)
{
  static const char *const special[]
      = {"0",     "-0.0", "nan", "inf", "-inf", "1e300", "-1e-300", "0.1234567890123456789", "123456789012345678901",
         "5e-324"};
  switch (random () % 4)
    {
    case 0:
      return special[random () % 10];
    case 1:
      return std::to_string ((int) (random () % 7) - 3);
    case 2:
      return std::to_string ((int) (random () % 2000) - 1000) + "." + std::to_string (random () % 1000);
    default:
      return std::to_string ((int) (random () % 20) - 10) + ".5";
    }
}

std::string
draw_text (std::mt19937 &random)
{
  static const gsize lengths[] = {1, 2, 7, 8, 9, 63, 64, 65, 100};
  std::string text (lengths[random () % 9], (char) ('a' + random () % 2));
  if (random () % 3 == 0)
    text.back () = (char) (random () % 3);
  return text;
}

// A table of one column of each kind, and the types.
struct Kind
{
  PlType type;
  bool exact;
  std::string (*make) (std::mt19937 &);
  Kind (PlType own_type, bool is_exact, std::string (*own_make) (std::mt19937 &))
      : type (own_type), exact (is_exact), make (own_make)
  {
  }
};

const Kind kinds[] = {
    {PL_TYPE (PL_INT), false, [] (std::mt19937 &random) { return std::to_string ((int) (random () % 40) - 20); }},
    {PL_TYPE (PL_INT), false,
     [] (std::mt19937 &random) {
       return random () % 3 > 0 ? std::to_string ((gint64) random () * (gint64) random ())
                                : std::string ("-9223372036854775808");
     }},
    {PL_TYPE (PL_FLOAT), false, draw_float},
    {PL_TYPE (PL_FLOAT), true, draw_float},
    {PL_TYPE (PL_FLOAT), true,
     [] (std::mt19937 &random) { return std::to_string (random () % 30) + "." + std::to_string (random () % 100); }},
    {PL_TYPE_DECIMAL (38, 2), false,
     [] (std::mt19937 &random) {
       return (random () % 2 ? "-" : "") + std::string (1 + random () % 30, (char) ('1' + random () % 3)) + ".25";
     }},
    {PL_TYPE (PL_BOOL), false, [] (std::mt19937 &random) { return std::string (random () % 2 ? "true" : "false"); }},
    {PL_TYPE (PL_DATE), false,
     [] (std::mt19937 &random) {
       return "19" + std::to_string (60 + random () % 20) + "-01-0" + std::to_string (1 + random () % 9);
     }},
    {PL_TYPE (PL_TIMESTAMP), false,
     [] (std::mt19937 &random) { return "2020-01-01T00:00:0" + std::to_string (random () % 10); }},
    {PL_TYPE (PL_STRING), false, draw_text},
};

// Each aggregate over each type that it takes.
TEST (Values, GiveWhatStatesGive)
{
  static const std::vector<std::vector<const char *> > calls
      = {{"median"}, {"quantile", "0"}, {"quantile", "0.37"}, {"quantile", "1"}, {"nunique"},
         {"mode"},   {"list"},          {"list", "'--'"},     {"product"},       {"product", "7"}};
  std::mt19937 random (7);
  guint n_tried = 0;
  for (const Kind &kind : kinds)
    for (gsize n : {0u, 1u, 2u, 9u, 40u, 700u})
      for (const std::vector<const char *> &call : calls)
        {
          AggregateHarness h;
          h.add_texts ("x", kind.type, draw (random, n, kind.make), kind.exact);
          std::vector<const char *> args = call;
          args[0] = "x";
          n_tried += h.run (call[0], args) != "refused";
        }
  EXPECT_GT (n_tried, 400u);
}

// Moments read the numbers that a median keeps, each of which they need exactly.
TEST (Values, MomentsComeFromTheNumbersOfAMedian)
{
  static const std::vector<std::vector<const char *> > others
      = {{"quantile", "0.9"}, {"var"}, {"std"}, {"sem"}, {"skew"}, {"kurtosis"}};
  std::mt19937 random (8);
  for (const Kind &kind : kinds)
    for (gsize n : {0u, 1u, 2u, 5u, 300u})
      {
        AggregateHarness h;
        const bool is_number = kind.type.kind == PL_INT || kind.type.kind == PL_FLOAT || kind.type.kind == PL_BOOL;
        if (!is_number)
          continue;
        h.add_texts ("x", kind.type, draw (random, n, kind.make), kind.exact);
        std::vector<PlAggregateCall *> calls = {h.bind ("median", {"x"})};
        for (const std::vector<const char *> &other : others)
          {
            std::vector<const char *> args = other;
            args[0] = "x";
            calls.push_back (h.bind (other[0], args));
            EXPECT_TRUE (pl_aggregate_call_share (calls.back (), calls[0]));
          }
        guint8 *state = (guint8 *) g_malloc (calls[0]->state_size);
        std::vector<std::string> wanted;
        h.init (calls[0], state, 1);
        h.update (calls[0], state, nullptr, nullptr);
        for (PlAggregateCall *call : calls)
          wanted.push_back (h.finish (call, state, std::vector<guint32>{0}));
        h.clear (calls[0], state, 1);
        g_free (state);
        for (guint seed = 0; seed < 4; seed++)
          EXPECT_EQ (h.run_values (calls[0], {calls.begin (), calls.end ()}, 1 + seed, seed), wanted)
              << pl_type_name (kind.type) << " " << n;
        for (gsize i = calls.size (); i-- > 0;)
          pl_aggregate_call_free (calls[i]);
      }
}

// A sink that fails ends it, and states are freed all the same.
TEST (Values, ASinkThatFailsIsTheEnd)
{
  std::mt19937 random (9);
  for (const Kind &kind : kinds)
    for (const char *name : {"median", "nunique", "mode", "list"})
      {
        AggregateHarness h;
        h.add_texts ("x", kind.type, draw (random, 100, kind.make), kind.exact);
        PlAggregateCall *call = h.bind (name, {"x"});
        if (call == nullptr)
          continue;
        guint8 *state = (guint8 *) g_malloc (call->state_size);
        h.init (call, state, 1);
        h.update (call, state, nullptr, nullptr);
        guint n = 0;
        auto fail = [] (const PlValue *, gpointer data, GError **) -> gboolean { return ++*(guint *) data < 2; };
        EXPECT_FALSE (call->aggregate->values->give (call, state, fail, &n, nullptr)) << name;
        EXPECT_EQ (n, 2u);
        PlValueTotals totals;
        call->aggregate->values->measure (call, state, &totals);
        EXPECT_EQ (totals.n + totals.size, 0u);
        totals.n = 3;
        call->aggregate->values->end (call, call->aggregate->values->begin (call, &totals, h.arena, nullptr), nullptr,
                                      h.arena);
        g_free (state);
        pl_aggregate_call_free (call);
      }
}

TEST (Values, NumbersAreSorted)
{
  std::mt19937_64 random (10);
  for (gsize n : {0u, 1u, 31u, 33u, 5000u})
    for (guint bits : {1u, 9u, 32u, 64u})
      {
        std::vector<gint64> eight;
        std::vector<gint32> four;
        for (gsize i = 0; i < n; i++)
          {
            eight.push_back ((gint64) random () >> (64 - bits));
            four.push_back ((gint32) random () >> (32 - MIN (bits, 32)));
          }
        std::vector<gint64> eight_sorted = eight;
        std::vector<gint32> four_sorted = four;
        std::sort (eight_sorted.begin (), eight_sorted.end ());
        std::sort (four_sorted.begin (), four_sorted.end ());
        pl_numbers_sort (eight.data (), 8, n);
        pl_numbers_sort (four.data (), 4, n);
        EXPECT_EQ (eight, eight_sorted) << n << " " << bits;
        EXPECT_EQ (four, four_sorted) << n << " " << bits;
      }
}

using Given = AggregateHarness::Given;

PlValue
value_of (const Given &given)
{
  return {(const guint8 *) given.key.data (), given.key.size (), (const guint8 *) given.data.data (),
          given.data.size (), given.count};
}

std::string
pack (const std::vector<Given> &values)
{
  PlValueBlock block = {PL_BUFFER_INIT, PL_BUFFER_INIT, 0};
  for (const Given &given : values)
    {
      const PlValue value = value_of (given);
      pl_value_block_add (&block, &value);
    }
  EXPECT_EQ (block.n, values.size ());
  std::string bytes (block.bytes.data, block.bytes.length);
  pl_value_block_clear (&block);
  return bytes;
}

// Runs are cut into blocks, which come in the order of their first values, as late as they may.
TEST (Values, BlocksOfSeveralRunsAreMerged)
{
  std::mt19937 random (11);
  for (guint n_runs : {1u, 2u, 3u, 8u})
    {
      std::vector<std::vector<Given> > blocks;
      std::vector<std::string> wanted;
      for (guint r = 0; r < n_runs; r++)
        {
          std::vector<Given> run;
          for (guint i = 0; i < 400; i++)
            {
              std::string key (random () % 5 == 0 ? 40 : random () % 20, 'k');
              for (char &letter : key)
                letter = random () % 6 == 0 ? (char) random () : letter;
              const guint64 count = random () % 3 == 0 ? G_MAXUINT64 - random () % 9 : random () % 300;
              run.push_back ({key, std::string (random () % 4 == 0 ? random () % 200 : 0, 'd'), count});
              wanted.push_back (key + "/" + run.back ().data + "/" + std::to_string (count));
            }
          std::sort (run.begin (), run.end (), [] (const Given &a, const Given &b) { return a.key < b.key; });
          for (gsize i = 0, n; i < run.size (); i += n)
            {
              n = std::min<gsize> (1 + random () % 90, run.size () - i);
              blocks.emplace_back (run.begin () + (gssize) i, run.begin () + (gssize) (i + n));
            }
        }
      std::sort (blocks.begin (), blocks.end (),
                 [] (const std::vector<Given> &a, const std::vector<Given> &b) { return a[0].key < b[0].key; });
      std::vector<std::string> merged;
      std::string before;
      PlValueHeap *heap = pl_value_heap_new ();
      for (gsize next = 0;;)
        {
          const PlValue *value;
          while ((value = pl_value_heap_peek (heap)),
                 next < blocks.size ()
                     && (value == nullptr
                         || blocks[next][0].key <= std::string ((const char *) value->key, value->key_length)))
            {
              const std::string bytes = pack (blocks[next++]);
              ASSERT_TRUE (pl_value_heap_add (heap, (const guint8 *) bytes.data (), bytes.size ()));
            }
          if (value == nullptr)
            break;
          const std::string key ((const char *) value->key, value->key_length);
          EXPECT_LE (before, key);
          merged.push_back (key + "/" + std::string ((const char *) value->data, value->data_length) + "/"
                            + std::to_string (value->count));
          before = key;
          ASSERT_TRUE (pl_value_heap_step (heap));
        }
      pl_value_heap_free (heap);
      std::sort (wanted.begin (), wanted.end ());
      std::sort (merged.begin (), merged.end ());
      EXPECT_EQ (merged, wanted) << n_runs;
    }
}

TEST (Values, BytesThatAreNoBlockAreRefused)
{
  const std::string whole = pack ({{"abc", "", 1}, {"abcdefgh", "data", 300}});
  for (gsize n = 0; n <= whole.size (); n++)
    {
      PlValueHeap *heap = pl_value_heap_new ();
      gboolean ok = pl_value_heap_add (heap, (const guint8 *) whole.data (), n);
      EXPECT_EQ (ok != FALSE, n >= 6) << n;
      ok = ok && pl_value_heap_step (heap);
      EXPECT_TRUE (!ok || n == 6 || n == whole.size ()) << n;
      pl_value_heap_free (heap);
    }
  // More of the key before than it has.
  for (const std::string &bytes : {std::string ("\x30\x01\x00", 3), std::string ("\xf0\x7f\x01\x00", 4)})
    {
      PlValueHeap *heap = pl_value_heap_new ();
      EXPECT_FALSE (pl_value_heap_add (heap, (const guint8 *) bytes.data (), bytes.size ()));
      pl_value_heap_free (heap);
    }
}

} // namespace
