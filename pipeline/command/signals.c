/* See signals.h. Everything that a handler calls is async-signal-safe: no memory, no locks, no GLib but atomics. */
#include "signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "command.h"

/* Seconds between being asked to stop and being gone. */
#define GRACE 1

static gint stop_signal; /* atomic: SIGALRM: the timeout */

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

static const char *
stop_message (int number)
{
  switch (number)
    {
    case SIGALRM:
      return "the run took longer than its timeout and was stopped";
    case SIGINT:
      return "stopped by SIGINT";
    case SIGHUP:
      return "stopped by SIGHUP";
    default:
      return "stopped by SIGTERM";
    }
}

G_NORETURN static void
die (int number)
{
  sigset_t set;
  if (number == SIGALRM)
    _exit (EX_TEMPFAIL);
  sigemptyset (&set);
  sigaddset (&set, number);
  signal (number, SIG_DFL);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  raise (number);
  _exit (128 + number);
}

/* Refused while outputs are being put in place; then called again behind that. */
static void
end_at_once (void)
{
  int number = g_atomic_int_get (&stop_signal);
  if (!pl_cleanup_now ())
    return;
  pl_say_at_once (PL_LEVEL_ERROR, stop_message (number));
  die (number);
}

static void
on_stop (int number)
{
  if (g_atomic_int_compare_and_exchange (&stop_signal, 0, number))
    alarm (GRACE);
  else
    end_at_once ();
}

static void
handle (int number, void (*handler) (int), int flags)
{
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset (&action.sa_mask);
  sigaction (number, &action, NULL);
}

static gboolean
is_default (int number)
{
  struct sigaction action;
  return sigaction (number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL;
}

void
pl_signals_install (void)
{
  static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
  pl_cleanup_on_release (end_at_once);
  for (gsize i = 0; i < G_N_ELEMENTS (stops); i++)
    if (is_default (stops[i]))
      handle (stops[i], on_stop, 0);
  /* Both the timeout and the grace, whatever the caller made of it. */
  handle (SIGALRM, on_stop, 0);
  sigset_t set;
  sigemptyset (&set);
  sigaddset (&set, SIGALRM);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
}

void
pl_signals_timeout (guint64 microseconds)
{
  struct itimerval timer = {
      .it_value = {(time_t) (microseconds / G_USEC_PER_SEC), (suseconds_t) (microseconds % G_USEC_PER_SEC)},
  };
  setitimer (ITIMER_REAL, &timer, NULL);
}

gint *
pl_signals_flag (void)
{
  return &stop_signal;
}

gboolean
pl_signals_stopped (void)
{
  return g_atomic_int_get (&stop_signal) != 0;
}

int
pl_signals_exit_code (void)
{
  int number = g_atomic_int_get (&stop_signal);
  return number == SIGALRM ? EX_TEMPFAIL : 128 + number;
}

void
pl_signals_say (void)
{
  pl_say (PL_LEVEL_ERROR, "%s", stop_message (g_atomic_int_get (&stop_signal)));
}

int
pl_signals_end (void)
{
  int number = g_atomic_int_get (&stop_signal);
  if (number != SIGALRM)
    die (number);
  return EX_TEMPFAIL;
}

static void
on_crash (int number)
{
  char text[] = "internal error: signal 00; outputs that are not in place yet are discarded";
  char *digits = strstr (text, "00");
  digits[0] = (char) ('0' + number / 10);
  digits[1] = (char) ('0' + number % 10);
  pl_cleanup_now ();
  pl_say_at_once (PL_LEVEL_ERROR, text);
  _exit (EX_SOFTWARE);
}

/* GLib ends the process when it gets no memory or no thread, and says so here first. */
static void
on_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  char text[512];
  if ((level & G_LOG_FLAG_FATAL) == 0)
    {
      g_log_default_handler (domain, level, message, data);
      return;
    }
  const char *bytes = strstr (message, "failed to allocate "), *thread = strstr (message, "creating thread ");
  if (bytes != NULL)
    snprintf (text, sizeof text, "out of memory: %s; use fewer workers, or a smaller block-size or queue-depth", bytes);
  else if (thread != NULL)
    snprintf (text, sizeof text, "cannot start a thread (%s); use fewer workers", thread);
  else
    snprintf (text, sizeof text, "internal error: %s", message);
  pl_cleanup_now ();
  pl_say_at_once (PL_LEVEL_ERROR, text);
  _exit (EX_SOFTWARE);
}

void
pl_signals_guard_crashes (void)
{
  g_log_set_default_handler (on_fatal, NULL);
  /* A sanitizer's or debugger's handler knows better what to do. */
  for (gsize i = 0; i < G_N_ELEMENTS (crashes); i++)
    if (is_default (crashes[i]))
      handle (crashes[i], on_crash, (int) SA_RESETHAND);
}
