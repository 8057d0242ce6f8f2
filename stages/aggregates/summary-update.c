/* Summaries: the loops over rows.
 *
 * Numbers of one scale, each for its group, are what large inputs consist of: one loop without a call, compiled for each set of parts. */
#include "family.h"
#include "runs.h"
#include "summary.h"

/* Adds numbers from @i on, each to its group. Returns: the first that does not fit its group as it is, or @n. There is no call in these loops, which
 * would cost them their registers. */
typedef gsize (*AddEach) (guint8 *states, const guint32 *places, const gint64 *values, gsize i, gsize n, guint8 scale);

#define ADD_EACH(name, parts)                                                                                          \
  static __attribute__ ((noinline)) gsize name (guint8 *states, const guint32 *places, const gint64 *values, gsize i,  \
                                                gsize n, guint8 scale)                                                 \
  {                                                                                                                    \
    _Pragma ("GCC unroll 4") for (; i < n; i++)                                                                        \
    {                                                                                                                  \
      PlSummary *summary = pl_state (PlSummary, i);                                                                    \
      if (G_UNLIKELY (!pl_summary_has_scale (summary, scale)) || !pl_summary_add_fitting (summary, parts, values[i]))  \
        break;                                                                                                         \
    }                                                                                                                  \
    return i;                                                                                                          \
  }

ADD_EACH (add_sums, 1)
ADD_EACH (add_least, 2)
ADD_EACH (add_sums_least, 3)
ADD_EACH (add_greatest, 4)
ADD_EACH (add_sums_greatest, 5)
ADD_EACH (add_extremes, 6)
ADD_EACH (add_everything, 7)

static const AddEach add_each[]
    = {NULL, add_sums, add_least, add_sums_least, add_greatest, add_sums_greatest, add_extremes, add_everything};

static void
add_to_groups (guint8 *states, guint parts, const PlRun *run)
{
  const AddEach add = add_each[parts & PL_SUMMARY_PARTS];
  for (gsize i = 0; (i = add (states, run->places, run->values, i, run->n, (guint8) run->scale)) < run->n; i++)
    pl_summary_add_slowly (pl_state_at (PlSummary, states, run->places[i]), parts, run->values[i], run->scale);
}

/* Smaller scales are lifted to their group's without a call. */
static inline __attribute__ ((always_inline)) void
add_mixed (const guint parts, guint8 *states, const guint all_parts, const PlRun *run)
{
  for (gsize i = 0; i < run->n; i++)
    {
      PlSummary *summary = pl_state_at (PlSummary, states, run->places != NULL ? run->places[i] : 0);
      const guint scale = run->scales != NULL ? run->scales[i] : run->scale;
      const guint up = pl_summary_scale (summary) - scale;
      gint64 lifted;
      if (G_UNLIKELY (up > 18 || scale > 18)
          || __builtin_mul_overflow (run->values[i], pl_short_powers_of_10[up], &lifted)
          || !pl_summary_add_fitting (summary, parts, lifted))
        pl_summary_add_slowly (summary, all_parts, run->values[i], scale);
    }
}

/* Numbers of one scale into one state. */
static inline __attribute__ ((always_inline)) void
add_all (const guint parts, PlSummary *summary, const guint all_parts, const PlRun *run)
{
  const gint64 *values = run->values;
  PlSummaryTotal total = {0, G_MAXINT64, G_MININT64, run->n, run->scale};
  for (gsize i = 0; i < run->n; i++)
    {
      if (parts & PL_SUMMARY_SUM)
        total.sum += values[i]; /* n × 2^63 fits for any n that there is */
      if (parts & PL_SUMMARY_LEAST)
        total.least = MIN (total.least, values[i]);
      if (parts & PL_SUMMARY_GREATEST)
        total.greatest = MAX (total.greatest, values[i]);
    }
  pl_summary_add_total (summary, all_parts, &total);
}

static inline __attribute__ ((always_inline)) void
add_parts (const guint parts, guint8 *states, const guint all_parts, const PlRun *run)
{
  if (run->scales != NULL || ((parts & PL_SUMMARY_SUM) && run->scale == PL_SHORT_FULL))
    add_mixed (parts, states, all_parts, run);
  else if (run->places == NULL)
    add_all (parts, (PlSummary *) (gpointer) states, all_parts, run);
  else
    add_to_groups (states, all_parts, run);
}

static void
take_run (const PlAggregateCall *call, guint8 *states, const PlRun *run)
{
  switch (call->parts & PL_SUMMARY_PARTS)
    {
#define PARTS(p)                                                                                                       \
  case p:                                                                                                              \
    add_parts (p, states, call->parts, run);                                                                           \
    break
      PARTS (1);
      PARTS (2);
      PARTS (3);
      PARTS (4);
      PARTS (5);
      PARTS (6);
      PARTS (7);
#undef PARTS
    default:
      g_assert_not_reached ();
    }
}

gboolean
pl_summary_update (const PlAggregateCall *call, guint8 *states, const guint32 *places, const guint32 *rows, gsize n,
                   PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions, G_GNUC_UNUSED GError **error)
{
  const gboolean extremes = (call->parts & (PL_SUMMARY_LEAST | PL_SUMMARY_GREATEST)) != 0;
  pl_runs_take (call, states, places, rows, n, args[0], extremes, take_run);
  return TRUE;
}
