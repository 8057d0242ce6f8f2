/* Children on loan: who gets which, and that nobody waits for one that will never come. */
#include <gtest/gtest.h>

#include "../../../stages/exec/pool.h"

namespace
{

class Pool : public ::testing::Test
{
protected:
  Pool ()
  {
    pool = pl_child_pool_new (&command);
  }
  ~Pool () override
  {
    pl_child_pool_free (pool);
  }

  PlChild *
  take (gboolean is_new)
  {
    char *why = nullptr;
    PlChild *child = pl_child_pool_take (pool, is_new, FALSE, &why);
    EXPECT_EQ (why, nullptr) << why;
    g_free (why);
    return child;
  }

  void
  leave ()
  {
    g_autofree char *fault = pl_child_pool_leave (pool);
    EXPECT_STREQ (fault, nullptr);
  }

  char *argv[2] = {(char *) "cat", nullptr};
  char *environment[2] = {(char *) "PATH=/usr/bin:/bin", nullptr};
  PlChildCommand command = {(char *) "exec e", (char *) "'cat' of [exec e]", argv, environment, (char *) "."};
  PlChildPool *pool;
};

TEST_F (Pool, AWorkerHasOneChildAndAnotherGetsTheIdleOne)
{
  pl_child_pool_join (pool);
  PlChild *child = take (FALSE);
  ASSERT_NE (child, nullptr);
  EXPECT_EQ (take (FALSE), nullptr);
  pl_child_pool_give_back (pool, child);
  EXPECT_EQ (take (FALSE), child);
  pl_child_pool_drop (pool, child);
  leave ();
}

/* Two idle children were left when a worker had ended: the last one, which wanted a new one, freed one of them and
 * then waited for ever, because one is as many as it may have. */
TEST_F (Pool, ANewChildTakesThePlaceOfAllThatAreTooMany)
{
  for (guint i = 0; i < 3; i++)
    pl_child_pool_join (pool);
  PlChild *children[3];
  for (auto &child : children)
    ASSERT_NE (child = take (FALSE), nullptr);
  for (PlChild *child : children)
    pl_child_pool_give_back (pool, child);
  leave ();
  leave ();
  PlChild *child = take (TRUE);
  ASSERT_NE (child, nullptr);
  EXPECT_EQ (take (FALSE), nullptr);
  pl_child_pool_drop (pool, child);
  leave ();
}

} // namespace
