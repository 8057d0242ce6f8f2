/* The limit of open files: raised once it is in the way, and never passed on. */
#include "descriptors.h"

#include <sys/resource.h>

/* Beyond this a table of descriptors costs memory that a limit without a limit would not save. */
#define MOST 65536

static struct rlimit before;
static gint raised; /* atomic: `before` is there, and the limit is another one now */

guint64
pl_descriptors_raise (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 256;
  rlim_t wanted = MIN (limit.rlim_max, (rlim_t) MOST);
  if (g_atomic_int_get (&raised) || limit.rlim_cur >= wanted)
    return limit.rlim_cur;
  struct rlimit more = {wanted, limit.rlim_max};
  before = limit;
  g_atomic_int_set (&raised, TRUE);
  return setrlimit (RLIMIT_NOFILE, &more) == 0 ? wanted : limit.rlim_cur;
}

void
pl_descriptors_restore (pid_t pid)
{
  if (g_atomic_int_get (&raised))
    prlimit (pid, RLIMIT_NOFILE, &before, NULL);
}
