/* Notes in a list that only grows: a handler may walk it at any moment. A note that is taken back is used again by the next. */
#include "cleanup.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

struct PlCleanup
{
  PlCleanup *next; /* const once linked */
  gint busy;       /* atomic: belongs to somebody */
  char *path;      /* atomic: whoever exchanges it for NULL has it */
  gint pid;        /* atomic: 0: none; negative: a group */
};

static PlCleanup *notes;
/* How many hold; ENDING: it is over, and nobody may begin anything. One number, so that only one of both can be. */
static gint held;    /* atomic */
static gint refused; /* atomic */
#define ENDING (-1)
static void (*on_release) (void);

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

PlCleanup *
pl_cleanup_file (const char *path)
{
  PlCleanup *note = take_note ();
  __atomic_store_n (&note->path, g_strdup (path), __ATOMIC_RELEASE);
  return note;
}

void
pl_cleanup_spell (PlCleanup *note, const char *path)
{
  char *written = __atomic_load_n (&note->path, __ATOMIC_ACQUIRE);
  if (written != NULL)
    memcpy (written, path, strlen (written));
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
  g_free (__atomic_exchange_n (&note->path, NULL, __ATOMIC_ACQ_REL));
  g_atomic_int_set (&note->pid, 0);
  g_atomic_int_set (&note->busy, FALSE);
}

void
pl_cleanup_hold (void)
{
  for (;;)
    {
      gint now = g_atomic_int_get (&held);
      /* The process is gone in a moment. */
      while (now == ENDING)
        pause ();
      if (g_atomic_int_compare_and_exchange (&held, now, now + 1))
        return;
    }
}

void
pl_cleanup_release (void)
{
  if (g_atomic_int_dec_and_test (&held) && g_atomic_int_get (&refused) && on_release != NULL)
    on_release ();
}

void
pl_cleanup_on_release (void (*ending) (void))
{
  on_release = ending;
}

gboolean
pl_cleanup_now (void)
{
  /* Set first: who releases after the exchange failed must see it. */
  g_atomic_int_set (&refused, TRUE);
  if (!g_atomic_int_compare_and_exchange (&held, 0, ENDING) && g_atomic_int_get (&held) != ENDING)
    return FALSE;
  for (PlCleanup *note = __atomic_load_n (&notes, __ATOMIC_ACQUIRE); note != NULL; note = note->next)
    {
      const char *path = __atomic_exchange_n (&note->path, NULL, __ATOMIC_ACQ_REL);
      gint pid = g_atomic_int_get (&note->pid);
      if (path != NULL)
        unlink (path);
      if (pid != 0)
        kill ((pid_t) pid, SIGKILL);
    }
  return TRUE;
}
