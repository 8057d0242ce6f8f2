/* What a worker has gathered, as a part: it comes back whole, into its own segment, or not at all. */
#include "../../../pipeline/flow/gathered.h"
#include "../../stages/harness.h"
#include <gtest/gtest.h>
#include <string>

namespace
{

class Gathered : public testing::Test
{
protected:
  void
  SetUp () override
  {
    arena = pl_arena_new ();
    batch = pl_harness_batch ("a:int\n1\n2\n3\n", &schema, arena);
    settings = pl_settings_new ("tail", "", "job", 1);
    pl_settings_add (settings, "rows", FALSE, "2", "job", 2, 8);
    issues = pl_issues_new ();
    step.stage = pl_stage_find ("tail");
    step.config = config = step.stage->configure (settings, schema, &output, issues);
    ASSERT_NE (config, nullptr);
    const guint8 output_use = PL_USE_TEXT | PL_USE_VALUE;
    step.stage->require (config, &output_use, &uses);
    step.schema = output;
    step.label = "tail";
    step.node = -1;
    segment.schema = schema;
    segment.uses = &uses;
    segment.steps = g_ptr_array_new ();
    g_ptr_array_add (segment.steps, &step);
    segment.hash = 7;
    partial = pl_partial_new (&segment, TRUE);
    ASSERT_TRUE (step.stage->reduce->consume (config, partial->states[0], batch, nullptr));
    partial->counts[0].rows_in = 3;
    partial->bytes = 123;
    pl_partial_save (partial, &bytes);
  }
  void
  TearDown () override
  {
    pl_buffer_clear (&bytes);
    pl_partial_free (partial);
    g_ptr_array_unref (segment.steps);
    step.stage->config_free (config);
    pl_schema_unref (output);
    pl_schema_unref (schema);
    pl_settings_free (settings);
    pl_issues_free (issues);
    pl_arena_free (arena);
  }
  PlPartial *
  load (const std::string &text, gsize *offset)
  {
    PlCursor cursor = {reinterpret_cast<const guint8 *> (text.data ()), text.size (), 0, FALSE};
    PlPartial *loaded = pl_partial_load (&segment, &cursor);
    EXPECT_EQ (loaded == nullptr, cursor.failed);
    *offset = cursor.offset;
    return loaded;
  }
  PlArena *arena;
  PlSchema *schema, *output;
  PlBatch *batch;
  PlSettings *settings;
  PlIssues *issues;
  gpointer config;
  guint8 uses = 0;
  PlStep step{};
  PlSegment segment{};
  PlPartial *partial;
  PlBuffer bytes = PL_BUFFER_INIT;
};

TEST_F (Gathered, ComesBackWhole)
{
  const std::string text (bytes.data, bytes.length);
  gsize offset;
  PlPartial *loaded = load (text + "more", &offset);
  ASSERT_NE (loaded, nullptr);
  EXPECT_EQ (offset, text.size ());
  EXPECT_EQ (loaded->bytes, 123u);
  EXPECT_EQ (loaded->counts[0].rows_in, 3u);
  PlBuffer again = PL_BUFFER_INIT;
  pl_partial_save (loaded, &again);
  EXPECT_EQ (std::string (again.data, again.length), text);
  pl_buffer_clear (&again);
  pl_partial_free (loaded);
}

TEST_F (Gathered, OfAnotherPlanIsRefused)
{
  gsize offset;
  segment.hash = 8;
  EXPECT_EQ (load (std::string (bytes.data, bytes.length), &offset), nullptr);
}

TEST_F (Gathered, WhatIsCutOrChangedIsRefused)
{
  const std::string text (bytes.data, bytes.length);
  gsize offset;
  for (gsize n = 0; n < text.size (); n++)
    EXPECT_EQ (load (text.substr (0, n), &offset), nullptr) << n;
  for (gsize at = 0; at < text.size (); at++)
    {
      std::string wrong = text;
      wrong[at] = static_cast<char> (wrong[at] ^ 0x40);
      EXPECT_EQ (load (wrong, &offset), nullptr) << at;
    }
}

} // namespace
