// limit: which rows, however they are spread over workers.
#include "harness.hh"
#include "../../../stages/stage.h"
#include "../../../pipeline/base/settings.h"

static const char rows[] = "a:int\n1\n2\n3\n4\n5\n6\n7\n";

TEST (Limit, KeepsTheFirstRowsOfTheInput)
{
  EXPECT_EQ (run ("limit", "rows = 3", rows), "a\n1\n2\n3\n");
  EXPECT_EQ (run ("limit", "rows = 100", rows), "a\n1\n2\n3\n4\n5\n6\n7\n");
  EXPECT_EQ (run ("limit", "rows = 0", rows), "a\n");
}

TEST (Limit, LeavesOutAnOffset)
{
  EXPECT_EQ (run ("limit", "rows = 2\noffset = 3", rows), "a\n4\n5\n");
  EXPECT_EQ (run ("limit", "offset = 5", rows), "a\n6\n7\n");
  EXPECT_EQ (run ("limit", "offset = 18446744073709551615\nrows = 18446744073709551615", rows), "a\n");
}

TEST (Limit, NamesItsMistakes)
{
  EXPECT_EQ (issues ("limit", "", "a"), "1:1: nothing to limit; add 'rows' or 'offset'\n");
  EXPECT_EQ (issues ("limit", "rows = ten", "a").find ("2:8: "), 0u);
}

static void
check_satisfied (gboolean spills)
{
  const PlStage *stage = pl_stage_find ("limit");
  PlSettings *settings = pl_settings_new ("limit", "x", "job.ini", 1);
  pl_settings_add (settings, "rows", FALSE, "4", "job.ini", 2, 1);
  PlIssues *problems = pl_issues_new ();
  PlArena *arena = pl_arena_new ();
  PlSchema *schema, *output;
  PlBatch *all = pl_harness_batch (rows, &schema, arena);
  gpointer config = stage->configure (settings, schema, &output, problems);
  gpointer states[2] = {stage->state_new (config), stage->state_new (config)};
  guint64 position = 99;
  for (gsize first = 0; first < 6; first += 2)
    {
      PlBatch batch;
      pl_batch_copy (&batch, all);
      pl_batch_slice (&batch, first, 2);
      ASSERT_TRUE (stage->reduce->consume (config, states[first == 2], &batch, NULL));
      ASSERT_TRUE (!spills || first == 4 || stage->reduce->spill (config, states[first == 2], NULL));
    }
  // State 0 saw rows 0 1 4 5, state 1 saw 2 3: alone, only state 0 knows; together, row 3 is the last that counts.
  EXPECT_TRUE (stage->reduce->satisfied (config, &states[0], 1, &position, nullptr));
  EXPECT_EQ (position, 5u);
  EXPECT_FALSE (stage->reduce->satisfied (config, &states[1], 1, &position, nullptr));
  EXPECT_TRUE (stage->reduce->satisfied (config, states, 2, &position, nullptr));
  EXPECT_EQ (position, 3u);
  stage->state_free (states[0]);
  stage->state_free (states[1]);
  stage->config_free (config);
  pl_schema_unref (output);
  pl_schema_unref (schema);
  pl_arena_free (arena);
  pl_issues_free (problems);
  pl_settings_free (settings);
}

TEST (Limit, IsSatisfiedWhenTheRowsTogetherSuffice)
{
  check_satisfied (FALSE);
}

TEST (Limit, IsSatisfiedByRowsOnDisk)
{
  check_satisfied (TRUE);
}
