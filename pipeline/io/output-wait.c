/* Waiting for others: see output-wait.h. */
#include "output-wait.h"
#include "../base/error.h"
#include "../base/notice.h"

#include <poll.h>

/* Microseconds: between two looks at what is waited for; until it is said. */
#define WAIT_PIECE 10000
#define WAIT_QUIETLY (2 * G_USEC_PER_SEC)

gboolean
pl_output_wait (const PlOutput *output, PlOutputWait *wait, int fd, const char *what, GError **error)
{
  const gint *cancelled = output->set->cancelled;
  gint64 now = g_get_monotonic_time ();
  if (cancelled != NULL && g_atomic_int_get (cancelled) != 0)
    {
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
  if (wait->since == 0)
    wait->since = now;
  if (!wait->said && now - wait->since >= WAIT_QUIETLY)
    {
      wait->said = TRUE;
      pl_notice ("waiting for %s %s", what, output->kind == PL_TARGET_STDOUT ? "standard output" : output->name);
    }
  struct pollfd one = {.fd = fd, .events = POLLOUT};
  if (fd >= 0)
    poll (&one, 1, WAIT_PIECE / 1000);
  else
    g_usleep (WAIT_PIECE);
  return TRUE;
}
