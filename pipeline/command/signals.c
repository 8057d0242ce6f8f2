/* See signals.h. Everything that a handler calls is async-signal-safe: no memory, no locks, no GLib but atomics. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/memory.h"
#include "../base/thread.h"
#include "command.h"
#include "exit.h"

/* Seconds between being asked to stop and being gone. */
#define GRACE 1
/* Bytes: who cannot have so many has no memory. */
#define STARVED 65536
/* In the place of a signal's number: the run's timeout. */
#define TIMEOUT NSIG

static gint stop_signal;  /* atomic: or TIMEOUT */
static gint crash_signal; /* atomic */

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
/* SIGALRM is ours, as the clock. SIGXFSZ comes with a write that fails for it, and is a stop only when somebody sends
 * it. */
static const int stops[] = {SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
                            SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,  SIGSTKFLT};

/* A text for a handler: no memory, no locale. */
typedef struct
{
  char text[64];
} Message;

static Message
stop_message (int number)
{
  Message message = {"the run took longer than its timeout and was stopped"};
  const char *name = number != TIMEOUT ? sigabbrev_np (number) : NULL;
  if (number == TIMEOUT)
    return message;
  g_strlcpy (message.text, name != NULL ? "stopped by SIG" : "stopped by signal 00", sizeof message.text);
  if (name != NULL)
    g_strlcat (message.text, name, sizeof message.text);
  else
    {
      char *digits = strchr (message.text, '0');
      digits[0] = (char) ('0' + number / 10);
      digits[1] = (char) ('0' + number % 10);
    }
  return message;
}

G_NORETURN static void
die (int number)
{
  sigset_t set;
  if (number == TIMEOUT)
    pl_exit_at_once (EX_TEMPFAIL);
  sigemptyset (&set);
  sigaddset (&set, number);
  signal (number, SIG_DFL);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  raise (number);
  pl_exit_at_once (128 + number);
}

/* Where there is not even memory for a page, nothing else is the matter: GLib, for one, uses up its stack when it gets
 * none to say so. */
static gboolean
is_starved (void)
{
  void *page = mmap (NULL, STARVED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return TRUE;
  munmap (page, STARVED);
  return FALSE;
}

/* Everything has been cleared up, or cannot be. */
G_NORETURN static void
end_crashed (int number, gboolean by_lack_of_memory)
{
  if (by_lack_of_memory)
    {
      char words[512];
      pl_memory_explain ("failed to allocate " G_STRINGIFY (STARVED), words, sizeof words);
      pl_say_at_once (PL_LEVEL_ERROR, words);
      pl_exit_at_once (EX_TEMPFAIL);
    }
  char text[] = "internal error: signal 00; outputs that are not in place yet are discarded";
  char *digits = strstr (text, "00");
  digits[0] = (char) ('0' + number / 10);
  digits[1] = (char) ('0' + number % 10);
  pl_say_at_once (PL_LEVEL_ERROR, text);
  pl_exit_at_once (EX_SOFTWARE);
}

/* Refused while outputs are being put in place; then called again behind that. */
static void
end_at_once (void)
{
  int number = g_atomic_int_get (&stop_signal), crash = g_atomic_int_get (&crash_signal);
  if (!pl_cleanup_now ())
    return;
  if (crash != 0)
    end_crashed (crash, FALSE);
  pl_say_at_once (PL_LEVEL_ERROR, stop_message (number).text);
  die (number);
}

static void
on_stop (int number, siginfo_t *info, G_GNUC_UNUSED void *context)
{
  int saved = errno;
  gboolean is_sent = info->si_code <= 0;
  /* The kernel's, with a write beyond the limit of file sizes: the write says so itself. */
  if (number == SIGXFSZ && (!is_sent || info->si_pid == getpid ()))
    return;
  if (g_atomic_int_compare_and_exchange (&stop_signal, 0, number == SIGALRM && !is_sent ? TIMEOUT : number))
    alarm (GRACE);
  else
    end_at_once ();
  errno = saved;
}

static void
handle (int number, void (*handler) (int, siginfo_t *, void *), int flags)
{
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | flags};
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
  pl_cleanup_on_release (end_at_once);
  for (gsize i = 0; i < G_N_ELEMENTS (stops); i++)
    if (is_default (stops[i]) || stops[i] == SIGXFSZ)
      handle (stops[i], on_stop, 0);
  for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
    if (is_default (number))
      handle (number, on_stop, 0);
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
  return number == TIMEOUT ? EX_TEMPFAIL : 128 + number;
}

void
pl_signals_say (void)
{
  pl_say (PL_LEVEL_ERROR, "%s", stop_message (g_atomic_int_get (&stop_signal)).text);
}

int
pl_signals_end (void)
{
  int number = g_atomic_int_get (&stop_signal);
  if (number != TIMEOUT)
    die (number);
  return EX_TEMPFAIL;
}

/* A signal that somebody sent from elsewhere is none of the thread's doing, which can go on until it holds nothing that
 * must not be left. */
static void
on_crash (int number, siginfo_t *info, G_GNUC_UNUSED void *context)
{
  pl_cleanup_on_release (end_at_once);
  g_atomic_int_compare_and_exchange (&crash_signal, 0, number);
  if (info->si_code <= 0 && info->si_pid != getpid ())
    {
      end_at_once ();
      return;
    }
  gboolean by_lack_of_memory = is_starved ();
  pl_cleanup_crashed ();
  end_crashed (number, by_lack_of_memory);
}

/* GLib ends the process when it gets no memory or no thread, and says so here first. */
static void
on_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  char text[512];
  int code = EX_SOFTWARE;
  if ((level & G_LOG_FLAG_FATAL) == 0)
    {
      g_log_default_handler (domain, level, message, data);
      return;
    }
  const char *thread = strstr (message, "creating thread ");
  if (pl_memory_explain (message, text, sizeof text))
    code = EX_TEMPFAIL;
  else if (thread != NULL)
    g_snprintf (text, sizeof text, "cannot start a thread (%s); use fewer workers", thread);
  else
    g_snprintf (text, sizeof text, "internal error: %s", message);
  pl_cleanup_crashed ();
  pl_say_at_once (PL_LEVEL_ERROR, text);
  pl_exit_at_once (code);
}

/* exit() and its like, called by anybody but main(). */
static void
on_exit_of_others (void)
{
  pl_cleanup_crashed ();
  pl_say_at_once (PL_LEVEL_ERROR, PL_EXIT_MESSAGE);
  pl_exit_at_once (EX_SOFTWARE);
}

void
pl_signals_guard (void)
{
  pl_thread_alternate_stack ();
  g_log_set_default_handler (on_fatal, NULL);
  pl_exit_guard (on_exit_of_others);
  /* A sanitizer's or debugger's handler knows better what to do. */
  for (gsize i = 0; i < G_N_ELEMENTS (crashes); i++)
    if (is_default (crashes[i]))
      handle (crashes[i], on_crash, 0);
}
