/* First-error bookkeeping: see failure.h. */
#include "failure.h"

void
pl_failure_init (PlFailure *failure)
{
  pthread_mutex_init (&failure->lock, NULL);
  failure->position = G_MAXUINT64;
  failure->error = NULL;
}

void
pl_failure_clear (PlFailure *failure)
{
  g_clear_error (&failure->error);
  pthread_mutex_destroy (&failure->lock);
}

void
pl_failure_report (PlFailure *failure, guint64 position, GError *error)
{
  pthread_mutex_lock (&failure->lock);
  if (failure->error == NULL || position < failure->position)
    {
      GError *later = failure->error;
      failure->error = error;
      failure->position = position;
      error = later;
    }
  pthread_mutex_unlock (&failure->lock);
  g_clear_error (&error);
}

GError *
pl_failure_take (PlFailure *failure, guint64 limit)
{
  if (failure->error != NULL && failure->position > limit)
    g_clear_error (&failure->error);
  return g_steal_pointer (&failure->error);
}
