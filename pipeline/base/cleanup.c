/* Notes in a list that only grows: a handler may walk it at any moment. A note that is taken back is used again by the
 * next. */
#include "cleanup.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long a thread that has crashed waits for others that hold, in ms. */
#define PATIENCE 5000

struct PlCleanup
{
  PlCleanup *next; /* const once linked */
  gint busy;       /* atomic: belongs to somebody */
  char *name;      /* atomic: whoever exchanges it for NULL has it */
  int folder;      /* a descriptor, set before the name */
  int flags;       /* of unlinkat(), set before the name */
  gint pid;        /* atomic: 0: none; negative: a group */
};

static PlCleanup *notes;
/* How many hold; ENDING: it is over, and nobody may begin anything. One number, so that only one of both can be. */
static gint held;    /* atomic */
static gint refused; /* atomic */
#define ENDING (-1)
static void (*on_release) (void);
/* Of this thread. */
static _Thread_local gint own_holds;
static _Thread_local gboolean is_ending;

static PlCleanup *
take_note (void)
{
  for (PlCleanup *note = __atomic_load_n (&notes, __ATOMIC_ACQUIRE); note != NULL; note = note->next)
    if (g_atomic_int_compare_and_exchange (&note->busy, FALSE, TRUE))
      return note;
  PlCleanup *note = g_new0 (PlCleanup, 1);
  note->busy = TRUE;
  note->next = __atomic_load_n (&notes, __ATOMIC_ACQUIRE);
  while (!__atomic_compare_exchange_n (&notes, &note->next, note, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    ;
  return note;
}

static PlCleanup *
note_name (int folder, const char *name, int flags)
{
  PlCleanup *note = take_note ();
  note->folder = folder;
  note->flags = flags;
  __atomic_store_n (&note->name, g_strdup (name), __ATOMIC_RELEASE);
  return note;
}

PlCleanup *
pl_cleanup_file (int folder, const char *name)
{
  return note_name (folder, name, 0);
}

PlCleanup *
pl_cleanup_folder (int folder, const char *name)
{
  return note_name (folder, name, AT_REMOVEDIR);
}

void
pl_cleanup_spell (PlCleanup *note, const char *name)
{
  char *written = __atomic_load_n (&note->name, __ATOMIC_ACQUIRE);
  if (written != NULL)
    memcpy (written, name, strlen (written));
}

PlCleanup *
pl_cleanup_process (pid_t pid)
{
  PlCleanup *note = take_note ();
  g_atomic_int_set (&note->pid, (gint) pid);
  return note;
}

void
pl_cleanup_forget (PlCleanup *note)
{
  if (note == NULL)
    return;
  g_free (__atomic_exchange_n (&note->name, NULL, __ATOMIC_ACQ_REL));
  g_atomic_int_set (&note->pid, 0);
  g_atomic_int_set (&note->busy, FALSE);
}

G_NORETURN static void
wait_for_the_end (void)
{
  for (;;)
    pause ();
}

void
pl_cleanup_hold (void)
{
  for (;;)
    {
      gint now = g_atomic_int_get (&held);
      /* The process is gone in a moment. */
      if (now == ENDING)
        wait_for_the_end ();
      if (!g_atomic_int_compare_and_exchange (&held, now, now + 1))
        continue;
      own_holds++;
      return;
    }
}

void
pl_cleanup_release (void)
{
  own_holds--;
  if (g_atomic_int_dec_and_test (&held) && g_atomic_int_get (&refused) && on_release != NULL)
    on_release ();
}

void
pl_cleanup_on_release (void (*ending) (void))
{
  on_release = ending;
}

/* Begins the end, which is one thread's: whoever comes second must not, when it is through, end the process while the
 * first still has a name in its hands. Returns: %FALSE when held. */
static gboolean
begin_end (void)
{
  /* Set first: who releases after the exchange failed must see it. */
  g_atomic_int_set (&refused, TRUE);
  if (is_ending)
    return TRUE;
  if (g_atomic_int_compare_and_exchange (&held, 0, ENDING))
    {
      is_ending = TRUE;
      return TRUE;
    }
  if (g_atomic_int_get (&held) == ENDING)
    wait_for_the_end ();
  return FALSE;
}

/* Files and processes at once. */
static void
clear (void)
{
  for (PlCleanup *note = __atomic_load_n (&notes, __ATOMIC_ACQUIRE); note != NULL; note = note->next)
    {
      gint pid = g_atomic_int_get (&note->pid);
      if (note->flags == 0)
        {
          const char *name = __atomic_exchange_n (&note->name, NULL, __ATOMIC_ACQ_REL);
          if (name != NULL)
            unlinkat (note->folder, name, 0);
        }
      if (pid != 0)
        kill ((pid_t) pid, SIGKILL);
    }
}

/* Notes are in no order, and a folder cannot go before those in it: round by round. */
static void
clear_folders (void)
{
  gboolean again = TRUE;
  while (again)
    {
      again = FALSE;
      for (PlCleanup *note = __atomic_load_n (&notes, __ATOMIC_ACQUIRE); note != NULL; note = note->next)
        {
          char *name = note->flags != 0 ? __atomic_exchange_n (&note->name, NULL, __ATOMIC_ACQ_REL) : NULL;
          if (name != NULL && unlinkat (note->folder, name, note->flags) == 0)
            again = TRUE;
          else if (name != NULL)
            __atomic_store_n (&note->name, name, __ATOMIC_RELEASE);
        }
    }
}

gboolean
pl_cleanup_now (void)
{
  sigset_t all, before;
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  gboolean ok = begin_end ();
  if (ok)
    {
      clear ();
      clear_folders ();
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return ok;
}

gboolean
pl_cleanup_crashed (void)
{
  const struct timespec moment = {.tv_nsec = 1000000};
  for (guint i = 0; own_holds == 0 && i < PATIENCE; i++)
    {
      if (pl_cleanup_now ())
        return TRUE;
      nanosleep (&moment, NULL);
    }
  return FALSE;
}
