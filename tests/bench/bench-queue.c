/* Microseconds a block takes from thread to thread: two queues, as a run has them, and blocks that go round. What counts is the round trip
 * with many blocks on their way (a run's usual state) and with one alone, which wakes a sleeping thread each time.
 *
 *   ninja -C build tests/bench-queue && build/tests/bench-queue [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../pipeline/engine/queue.h"

typedef struct
{
  PlQueue *there, *back;
  guint n;
} Loop;

static gpointer
echo_thread (gpointer data)
{
  Loop *loop = data;
  for (guint i = 0; i < loop->n; i++)
    pl_queue_push (loop->back, pl_queue_pop (loop->there));
  return NULL;
}

static void
measure (guint n, guint blocks)
{
  char items[64];
  Loop loop = {pl_queue_new (), pl_queue_new (), n};
  GThread *thread = g_thread_new ("echo", echo_thread, &loop);
  gint64 start = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++)
    pl_queue_push (loop.there, i < blocks ? &items[i] : pl_queue_pop (loop.back));
  for (guint i = 0; i < MIN (blocks, n); i++)
    pl_queue_pop (loop.back);
  gint64 elapsed = g_get_monotonic_time () - start;
  g_thread_join (thread);
  printf ("%2u blocks on their way: %6.2f us a hand-off\n", blocks, (double) elapsed / n / 2);
  pl_queue_free (loop.there);
  pl_queue_free (loop.back);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 200000;
  measure (n, 16);
  measure (n, 4);
  measure (n, 1);
  return 0;
}
