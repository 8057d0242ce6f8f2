/* How often a worker process hands over what it has gathered: seldom enough to cost little, often enough to lose
 * little.
 *
 * What a worker gathers (the groups of a group-by, say) dies with it, and the blocks behind it have to be done again.
 * Handing over after every block would lose nothing and cost more than the blocks where there are many groups. So what
 * handing over cost the last time decides: while nobody dies, it may take a sixty-fourth of the time, so that few
 * groups are handed over with each block or every few of them; once workers die, the interval is √(2 · cost · time
 * between deaths), which makes the sum of both losses the least (J. W. Young, A first order approximation to the
 * optimum checkpoint interval, CACM 17(9), 1974). All times in microseconds. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 work;         /* time spent on blocks since the last hand-over */
  gint64 cost;         /* of the last hand-over, 0: none yet */
  gint64 since;        /* when the last death was, or the beginning */
  gint64 between;      /* mean time between deaths, the last ones counting most; 0: nobody has died */
  gboolean is_lasting; /* nothing is handed over before the end, while nobody dies */
} PlPace;

/** pl_pace_due: Returns: whether it is time to hand over. */
gboolean pl_pace_due (const PlPace *pace);
/** pl_pace_handed_over: it has been done and took @cost. */
void pl_pace_handed_over (PlPace *pace, gint64 cost);
/** pl_pace_died: at @now (g_get_monotonic_time()). */
void pl_pace_died (PlPace *pace, gint64 now);

G_END_DECLS
