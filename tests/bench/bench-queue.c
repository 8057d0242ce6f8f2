/* Microseconds a block takes from thread to thread: two queues, as a run has them, and blocks that go round. A run's
 * usual state is the first line: the blocks and the bunches it has with two workers. Then singly, and with one block
 * alone, which wakes a sleeping thread each time.
 *
 *   ninja -C build tests/bench-queue && build/tests/bench-queue [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../pipeline/flow/queue.h"

typedef struct
{
  PlBunch there, back;
  guint n;
} Loop;

static gpointer
echo_thread (gpointer data)
{
  Loop *loop = data;
  for (guint i = 0; i < loop->n; i++)
    pl_bunch_push (&loop->back, pl_bunch_pop (&loop->back, loop->there.queue));
  pl_bunch_flush (&loop->back);
  return NULL;
}

static void
measure (guint n, guint blocks, guint bunch)
{
  char items[64];
  g_autoptr (PlQueue) there = pl_queue_new (), back = pl_queue_new ();
  Loop loop = {{.queue = there, .limit = bunch}, {.queue = back, .limit = bunch}, n};
  GThread *thread = g_thread_new ("echo", echo_thread, &loop);
  gint64 start = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++)
    pl_bunch_push (&loop.there, i < blocks ? &items[i] : pl_bunch_pop (&loop.there, back));
  pl_bunch_flush (&loop.there);
  for (guint i = 0; i < MIN (blocks, n); i++)
    pl_queue_pop (back);
  gint64 elapsed = g_get_monotonic_time () - start;
  g_thread_join (thread);
  printf ("%2u blocks on their way, %u at a time: %6.2f us a hand-off\n", blocks, bunch, (double) elapsed / n / 2);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 200000;
  measure (n, 18, 4);
  measure (n, 18, 1);
  measure (n, 1, 1);
  return 0;
}
