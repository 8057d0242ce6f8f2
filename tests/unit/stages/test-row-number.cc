// row-number: numbers in the order of the input, over all rows and within groups, however rows are spread over workers.
#include "harness.hh"
#include "../../../stages/stage.h"
#include "../../../pipeline/base/settings.h"

static const char rows[] = "k,v:int,x:float\nb,1,0.50\na,2,\nb,3,1e3\n,4,\na,5,-0.0\n,6,7\nb,7,NaN\n";

TEST (RowNumber, NumbersRowsInTheOrderOfTheInput)
{
  EXPECT_EQ (run ("row-number", "", rows),
             "k,v,x,n\nb,1,0.50,1\na,2,,2\nb,3,1e3,3\n,4,,4\na,5,-0.0,5\n,6,7,6\nb,7,NaN,7\n");
  EXPECT_EQ (run ("row-number", "as = line", "a:int\n5\n4\n"), "a,line\n5,1\n4,2\n");
  EXPECT_EQ (run ("row-number", "as = \"row number\"", "a:int\n5\n"), "a,row number\n5,1\n");
  EXPECT_EQ (run ("row-number", "", "a:int\n"), "a,n\n");
  EXPECT_EQ (run ("row-number", "by = a", "a:int\n"), "a,n\n");
}

TEST (RowNumber, BeginsAtAnyNumber)
{
  EXPECT_EQ (run ("row-number", "start = 0", "a:int\n5\n4\n"), "a,n\n5,0\n4,1\n");
  EXPECT_EQ (run ("row-number", "start = -2", "a:int\n5\n4\n3\n2\n"), "a,n\n5,-2\n4,-1\n3,0\n2,1\n");
  EXPECT_EQ (run ("row-number", "start = -9223372036854775808", "a:int\n5\n4\n"),
             "a,n\n5,-9223372036854775808\n4,-9223372036854775807\n");
}

TEST (RowNumber, NumbersWithinGroupsNullBeingOne)
{
  EXPECT_EQ (run ("row-number", "by = k", rows),
             "k,v,x,n\nb,1,0.50,1\na,2,,1\nb,3,1e3,2\n,4,,1\na,5,-0.0,2\n,6,7,2\nb,7,NaN,3\n");
  EXPECT_EQ (run ("row-number", "by = v % 2 = 0; k\nstart = 10\nas = i", rows),
             "k,v,x,i\nb,1,0.50,10\na,2,,10\nb,3,1e3,11\n,4,,10\na,5,-0.0,10\n,6,7,11\nb,7,NaN,12\n");
  // 0.0 and -0.0 are one value, as are all NaN.
  EXPECT_EQ (run ("row-number", "by = x", "x:float\n0\n-0.0\nNaN\n1\nNaN\n\n0.00\n"),
             "x,n\n0,1\n-0.0,2\nNaN,1\n1,1\nNaN,2\n,1\n0.00,3\n");
}

TEST (RowNumber, CountsManyRowsOfManyGroups)
{
  std::string input = "k:int,s\n", expected = "k,s,n\n";
  std::vector<int> seen (60);
  unsigned chance = 1;
  for (int i = 0; i < 3000; i++)
    {
      chance = chance * 1103515245 + 12345;
      const int k = (int) (chance >> 16) % 60;
      const std::string line = std::to_string (k) + ",text " + std::to_string (i);
      input += line + "\n";
      expected += line + "," + std::to_string (++seen[(size_t) k]) + "\n";
    }
  EXPECT_EQ (run ("row-number", "by = k", input), expected);
  EXPECT_EQ (run ("row-number", "by = k || '!'", input), expected);
}

TEST (RowNumber, FailsWhereANumberIsBeyondAnInt)
{
  EXPECT_EQ (run ("row-number", "start = 9223372036854775806", "a:int\n5\n4\n"),
             "a,n\n5,9223372036854775806\n4,9223372036854775807\n");
  EXPECT_EQ (run ("row-number", "start = 9223372036854775806", "a:int\n5\n4\n3\n"),
             "error: 3 rows numbered from 9223372036854775806 on pass 9223372036854775807, the greatest int; choose a "
             "lower 'start'");
  EXPECT_EQ (run ("row-number", "by = a\nstart = 9223372036854775806", "a:int\n5\n5\n3\n5\n3\n"),
             "error: 3 rows numbered from 9223372036854775806 on pass 9223372036854775807, the greatest int; choose a "
             "lower 'start'");
  EXPECT_EQ (run ("row-number", "by = a\nstart = 9223372036854775807", "a:int\n5\n3\n"),
             "a,n\n5,9223372036854775807\n3,9223372036854775807\n");
}

TEST (RowNumber, NamesItsMistakes)
{
  EXPECT_EQ (issues ("row-number", "as = b", "a,b"),
             "2:6: the input has a column 'b' already; name the numbers otherwise, with 'as = other_name'\n");
  EXPECT_EQ (issues ("row-number", "", "n"),
             "1:1: the input has a column 'n' already; name the numbers otherwise, with 'as = other_name'\n");
  EXPECT_EQ (issues ("row-number", "as =", "a"), "2:5: 'as' is empty; name the column of the numbers\n");
  EXPECT_EQ (issues ("row-number", "start = 1.5", "a"),
             "2:9: '1.5' is no whole number of 64 bits; write one, as in 'start = 0'\n");
  EXPECT_EQ (issues ("row-number", "start = 9223372036854775808", "a"),
             "2:9: '9223372036854775808' is no whole number of 64 bits; write one, as in 'start = 0'\n");
  EXPECT_EQ (issues ("row-number", "by = c", "a"), "2:6: unknown column 'c'; there is a\n");
}

// Two states of `row-number`, and what is wanted of its result.
class RowNumberState : public testing::Test
{
protected:
  void
  SetUp () override
  {
    stage = pl_stage_find ("row-number");
    settings = pl_settings_new ("row-number", "x", "job.ini", 1);
    problems = pl_issues_new ();
    arena = pl_arena_new ();
    batch = pl_harness_batch ("a:int,k\n5,x\n6,y\n7,x\n", &schema, arena);
  }
  void
  start (guint8 use_of_number, const char *by = NULL, const char *first = NULL)
  {
    if (by != NULL)
      pl_settings_add (settings, "by", FALSE, by, "job.ini", 2, 1);
    if (first != NULL)
      pl_settings_add (settings, "start", FALSE, first, "job.ini", 3, 1);
    config = stage->configure (settings, schema, &output, problems);
    const guint8 wanted[] = {PL_USE_NONE, PL_USE_NONE, use_of_number};
    guint8 needed[] = {PL_USE_NONE, PL_USE_NONE};
    stage->require (config, wanted, needed);
    uses_of_key = needed[1];
    for (gpointer &state : states)
      state = stage->state_new (config);
  }
  void
  TearDown () override
  {
    for (gpointer state : states)
      stage->state_free (state);
    stage->config_free (config);
    pl_schema_unref (output);
    pl_schema_unref (schema);
    pl_arena_free (arena);
    pl_issues_free (problems);
    pl_settings_free (settings);
  }
  gboolean
  feed (int state, guint64 position, PlOriginate originate = NULL)
  {
    PlBatch part;
    pl_batch_copy (&part, batch);
    part.position = position;
    part.originate = originate;
    return stage->reduce->consume (config, states[state], &part, NULL);
  }
  gsize
  saved_bytes (int state)
  {
    PlBuffer buffer = PL_BUFFER_INIT;
    stage->reduce->save (config, states[state], &buffer);
    const gsize n = buffer.length;
    PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
    stage->state_free (states[state]);
    states[state] = stage->reduce->load (config, &cursor);
    EXPECT_NE (states[state], nullptr);
    pl_buffer_clear (&buffer);
    return n;
  }
  // The numbers, and where each row comes from.
  std::string
  finish (GError **error = NULL)
  {
    std::string text;
    PlRows *result = stage->reduce->finish (config, states, 2, pl_parallel_serial (), error);
    if (result == NULL)
      return "error";
    PlBatch out;
    pl_batch_init (&out, output, arena);
    EXPECT_TRUE (pl_harness_read (result, result->n_rows, &out));
    for (guint64 row = 0; row < result->n_rows; row++)
      {
        text += std::to_string (out.columns[2]->ints[row]);
        if (out.origins != NULL)
          text += std::string ("@") + std::string (out.origins->texts[row].data, out.origins->texts[row].length);
        text += " ";
      }
    pl_rows_free (result);
    return text;
  }
  const PlStage *stage;
  PlSettings *settings;
  PlIssues *problems;
  PlArena *arena;
  PlBatch *batch;
  PlSchema *schema, *output;
  gpointer config, states[2];
  guint8 uses_of_key;
};

static PlText
originate (const PlBatch *batch, gsize row, G_GNUC_UNUSED gpointer data)
{
  char *text = (char *) pl_arena_alloc (batch->arena, 32);
  return {text, (guint32) g_snprintf (text, 32, "%" G_GUINT64_FORMAT, pl_batch_position (batch, row)), 0};
}

TEST_F (RowNumberState, OnlyCountsRowsOfWhichNothingIsWanted)
{
  start (PL_USE_VALUE);
  EXPECT_EQ (uses_of_key, PL_USE_NONE);
  for (guint64 i = 0; i < 100; i++)
    ASSERT_TRUE (feed (0, i * 3));
  EXPECT_EQ (saved_bytes (0), 16u);
  ASSERT_TRUE (feed (1, 1000));
  const std::string numbers = finish ();
  EXPECT_EQ (numbers.substr (0, 8), "1 2 3 4 ");
  EXPECT_EQ (numbers.substr (numbers.size () - 8), "302 303 ");
}

TEST_F (RowNumberState, SaysWhereRowsComeFromOfWhichNothingElseIsWanted)
{
  start (PL_USE_VALUE);
  ASSERT_TRUE (feed (1, 20, originate));
  ASSERT_TRUE (feed (0, 10, originate));
  saved_bytes (1);
  EXPECT_EQ (finish (), "1@10 2@11 3@12 4@20 5@21 6@22 ");
}

TEST_F (RowNumberState, NumbersRowsOfWhichOnlySomeSayWhereTheyComeFrom)
{
  start (PL_USE_VALUE);
  ASSERT_TRUE (feed (1, 20, originate));
  ASSERT_TRUE (feed (0, 10));
  saved_bytes (0);
  EXPECT_EQ (finish (), "1 2 3 4 5 6 ");
}

TEST_F (RowNumberState, CountsOnBehindRowsThatSayWhereTheyComeFrom)
{
  start (PL_USE_VALUE);
  ASSERT_TRUE (feed (0, 10, originate));
  ASSERT_TRUE (feed (0, 20));
  saved_bytes (0);
  EXPECT_EQ (finish (), "1 2 3 4 5 6 ");
}

TEST_F (RowNumberState, LooksForNoGroupsWhereNobodyReadsTheNumbers)
{
  start (PL_USE_NONE, "k");
  EXPECT_EQ (uses_of_key, PL_USE_VALUE | PL_USE_COMPUTE);
  ASSERT_TRUE (feed (0, 10));
  EXPECT_EQ (saved_bytes (0), 16u);
}

TEST_F (RowNumberState, FailsAtKeysAlsoWhereNobodyReadsTheNumbers)
{
  start (PL_USE_NONE, "cast(k as int)");
  EXPECT_FALSE (feed (0, 10));
}

TEST_F (RowNumberState, FailsAtNumbersThatAreTooLargeAlsoWhereNobodyReadsThem)
{
  g_autoptr (GError) error = NULL;
  start (PL_USE_NONE, "k", "9223372036854775807");
  ASSERT_TRUE (feed (0, 10));
  EXPECT_EQ (finish (&error), "error");
  EXPECT_STREQ (error->message, "2 rows numbered from 9223372036854775807 on pass 9223372036854775807, the greatest "
                                "int; choose a lower 'start'");
}

// Any byte may be wrong: nothing is read past the end, and no group that there is not.
TEST_F (RowNumberState, RefusesDamagedStates)
{
  PlBuffer buffer = PL_BUFFER_INIT;
  start (PL_USE_VALUE, "k");
  ASSERT_TRUE (feed (0, 10));
  stage->reduce->save (config, states[0], &buffer);
  for (gsize at = 0; at < buffer.length; at++)
    for (guint8 mask : {1, 0x41, 0x80})
      {
        buffer.data[at] ^= (char) mask;
        PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
        gpointer loaded = stage->reduce->load (config, &cursor);
        if (loaded != NULL)
          {
            stage->state_free (states[1]);
            states[1] = loaded;
            finish ();
            for (gpointer &state : states)
              {
                stage->state_free (state);
                state = stage->state_new (config);
              }
          }
        buffer.data[at] ^= (char) mask;
      }
  for (gsize n = 0; n < buffer.length; n++)
    {
      PlCursor cursor = {(const guint8 *) buffer.data, n, 0, FALSE};
      EXPECT_EQ (stage->reduce->load (config, &cursor), nullptr) << n;
    }
  pl_buffer_clear (&buffer);
}
