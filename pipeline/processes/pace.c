/* The interval between hand-overs: see pace.h. */
#include "pace.h"

#include <math.h>

#define SHARE 64
#define LONGEST 4000000

gboolean
pl_pace_due (const PlPace *pace)
{
  if (pace->is_lasting && pace->between == 0)
    return FALSE;
  gint64 interval = MIN (pace->cost, LONGEST / SHARE) * SHARE;
  if (pace->between > 0)
    interval = MIN (interval, (gint64) sqrt (2.0 * (double) MAX (pace->cost, 1) * (double) pace->between));
  return pace->work >= interval;
}

void
pl_pace_handed_over (PlPace *pace, gint64 cost)
{
  pace->work = 0;
  pace->cost = cost;
}

void
pl_pace_died (PlPace *pace, gint64 now)
{
  gint64 last = MAX (now - pace->since, 1);
  pace->between = pace->between > 0 ? (pace->between + last) / 2 : last;
  pace->between = MAX (pace->between, 1);
  pace->since = now;
  pace->work = 0;
}
