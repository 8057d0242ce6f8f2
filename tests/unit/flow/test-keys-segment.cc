/* What is read of a segment before a step asks an index on disk: the way to that step, and nothing beside it. */
#include <gtest/gtest.h>
#include <vector>

extern "C"
{
#include "../../../pipeline/flow/keys-segment.h"
}

namespace
{

class KeysSegment : public testing::Test
{
protected:
  void
  SetUp () override
  {
    segment = pl_segment_new (nullptr);
    segment->label = "source a";
    segment->index = 3;
    segment->node = 5;
  }
  void
  TearDown () override
  {
    pl_segment_free (segment);
  }
  PlStep *
  add (const char *stage, PlStep *parent, guint asks = PL_NO_SEGMENT)
  {
    PlStep *step = g_new0 (PlStep, 1);
    step->index = segment->steps->len;
    step->stage = stage != nullptr ? pl_stage_find (stage) : nullptr;
    step->feeds = PL_NO_SEGMENT;
    step->asks = asks;
    step->asked = asks != PL_NO_SEGMENT ? &index : nullptr;
    g_ptr_array_add (segment->steps, step);
    PlStep ***steps = parent != nullptr ? &parent->children : &segment->roots;
    guint *n = parent != nullptr ? &parent->n_children : &segment->n_roots;
    *steps = g_renew (PlStep *, *steps, *n + 1);
    (*steps)[(*n)++] = step;
    return step;
  }
  static std::vector<const PlStage *>
  stages_of (const PlSegment *some)
  {
    std::vector<const PlStage *> stages;
    for (guint i = 0; i < some->steps->len; i++)
      {
        const auto *step = static_cast<const PlStep *> (some->steps->pdata[i]);
        EXPECT_EQ (step->index, i);
        stages.push_back (step->stage);
      }
    return stages;
  }
  PlSegment *segment;
  PlRows index{};
};

TEST_F (KeysSegment, HasTheWayToTheStepAlone)
{
  PlStep *select = add ("select", nullptr);
  add (nullptr, add ("filter", select));
  PlStep *derive = add ("derive", select), *join = add ("join", derive, 1);
  add ("sort", join);
  add (nullptr, nullptr);
  g_autoptr (PlSegment) keys = pl_keys_segment_new (segment, join);
  const PlStage *gathers = join->stage->build->keys;
  EXPECT_EQ (stages_of (keys), (std::vector<const PlStage *>{select->stage, derive->stage, gathers}));
  EXPECT_EQ (keys->n_roots, 1u);
  EXPECT_EQ (keys->roots[0], keys->steps->pdata[0]);
  EXPECT_EQ (keys->roots[0]->n_children, 1u);
  EXPECT_EQ (keys->roots[0]->children[0], keys->steps->pdata[1]);
  const auto *last = static_cast<const PlStep *> (keys->steps->pdata[2]);
  EXPECT_EQ (last->n_children, 0u);
  EXPECT_EQ (last->asked, nullptr);
  EXPECT_EQ (last->asks, PL_NO_SEGMENT);
  EXPECT_EQ (last->feeds, PL_NO_SEGMENT);
  // The segment itself stays as it was.
  EXPECT_EQ (select->n_children, 2u);
  EXPECT_EQ (join->asked, &index);
  EXPECT_EQ (segment->steps->len, 7u);
}

TEST_F (KeysSegment, AsksOnTheWay)
{
  PlStep *first = add ("join", nullptr, 1), *second = add ("join", first, 2);
  g_autoptr (PlSegment) keys = pl_keys_segment_new (segment, second);
  ASSERT_EQ (keys->steps->len, 2u);
  const auto *asking = static_cast<const PlStep *> (keys->steps->pdata[0]);
  EXPECT_EQ (asking->stage, first->stage);
  EXPECT_EQ (asking->asked, &index);
  EXPECT_EQ (stages_of (keys)[1], second->stage->build->keys);
}

TEST_F (KeysSegment, ReadsWhatTheSegmentReads)
{
  PlStep *join = add ("join", nullptr, 1);
  g_autoptr (PlSegment) keys = pl_keys_segment_new (segment, join);
  EXPECT_EQ (keys->source, segment->source);
  EXPECT_STREQ (keys->label, "source a");
  EXPECT_EQ (keys->index, 3u);
  EXPECT_EQ (keys->node, 5);
  EXPECT_FALSE (keys->satisfiable);
}

} // namespace
