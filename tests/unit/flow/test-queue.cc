/* Queues, and bunches in front of them. */
#include "../../../pipeline/flow/queue.h"
#include <gtest/gtest.h>
#include <vector>

namespace
{

int items[20];

struct BunchTest : testing::Test
{
  PlQueue *there = pl_queue_new (), *from = pl_queue_new ();
  PlBunch bunch = {there, 3, 0, {}};

  std::vector<gpointer>
  arrived ()
  {
    std::vector<gpointer> all;
    while (gpointer item = pl_queue_try_pop (there))
      all.push_back (item);
    return all;
  }

  void
  TearDown () override
  {
    pl_queue_free (there);
    pl_queue_free (from);
  }
};

using Items = std::vector<gpointer>;

TEST_F (BunchTest, GoesOutWhenItIsFull)
{
  pl_bunch_push (&bunch, &items[0]);
  pl_bunch_push (&bunch, &items[1]);
  EXPECT_EQ (arrived (), Items ());
  pl_bunch_push (&bunch, &items[2]);
  EXPECT_EQ (arrived (), (Items{&items[0], &items[1], &items[2]}));
  EXPECT_EQ (bunch.n, 0u);
}

TEST_F (BunchTest, GoesOutWhenToldTo)
{
  pl_bunch_push (&bunch, &items[0]);
  pl_bunch_flush (&bunch);
  EXPECT_EQ (arrived (), Items{&items[0]});
  pl_bunch_flush (&bunch);
  EXPECT_EQ (arrived (), Items ());
}

TEST_F (BunchTest, StaysWhileThereIsSomethingToTake)
{
  pl_queue_push (from, &items[5]);
  pl_bunch_push (&bunch, &items[0]);
  EXPECT_EQ (pl_bunch_pop (&bunch, from), &items[5]);
  EXPECT_EQ (arrived (), Items ());
}

/* Who waits for the items of a bunch may be the one that fills the queue waited for. */
TEST_F (BunchTest, GoesOutBeforeItsThreadWaits)
{
  GThread *echo = g_thread_new (
      "echo",
      [] (gpointer data) -> gpointer {
        auto *self = static_cast<BunchTest *> (data);
        pl_queue_push (self->from, pl_queue_pop (self->there));
        return nullptr;
      },
      this);
  pl_bunch_push (&bunch, &items[7]);
  EXPECT_EQ (pl_bunch_pop (&bunch, from), &items[7]);
  g_thread_join (echo);
}

TEST_F (BunchTest, OfOneHoldsNothingBack)
{
  bunch.limit = 1;
  pl_bunch_push (&bunch, &items[0]);
  EXPECT_EQ (arrived (), Items{&items[0]});
}

TEST (Queue, TryPopNeverWaits)
{
  g_autoptr (PlQueue) queue = pl_queue_new ();
  EXPECT_EQ (pl_queue_try_pop (queue), nullptr);
  pl_queue_push (queue, &items[0]);
  pl_queue_push (queue, &items[1]);
  EXPECT_EQ (pl_queue_try_pop (queue), &items[0]);
  EXPECT_EQ (pl_queue_try_pop (queue), &items[1]);
}

} // namespace
