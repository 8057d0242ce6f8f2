/* Back-off and bisecting: see retry.h. */
#include "retry.h"

#define FIRST_DELAY 10000u
#define LONGEST_DELAY 5000000u

guint64
pl_retry_delay (guint retry)
{
  guint64 delay = FIRST_DELAY;
  for (; retry > 1 && delay < LONGEST_DELAY; retry--)
    delay *= 2;
  return MIN (delay, LONGEST_DELAY);
}

void
pl_bisect_init (PlBisect *bisect, guint64 n)
{
  bisect->parts[0].first = 0;
  bisect->parts[0].n = n;
  bisect->n_parts = 1;
  pl_bisect_split (bisect);
}

gboolean
pl_bisect_next (const PlBisect *bisect, guint64 *first, guint64 *n)
{
  if (bisect->n_parts == 0)
    return FALSE;
  *first = bisect->parts[bisect->n_parts - 1].first;
  *n = bisect->parts[bisect->n_parts - 1].n;
  return TRUE;
}

void
pl_bisect_pass (PlBisect *bisect)
{
  bisect->n_parts--;
}

gboolean
pl_bisect_split (PlBisect *bisect)
{
  guint top = bisect->n_parts - 1;
  guint64 first = bisect->parts[top].first, n = bisect->parts[top].n;
  if (n <= 1)
    return FALSE;
  bisect->parts[top].first = first + n / 2;
  bisect->parts[top].n = n - n / 2;
  bisect->parts[top + 1].first = first;
  bisect->parts[top + 1].n = n / 2;
  bisect->n_parts++;
  return TRUE;
}
