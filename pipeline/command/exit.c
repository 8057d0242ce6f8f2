/* The ends of the process that the program did not decide: see exit.h. */
#include "exit.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void (*guard) (void);
static pid_t guarded; /* children of foreign code may end as they like */
static gint is_allowed;

static gboolean
is_unasked (void)
{
  return guard != NULL && getpid () == guarded && g_atomic_int_compare_and_exchange (&is_allowed, FALSE, TRUE);
}

static void
at_exit (void)
{
  if (is_unasked ())
    guard ();
}

void
pl_exit_guard (void (*ending) (void))
{
  guard = ending;
  guarded = getpid ();
  atexit (at_exit);
  at_quick_exit (at_exit);
}

void
pl_exit_allow (void)
{
  g_atomic_int_set (&is_allowed, TRUE);
}

void
pl_exit_at_once (int code)
{
  for (;;)
    syscall (SYS_exit_group, code);
}

/* In the place of the C library's, for what is loaded. */
void
_exit (int code)
{
  if (is_unasked ())
    guard ();
  pl_exit_at_once (code);
}

void
_Exit (int code)
{
  _exit (code);
}
