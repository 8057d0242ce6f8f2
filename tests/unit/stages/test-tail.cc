// tail: which rows, however they are spread over workers, and how many a worker holds.
#include "../../../pipeline/rows/store.h"
#include "harness.hh"
#include "../../../pipeline/base/settings.h"
#include "../../../stages/stage.h"

static const char rows[]
    = "a:int,s,x:float\n1,one,0.10\n2,,\n3,three,1e3\n4,\"\",-0.0\n5,five,\n6,six,7\n7,seven,7.50\n";

TEST (Tail, KeepsTheLastRowsOfTheInput)
{
  EXPECT_EQ (run ("tail", "rows = 3", rows), "a,s,x\n5,five,\n6,six,7\n7,seven,7.50\n");
  EXPECT_EQ (run ("tail", "rows = 1", rows), "a,s,x\n7,seven,7.50\n");
  EXPECT_EQ (run ("tail", "rows = 0", rows), "a,s,x\n");
  EXPECT_EQ (run ("tail", "rows = 2", "a:int\n"), "a\n");
}

TEST (Tail, KeepsAllRowsWhereThereAreNoMore)
{
  const std::string all = run ("limit", "rows = 7", rows);
  for (const char *n : {"7", "8", "18446744073709551615", "9223372036854775808"})
    EXPECT_EQ (run ("tail", std::string ("rows = ") + n, rows), all) << n;
}

TEST (Tail, GivesTheSameForEachNumberOfRows)
{
  std::string text = "a:int\n";
  for (int i = 0; i < 300; i++)
    text += std::to_string (i) + "\n";
  for (int n : {1, 2, 3, 7, 50, 99, 100, 101, 299, 300, 301})
    {
      std::string expected = "a\n";
      for (int i = std::max (0, 300 - n); i < 300; i++)
        expected += std::to_string (i) + "\n";
      EXPECT_EQ (run ("tail", "rows = " + std::to_string (n), text), expected);
    }
}

TEST (Tail, NamesItsMistakes)
{
  EXPECT_EQ (issues ("tail", "", "a"), "1:1: [tail x] needs the key 'rows'\n");
  EXPECT_EQ (issues ("tail", "rows = ten", "a").substr (0, 5), "2:8: ");
}

// A state of `tail` with @n rows, and its configuration.
class TailState : public testing::Test
{
protected:
  void
  SetUp () override
  {
    stage = pl_stage_find ("tail");
    settings = pl_settings_new ("tail", "x", "job.ini", 1);
    pl_settings_add (settings, "rows", FALSE, "10", "job.ini", 2, 1);
    problems = pl_issues_new ();
    arena = pl_arena_new ();
    batch = pl_harness_batch ("a:int\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", &schema, arena);
    config = stage->configure (settings, schema, &output, problems);
    const guint8 wanted = PL_USE_VALUE;
    guint8 needed = 0;
    stage->require (config, &wanted, &needed);
  }
  void
  TearDown () override
  {
    stage->config_free (config);
    pl_schema_unref (output);
    pl_schema_unref (schema);
    pl_arena_free (arena);
    pl_issues_free (problems);
    pl_settings_free (settings);
  }
  // Feeds @state rows [position, position + n), n <= 13.
  void
  feed (gpointer state, guint64 position, gsize n)
  {
    PlBatch part;
    pl_batch_copy (&part, batch);
    pl_batch_slice (&part, 0, n);
    part.position = position;
    ASSERT_TRUE (stage->reduce->consume (config, state, &part, NULL));
  }
  const PlStage *stage;
  PlSettings *settings;
  PlIssues *problems;
  PlArena *arena;
  PlBatch *batch;
  PlSchema *schema, *output;
  gpointer config;
};

// The rows that a state has in memory: its first member.
static PlStore *
store_of (gpointer state)
{
  return *static_cast<PlStore **> (state);
}

TEST_F (TailState, HoldsAtMostTwiceTheRowsThatAreWanted)
{
  gpointer state = stage->state_new (config);
  guint64 position = 0;
  for (int i = 0; i < 1000; i++)
    {
      const gsize n = 1 + (i * 7) % 13;
      feed (state, position, n);
      position += n;
      ASSERT_LE (pl_store_n_rows (store_of (state)), 20u);
      ASSERT_GE (pl_store_n_rows (store_of (state)), MIN (position, 10u));
    }
  stage->state_free (state);
}

TEST_F (TailState, HandsOverNoMoreThanIsWanted)
{
  gpointer state = stage->state_new (config);
  PlBuffer buffer = PL_BUFFER_INIT;
  feed (state, 0, 9);
  feed (state, 9, 9);
  stage->reduce->save (config, state, &buffer);
  stage->state_free (state);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  state = stage->reduce->load (config, &cursor);
  ASSERT_EQ (pl_store_n_rows (store_of (state)), 10u);
  EXPECT_EQ (pl_store_record (store_of (state), 0)->position, 8u);
  stage->state_free (state);
  pl_buffer_clear (&buffer);
}

TEST_F (TailState, MergesStatesThatLieBeforeAndBehindEachOther)
{
  gpointer into = stage->state_new (config);
  feed (into, 1000, 4);
  for (guint64 i = 0; i < 500; i++)
    {
      gpointer from = stage->state_new (config);
      feed (from, (i * 211) % 500 * 10, 7);
      ASSERT_TRUE (stage->reduce->merge (config, into, from));
      stage->state_free (from);
      ASSERT_LE (pl_store_n_rows (store_of (into)), 27u);
    }
  PlRows *rows = stage->reduce->finish (config, &into, 1, pl_parallel_serial (), NULL);
  PlBatch out;
  GString *text = g_string_new (NULL);
  pl_batch_init (&out, schema, arena);
  ASSERT_EQ (rows->n_rows, 10u);
  ASSERT_TRUE (pl_harness_read (rows, 10, &out));
  pl_harness_print (&out, text);
  EXPECT_STREQ (text->str, "4\n5\n6\n0\n1\n2\n3\n4\n5\n6\n");
  g_string_free (text, TRUE);
  pl_rows_free (rows);
  stage->state_free (into);
}
